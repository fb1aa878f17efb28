// Draws a frame of 16-bit counts: in WebGL2 with window, gamma, inversion and
// colour map in the shader, or, where there is none, on a 2-D canvas.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { GlLayer } from './gl';
import { table, type Display } from './lut';
import { inValues, type Pixels, type View } from './pixels';

export interface Layer {
  readonly kind: 'webgl2' | 'canvas';
  /** Keeps the pixels until the next call. */
  upload(pixels: Pixels): void;
  /** A part of the same frame, finer, drawn over it; undefined: none. */
  setDetail(pixels: Pixels | undefined): void;
  draw(view: View, display: Display): void;
  resize(width: number, height: number): void;
  dispose(): void;
}

/** The best layer this browser has for the canvas. `only2d` leaves WebGL out. */
export function makeLayer(canvas: HTMLCanvasElement, only2d = false): Layer {
  if (!only2d) {
    const gl = canvas.getContext('webgl2', {
      alpha: false, antialias: false, depth: false, stencil: false,
      powerPreference: 'high-performance', preserveDrawingBuffer: true,
    });
    if (gl !== null) {
      try {
        return new GlLayer(canvas, gl);
      } catch (error) {
        console.info('WebGL2 does not serve, drawing on a 2-D canvas:', error);
        const fresh = canvas.cloneNode() as HTMLCanvasElement;
        canvas.replaceWith(fresh);
        return new CanvasLayer(fresh);
      }
    }
  }
  return new CanvasLayer(canvas);
}

/** Pixels as colours on a canvas of their own, painted when they are needed. */
class Painted {
  readonly canvas = document.createElement('canvas');
  private of = '';

  constructor(readonly pixels: Pixels) {}

  paint(display: Display): void {
    const d = inValues(display, this.pixels);
    const key = JSON.stringify([d.low, d.high, d.gamma, d.invert, d.map]);
    if (this.of === key) return;
    this.of = key;
    const lut = table(d), { width, height, counts } = this.pixels;
    this.canvas.width = width;
    this.canvas.height = height;
    const ctx = this.canvas.getContext('2d') as CanvasRenderingContext2D;
    const image = ctx.createImageData(width, height);
    const out = new Uint32Array(image.data.buffer);
    for (let i = 0; i < out.length; i++) out[i] = lut[counts[i]];
    ctx.putImageData(image, 0, 0);
  }
}

class CanvasLayer implements Layer {
  readonly kind = 'canvas';
  private readonly ctx: CanvasRenderingContext2D;
  private base: Painted | undefined;
  private detail: Painted | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const ctx = canvas.getContext('2d', { alpha: false });
    if (ctx === null) throw new Error('this browser can draw neither in WebGL2 nor on a canvas');
    this.ctx = ctx;
  }

  upload(pixels: Pixels): void {
    this.base = new Painted(pixels);
  }

  setDetail(pixels: Pixels | undefined): void {
    this.detail = pixels && new Painted(pixels);
  }

  draw(view: View, display: Display): void {
    const { ctx } = this;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = '#0b0d0f';
    ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (const part of [this.base, this.detail]) {
      if (part === undefined) continue;
      part.paint(display);
      const { bin, x0, y0 } = part.pixels;
      const scale = view.zoom * bin;
      ctx.imageSmoothingEnabled = display.smooth || scale < 1;
      ctx.setTransform(scale, 0, 0, scale, view.x + view.zoom * x0, view.y + view.zoom * y0);
      ctx.drawImage(part.canvas, 0, 0);
    }
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  dispose(): void {
    this.base = this.detail = undefined;
  }
}
