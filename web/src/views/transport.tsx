// Playback, and the time line: bias, events and edits under one scrub bar.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useMemo, useRef } from 'preact/hooks';
import { isNumber, number, seconds } from '../format';
import { frameAt } from '../image/player';
import { kept } from '../state/app';
import type { Pane } from '../state/pane';
import type { Timeline } from '../state/recording';
import { useStore } from '../state/store';
import { Icon, type IconName } from './icons';

const SPEEDS = [0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 500];

function Button({ icon, label, onClick, pressed }: { icon: IconName; label: string; onClick(): void; pressed?: boolean }) {
  return <button class="b icon" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}><Icon name={icon} /></button>;
}

function trace(values: (number | null)[], at: (i: number) => number, top: number, bottom: number): string {
  const known = values.filter(isNumber);
  const lo = Math.min(...known), hi = Math.max(...known);
  let d = '', pen = false;
  const step = Math.max(1, Math.floor(values.length / 1500));
  for (let i = 0; i < values.length; i += step) {
    const v = values[i];
    if (!isNumber(v)) { pen = false; continue; }
    const y = hi > lo ? bottom - ((v - lo) / (hi - lo)) * (bottom - top) : (top + bottom) / 2;
    d += `${pen ? 'L' : 'M'}${at(i).toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  }
  return d;
}

function Lanes({ pane, timeline }: { pane: Pane; timeline: Timeline }) {
  const happenings = useStore(pane.open.state, (s) => s.happenings);
  const particles = useStore(pane.open.state, (s) => s.particles);
  const edits = useStore(pane.open.state, (s) => s.edits);
  const picked = useStore(pane.state, (s) => s.particle);
  const { time } = timeline;
  const t0 = time[0] ?? 0, span = (time[time.length - 1] ?? 1) - t0 || 1;
  const x = (t: number): number => ((t - t0) / span) * 1000;
  const at = (i: number): number => x(time[i]);
  const p = particles.find((q) => q.particle_id === picked);
  const onset = p?.fit, broken = p?.verdict;
  const band = (lo: number | null | undefined, hi: number | null | undefined, kind: string) =>
    isNumber(lo) && isNumber(hi)
      ? <rect class={kind} x={x(lo)} width={Math.max(2.5, x(hi) - x(lo))} y="2" height="32" /> : null;
  const edited = new Set(edits.filter((e) => !e.is_withdrawn && typeof e.detail.frame === 'number')
    .map((e) => e.detail.frame as number));
  return (
    <svg viewBox="0 0 1000 36" preserveAspectRatio="none" aria-hidden="true">
      {timeline.hasTime && band(onset?.onset_lo_s, onset?.onset_hi_s, 'onset')}
      {timeline.hasTime && broken?.kind === 'broken' && band(broken.break_lo_s, broken.break_hi_s, 'break')}
      <path class="bias" d={trace(timeline.bias, at, 8, 28)} />
      {happenings.filter((h) => h.particle_id === null && isNumber(h.time_lo_s)).map((h, i) =>
        <path key={i} class="event" d={`M${x(h.time_lo_s as number)} 2v32`} />)}
      {timeline.flags.map((f, i) => (f > 0 ? <path key={i} class="flagged" d={`M${at(i)} 31v4`} /> : null))}
      {[...edited].map((f) => (f < time.length
        ? <path key={f} class="edit" d={`M${at(f)} 1v7`} /> : null))}
    </svg>
  );
}

export function TimeLine({ pane, timeline, onSeek }: { pane: Pane; timeline: Timeline; onSeek(frame: number): void }) {
  const wanted = useStore(pane.player.state, (s) => s.wanted);
  const shown = useStore(pane.player.state, (s) => s.shown);
  const bar = useRef<HTMLDivElement>(null);
  // The same node again: what lies under the cursor is not drawn anew with it.
  const lanes = useMemo(() => <Lanes pane={pane} timeline={timeline} />, [pane, timeline]);
  const { time } = timeline;
  const t0 = time[0] ?? 0, span = (time[time.length - 1] ?? 1) - t0 || 1;
  const share = (f: number): string => `${(100 * ((time[Math.max(0, f)] ?? 0) - t0)) / span}%`;
  function scrub(e: PointerEvent): void {
    if (e.type === 'pointermove' && (e.buttons & 1) === 0) return;
    if (e.type === 'pointerdown') bar.current?.setPointerCapture(e.pointerId);
    const box = (bar.current as HTMLDivElement).getBoundingClientRect();
    const t = t0 + span * Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
    const before = frameAt(time, t);
    const next = Math.min(time.length - 1, before + 1);
    onSeek(t - time[before] <= time[next] - t ? before : next);
  }
  const spoken = timeline.hasTime ? `frame ${wanted + 1} of ${time.length}, ${seconds(time[wanted])}`
    : `frame ${wanted + 1} of ${time.length}`;
  return (
    <div ref={bar} class="timeline" role="slider" tabIndex={0} aria-label="Frame" aria-valuemin={1}
         aria-valuemax={time.length} aria-valuenow={wanted + 1} aria-valuetext={spoken}
         onPointerDown={scrub} onPointerMove={scrub}>
      {lanes}
      <i class="shown" style={{ left: share(shown) }} />
      <i class="wanted" style={{ left: share(wanted) }} />
    </div>
  );
}

export function Transport({ pane, timeline, onSeek }: { pane: Pane; timeline: Timeline; onSeek(frame: number): void }) {
  const playing = useStore(pane.player.state, (s) => s.playing);
  const wanted = useStore(pane.player.state, (s) => s.wanted);
  const speed = useStore(kept, (k) => k.speed);
  const { player } = pane;
  const last = timeline.time.length - 1;
  const speeds = SPEEDS.includes(speed) ? SPEEDS : [...SPEEDS, speed].sort((a, b) => a - b);
  return (
    <div class="transport" role="group" aria-label="Playback">
      <span class="join">
        <Button icon="first" label="First frame (Home)" onClick={() => player.step(-last - 1)} />
        <Button icon="prev" label="Previous frame (,)" onClick={() => player.step(-1)} />
        <Button icon={playing === -1 ? 'pause' : 'back'} label={playing === -1 ? 'Stop' : 'Play backwards (Shift + \\)'}
                pressed={playing === -1} onClick={() => player.play(-1)} />
        <Button icon={playing === 1 ? 'pause' : 'play'} label={playing === 1 ? 'Stop (\\)' : 'Play (\\)'}
                pressed={playing === 1} onClick={() => player.play(1)} />
        <Button icon="next" label="Next frame (.)" onClick={() => player.step(1)} />
        <Button icon="last" label="Last frame (End)" onClick={() => player.step(last + 1)} />
      </span>
      <label><span class="hidden-label">Speed</span>
        <select value={String(speed)} title="Speed, times the recorded pace" onChange={(e) => {
          const to = Number(e.currentTarget.value);
          kept.set({ speed: to });
          player.speed = to;
        }}>{speeds.map((s) => <option key={s} value={String(s)}>{s} ×</option>)}</select></label>
      <TimeLine pane={pane} timeline={timeline} onSeek={onSeek} />
      <label class="row framebox"><span class="hidden-label">Frame number</span>
        <input type="number" min={1} max={last + 1} value={wanted + 1}
               onChange={(e) => onSeek(Number(e.currentTarget.value) - 1)} />
        <span class="quiet">of {last + 1}</span></label>
    </div>
  );
}

/** What is known of the frame and of the place under the pointer. */
export function Readout({ pane, timeline }: { pane: Pane; timeline: Timeline }) {
  const shown = useStore(pane.player.state, (s) => s.shown);
  const pointer = useStore(pane.state, (s) => s.pointer);
  const zoom = useStore(pane.state, (s) => s.view.zoom);
  const info = pane.open.state.now.info;
  const f = Math.max(0, shown);
  const unit = info !== null && !info.in_pixels && isNumber(info.nm_per_px_x) && isNumber(info.nm_per_px_y);
  const value = pointer === null ? null : pane.countAt(pointer);
  const source = timeline.source[f];
  return (
    <dl class="readout">
      <div><dt>Frame</dt><dd>{f + 1}/{timeline.time.length}</dd></div>
      {timeline.hasTime && <div><dt>Time</dt><dd>{seconds(timeline.time[f])}
        {source && source !== 'measured' && source !== 'none' && <span class="quiet"> {source}</span>}</dd></div>}
      {isNumber(timeline.bias[f]) && <div><dt>Bias</dt><dd>{number(timeline.bias[f], 4)} V</dd></div>}
      {isNumber(timeline.current[f]) && <div><dt>Current</dt><dd>{amperes(timeline.current[f] as number)}</dd></div>}
      {isNumber(timeline.dose[f]) && <div><dt>Dose</dt><dd>{number(timeline.dose[f], 4)} e/Å²</dd></div>}
      <div class="where"><dt>Pointer</dt><dd>{pointer !== null && value !== null ? <>
        {pointer[0].toFixed(1)}, {pointer[1].toFixed(1)} px
        {unit && <span class="quiet"> ({number(pointer[0] * (info?.nm_per_px_x ?? 1), 4)}, {number(pointer[1] * (info?.nm_per_px_y ?? 1), 4)} nm)</span>}
        {' '}= {number(value, 6)}</> : '–'}</dd></div>
      <div><dt>Zoom</dt><dd>{number(100 * zoom, 3)} %</dd></div>
    </dl>
  );
}

export function amperes(a: number): string {
  const size = Math.abs(a);
  const [unit, factor] = size === 0 || size >= 1 ? ['A', 1] : size >= 1e-3 ? ['mA', 1e3]
    : size >= 1e-6 ? ['µA', 1e6] : size >= 1e-9 ? ['nA', 1e9] : ['pA', 1e12];
  return `${number(a * (factor as number), 3)} ${unit}`;
}
