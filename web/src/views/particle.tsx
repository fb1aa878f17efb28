// A particle: what was found, what a person says to it, and every edit.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useState } from 'preact/hooks';
import type { Kind, Particle } from '../api';
import { isNumber, number, percent, plusMinus, range } from '../format';
import { app, say } from '../state/app';
import type { Pane } from '../state/pane';
import { editInWords } from '../state/recording';
import { useStore } from '../state/store';
import { VerdictMark, flagsOf } from './campaign';

function Facts({ p }: { p: Particle }) {
  const { fit, verdict } = p;
  const rows: [string, preact.ComponentChildren][] = [];
  if (fit !== null) {
    rows.push(['Diameter', `${number(fit.diameter0_nm, 4)} nm`]);
    rows.push(['Onset', isNumber(fit.onset_s) ? `${number(fit.onset_s, 4)} s (${range(fit.onset_lo_s, fit.onset_hi_s)})` : '–']);
    rows.push(['Expansion', plusMinus(fit.expansion_final, fit.expansion_final_sd)]);
    rows.push(['Rate', isNumber(fit.rate_per_s) ? `${plusMinus(fit.rate_per_s, fit.rate_sd_per_s)} /s` : '–']);
    if (isNumber(fit.front_speed_nm_per_s)) rows.push(['Front speed', `${number(fit.front_speed_nm_per_s, 3)} nm/s`]);
    if (fit.model) rows.push(['Law', `${fit.model}${isNumber(fit.model_weight) ? ` (weight ${percent(fit.model_weight)})` : ''}`]);
  }
  if (verdict !== null) {
    if (verdict.kind === 'broken') {
      rows.push(['Breaks', isNumber(verdict.break_lo_s) ? `${range(verdict.break_lo_s, verdict.break_hi_s)} s` : '–']);
      if (isNumber(verdict.gap_nm)) rows.push(['Gap', `${number(verdict.gap_nm, 3)} nm at ${number(verdict.break_angle_deg, 3)}°`]);
      if (isNumber(verdict.strain_at_break)) rows.push(['Strain then', percent(verdict.strain_at_break, 1)]);
    }
    rows.push(['Visible gap', isNumber(verdict.smallest_visible_gap_nm) ? `from ${number(verdict.smallest_visible_gap_nm, 2)} nm` : '–']);
    if (verdict.doubt) rows.push(['Doubt', verdict.doubt]);
    if (verdict.by_hand && verdict.automatic) rows.push(['Program', verdict.automatic]);
  }
  if (p.note) rows.push(['Note', p.note]);
  return <dl class="facts">{rows.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>;
}

function VerdictForm({ pane, p, onDone }: { pane: Pane; p: Particle; onDone(): void }) {
  const [kind, setKind] = useState<Kind>(p.verdict?.kind ?? 'cannot tell');
  const [note, setNote] = useState(p.note ?? '');
  const shown = pane.player.state.now.shown;
  const [frame, setFrame] = useState((p.verdict?.break_frame_hi ?? shown) + 1);
  return (
    <form class="form" onSubmit={(e) => {
      e.preventDefault();
      void pane.open.edit({ kind: 'verdict', particle_id: p.particle_id, verdict: kind, note,
        ...(kind === 'broken' ? { break_frame: Math.round(frame) - 1 } : {}) },
      `${p.name}: ${kind}`).then((ok) => { if (ok) onDone(); });
    }}>
      <div class="join" role="group" aria-label="Verdict">
        {(['intact', 'broken', 'cannot tell'] as const).map((k) =>
          <button type="button" key={k} class="b" aria-pressed={kind === k} onClick={() => setKind(k)}>{k}</button>)}
      </div>
      {kind === 'broken' && <div class="row"><label class="field">First frame with the gap
        <input type="number" min={1} max={pane.player.length} value={frame}
               onInput={(e) => setFrame(Number(e.currentTarget.value))} /></label>
        <button type="button" class="b" style="align-self:end" onClick={() => setFrame(pane.player.state.now.shown + 1)}>
          The frame shown</button></div>}
      <label class="field">Note<textarea rows={2} maxLength={1000} value={note}
        onInput={(e) => setNote(e.currentTarget.value)} /></label>
      <div class="row"><button class="b main">Give this verdict</button>
        <button type="button" class="b" onClick={onDone}>Cancel</button></div>
    </form>
  );
}

function RenameForm({ pane, p, onDone }: { pane: Pane; p: Particle; onDone(): void }) {
  const [name, setName] = useState(p.name);
  return (
    <form class="row" onSubmit={(e) => {
      e.preventDefault();
      void pane.open.edit({ kind: 'rename', particle_id: p.particle_id, name: name.trim() }, `${p.name} is now ${name.trim()}`)
        .then((ok) => { if (ok) onDone(); });
    }}>
      <label class="field grow">New name<input type="text" required maxLength={100} value={name}
        onInput={(e) => setName(e.currentTarget.value)} /></label>
      <button class="b main" style="align-self:end">Rename</button>
    </form>
  );
}

function MergeForm({ pane, p, others, onDone }: { pane: Pane; p: Particle; others: Particle[]; onDone(): void }) {
  const [other, setOther] = useState(others[0]?.particle_id ?? 0);
  if (others.length === 0) return <p class="quiet">There is no other particle in this recording.</p>;
  return (
    <form class="row" onSubmit={(e) => {
      e.preventDefault();
      void pane.open.edit({ kind: 'merge', particle_ids: [p.particle_id, other],
        frame: pane.player.state.now.shown }, `${p.name} merged with particle ${other}`)
        .then((ok) => { if (ok) onDone(); });
    }}>
      <label class="field grow">Merge {p.name} with
        <select value={String(other)} onChange={(e) => setOther(Number(e.currentTarget.value))}>
          {others.map((o) => <option key={o.particle_id} value={String(o.particle_id)}>{o.name}</option>)}</select></label>
      <button class="b main" style="align-self:end">Merge</button>
    </form>
  );
}

type Form = 'verdict' | 'rename' | 'merge' | null;

export function ParticleCard({ pane }: { pane: Pane }) {
  const particles = useStore(pane.open.state, (s) => s.particles);
  const picked = useStore(pane.state, (s) => s.particle);
  const [form, setForm] = useState<Form>(null);
  const live = particles.filter((p) => p.status !== 'replaced');
  const p = live.find((q) => q.particle_id === picked);
  const canEdit = useStore(app, (a) => a.edits);
  const toggle = (f: Form): void => setForm(form === f ? null : f);
  const act = (kind: 'accept' | 'reject', what: string): void => {
    if (p !== undefined) void pane.open.edit({ kind, particle_id: p.particle_id }, `${p.name} ${what}`);
  };
  return (
    <section class="card" aria-labelledby="particle-h">
      <div class="row">
        <h2 id="particle-h" class="hidden-label">Particle</h2>
        <div class="chips" role="group" aria-label="Particles of this recording">
          {live.map((q) => <button key={q.particle_id} class="b chip" aria-pressed={q.particle_id === picked}
            onClick={() => pane.select(q.particle_id === picked ? 0 : q.particle_id)}>
            <span class={`verdict ${(q.verdict?.kind ?? '').replace(' ', '-')} ${q.status}`}>{q.name}</span></button>)}
        </div>
      </div>
      {live.length === 0 && <p class="quiet">No particle was found here. Draw one with the polygon tool (P).</p>}
      {live.length > 0 && p === undefined && <p class="quiet">Click a particle in the image for its curve and what was found.</p>}
      {p !== undefined && <>
        <div class="row verdict-row"><VerdictMark kind={p.verdict?.kind} byHand={p.verdict?.by_hand} />
          <span class="tags">{flagsOf(p).map((f) => <span class="tag" key={f}>{f}</span>)}</span></div>
        <Facts p={p} />
        {canEdit && <div class="row">
          <button class="b" aria-pressed={p.status === 'accepted'} title="Looked at and found right (Y)"
                  onClick={() => act('accept', 'accepted')}>Accept</button>
          <button class="b" aria-pressed={p.status === 'rejected'} title="Counts for nothing (X)"
                  onClick={() => act('reject', 'rejected')}>Reject</button>
          <button class="b" aria-expanded={form === 'verdict'} onClick={() => toggle('verdict')}>Verdict …</button>
          <button class="b" aria-expanded={form === 'rename'} onClick={() => toggle('rename')}>Rename …</button>
          <button class="b" aria-expanded={form === 'merge'} onClick={() => toggle('merge')}>Merge …</button>
          <button class="b" title="Draw a line across the particle" onClick={() => {
            pane.state.set({ tool: 'split', stroke: null });
            say(`draw a line across ${p.name}`);
          }}>Split …</button>
        </div>}
        {form === 'verdict' && <VerdictForm key={p.particle_id} pane={pane} p={p} onDone={() => setForm(null)} />}
        {form === 'rename' && <RenameForm key={p.particle_id} pane={pane} p={p} onDone={() => setForm(null)} />}
        {form === 'merge' && <MergeForm key={p.particle_id} pane={pane} p={p} onDone={() => setForm(null)}
          others={live.filter((q) => q.particle_id !== p.particle_id)} />}
      </>}
    </section>
  );
}

export function Edits({ pane, onSeek }: { pane: Pane; onSeek(frame: number): void }) {
  const edits = useStore(pane.open.state, (s) => s.edits);
  if (edits.length === 0) return <p class="quiet">No edit was made in this recording.</p>;
  return (
    <ol class="edits">
      {[...edits].reverse().map((e) => (
        <li key={e.id} class={e.is_withdrawn ? 'withdrawn' : ''}>
          <div><span>{editInWords(e)}</span>
            <span class="quiet">{e.author}, {new Date(e.made_unix_s * 1000).toLocaleString()}{e.reason ? `: ${e.reason}` : ''}
              {e.is_withdrawn ? ' · withdrawn' : ''}</span></div>
          {typeof e.detail.frame === 'number' && <button class="link" onClick={() => onSeek(e.detail.frame as number)}>
            frame {(e.detail.frame as number) + 1}</button>}
          {e.is_withdrawn
            ? <button class="link" onClick={() => void pane.open.restore(e.id)}>restore</button>
            : <button class="link" onClick={() => void pane.open.withdraw(e)}>undo</button>}
        </li>
      ))}
    </ol>
  );
}
