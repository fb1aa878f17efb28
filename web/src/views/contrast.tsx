// Brightness and contrast: histogram, window, gamma, colour map.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useMemo } from 'preact/hooks';
import { number } from '../format';
import { colours, histogram, MAPS, type MapName } from '../image/lut';
import { kept } from '../state/app';
import type { Pane } from '../state/pane';
import { useStore } from '../state/store';

function ramp(map: MapName, invert: boolean): string {
  const c = colours(map);
  const stops = [0, 32, 64, 96, 128, 160, 192, 224, 255].map((i) => {
    const k = 4 * (invert ? 255 - i : i);
    return `rgb(${c[k]},${c[k + 1]},${c[k + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(',')})`;
}

export function Contrast({ panes }: { panes: readonly Pane[] }) {
  const pane = panes[0];
  const shown = useStore(pane.player.state, (s) => s.shown);
  const low = useStore(pane.state, (s) => s.low), high = useStore(pane.state, (s) => s.high);
  const gamma = useStore(kept, (k) => k.gamma), invert = useStore(kept, (k) => k.invert);
  const map = useStore(kept, (k) => k.map), smooth = useStore(kept, (k) => k.smooth);
  const pixels = pane.player.pixels;
  const h = useMemo(() => (pixels === undefined ? undefined : histogram(pixels.counts)), [shown, pixels]);
  const least = pixels === undefined || h === undefined ? 0 : pixels.offset + pixels.scale * h.low;
  const most = pixels === undefined || h === undefined ? 65535 : pixels.offset + pixels.scale * h.high;
  const span = Math.max(1e-9, most - least);
  const top = Math.log1p(Math.max(1, ...(h?.counts ?? [])));
  const bars = h === undefined ? '' : Array.from(h.counts, (n, i) =>
    (n > 0 ? `M${i + 0.5} 60V${(60 - (58 * Math.log1p(n)) / top).toFixed(1)}` : '')).join('');
  const at = (v: number): number => Math.min(256, Math.max(0, (256 * (v - least)) / span));
  const set = (next: { low?: number; high?: number }): void => {
    for (const p of panes) p.state.set(next);
  };
  const step = span / 500;
  return (
    <section class="contrast" aria-labelledby="contrast-h">
      <h2 id="contrast-h">Brightness and contrast</h2>
      <svg class="histogram" viewBox="0 0 256 60" preserveAspectRatio="none" role="img"
           aria-label={`Histogram of the frame: counts from ${number(least, 5)} to ${number(most, 5)}`}>
        <path class="bars" d={bars} />
        <path class="ramp" d={`M${at(low)} 60L${at(high)} 0`} />
      </svg>
      <div class="ramp-bar" aria-hidden="true" style={{ background: ramp(map, invert) }} />
      <label class="slider"><span>Minimum</span>
        <input type="range" min={least} max={most} step={step} value={low}
               onInput={(e) => set({ low: Math.min(Number(e.currentTarget.value), high - step) })} /><output>{number(low, 5)}</output></label>
      <label class="slider"><span>Maximum</span>
        <input type="range" min={least} max={most} step={step} value={high}
               onInput={(e) => set({ high: Math.max(Number(e.currentTarget.value), low + step) })} /><output>{number(high, 5)}</output></label>
      <label class="slider"><span>Gamma</span>
        <input type="range" min={-1} max={1} step={0.02} value={Math.log10(gamma)} aria-valuetext={number(gamma, 3)}
               onInput={(e) => kept.set({ gamma: 10 ** Number(e.currentTarget.value) })} /><output>{number(gamma, 3)}</output></label>
      <div class="row">
        <button class="b" title="A" onClick={() => panes.forEach((p) => p.auto())}>Auto</button>
        <button class="b" onClick={() => { set({ low: least, high: most }); kept.set({ gamma: 1 }); }}>Reset</button>
        <button class="b" aria-pressed={invert} title="Shift + I" onClick={() => kept.set({ invert: !invert })}>Invert</button>
        <button class="b" aria-pressed={smooth} title="Interpolate between pixels" onClick={() => kept.set({ smooth: !smooth })}>Smooth</button>
        <label><span class="hidden-label">Colour map</span><select value={map}
          onChange={(e) => kept.set({ map: e.currentTarget.value as MapName })}>
          {MAPS.map((m) => <option key={m.name} value={m.name}>{m.title}</option>)}</select></label>
      </div>
    </section>
  );
}
