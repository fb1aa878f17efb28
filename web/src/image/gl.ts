// The WebGL2 layer: one R16UI texture for the counts, one for the colour map.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Layer } from './layer';
import { colours, type Display, type MapName } from './lut';
import { inValues, type Pixels, type View } from './pixels';

const VERTEX = `#version 300 es
void main() {
  // One triangle that covers the canvas.
  vec2 p = vec2(float((gl_VertexID & 1) << 2), float((gl_VertexID & 2) << 1));
  gl_Position = vec4(p - 1.0, 0.0, 1.0);
}`;

// Integer textures are not filtered by the hardware: `smooth` reads four
// texels and weighs the counts, before the window is applied, as ImageJ does.
const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D counts;
uniform sampler2D map;
uniform ivec2 size;
uniform vec2 origin;
uniform float scale;
uniform float height;
uniform vec2 window;
uniform float gamma;
uniform bool invert;
uniform bool smooth_;
uniform bool over;
out vec4 colour;

float at(ivec2 p) {
  return float(texelFetch(counts, clamp(p, ivec2(0), size - 1), 0).r);
}

void main() {
  vec2 screen = vec2(gl_FragCoord.x, height - gl_FragCoord.y);
  vec2 p = (screen - origin) / scale;
  if (any(lessThan(p, vec2(0.0))) || any(greaterThanEqual(p, vec2(size)))) {
    if (over) discard;
    colour = vec4(0.043, 0.051, 0.059, 1.0);
    return;
  }
  float v;
  if (smooth_) {
    vec2 q = p - 0.5;
    ivec2 i = ivec2(floor(q));
    vec2 f = q - vec2(i);
    v = mix(mix(at(i), at(i + ivec2(1, 0)), f.x),
            mix(at(i + ivec2(0, 1)), at(i + ivec2(1, 1)), f.x), f.y);
  } else {
    v = at(ivec2(p));
  }
  v = clamp((v - window.x) / max(window.y - window.x, 1e-6), 0.0, 1.0);
  if (gamma != 1.0) v = pow(v, gamma);
  if (invert) v = 1.0 - v;
  colour = texture(map, vec2((v * 255.0 + 0.5) / 256.0, 0.5));
}`;

const UNIFORMS = ['counts', 'map', 'size', 'origin', 'scale', 'height', 'window', 'gamma',
  'invert', 'smooth_', 'over'] as const;
type Uniform = typeof UNIFORMS[number];

function compile(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind);
  if (shader === null) throw new Error('the context is lost');
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS))
    throw new Error(gl.getShaderInfoLog(shader) ?? 'the shader does not compile');
  return shader;
}

interface Slot { texture: WebGLTexture | null; storage: string; pixels: Pixels | undefined }

export class GlLayer implements Layer {
  readonly kind = 'webgl2';
  private place!: Record<Uniform, WebGLUniformLocation | null>;
  // The frame, and a finer part of it over it.
  private readonly base: Slot = { texture: null, storage: '', pixels: undefined };
  private readonly detail: Slot = { texture: null, storage: '', pixels: undefined };
  private mapOf: MapName | undefined;
  private last: [View, Display] | undefined;
  private lost = false;

  constructor(private readonly canvas: HTMLCanvasElement,
              private readonly gl: WebGL2RenderingContext) {
    this.setUp();
    canvas.addEventListener('webglcontextlost', this.onLost);
    canvas.addEventListener('webglcontextrestored', this.onRestored);
  }

  private readonly onLost = (event: Event): void => {
    event.preventDefault();
    this.lost = true;
  };

  private readonly onRestored = (): void => {
    this.lost = false;
    this.mapOf = undefined;
    this.setUp();
    for (const slot of [this.base, this.detail]) {
      slot.texture = null;
      slot.storage = '';
      if (slot.pixels !== undefined) this.fill(slot, slot.pixels);
    }
    if (this.last !== undefined) this.draw(...this.last);
  };

  private setUp(): void {
    const { gl } = this;
    const program = gl.createProgram();
    if (program === null) throw new Error('the context is lost');
    gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS))
      throw new Error(gl.getProgramInfoLog(program) ?? 'the program does not link');
    gl.useProgram(program);
    this.place = Object.fromEntries(UNIFORMS.map((name) =>
      [name, gl.getUniformLocation(program, name)])) as typeof this.place;
    gl.uniform1i(this.place.counts, 0);
    gl.uniform1i(this.place.map, 1);
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    this.texture(1);
  }

  private texture(unit: number): WebGLTexture | null {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, gl.NEAREST],
      [gl.TEXTURE_MAG_FILTER, gl.NEAREST], [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]])
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    return texture;
  }

  upload(pixels: Pixels): void { this.fill(this.base, pixels); }

  setDetail(pixels: Pixels | undefined): void {
    if (pixels === undefined) this.detail.pixels = undefined;
    else this.fill(this.detail, pixels);
  }

  private fill(slot: Slot, pixels: Pixels): void {
    const { gl } = this;
    const { width, height, counts } = pixels;
    slot.pixels = pixels;
    if (this.lost) return;
    const wanted = `${width}x${height}`;
    if (slot.storage !== wanted || slot.texture === null) {
      if (slot.texture !== null) gl.deleteTexture(slot.texture);
      slot.texture = this.texture(0);
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R16UI, width, height);
      slot.storage = wanted;
    }
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, slot.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED_INTEGER,
      gl.UNSIGNED_SHORT, counts);
  }

  draw(view: View, display: Display): void {
    const { gl } = this;
    this.last = [view, display];
    if (this.lost) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    if (this.base.pixels === undefined) {
      gl.clearColor(0.043, 0.051, 0.059, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
      return;
    }
    if (this.mapOf !== display.map) {
      gl.activeTexture(gl.TEXTURE1);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE,
        colours(display.map));
      this.mapOf = display.map;
    }
    this.paint(this.base, view, display, false);
    if (this.detail.pixels !== undefined) this.paint(this.detail, view, display, true);
  }

  private paint({ texture, pixels }: Slot, view: View, display: Display, over: boolean): void {
    const { gl, place } = this;
    if (pixels === undefined) return;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.uniform1i(place.over, over ? 1 : 0);
    gl.uniform2i(place.size, pixels.width, pixels.height);
    gl.uniform2f(place.origin, view.x + view.zoom * pixels.x0, view.y + view.zoom * pixels.y0);
    const { low, high } = inValues(display, pixels);
    gl.uniform1f(place.scale, view.zoom * pixels.bin);
    gl.uniform1f(place.height, this.canvas.height);
    gl.uniform2f(place.window, low, high);
    gl.uniform1f(place.gamma, display.gamma);
    gl.uniform1i(place.invert, display.invert ? 1 : 0);
    gl.uniform1i(place.smooth_, display.smooth ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  dispose(): void {
    this.canvas.removeEventListener('webglcontextlost', this.onLost);
    this.canvas.removeEventListener('webglcontextrestored', this.onRestored);
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}
