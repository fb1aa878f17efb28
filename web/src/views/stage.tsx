// The image with what lies over it: outlines, scale bar, the polygon editor.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FrameOutlines, Outline } from '../api';
import { contains, distance, offsetFrom, path, type Point, type Polygon } from '../geometry/polygon';
import { makeLayer, type Layer } from '../image/layer';
import { scaleBar } from '../image/scalebar';
import { nextLevel, toImage } from '../image/view';
import { kept } from '../state/app';
import type { Pane } from '../state/pane';
import { useStore } from '../state/store';
import { EditorOverlay } from './editor';
import { zip } from './outline-points';

export function useOutlines(pane: Pane): FrameOutlines | undefined {
  const shown = useStore(pane.player.state, (s) => s.shown);
  const version = useStore(pane.open.state, (s) => s.version);
  const [, again] = useState(0);
  if (shown < 0 || version === 0) return undefined;
  const live = (): void => again((n) => n + 1);
  const got = pane.open.outlinesAt(shown, live);
  // The next ones come before they are needed.
  if (got !== undefined && pane.player.state.now.playing !== 0)
    for (let k = 1; k <= 4; k++) {
      const next = shown + k * pane.player.state.now.playing;
      if (next >= 0 && next < pane.player.length) pane.open.outlinesAt(next, live);
    }
  return got;
}

function Contours({ o, picked, stale }: { o: Outline; picked: boolean; stale: boolean }) {
  const { outer, core, band } = kept.now;
  const draw = (points: Polygon, sd: (number | null)[], kind: 'outer' | 'core') => {
    if (points.length < 3) return null;
    const lo = band ? offsetFrom(points, o.centre_px, sd, -1.96) : undefined;
    const hi = band ? offsetFrom(points, o.centre_px, sd, 1.96) : undefined;
    const d = path(points);
    return (
      <>
        {lo && hi && <path class={`band ${kind}`} d={path(hi) + path(lo)} />}
        <path class="casing" d={d} />
        <path class={`line ${kind} ${o.state !== 'ok' ? 'unsure' : ''} ${stale ? 'stale' : ''}`} d={d} />
      </>
    );
  };
  return (
    <g class={picked ? 'picked' : ''}>
      {core && draw(zip(o.core), o.core.sd, 'core')}
      {outer && draw(zip(o.outer), o.outer.sd, 'outer')}
    </g>
  );
}

function Names({ pane, outlines }: { pane: Pane; outlines: readonly Outline[] }) {
  const view = useStore(pane.state, (s) => s.view);
  const picked = useStore(pane.state, (s) => s.particle);
  const particles = useStore(pane.open.state, (s) => s.particles);
  const [dx, dy] = pane.shift(pane.player.state.now.shown);
  return (
    <>
      {outlines.map((o) => {
        if (o.outer.x.length === 0) return null;
        const top = Math.min(...o.outer.y);
        const at = o.outer.y.indexOf(top);
        const name = particles.find((p) => p.particle_id === o.particle_id)?.name ?? String(o.particle_id);
        return <text key={o.particle_id} class={`name ${picked === o.particle_id ? 'picked' : ''}`}
          x={(o.outer.x[at] + dx) * view.zoom + view.x} y={(top + dy) * view.zoom + view.y - 7}>{name}</text>;
      })}
    </>
  );
}

function ScaleBar({ pane }: { pane: Pane }) {
  const zoom = useStore(pane.state, (s) => s.view.zoom);
  const size = useStore(pane.state, (s) => s.size);
  const info = pane.open.state.now.info;
  const bar = scaleBar(info?.in_pixels ? null : info?.nm_per_px_x ?? null, zoom, Math.min(220, size.width / 3));
  if (bar === undefined || size.width === 0) return null;
  return (
    <div class="scalebar" role="img" aria-label={`Scale bar: ${bar.label}`}>
      <span>{bar.label}</span><i style={{ width: `${bar.lengthPx}px` }} />
    </div>
  );
}

/** What a press on the image does, by tool and button. */
type Drag = { kind: 'pan' | 'level' | 'stroke' | 'pinch'; at: Point; moved: boolean; id: number };

export function Stage({ pane, label, onFrame }: { pane: Pane; label: string; onFrame?(frame: number): void }) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<Layer | null>(null);
  const drag = useRef<Drag | null>(null);
  const touches = useRef(new Map<number, Point>());
  const pending = useRef(0);
  const moved = useRef(-1e9);
  const calm = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [kind, setKind] = useState('');

  const redraw = (): void => {
    cancelAnimationFrame(pending.current);
    pending.current = requestAnimationFrame(() => {
      const l = layer.current, { low, high, size } = pane.state.now;
      if (l === null || size.width === 0) return;
      const ratio = Math.min(2, devicePixelRatio || 1);
      l.resize(Math.round(size.width * ratio), Math.round(size.height * ratio));
      const v = pane.shiftedView();
      const { gamma, invert, map } = kept.now;
      // While frames follow each other they are drawn without interpolation,
      // which costs most where WebGL is done in software.
      const wait = 120 - (performance.now() - moved.current);
      const smooth = kept.now.smooth && wait <= 0;
      if (kept.now.smooth && wait > 0) {
        clearTimeout(calm.current);
        calm.current = setTimeout(redraw, wait + 5);
      }
      l.draw({ zoom: v.zoom * ratio, x: v.x * ratio, y: v.y * ratio },
        { low, high, gamma, invert, map, smooth });
    });
  };

  const only2d = useStore(kept, (k) => k.only2d);
  useLayoutEffect(() => {
    const element = host.current as HTMLDivElement;
    // A canvas that was drawn on one way cannot be drawn on the other.
    const fresh = document.createElement('canvas');
    fresh.setAttribute('aria-hidden', 'true');
    (canvas.current ?? element.querySelector('canvas'))?.replaceWith(fresh);
    canvas.current = fresh;
    layer.current = makeLayer(fresh, only2d);
    setKind(layer.current.kind);
    pane.player.onPixels = (pixels, frame) => {
      pane.took(pixels);
      moved.current = performance.now();
      layer.current?.upload(pixels);
      layer.current?.setDetail(undefined);
      redraw();
      onFrame?.(frame);
    };
    pane.onDetail = () => {
      layer.current?.setDetail(pane.detail?.pixels);
      redraw();
    };
    if (pane.player.pixels !== undefined) layer.current.upload(pane.player.pixels);
    const watch = new ResizeObserver(([entry]) => {
      pane.resize({ width: entry.contentRect.width, height: entry.contentRect.height });
      redraw();
    });
    watch.observe(element);
    const off = [pane.state.watch(redraw), kept.watch(redraw), pane.player.state.watch(redraw)];
    const wheel = (e: WheelEvent): void => {
      e.preventDefault();
      const box = element.getBoundingClientRect();
      const at: Point = [e.clientX - box.left, e.clientY - box.top];
      if (e.ctrlKey || e.metaKey) pane.zoom(pane.state.now.view.zoom * Math.exp(-e.deltaY * 0.0025), at);
      else if (Math.abs(e.deltaY) >= 1) pane.player.step(Math.sign(e.deltaY) * (e.shiftKey ? 10 : 1));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    redraw();
    return () => {
      element.removeEventListener('wheel', wheel);
      off.forEach((f) => f());
      clearTimeout(calm.current);
      watch.disconnect();
      layer.current?.dispose();
      layer.current = null;
    };
  }, [pane, only2d]);

  const outlines = useOutlines(pane);
  const view = useStore(pane.state, (s) => s.view);
  const tool = useStore(pane.state, (s) => s.tool);
  const picked = useStore(pane.state, (s) => s.particle);
  const edit = useStore(pane.state, (s) => s.edit);
  const particles = useStore(pane.open.state, (s) => s.particles);
  const shown = useStore(pane.player.state, (s) => s.shown);
  const error = useStore(pane.player.state, (s) => s.error);
  useStore(kept, (k) => k.outer); useStore(kept, (k) => k.core); useStore(kept, (k) => k.band);
  useStore(kept, (k) => k.stabilise);
  const labels = useStore(kept, (k) => k.labels);
  const [dx, dy] = pane.shift(shown);
  const list = outlines?.outlines ?? [];

  const place = (e: PointerEvent): Point => {
    const box = (host.current as HTMLDivElement).getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  };
  const inFrame = (p: Point): Point => toImage(pane.shiftedView(), p);

  useEffect(() => {
    pane.state.set({ pointer: null });
  }, [pane]);

  function down(e: PointerEvent): void {
    if ((e.target as Element).closest('.handle, button') !== null) return;
    const at = place(e);
    touches.current.set(e.pointerId, at);
    host.current?.setPointerCapture(e.pointerId);
    host.current?.focus({ preventScroll: true });
    if (touches.current.size === 2) {
      drag.current = { kind: 'pinch', at, moved: true, id: e.pointerId };
      pane.state.set({ stroke: null });
      return;
    }
    const space = (window as { coatscopeSpace?: boolean }).coatscopeSpace === true;
    const stroke = (tool === 'arc' || tool === 'split' || tool === 'draw') && e.button === 0 && !space;
    const kind = e.button === 2 || (tool === 'level' && e.button === 0) ? 'level' : stroke ? 'stroke' : 'pan';
    drag.current = { kind, at, moved: false, id: e.pointerId };
    if (kind === 'stroke' && tool !== 'draw') pane.state.set({ stroke: [inFrame(at)] });
  }

  function move(e: PointerEvent): void {
    const at = place(e);
    pane.state.set({ pointer: inFrame(at) });
    const d = drag.current, before = touches.current.get(e.pointerId);
    if (d === null || before === undefined) return;
    const by: Point = [at[0] - before[0], at[1] - before[1]];
    if (!d.moved && distance(at, d.at) < 3) return;
    d.moved = true;
    if (d.kind === 'pinch') pinch(e.pointerId, before, at);
    else if (d.kind === 'pan') pane.pan(...by);
    else if (d.kind === 'level') level(...by);
    else pane.state.set({ stroke: [...(pane.state.now.stroke ?? [inFrame(d.at)]), inFrame(at)] });
    touches.current.set(e.pointerId, at);
  }

  function pinch(id: number, before: Point, at: Point): void {
    const other = [...touches.current].find(([k]) => k !== id)?.[1];
    if (other === undefined) return;
    pane.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    const ratio = distance(at, other) / Math.max(1, distance(before, other));
    pane.zoom(pane.state.now.view.zoom * ratio, [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
  }

  // Sideways the width of the window, up and down its middle.
  function level(byX: number, byY: number): void {
    const { low, high } = pane.state.now;
    const width = Math.max(1e-6, high - low);
    const wide = width * Math.exp(byX * 0.005), middle = (low + high) / 2 + byY * width * 0.004;
    pane.state.set({ low: middle - wide / 2, high: middle + wide / 2 });
    kept.set({ auto: false });
  }

  function up(e: PointerEvent): void {
    const d = drag.current;
    touches.current.delete(e.pointerId);
    if (d === null || touches.current.size > 0) return;
    drag.current = null;
    if (d.kind === 'stroke' && d.moved) strokeDone.current?.(pane.state.now.stroke ?? []);
    else if (!d.moved && d.kind === 'stroke' && tool === 'draw') clickDone.current?.(inFrame(d.at));
    else if (!d.moved && d.kind === 'pan' && e.button === 0 && tool === 'select') pick(inFrame(d.at));
  }

  function pick(p: Point): void {
    const hits = list.filter((o) => contains(zip(o.outer), p));
    const at = hits.findIndex((o) => o.particle_id === picked);
    // Where several lie over each other, clicks go from one to the next.
    pane.select(hits.length === 0 ? 0 : hits[(at + 1) % hits.length].particle_id);
  }

  const strokeDone = useRef<((stroke: Point[]) => void) | null>(null);
  const clickDone = useRef<((p: Point) => void) | null>(null);
  const shifted = { zoom: view.zoom, x: view.x + dx * view.zoom, y: view.y + dy * view.zoom };
  return (
    <div ref={host} class={`stage tool-${tool}`} tabIndex={0} role="group" aria-label={label}
         data-layer={kind} data-shown={shown} onPointerDown={down} onPointerMove={move} onPointerUp={up}
         onPointerCancel={up} onPointerLeave={() => pane.state.set({ pointer: null })}
         onContextMenu={(e) => e.preventDefault()}
         onDblClick={(e) => {
           if (tool === 'select' || tool === 'hand')
             pane.zoom(nextLevel(view.zoom, !e.altKey), place(e as unknown as PointerEvent));
         }}>
      <canvas aria-hidden="true" />
      <svg class="over" aria-hidden="true">
        <g transform={`translate(${shifted.x} ${shifted.y}) scale(${shifted.zoom})`}>
          {list.map((o) => (edit !== null && edit.particle === o.particle_id && edit.frame === shown ? null
            : <Contours key={o.particle_id} o={o} picked={o.particle_id === picked}
                stale={particles.find((p) => p.particle_id === o.particle_id)?.is_pending ?? false} />))}
        </g>
        {labels && <Names pane={pane} outlines={list} />}
      </svg>
      <EditorOverlay pane={pane} outlines={list} view={shifted} strokeDone={strokeDone} clickDone={clickDone} />
      <ScaleBar pane={pane} />
      {error !== '' && <p class="stage-note" role="alert">Frame {pane.player.state.now.wanted + 1}: {error}</p>}
      {shown < 0 && error === '' && <p class="stage-note" role="status">Loading the frame …</p>}
    </div>
  );
}
