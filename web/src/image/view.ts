// How an image lies in a pane: zoom and offset, in CSS pixels.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Point } from '../geometry/polygon';
import type { View } from './pixels';

export interface Size { width: number; height: number }

// ImageJ's zoom levels.
const LEVELS = [1 / 72, 1 / 48, 1 / 32, 1 / 24, 1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2,
  0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

export const toImage = (v: View, [x, y]: Point): Point => [(x - v.x) / v.zoom, (y - v.y) / v.zoom];
export const toScreen = (v: View, [x, y]: Point): Point => [x * v.zoom + v.x, y * v.zoom + v.y];

/** The whole image, centred, as large as fits. */
export function fit(image: Size, pane: Size): View {
  const zoom = Math.min(pane.width / image.width, pane.height / image.height);
  return { zoom, x: (pane.width - image.width * zoom) / 2, y: (pane.height - image.height * zoom) / 2 };
}

/** Zoomed to `zoom`; what is under `about` stays there. */
export function zoomTo(v: View, zoom: number, about: Point): View {
  const to = Math.min(64, Math.max(1 / 72, zoom));
  const [ix, iy] = toImage(v, about);
  return { zoom: to, x: about[0] - ix * to, y: about[1] - iy * to };
}

/** The next of ImageJ's levels above or below. */
export function nextLevel(zoom: number, up: boolean): number {
  const found = up ? LEVELS.find((l) => l > zoom * 1.001)
    : [...LEVELS].reverse().find((l) => l < zoom * 0.999);
  return found ?? zoom;
}

/** Moved so that at least a quarter of the smaller side stays in the pane. */
export function keepInside(v: View, image: Size, pane: Size): View {
  const edge = Math.min(pane.width, pane.height, image.width * v.zoom, image.height * v.zoom) / 4;
  return {
    zoom: v.zoom,
    x: Math.min(pane.width - edge, Math.max(edge - image.width * v.zoom, v.x)),
    y: Math.min(pane.height - edge, Math.max(edge - image.height * v.zoom, v.y)),
  };
}

/** The coarsest binning that still gives a pixel per pixel of the screen. */
export function wantedBin(zoom: number, ratio: number, allowed: readonly number[]): number {
  const most = 1 / (zoom * ratio);
  return [...allowed].reverse().find((b) => b <= most * 1.3) ?? allowed[0];
}

/** The part of the image that is seen in the pane, with a margin of an eighth
 * of it, on whole cells of `bin`; undefined where none is. */
export function seenPart(v: View, image: Size, pane: Size, bin: number):
    { x: number; y: number; w: number; h: number } | undefined {
  const [x0, y0] = toImage(v, [0, 0]), [x1, y1] = toImage(v, [pane.width, pane.height]);
  const mx = (x1 - x0) / 8, my = (y1 - y0) / 8;
  const down = (a: number): number => Math.max(0, Math.floor(a / bin) * bin);
  const left = down(x0 - mx), top = down(y0 - my);
  const cells = (to: number, from: number, most: number): number =>
    Math.floor((Math.min(most, Math.ceil(to)) - from) / bin) * bin;
  const w = cells(x1 + mx, left, image.width), h = cells(y1 + my, top, image.height);
  return w > 0 && h > 0 ? { x: left, y: top, w, h } : undefined;
}
