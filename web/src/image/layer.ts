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

class CanvasLayer implements Layer {
  readonly kind = 'canvas';
  private readonly ctx: CanvasRenderingContext2D;
  private readonly buffer = document.createElement('canvas');
  private pixels: Pixels | undefined;
  private painted = '';
  private lut: Uint32Array = new Uint32Array(0);
  private lutOf = '';

  constructor(private readonly canvas: HTMLCanvasElement) {
    const ctx = canvas.getContext('2d', { alpha: false });
    if (ctx === null) throw new Error('this browser can draw neither in WebGL2 nor on a canvas');
    this.ctx = ctx;
  }

  upload(pixels: Pixels): void {
    this.pixels = pixels;
    this.painted = '';
  }

  private paint(pixels: Pixels, display: Display): void {
    const key = JSON.stringify([display.low, display.high, display.gamma, display.invert,
      display.map]);
    if (this.painted === key) return;
    if (this.lutOf !== key) this.lut = table(display);
    this.lutOf = this.painted = key;
    this.buffer.width = pixels.width;
    this.buffer.height = pixels.height;
    const b = this.buffer.getContext('2d') as CanvasRenderingContext2D;
    const image = b.createImageData(pixels.width, pixels.height);
    const out = new Uint32Array(image.data.buffer);
    const { counts } = pixels;
    for (let i = 0; i < out.length; i++) out[i] = this.lut[counts[i]];
    b.putImageData(image, 0, 0);
  }

  draw(view: View, display: Display): void {
    const { ctx, pixels } = this;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = '#0b0d0f';
    ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (pixels === undefined) return;
    this.paint(pixels, inValues(display, pixels));
    const scale = view.zoom * pixels.bin;
    ctx.imageSmoothingEnabled = display.smooth || scale < 1;
    ctx.setTransform(scale, 0, 0, scale, view.x + view.zoom * pixels.x0,
      view.y + view.zoom * pixels.y0);
    ctx.drawImage(this.buffer, 0, 0);
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  dispose(): void {
    this.pixels = undefined;
  }
}
