// The scale bar: a round length that fits.
//
// SPDX-License-Identifier: GPL-3.0-or-later

export interface ScaleBar { lengthPx: number; label: string }

const UNITS: readonly [string, number][] = [
  ['mm', 1e6], ['µm', 1e3], ['nm', 1], ['pm', 1e-3],
];

/** The largest of 1, 2, 5 × 10ⁿ that is not above `most`. */
export function roundDown(most: number): number {
  if (!(most > 0) || !Number.isFinite(most)) return NaN;
  const power = Math.pow(10, Math.floor(Math.log10(most) + 1e-9));
  const lead = most / power;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}

export function lengthText(nm: number): string {
  const [unit, size] = UNITS.find(([, s]) => nm >= s * 0.9999) ?? UNITS[UNITS.length - 1];
  return `${Number((nm / size).toPrecision(3))} ${unit}`;
}

/** A bar at most `mostPx` of the screen long; `screenPerPx` is the zoom. In
 * pixels where there is no scale. */
export function scaleBar(nmPerPx: number | null, screenPerPx: number,
                         mostPx: number): ScaleBar | undefined {
  const unitPerScreen = (nmPerPx ?? 1) / screenPerPx;
  const long = roundDown(mostPx * unitPerScreen);
  if (!Number.isFinite(long)) return undefined;
  return {
    lengthPx: long / unitPerScreen,
    label: nmPerPx === null ? `${Number(long.toPrecision(3))} px` : lengthText(long),
  };
}
