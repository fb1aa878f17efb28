// Colour maps, and the way from a count to a colour: window, gamma, invert, map.
//
// SPDX-License-Identifier: GPL-3.0-or-later

export interface Display {
  /** Counts shown black and white. */
  low: number;
  high: number;
  gamma: number;
  invert: boolean;
  map: MapName;
  /** Between pixels: as they are, or interpolated. */
  smooth: boolean;
}

export type MapName = 'grey' | 'fire' | 'viridis' | 'magma' | 'ice' | 'spectrum';

// Anchors at equal steps; viridis and magma by their published values (CC0).
const ANCHORS: Record<MapName, string> = {
  grey: '000000 ffffff',
  fire: '000000 1f0066 6a00a8 b5005f e8361c f98c0a f9d949 ffffff',
  viridis: '440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725',
  magma: '000004 1d1147 51127c 832681 b73779 e75263 fc8961 fec488 fcfdbf',
  ice: '00000a 08204a 0c4f86 1f86ad 5fb8c4 b0dfe0 ffffff',
  spectrum: '2d2a8c 2f6fd0 1fb5c4 3fc36b b9cf3a f2a53a d9412f 7a1022',
};

export const MAPS: readonly { name: MapName; title: string }[] = [
  { name: 'grey', title: 'Grey' },
  { name: 'fire', title: 'Fire' },
  { name: 'viridis', title: 'Viridis' },
  { name: 'magma', title: 'Magma' },
  { name: 'ice', title: 'Ice' },
  { name: 'spectrum', title: 'Spectrum' },
];

/** 256 colours, 4 bytes each. */
export function colours(name: MapName): Uint8Array {
  const anchors = ANCHORS[name].split(' ').map((hex) =>
    [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const out = new Uint8Array(1024);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (anchors.length - 1);
    const k = Math.min(anchors.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c++)
      out[4 * i + c] = Math.round(anchors[k][c] + (at - k) * (anchors[k + 1][c] - anchors[k][c]));
    out[4 * i + 3] = 255;
  }
  return out;
}

/** From a count to 0 … 1, as the shader does it. */
export function level(count: number, d: Display): number {
  const span = d.high - d.low;
  let v = span > 0 ? (count - d.low) / span : count >= d.high ? 1 : 0;
  v = Math.pow(Math.min(1, Math.max(0, v)), d.gamma);
  return d.invert ? 1 - v : v;
}

/** For each of the 65,536 counts its colour, as a pixel of ImageData. */
export function table(d: Display): Uint32Array {
  const map = new Uint32Array(colours(d.map).buffer);
  const out = new Uint32Array(65536);
  for (let i = 0; i < 65536; i++) out[i] = map[Math.round(255 * level(i, d))];
  return out;
}

export interface Histogram { counts: Uint32Array; low: number; high: number }

/** How often which count occurs, in 256 bins between the least and the most. */
export function histogram(pixels: Uint16Array): Histogram {
  let low = 65535, high = 0;
  const step = Math.max(1, Math.floor(pixels.length / 262144));
  for (let i = 0; i < pixels.length; i += step) {
    const v = pixels[i];
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const counts = new Uint32Array(256);
  if (pixels.length === 0) return { counts, low: 0, high: 0 };
  const scale = high > low ? 255.999 / (high - low) : 0;
  for (let i = 0; i < pixels.length; i += step) counts[Math.floor((pixels[i] - low) * scale)]++;
  return { counts, low, high };
}

/** The window that leaves the fraction `cut` of the pixels outside on either side. */
export function autoWindow(pixels: Uint16Array, cut = 0.0035): { low: number; high: number } {
  const h = new Uint32Array(65536);
  const step = Math.max(1, Math.floor(pixels.length / 262144));
  let n = 0;
  for (let i = 0; i < pixels.length; i += step, n++) h[pixels[i]]++;
  if (n === 0) return { low: 0, high: 65535 };
  const quantile = (wanted: number): number => {
    let sum = 0;
    for (let v = 0; v < 65536; v++) {
      sum += h[v];
      if (sum > wanted) return v;
    }
    return 65535;
  };
  const low = quantile(cut * n), high = quantile((1 - cut) * n - 1);
  return high > low ? { low, high } : { low, high: low + 1 };
}
