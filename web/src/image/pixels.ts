// The pixels of a frame as they came from the server, and how they lie in a pane.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Display } from './lut';

export interface Pixels {
  width: number;
  height: number;
  /** Pixels of the recording's own frame per pixel here, in x and y alike. */
  bin: number;
  /** Where the first pixel lies in the whole frame. */
  x0: number;
  y0: number;
  /** Counts of the camera = offset + scale × value. */
  offset: number;
  scale: number;
  counts: Uint16Array;
}

/** The display's window, in counts of the camera, in values of these pixels. */
export function inValues(d: Display, p: Pixels): Display {
  const scale = p.scale > 0 ? p.scale : 1;
  return { ...d, low: (d.low - p.offset) / scale, high: (d.high - p.offset) / scale };
}

/** Screen = image × zoom + (x, y); screen in pixels of the canvas' backing. */
export interface View { zoom: number; x: number; y: number }
