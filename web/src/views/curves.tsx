// Curves of particles against time, expansion or dose.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, type Particle, type Table } from '../api';
import { isNumber, number, plural } from '../format';
import { colour, extent, type Curve, type Interval } from '../plot/curves';
import { csv, save, svg } from '../plot/export';
import { Plot, type Zoom } from '../plot/plot';
import { app, attempt, kept } from '../state/app';
import type { Pane } from '../state/pane';
import { useStore } from '../state/store';

interface Quantity { key: string; title: string; axis?: string; unit: string; sd?: string; pixels?: string; pixelUnit?: string }

const QUANTITIES: readonly Quantity[] = [
  { key: 'expansion', title: 'Expansion', axis: 'Expansion A/A₀', unit: '', sd: 'expansion_sd' },
  { key: 'area_nm2', title: 'Area', unit: 'nm²', sd: 'area_sd_nm2', pixels: 'area_px2', pixelUnit: 'px²' },
  { key: 'core_area_nm2', title: 'Core area', unit: 'nm²', sd: 'core_area_sd_nm2', pixels: 'core_area_px2', pixelUnit: 'px²' },
  { key: 'coat_thickness_nm', title: 'Thickness', axis: 'Thickness of the coat', unit: 'nm', sd: 'coat_thickness_sd_nm',
    pixels: 'coat_thickness_px', pixelUnit: 'px' },
  { key: 'rim_gap_fraction', title: 'Rim gap', unit: 'share of the rim' },
  { key: 'bias_V', title: 'Bias', unit: 'V' },
  { key: 'current_A', title: 'Current', unit: 'A' },
  { key: 'dose_e_per_A2', title: 'Dose', unit: 'e/Å²' },
];

const AGAINST: readonly Quantity[] = [
  { key: 'time_s', title: 'Time', unit: 's' },
  { key: 'expansion', title: 'Expansion', axis: 'Expansion A/A₀', unit: '' },
  { key: 'dose_e_per_A2', title: 'Dose', unit: 'e/Å²' },
  { key: 'frame', title: 'Frame', unit: '' },
];

const sdInPixels = (sd: string): string => sd.replace('_nm2', '_px2').replace(/_nm$/, '_px');

function column(t: Table, q: Quantity): (number | null)[] | undefined {
  return (t.columns[q.key] ?? (q.pixels ? t.columns[q.pixels] : undefined)) as (number | null)[] | undefined;
}

const axisTitle = (q: Quantity, inPixels: boolean): string => {
  const unit = inPixels ? q.pixelUnit ?? q.unit : q.unit;
  const title = q.axis ?? q.title;
  return unit === '' ? title : `${title} (${unit})`;
};

function curveOf(t: Table, x: Quantity, y: Quantity): Pick<Curve, 'x' | 'y' | 'lo' | 'hi' | 'frames' | 'dots'> | undefined {
  const xs = column(t, x), ys = column(t, y);
  if (xs === undefined || ys === undefined) return undefined;
  const sd = y.sd === undefined ? undefined : t.columns[y.sd] ?? t.columns[sdInPixels(y.sd)];
  const off = (sign: number) => sd === undefined ? undefined : ys.map((v, i) => {
    const s = sd[i];
    return isNumber(v) && typeof s === 'number' ? v + sign * 1.96 * s : null;
  });
  return { x: xs, y: ys, lo: off(-1), hi: off(1), frames: t.columns.frame as number[], dots: x.key === 'expansion' };
}

// The curves of all recordings, for coatings over each other.
const everywhere = new Map<string, Table>();
let everywhereOf = -1;

function useEverywhere(on: boolean): { tables: ReadonlyMap<string, Table>; missing: number } {
  const particles = useStore(app, (a) => a.particles);
  const revision = useStore(app, (a) => a.revision);
  const [, again] = useState(0);
  const wanted = particles.filter((p) => p.status !== 'replaced' && p.status !== 'rejected').slice(0, 200);
  useEffect(() => {
    if (!on) return undefined;
    if (everywhereOf !== revision) everywhere.clear();
    everywhereOf = revision;
    let open = true;
    const todo = wanted.filter((p) => !everywhere.has(`${p.recording}/${p.particle_id}`));
    const work = async (): Promise<void> => {
      for (let p = todo.shift(); p !== undefined && open; p = todo.shift()) {
        const q = p;
        const table = await attempt('curves', () => api.series(q.recording, q.particle_id));
        if (table !== undefined) everywhere.set(`${q.recording}/${q.particle_id}`, table);
        if (todo.length % 8 === 0) again((n) => n + 1);
      }
    };
    void Promise.all([work(), work(), work()]).then(() => again((n) => n + 1));
    return () => { open = false; };
  }, [on, revision, wanted.length]);
  return { tables: everywhere, missing: on ? wanted.length - everywhere.size : 0 };
}

function intervalsOf(p: Particle | undefined, against: string): Interval[] {
  if (p === undefined || against !== 'time_s') return [];
  const out: Interval[] = [];
  const { fit, verdict } = p;
  if (isNumber(fit?.onset_lo_s) && isNumber(fit?.onset_hi_s))
    out.push({ from: fit?.onset_lo_s as number, to: fit?.onset_hi_s as number, label: 'onset', colour: '#3cb371' });
  if (verdict?.kind === 'broken' && isNumber(verdict.break_lo_s) && isNumber(verdict.break_hi_s))
    out.push({ from: verdict.break_lo_s, to: verdict.break_hi_s, label: 'breaks', colour: '#e0543a' });
  return out;
}

function DataTable({ curves, xTitle, yTitle }: { curves: readonly Curve[]; xTitle: string; yTitle: string }) {
  const most = 3000;
  const rows: preact.JSX.Element[] = [];
  for (const c of curves)
    for (let i = 0; i < c.x.length && rows.length < most; i++) {
      if (!isNumber(c.y[i])) continue;
      rows.push(<tr key={rows.length}><td class="t">{c.label}</td><td>{c.frames === undefined ? '' : c.frames[i] + 1}</td>
        <td>{number(c.x[i], 6)}</td><td>{number(c.y[i], 6)}</td>
        <td>{isNumber(c.lo?.[i]) ? `${number(c.lo?.[i], 5)} – ${number(c.hi?.[i], 5)}` : '–'}</td></tr>);
    }
  return (
    <div class="scroll datatable" tabIndex={0} role="group" aria-label="Data behind the plot, scrolls">
      <table class="sheet"><caption class="hidden-label">{yTitle} against {xTitle}</caption>
        <thead><tr><th class="t" scope="col"><span>Curve</span></th><th scope="col"><span>Frame</span></th>
          <th scope="col"><span>{xTitle}</span></th><th scope="col"><span>{yTitle}</span></th><th scope="col"><span>95 %</span></th></tr></thead>
        <tbody>{rows}</tbody></table>
      {rows.length >= most && <p class="quiet">The first {plural(most, 'row')}; the CSV has all.</p>}
    </div>
  );
}

export function Curves({ pane, onPick }: { pane: Pane; onPick(recording: number, particle: number, frame: number): void }) {
  const quantity = useStore(kept, (k) => k.quantity), against = useStore(kept, (k) => k.against);
  const overlay = useStore(kept, (k) => k.overlay);
  const dark = useStore(app, (a) => a.dark);
  const all = useStore(app, (a) => a.particles), campaign = useStore(app, (a) => a.campaign);
  const particles = useStore(pane.open.state, (s) => s.particles);
  const series = useStore(pane.open.state, (s) => s.series);
  const picked = useStore(pane.state, (s) => s.particle);
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const [table, setTable] = useState(false);
  const picture = useRef<HTMLCanvasElement | null>(null);
  const inPixels = pane.open.state.now.info?.in_pixels ?? false;
  const { tables, missing } = useEverywhere(overlay === 'coatings');
  const y = QUANTITIES.find((q) => q.key === quantity) ?? QUANTITIES[0];
  const x = (inPixels ? AGAINST.filter((a) => a.key !== 'time_s') : AGAINST).find((a) => a.key === against)
    ?? AGAINST[inPixels ? 3 : 0];

  const live = particles.filter((p) => p.status !== 'replaced');
  useEffect(() => {
    for (const p of live) if (overlay !== 'particle' || p.particle_id === picked) pane.open.want(p.particle_id);
  }, [particles, overlay, picked]);
  useEffect(() => setZoom(null), [quantity, against, overlay]);

  const curves = useMemo<Curve[]>(() => {
    if (overlay === 'coatings') {
      const coatings = (campaign?.coatings ?? []).map((c) => c.name);
      const names = new Map((campaign?.recordings ?? []).map((r) => [r.id, r.name]));
      return all.flatMap((p) => {
        const t = tables.get(`${p.recording}/${p.particle_id}`);
        const c = t && curveOf(t, x, y);
        if (!c || p.status === 'rejected') return [];
        return [{ ...c, lo: undefined, hi: undefined, label: `${p.coating ?? 'no coating'} · ${names.get(p.recording)} · ${p.name}`,
          colour: colour(coatings.indexOf(p.coating ?? ''), dark), recording: String(p.recording), particle: p.particle_id,
          faint: false }];
      });
    }
    const drawn = live.flatMap((p, i) => {
      const t = series.get(p.particle_id);
      if (t === undefined || (overlay === 'particle' && picked !== 0 && p.particle_id !== picked)) return [];
      const c = curveOf(t, x, y);
      if (c === undefined) return [];
      const faint = picked !== 0 && p.particle_id !== picked;
      return [{ ...c, label: p.name, colour: colour(i, dark), faint, recording: String(pane.open.id), particle: p.particle_id }];
    });
    // The picked one lies on top.
    return [...drawn.filter((c) => c.faint), ...drawn.filter((c) => !c.faint)];
  }, [overlay, quantity, against, dark, series, particles, picked, missing, tables.size, all, inPixels]);

  const p = particles.find((q) => q.particle_id === picked);
  const intervals = useMemo(() => intervalsOf(p, x.key), [p, x.key]);
  const axes = { xTitle: axisTitle(x, inPixels), yTitle: axisTitle(y, inPixels) };
  const file = `${(campaign?.title ?? 'curves').replace(/[^\w.-]+/g, '-')}-${y.key}`;
  const empty = curves.length === 0 || !curves.some((c) => Array.from(c.y).some(isNumber));
  return (
    <section class="curves" aria-labelledby="curves-h">
      <h2 id="curves-h" class="hidden-label">Curves</h2>
      <div class="row controls">
        <label><span class="hidden-label">Quantity</span>
          <select value={y.key} onChange={(e) => kept.set({ quantity: e.currentTarget.value })}>
            {QUANTITIES.map((q) => <option key={q.key} value={q.key}>{q.title}</option>)}</select></label>
        <span class="quiet">against</span>
        <label><span class="hidden-label">against</span>
          <select value={x.key} onChange={(e) => kept.set({ against: e.currentTarget.value })}>
            {AGAINST.filter((a) => !(inPixels && a.key === 'time_s')).map((q) =>
              <option key={q.key} value={q.key}>{q.title.toLowerCase()}</option>)}</select></label>
        <label><span class="hidden-label">Curves of</span>
          <select value={overlay} onChange={(e) => kept.set({ overlay: e.currentTarget.value })}>
            <option value="particle">particle</option><option value="recording">recording</option>
            <option value="coatings">coatings</option></select></label>
      </div>
      <PlotAtFrame pane={pane} against={x.key} curves={curves} axes={axes} intervals={intervals} zoom={zoom}
            onZoom={setZoom} dark={dark} height={260} canvas={picture}
            label={`${axes.yTitle} against ${axes.xTitle}, ${plural(curves.length, 'curve')}`}
            onPick={(c, i) => onPick(Number(c.recording), c.particle ?? 0, c.frames === undefined ? i : c.frames[i])} />
      {empty && <p class="quiet">{missing > 0 || (live.length > 0 && series.size === 0) ? 'Reading the curves …'
        : `${y.title} was not measured here.`}</p>}
      <div class="row">
        {overlay === 'coatings' && <ul class="legend">{(campaign?.coatings ?? []).map((c, i) =>
          <li key={c.name}><i style={{ background: colour(i, dark) }} />{c.name}</li>)}</ul>}
        <span class="grow" />
        {zoom !== null && <button class="b" onClick={() => setZoom(null)}>Whole curve</button>}
        <button class="b" aria-pressed={table} onClick={() => setTable(!table)}>Table</button>
        <span class="join" role="group" aria-label="Export the plot">
          <button class="b" disabled={empty} onClick={() => save(`${file}.csv`, csv(curves, axes), 'text/csv')}>CSV</button>
          <button class="b" disabled={empty} onClick={() => save(`${file}.svg`,
            svg(curves.filter((c) => !c.faint), axes, zoom?.x ?? extent(curves, 'x'), zoom?.y ?? extent(curves, 'y')), 'image/svg+xml')}>SVG</button>
          <button class="b" disabled={empty} onClick={() => png(picture.current, file)}>PNG</button>
        </span>
      </div>
      {table && <DataTable curves={curves} {...axes} />}
    </section>
  );
}

/** The plot with its cursor at the frame shown. */
function PlotAtFrame({ pane, against, ...rest }: { pane: Pane; against: string }
    & Omit<Parameters<typeof Plot>[0], 'cursor'>) {
  const shown = useStore(pane.player.state, (s) => s.shown);
  const { timeline, series } = pane.open.state.now;
  const at = shown < 0 || timeline === null ? null : against === 'time_s' ? timeline.time[shown]
    : against === 'frame' ? shown : against === 'dose_e_per_A2' ? timeline.dose[shown]
      : series.get(pane.state.now.particle)?.columns.expansion?.[shown];
  return <Plot {...rest} cursor={typeof at === 'number' ? at : null} />;
}

function png(canvas: HTMLCanvasElement | null, file: string): void {
  if (canvas === null) return;
  const out = document.createElement('canvas');
  out.width = canvas.width;
  out.height = canvas.height;
  const ctx = out.getContext('2d') as CanvasRenderingContext2D;
  ctx.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--panel');
  ctx.fillRect(0, 0, out.width, out.height);
  ctx.drawImage(canvas, 0, 0);
  out.toBlob((blob) => { if (blob !== null) save(`${file}.png`, blob, 'image/png'); });
}
