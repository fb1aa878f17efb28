// What a plot draws: curves with bands over a common pair of axes.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { isNumber, type Maybe } from '../format';

export interface Curve {
  label: string;
  colour: string;
  dash?: number[];
  /** Points only: where x does not run one way. */
  dots?: boolean;
  /** Drawn faintly: one that is beside the matter. */
  faint?: boolean;
  x: ArrayLike<Maybe>;
  y: ArrayLike<Maybe>;
  /** 95 % band, or none. */
  lo?: ArrayLike<Maybe>;
  hi?: ArrayLike<Maybe>;
  /** Who it is: recording and particle, with the frame of each point. */
  recording?: string;
  particle?: number;
  frames?: ArrayLike<number>;
}

export interface Interval { from: number; to: number; label: string; colour: string }

export interface Axes { xTitle: string; yTitle: string }

export interface Range { min: number; max: number }

/** The range of all that is to be seen, with a little air; bands count where
 * they are not wild (within three times the range of the curves). */
export function extent(curves: readonly Curve[], axis: 'x' | 'y'): Range {
  let min = Infinity, max = -Infinity;
  for (const curve of curves)
    for (let i = 0; i < curve[axis].length; i++) {
      const v = curve[axis][i];
      if (!isNumber(v) || !isNumber(curve.x[i]) || !isNumber(curve.y[i])) continue;
      if (v < min) min = v;
      if (v > max) max = v;
    }
  if (!(min <= max)) return { min: 0, max: 1 };
  if (axis === 'y') {
    const span = max - min;
    const least = min - span, most = max + span;
    for (const { lo, hi, x } of curves)
      for (let i = 0; i < x.length; i++) {
        const l = lo?.[i], h = hi?.[i];
        if (isNumber(l) && l > least && l < min) min = l;
        if (isNumber(h) && h < most && h > max) max = h;
      }
  }
  const air = max > min ? (max - min) * (axis === 'x' ? 0.01 : 0.06) : Math.abs(max) * 0.05 || 1;
  return { min: min - air, max: max + air };
}

/** The point nearest to (x, y), distances measured in pixels of the screen. */
export function nearestPoint(curves: readonly Curve[], at: { x: number; y: number },
                             scale: { x: number; y: number }):
    { curve: number; point: number; distance: number } | undefined {
  let best: { curve: number; point: number; distance: number } | undefined;
  curves.forEach((curve, c) => {
    for (let i = 0; i < curve.x.length; i++) {
      const x = curve.x[i], y = curve.y[i];
      if (!isNumber(x) || !isNumber(y)) continue;
      const d = Math.hypot((x - at.x) * scale.x, (y - at.y) * scale.y);
      if (best === undefined || d < best.distance) best = { curve: c, point: i, distance: d };
    }
  });
  return best;
}

const SETTLED: readonly string[] = [
  '#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8a6d00', '#7a5cc9',
];
const ON_DARK: readonly string[] = [
  '#5fb0e8', '#f08a4b', '#3cc79b', '#e5a3c6', '#f0bb4a', '#9bd3f5', '#cdb84a', '#b09bf0',
];

/** The nth colour, told apart also by those who do not see red and green apart
 * (after Okabe and Ito 2008); for dark ground lighter ones. */
export const colour = (n: number, dark: boolean): string =>
  (dark ? ON_DARK : SETTLED)[((n % 8) + 8) % 8];
