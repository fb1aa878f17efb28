// Blinded scoring: particles one by one in an order of chance, without name,
// coating or the program's verdict; how far two observers agree.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useMemo, useState } from 'preact/hooks';
import { api, type Kind, type Particle, type Scores } from '../api';
import { fixed, isNumber, plural } from '../format';
import { app, attempt, author, kept } from '../state/app';
import { Pane } from '../state/pane';
import { OpenRecording } from '../state/recording';
import { useStore } from '../state/store';
import { Stage } from './stage';
import { Transport } from './transport';

/** The same order of chance for the same observer, another for another. */
export function shuffled<T>(items: readonly T[], seed: string): T[] {
  let state = 2166136261;
  for (const c of seed) state = Math.imul(state ^ c.charCodeAt(0), 16777619);
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

const KINDS: readonly Kind[] = ['intact', 'broken', 'cannot tell'];

function Agreement({ scores }: { scores: Scores }) {
  const per = scores.observers.map((o) => `${o} ${scores.scores.filter((s) => s.observer === o).length}`);
  return (
    <dl class="facts agreement">
      <div><dt>Scored by</dt><dd>{per.length === 0 ? 'nobody yet' : per.join(', ')}</dd></div>
      <div><dt>By both</dt><dd>{isNumber(scores.n_both) ? plural(scores.n_both, 'particle') : 'two observers are needed'}</dd></div>
      {isNumber(scores.n_both) && <div><dt>Agree</dt><dd>{scores.n_agree} of {scores.n_both}</dd></div>}
      {isNumber(scores.kappa) && <div><dt title="Agreement beyond chance: 1 full, 0 none">Cohen’s κ</dt><dd>{fixed(scores.kappa, 2)}</dd></div>}
    </dl>
  );
}

/** The particle on its recording, seen close. */
function Blind({ p, onScore }: { p: Particle; onScore(kind: Kind, note: string): void }) {
  const [pane, setPane] = useState<Pane | null>(null);
  const [note, setNote] = useState('');
  const [error, setError] = useState('');
  useEffect(() => {
    const open = new OpenRecording(p.recording);
    let made: Pane | null = null;
    const make = (): void => {
      const { info, timeline, error: why } = open.state.now;
      if (why !== '') setError(why);
      if (made !== null || info === null || timeline === null) return;
      made = new Pane(open, { width: info.width, height: info.height }, timeline.time, 0, p.particle_id);
      setPane(made);
    };
    const off = open.state.watch(make);
    return () => { off(); made?.close(); open.close(); };
  }, [p]);
  // Close to the particle, once its outline is known.
  useEffect(() => {
    if (pane === null) return;
    api.outline(p.recording, pane.player.length - 1, p.particle_id).then((o) => {
      if (o === undefined || o.outer.x.length === 0) return;
      const { size } = pane.state.now;
      const r = Math.max(...o.outer.x.map((x, i) => Math.hypot(x - o.centre_px[0], o.outer.y[i] - o.centre_px[1])));
      const zoom = Math.min(size.width, size.height) / (2.8 * r);
      pane.setView({ zoom, x: size.width / 2 - o.centre_px[0] * zoom, y: size.height / 2 - o.centre_px[1] * zoom });
    }, () => undefined);
  }, [pane]);
  useEffect(() => {
    const key = (e: KeyboardEvent): void => {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test((e.target as HTMLElement).tagName)) return;
      if (['1', '2', '3'].includes(e.key)) onScore(KINDS[Number(e.key) - 1], note);
      else if (e.code === 'Comma') pane?.player.step(e.shiftKey ? -10 : -1);
      else if (e.code === 'Period') pane?.player.step(e.shiftKey ? 10 : 1);
      else if (e.key === '\\') pane?.player.play(1);
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [pane, note, onScore]);
  if (error !== '') return <p class="note bad">{error}</p>;
  const timeline = pane?.open.state.now.timeline;
  if (pane === null || !timeline) return <p class="empty" aria-busy="true">Opening …</p>;
  return (
    <div class="blind">
      <div class="viewer"><Stage pane={pane} label="Image of the particle to score" /></div>
      <Transport pane={pane} timeline={timeline} onSeek={(f) => pane.player.seek(f)} />
      <div class="row">
        {KINDS.map((k, i) => <button key={k} class="b big" onClick={() => onScore(k, note)}><kbd>{i + 1}</kbd> {k}</button>)}
        <label class="grow"><span class="hidden-label">Note</span>
          <input type="text" class="fill" placeholder="Note (optional)" maxLength={1000} value={note} onInput={(e) => setNote(e.currentTarget.value)} /></label>
      </div>
    </div>
  );
}

export function ScoreView() {
  const particles = useStore(app, (a) => a.particles);
  const recordings = useStore(app, (a) => a.campaign)?.recordings ?? [];
  const observer = useStore(kept, (k) => k.author);
  const [scores, setScores] = useState<Scores | null>(null);
  const [on, setOn] = useState(false);
  const revision = useStore(app, (a) => a.revision);
  const canEdit = useStore(app, (a) => a.edits);
  useEffect(() => { if (canEdit) api.scores().then(setScores, () => undefined); }, [revision, canEdit]);
  const open = new Set(recordings.filter((r) => r.frames_available).map((r) => r.id));
  const order = useMemo(() => shuffled(particles.filter((p) => p.status !== 'replaced' && p.status !== 'rejected'
    && open.has(p.recording)), observer), [particles.length, observer]);
  const done = new Set((scores?.scores ?? []).filter((s) => s.observer === observer).map((s) => `${s.recording}/${s.particle_id}`));
  const next = order.find((p) => !done.has(`${p.recording}/${p.particle_id}`));
  const score = async (kind: Kind, note: string): Promise<void> => {
    if (next === undefined) return;
    const made = await attempt('score', () => api.edit(next.recording, { kind: 'score', particle_id: next.particle_id,
      verdict: kind, note, author: observer }));
    if (made !== undefined) setScores(await api.scores());
  };
  // Outlines and names would tell: they are hidden while scoring.
  useEffect(() => {
    if (!on) return undefined;
    const before = { outer: kept.now.outer, core: kept.now.core, band: kept.now.band, labels: kept.now.labels };
    kept.set({ outer: false, core: false, band: false, labels: false });
    return () => kept.set(before);
  }, [on]);
  const left = order.length - order.filter((p) => done.has(`${p.recording}/${p.particle_id}`)).length;
  return (
    <div class="page">
      <div class="row head"><div class="grow"><h1>Blinded scoring</h1>
        <p class="quiet">Particles in an order of chance, without coating, name or the program’s verdict. Scores change nothing in the results.</p></div>
        {observer !== '' && <span class="row"><span class="quiet">Observer</span> <b>{observer}</b>
          <button class="link" onClick={() => { setOn(false); kept.set({ author: '' }); }}>someone else</button></span>}
      </div>
      {!canEdit && <p class="note">This program shows results only; it takes no scores.</p>}
      {scores !== null && <Agreement scores={scores} />}
      {!on ? <p><button class="b main" disabled={order.length === 0 || !canEdit} onClick={() => void author().then((n) => { if (n !== null) setOn(true); })}>
        {left === order.length || observer === '' ? 'Begin' : 'Go on'}</button>{' '}
        <span class="quiet">{order.length === 0 ? 'There is no particle whose frames are there.' : observer === '' ? plural(order.length, 'particle') : `${left} of ${order.length} left`}</span></p>
        : next === undefined ? <p class="note">All {order.length} particles are scored. <button class="link" onClick={() => setOn(false)}>Close</button></p>
          : <><div class="row"><span role="status">{order.length - left + 1} of {order.length}</span><span class="grow" />
            <button class="b" onClick={() => setOn(false)}>Stop here</button></div>
          <Blind key={`${next.recording}/${next.particle_id}`} p={next} onScore={(k, n) => void score(k, n)} /></>}
    </div>
  );
}
