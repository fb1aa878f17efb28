// A recording: image, time line, particle, curves; a second one beside it.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, type Recording } from '../api';
import { area } from '../geometry/polygon';
import { isNumber, number, plural, seconds } from '../format';
import { frameAt } from '../image/player';
import { app, attempt, author, go, kept, route, say } from '../state/app';
import { Pane, type Tool } from '../state/pane';
import { OpenRecording } from '../state/recording';
import { useStore } from '../state/store';
import { Contrast } from './contrast';
import { Curves } from './curves';
import { applyEdit, beginEditing } from './editor';
import { Icon, type IconName } from './icons';
import { recordingKeys } from './keys';
import { Edits, ParticleCard } from './particle';
import { Stage } from './stage';
import { Readout, Transport } from './transport';

const TOOLS: readonly [Tool, IconName, string][] = [
  ['select', 'select', 'Select (V)'], ['hand', 'hand', 'Scroll (H, or Space and drag)'],
  ['level', 'level', 'Window and level (W, or right drag)'], ['draw', 'draw', 'Draw a polygon (P)'],
  ['edit', 'edit', 'Edit the outline (E)'], ['arc', 'arc', 'Redraw an arc (R)'],
];

export async function chooseTool(pane: Pane, tool: Tool): Promise<void> {
  const { edit } = pane.state.now;
  if (!app.now.edits && tool !== 'select' && tool !== 'hand' && tool !== 'level') return;
  if ((tool === 'edit' || tool === 'arc') && edit === null && !await beginEditing(pane)) return;
  pane.state.set({ tool, stroke: null });
}

function ToolStrip({ pane, contrast, onContrast }: { pane: Pane; contrast: boolean; onContrast(): void }) {
  const tool = useStore(pane.state, (s) => s.tool);
  const edits = useStore(app, (a) => a.edits);
  return (
    <div class="tools" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.slice(0, edits ? undefined : 3).map(([name, icon, label]) =>
        <button key={name} class="b icon" aria-label={label} title={label} aria-pressed={tool === name}
                onClick={() => void chooseTool(pane, name)}><Icon name={icon} /></button>)}
      <hr />
      <button class="b icon" aria-label="Zoom in (+)" title="Zoom in (+)" onClick={() => pane.zoom(pane.state.now.view.zoom * 1.5)}><Icon name="plus" /></button>
      <button class="b icon" aria-label="Zoom out (−)" title="Zoom out (−)" onClick={() => pane.zoom(pane.state.now.view.zoom / 1.5)}><Icon name="minus" /></button>
      <button class="b icon" aria-label="Whole image (4)" title="Whole image (4)" onClick={() => pane.fit()}><Icon name="fit" /></button>
      <button class="b icon text" aria-label="B&amp;C: brightness and contrast (Shift + C)" title="Brightness and contrast (Shift + C)"
              aria-expanded={contrast} aria-pressed={contrast} onClick={onContrast}>B&amp;C</button>
    </div>
  );
}

function EditBar({ pane }: { pane: Pane }) {
  const edit = useStore(pane.state, (s) => s.edit);
  const tool = useStore(pane.state, (s) => s.tool);
  const shown = useStore(pane.player.state, (s) => s.shown);
  const particles = useStore(pane.open.state, (s) => s.particles);
  const [scope, setScope] = useState<'through' | 'frame'>('through');
  const [reason, setReason] = useState('');
  if (edit === null)
    return tool === 'draw' ? <p class="editbar">Click vertices or drag round a particle; double click or Enter closes.</p>
      : tool === 'split' ? <p class="editbar">Drag a line across the particle. <button class="link" onClick={() => pane.state.set({ tool: 'select' })}>Cancel</button></p> : null;
  const info = pane.open.state.now.info as Recording;
  const unit = isNumber(info.nm_per_px_x) && isNumber(info.nm_per_px_y) && !info.in_pixels
    ? { name: 'nm²', size: info.nm_per_px_x * info.nm_per_px_y } : { name: 'px²', size: 1 };
  const now = area(edit.history.now), before = edit.areaBefore;
  const name = particles.find((p) => p.particle_id === edit.particle)?.name;
  const live = particles.filter((p) => p.status !== 'replaced');
  return (
    <form class="editbar" aria-label="Polygon editing" onSubmit={(e) => {
      e.preventDefault();
      void applyEdit(pane, scope, reason.trim()).then((ok) => { if (ok) setReason(''); });
    }}>
      <b>{edit.particle === 0 ? 'New particle' : `${edit.surface === 'core' ? 'Core' : 'Outline'} of ${name}`}</b>
      {edit.frame === shown ? <span class="quiet">frame {edit.frame + 1}</span>
        : <button type="button" class="link" onClick={() => pane.player.seek(edit.frame)}>back to frame {edit.frame + 1}</button>}
      <output class="area" aria-live="polite">{number(now * unit.size, 6)} {unit.name}
        {isNumber(before) && before > 0 && <span class={Math.abs(now / before - 1) > 0.02 ? 'warn' : 'quiet'}>
          {' '}{now >= before ? '+' : '−'}{Math.abs(100 * (now / before - 1)).toFixed(2)} %</span>}</output>
      {edit.history.changed || edit.particle === 0 || edit.version > 0 ? null
        : <span class="join" role="group" aria-label="Surface">
          {(['outer', 'core'] as const).map((s) => <button key={s} type="button" class="b" aria-pressed={edit.surface === s}
            onClick={() => void beginEditing(pane, s)}>{s === 'outer' ? 'Outer' : 'Core'}</button>)}</span>}
      {edit.areaBefore === null || live.length === 0 ? null : edit.surface === 'outer' && edit.particle !== 0 &&
        <label><span class="hidden-label">Applies to</span><select value={scope} onChange={(e) => setScope(e.currentTarget.value as typeof scope)}>
          <option value="through">through time</option><option value="frame">this frame only</option></select></label>}
      <label class="grow"><span class="hidden-label">Reason</span>
        <input type="text" placeholder="Reason (optional)" maxLength={1000} value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <span class="join">
        <button type="button" class="b icon" aria-label="Undo (Ctrl + Z)" title="Undo (Ctrl + Z)" disabled={!edit.history.canUndo} onClick={() => pane.undoEdit()}><Icon name="undo" /></button>
        <button type="button" class="b icon" aria-label="Redo (Ctrl + Shift + Z)" title="Redo (Ctrl + Shift + Z)" disabled={!edit.history.canRedo} onClick={() => pane.redoEdit()}><Icon name="redo" /></button>
      </span>
      <button class="b main" disabled={!edit.history.changed && edit.particle !== 0 && edit.areaBefore !== null && edit.version === 0}>Apply</button>
      <button type="button" class="b" onClick={() => { pane.endEdit(); pane.state.set({ tool: 'select' }); }}>Discard</button>
    </form>
  );
}

/** A pane for an open recording, once its clock is known. */
function usePane(open: OpenRecording | null, frame: number | null, particle: number | null): Pane | null {
  const [pane, setPane] = useState<Pane | null>(null);
  useEffect(() => {
    if (open === null) { setPane(null); return undefined; }
    let made: Pane | null = null;
    const make = (): void => {
      const { info, timeline } = open.state.now;
      if (made !== null || info === null || timeline === null || timeline.time.length === 0) return;
      const place = kept.now.places[open.id];
      made = new Pane(open, { width: info.width, height: info.height }, timeline.time,
        frame ?? place?.frame ?? 0, particle ?? place?.particle ?? 0);
      if (made.state.now.particle > 0) open.want(made.state.now.particle);
      setPane(made);
    };
    make();
    const off = open.state.watch(make);
    return () => { off(); made?.close(); };
  }, [open]);
  return pane;
}

function useOpen(id: number): OpenRecording | null {
  const [open, setOpen] = useState<OpenRecording | null>(null);
  useEffect(() => {
    if (id === 0) { setOpen(null); return undefined; }
    const made = new OpenRecording(id);
    setOpen(made);
    return () => made.close();
  }, [id]);
  return open;
}

/** Frames of the second recording that go with those of the first. */
function useTogether(first: Pane | null, second: Pane | null, by: 'time' | 'expansion'): void {
  useEffect(() => {
    if (first === null || second === null) return undefined;
    const follow = (): void => {
      const f = first.player.state.now.wanted;
      if (by === 'time') {
        second.player.seek(frameAt(second.player.times, first.player.times[f] - first.player.times[0] + second.player.times[0]));
        return;
      }
      const x1 = first.open.state.now.series.get(first.state.now.particle || 1)?.columns.expansion;
      const x2 = second.open.state.now.series.get(second.state.now.particle || 1)?.columns.expansion;
      const wanted = x1?.[f];
      if (typeof wanted !== 'number' || x2 === undefined) return;
      let best = -1, off = Infinity;
      x2.forEach((v, i) => {
        if (typeof v === 'number' && Math.abs(v - wanted) < off) { off = Math.abs(v - wanted); best = i; }
      });
      if (best >= 0) second.player.seek(best);
    };
    if (by === 'expansion') {
      first.open.want(first.state.now.particle || 1);
      second.open.want(second.state.now.particle || 1);
    }
    follow();
    const off = [first.player.state.watch(follow), second.open.state.watch(follow), first.open.state.watch(follow)];
    return () => off.forEach((f) => f());
  }, [first, second, by]);
}

function Shown() {
  const k = { outer: useStore(kept, (s) => s.outer), core: useStore(kept, (s) => s.core), band: useStore(kept, (s) => s.band),
    labels: useStore(kept, (s) => s.labels), stabilise: useStore(kept, (s) => s.stabilise) };
  const names = { outer: 'Outline', core: 'Core', band: '95 % band', labels: 'Names', stabilise: 'Stabilised' } as const;
  return (
    <div class="join" role="group" aria-label="Shown over the image">
      {(Object.keys(names) as (keyof typeof names)[]).map((n) =>
        <button key={n} class="b" aria-pressed={k[n]} onClick={() => kept.set({ [n]: !k[n] })}>
          {n === 'outer' || n === 'core' ? <i class={`swatch ${n}`} /> : null}{names[n]}</button>)}
    </div>
  );
}

function About({ info }: { info: Recording }) {
  return (
    <div class="about">
      <dl class="facts">
        <div><dt>Frames</dt><dd>{info.n_frames.toLocaleString('en')} of {info.width} × {info.height}</dd></div>
        {info.format && <div><dt>Format</dt><dd>{info.format}</dd></div>}
        <div><dt>Scale</dt><dd>{isNumber(info.nm_per_px_x) ? `${number(info.nm_per_px_x, 5)} nm/px (${info.scale_source})` : 'none: in pixels'}</dd></div>
        {isNumber(info.duration_s) && <div><dt>Lasts</dt><dd>{seconds(info.duration_s)}</dd></div>}
        {info.session && <div><dt>Session</dt><dd>{info.session}</dd></div>}
        {info.bias_source && <div><dt>Bias from</dt><dd>{info.bias_source}</dd></div>}
      </dl>
      {(info.notes ?? []).length > 0 && <><h2>Assumed</h2><ul>{info.notes?.map((n) => <li key={n}>{n}</li>)}</ul></>}
      {(info.inputs ?? []).length > 0 && <><h2>Files</h2><ul class="files">{info.inputs?.slice(0, 20).map((f) =>
        <li key={f.path} title={`SHA-256 ${f.sha256}`}>{f.path}</li>)}</ul></>}
    </div>
  );
}

async function importRois(pane: Pane, files: FileList | File[]): Promise<void> {
  const list = [...files].filter((f) => /\.(zip|roi)$/i.test(f.name));
  if (list.length === 0) {
    say('only a RoiSet.zip or .roi of ImageJ can be dropped here', { bad: true });
    return;
  }
  const name = await author();
  if (name === null) return;
  for (const file of list) {
    const got = await attempt(file.name, () => api.importRois(pane.open.id, file, name, `from ${file.name}`));
    if (got === undefined) continue;
    const left = got.skipped.length === 0 ? ''
      : `; ${plural(got.skipped.length, 'region')} left out (${got.skipped[0].name}: ${got.skipped[0].why})`;
    say(`${file.name}: ${plural(got.edits.length, 'outline')} taken${left}`);
  }
}

export function RecordingView({ id }: { id: number }) {
  const campaign = useStore(app, (a) => a.campaign);
  const params = useStore(route, (r) => r.params);
  const besideId = useStore(kept, (k) => k.beside), besideBy = useStore(kept, (k) => k.besideBy);
  const recordings = campaign?.recordings ?? [];
  const other = recordings.some((r) => r.id === besideId) && besideId !== id ? besideId : 0;
  const asked = (name: string): number | null => (params.has(name) ? Number(params.get(name)) : null);
  const open = useOpen(id), open2 = useOpen(other);
  const pane = usePane(open, asked('frame'), asked('particle'));
  const pane2 = usePane(open2, null, null);
  const [contrast, setContrast] = useState(false);
  const [dropping, setDropping] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  useTogether(pane, pane2, besideBy);

  // The address says where we are, so that it can be copied and found again.
  useEffect(() => {
    if (pane === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const note = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const { particle } = pane.state.now, { wanted, playing } = pane.player.state.now;
        if (playing !== 0) return;
        go(`#/recording/${id}?frame=${wanted}${particle > 0 ? `&particle=${particle}` : ''}`, true);
        pane.remember();
      }, 250);
    };
    const off = [pane.player.state.watch(note), pane.state.watch(note)];
    return () => { clearTimeout(timer); off.forEach((f) => f()); };
  }, [pane]);

  // An address that was opened while we are here: the particle it names.
  const linked = asked('particle');
  useEffect(() => {
    if (pane !== null && linked !== null && linked !== pane.state.now.particle) pane.select(linked);
  }, [linked, pane]);

  useEffect(() => {
    if (pane === null) return undefined;
    return recordingKeys(pane, () => setContrast((c) => !c), (tool) => void chooseTool(pane, tool));
  }, [pane]);

  const panes = useMemo(() => [pane, pane2].filter((p): p is Pane => p !== null), [pane, pane2]);
  if (campaign !== null && !recordings.some((r) => r.id === id))
    return <p class="empty">{recordings.length === 0 ? 'There is no recording in these results yet. Run can import one.'
      : `There is no recording ${id} in these results.`} <a href="#/campaign">To the campaign</a></p>;
  if (open === null || pane === null) return <Opening open={open} />;
  return <Loaded {...{ id, pane, pane2, panes, recordings, other, besideBy, contrast, setContrast, dropping, setDropping, chooser }} />;
}

function Opening({ open }: { open: OpenRecording | null }) {
  const [, again] = useState(0);
  useEffect(() => open?.state.watch(() => again((n) => n + 1)), [open]);
  const error = open?.state.now.error ?? '';
  return error === '' ? <p class="empty" aria-busy="true">Opening the recording …</p>
    : <p class="empty note bad">The recording cannot be opened: {error}.</p>;
}

interface LoadedProps {
  id: number; pane: Pane; pane2: Pane | null; panes: Pane[]; recordings: Recording[]; other: number;
  besideBy: 'time' | 'expansion'; contrast: boolean; setContrast(on: boolean): void;
  dropping: boolean; setDropping(on: boolean): void; chooser: { current: HTMLInputElement | null };
}

function Loaded({ id, pane, pane2, panes, recordings, other, besideBy, contrast, setContrast, dropping, setDropping, chooser }: LoadedProps) {
  const info = useStore(pane.open.state, (s) => s.info) as Recording;
  const timeline = useStore(pane.open.state, (s) => s.timeline);
  const edits = useStore(pane.open.state, (s) => s.edits);
  const picked = useStore(pane.state, (s) => s.particle);
  const canEdit = useStore(app, (a) => a.edits);
  const seek = (frame: number): void => { pane.player.pause(); pane.player.seek(frame); };
  const pick = (recording: number, particle: number, frame: number): void => {
    if (recording !== id) { go(`#/recording/${recording}?particle=${particle}&frame=${frame}`); return; }
    pane.select(particle);
    seek(frame);
  };
  if (timeline === null) return null;
  return (
    <div class={`rec ${dropping ? 'dropping' : ''}`}
         onDragOver={(e) => { e.preventDefault(); setDropping(true); }}
         onDragLeave={(e) => { if (e.currentTarget === e.target) setDropping(false); }}
         onDrop={(e) => { e.preventDefault(); setDropping(false); if (e.dataTransfer) void importRois(pane, e.dataTransfer.files); }}>
      <h1 class="hidden-label">{info.name}</h1>
      <div class="rec-head row">
        <label><span class="hidden-label">Recording</span>
          <select class="name" value={String(id)} onChange={(e) => go(`#/recording/${e.currentTarget.value}`)}>
            {recordings.map((r) => <option key={r.id} value={String(r.id)}>{r.coating ? `${r.coating} · ` : ''}{r.name}</option>)}</select></label>
        <span class="quiet wide-only">{plural(info.n_frames, 'frame')}{isNumber(info.duration_s) ? `, ${seconds(info.duration_s)}` : ''}</span>
        <Shown />
        <span class="grow" />
        <label class="row"><span class="quiet">Beside</span>
          <select value={String(other)} onChange={(e) => kept.set({ beside: Number(e.currentTarget.value) })}>
            <option value="0">nothing</option>
            {recordings.filter((r) => r.id !== id).map((r) => <option key={r.id} value={String(r.id)}>{r.coating ? `${r.coating} · ` : ''}{r.name}</option>)}</select></label>
        {other !== 0 && <span class="join" role="group" aria-label="Side by side in">
          {(['time', 'expansion'] as const).map((b) => <button key={b} class="b" aria-pressed={besideBy === b} onClick={() => kept.set({ besideBy: b })}>{b}</button>)}</span>}
        {canEdit && <span class="join" role="group" aria-label="Edits">
          <button class="b icon" aria-label="Undo the last edit (Ctrl + Z)" title="Undo the last edit (Ctrl + Z)"
                  disabled={!edits.some((e) => !e.is_withdrawn)} onClick={() => void pane.open.undo()}><Icon name="undo" /></button>
          <button class="b icon" aria-label="Redo (Ctrl + Shift + Z)" title="Redo (Ctrl + Shift + Z)"
                  disabled={!pane.open.canRedo} onClick={() => void pane.open.redo()}><Icon name="redo" /></button>
        </span>}
        {canEdit && <span class="join" role="group" aria-label="ImageJ regions">
          <a class="b" href={api.roisUrl(id)} download={`${info.name.replace(/[^\w.-]+/g, '-')}-RoiSet.zip`} title="All outlines as a RoiSet of ImageJ">RoiSet</a>
          <button class="b" title="Or drop a RoiSet.zip or .roi on the image" onClick={() => chooser.current?.click()}>Import …</button>
        </span>}
        <input ref={chooser} type="file" accept=".zip,.roi" multiple hidden aria-label="RoiSet to import"
               onChange={(e) => { if (e.currentTarget.files) void importRois(pane, e.currentTarget.files); e.currentTarget.value = ''; }} />
      </div>
      {!info.frames_available && <p class="note warn">The frames cannot be shown: {info.frames_error ?? 'the files are not there'}. Curves and verdicts are.</p>}
      <div class="rec-body">
        <div class="viewer">
          <ToolStrip pane={pane} contrast={contrast} onContrast={() => setContrast(!contrast)} />
          <div class={`stages ${pane2 ? 'two' : ''}`}>
            <div class="stage-box"><Stage pane={pane} label={`Image of ${info.name}`} /><EditBar pane={pane} /></div>
            {pane2 && <div class="stage-box second"><Stage pane={pane2} label={`Image of ${pane2.open.state.now.info?.name}`} /><SecondLabel pane={pane2} /></div>}
          </div>
          {contrast && <div class="popover"><Contrast panes={panes} /></div>}
        </div>
        <div class="under">
          <Transport pane={pane} timeline={timeline} onSeek={seek} />
          <Readout pane={pane} timeline={timeline} />
        </div>
        <aside class="side" aria-label="Particle and curves">
          <ParticleCard pane={pane} />
          <Curves pane={pane} onPick={pick} />
          {canEdit && <details class="fold"><summary>Edits ({edits.filter((e) => !e.is_withdrawn).length})</summary><Edits pane={pane} onSeek={seek} /></details>}
          <details class="fold"><summary>About this recording</summary><About info={info} /></details>
        </aside>
      </div>
      <span class="hidden-label" role="status">{picked > 0 ? `Particle ${picked} selected` : ''}</span>
    </div>
  );
}

function SecondLabel({ pane }: { pane: Pane }) {
  const shown = useStore(pane.player.state, (s) => s.shown);
  const { info, timeline } = pane.open.state.now;
  return <p class="second-label">{info?.coating ? `${info.coating} · ` : ''}{info?.name} <span class="quiet">frame {shown + 1}
    {timeline?.hasTime && shown >= 0 ? `, ${seconds(timeline.time[shown])}` : ''}</span></p>;
}
