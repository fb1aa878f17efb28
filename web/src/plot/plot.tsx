// A plot: uPlot's axes and zoom; curves with bands, intervals and the cursor
// that follows the frame are ours.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { NONE, isNumber, number } from '../format';
import { extent, nearestPoint, type Axes, type Curve, type Interval, type Range } from './curves';
import { pieces } from './export';

export interface Zoom { x: Range; y: Range }

interface Props {
  curves: readonly Curve[];
  axes: Axes;
  intervals?: readonly Interval[];
  /** x of the frame that is shown. */
  cursor?: number | null;
  zoom: Zoom | null;
  onZoom(zoom: Zoom | null): void;
  onPick?(curve: Curve, point: number): void;
  dark: boolean;
  height: number;
  label: string;
  /** Gets the canvas, for a picture of it. */
  canvas?: { current: HTMLCanvasElement | null };
}

const css = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function drawCurve(u: uPlot, c: Curve): void {
  const { ctx } = u;
  const X = (i: number): number => u.valToPos(c.x[i] as number, 'x', true);
  const Y = (v: number): number => u.valToPos(v, 'y', true);
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = c.colour;
  ctx.lineWidth = 1.5 * ratio;
  ctx.lineJoin = 'round';
  ctx.setLineDash((c.dash ?? []).map((d) => d * ratio));
  const strength = c.faint ? 0.3 : 1;
  for (const piece of pieces(c)) {
    const band = c.dots ? [] : piece.filter((i) => isNumber(c.lo?.[i]) && isNumber(c.hi?.[i]));
    if (band.length > 1) {
      ctx.globalAlpha = 0.16 * strength;
      ctx.beginPath();
      for (const i of band) ctx.lineTo(X(i), Y(c.hi?.[i] as number));
      for (const i of [...band].reverse()) ctx.lineTo(X(i), Y(c.lo?.[i] as number));
      ctx.fill();
    }
    ctx.globalAlpha = strength;
    ctx.beginPath();
    if (c.dots || piece.length === 1)
      for (const i of piece) {
        const x = X(i), y = Y(c.y[i] as number);
        ctx.moveTo(x + 1.6 * ratio, y);
        ctx.arc(x, y, 1.6 * ratio, 0, 2 * Math.PI);
      }
    else
      for (const i of piece) ctx.lineTo(X(i), Y(c.y[i] as number));
    if (c.dots || piece.length === 1) ctx.fill();
    else ctx.stroke();
  }
  ctx.restore();
}

function drawIntervals(u: uPlot, intervals: readonly Interval[]): void {
  const { ctx } = u;
  ctx.save();
  for (const { from, to, label, colour } of intervals) {
    const a = u.valToPos(from, 'x', true), b = u.valToPos(to, 'x', true);
    const left = Math.max(u.bbox.left, Math.min(a, b));
    const right = Math.min(u.bbox.left + u.bbox.width, Math.max(a, b, a + 2 * uPlot.pxRatio));
    if (right <= left) continue;
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colour;
    ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = css('--quiet');
    ctx.font = `${11 * uPlot.pxRatio}px ${css('--font')}`;
    ctx.textBaseline = 'top';
    ctx.fillText(label, left + 4 * uPlot.pxRatio, u.bbox.top + 4 * uPlot.pxRatio);
  }
  ctx.restore();
}

function axis(title: string): uPlot.Axis {
  const font = `11px ${css('--font')}`;
  return {
    label: title, labelFont: font, font, labelSize: 18, labelGap: 0,
    stroke: css('--quiet'), grid: { stroke: css('--grid'), width: 1 },
    ticks: { stroke: css('--grid'), width: 1, size: 4 }, gap: 4,
    values: (_u, splits) => splits.map((v) => Number(v.toPrecision(10)).toString()),
  };
}

export function Plot(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useRef(props);
  now.current = props;
  const [width, setWidth] = useState(0);
  const [, setDrawn] = useState(0);
  const [tip, setTip] = useState<{ x: number; y: number; text: string; colour: string } | null>(null);

  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(host.current as HTMLDivElement);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    if (width < 80 || host.current === null) return undefined;
    const { curves, zoom } = now.current;
    const x = zoom?.x ?? extent(curves, 'x'), y = zoom?.y ?? extent(curves, 'y');
    const u = new uPlot({
      width, height: props.height, mode: 2, legend: { show: false }, padding: [10, 12, 0, 0],
      scales: { x: { time: false, range: () => [x.min, x.max] },
                y: { range: () => [y.min, y.max] } },
      axes: [{ ...axis(props.axes.xTitle), size: 28 }, { ...axis(props.axes.yTitle), size: 52 }],
      series: [{}, { facets: [{ scale: 'x', auto: false }, { scale: 'y', auto: false }],
        paths: () => null }],
      cursor: { drag: { x: true, y: true, uni: 24, setScale: false }, points: { show: false },
        bind: { dblclick: () => () => { now.current.onZoom(null); return null; } } },
      hooks: {
        drawClear: [(self) => drawIntervals(self, now.current.intervals ?? [])],
        draw: [(self) => {
          for (const c of now.current.curves) drawCurve(self, c);
        }],
        setSelect: [(self) => select(self)],
        setCursor: [(self) => hover(self)],
      },
    } as uPlot.Options, [null, [[x.min, x.max], [y.min, y.max]]] as unknown as uPlot.AlignedData,
    host.current);
    plot.current = u;
    if (props.canvas) props.canvas.current = u.ctx.canvas;
    const click = (event: MouseEvent): void => pick(u, event);
    u.over.addEventListener('click', click);
    setDrawn((n) => n + 1);
    return () => {
      u.over.removeEventListener('click', click);
      u.destroy();
      plot.current = null;
    };
  }, [width, props.height, props.curves, props.intervals, props.zoom, props.dark,
    props.axes.xTitle, props.axes.yTitle]);

  function select(u: uPlot): void {
    const { left, top, width: w, height: h } = u.select;
    if (w < 4 && h < 4) return;
    const x0 = u.posToVal(left, 'x'), x1 = u.posToVal(left + w, 'x');
    const y1 = u.posToVal(top, 'y'), y0 = u.posToVal(top + h, 'y');
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    now.current.onZoom({ x: { min: x0, max: x1 }, y: { min: y0, max: y1 } });
  }

  function near(u: uPlot, left: number, top: number) {
    const scale = { x: u.over.clientWidth / (u.posToVal(u.over.clientWidth, 'x') - u.posToVal(0, 'x')),
      y: u.over.clientHeight / (u.posToVal(0, 'y') - u.posToVal(u.over.clientHeight, 'y')) };
    return nearestPoint(now.current.curves.filter((c) => !c.faint || now.current.curves.length > 1),
      { x: u.posToVal(left, 'x'), y: u.posToVal(top, 'y') }, scale);
  }

  function hover(u: uPlot): void {
    const { left = -1, top = -1 } = u.cursor;
    if (left < 0) { setTip(null); return; }
    const hit = near(u, left, top);
    if (hit === undefined || hit.distance > 30) { setTip(null); return; }
    const c = now.current.curves[hit.curve], i = hit.point;
    const band = isNumber(c.lo?.[i]) && isNumber(c.hi?.[i])
      ? ` (${number(c.lo?.[i])} – ${number(c.hi?.[i])})` : '';
    setTip({ x: u.valToPos(c.x[i] as number, 'x') + u.over.offsetLeft,
      y: u.valToPos(c.y[i] as number, 'y') + u.over.offsetTop, colour: c.colour,
      text: `${c.label}: ${number(c.y[i])}${band} at ${number(c.x[i])}` });
  }

  const pressed = useRef({ x: 0, y: 0 });
  function pick(u: uPlot, event: MouseEvent): void {
    const { x, y } = pressed.current;
    if (Math.hypot(event.clientX - x, event.clientY - y) > 4) return;
    const box = u.over.getBoundingClientRect();
    const hit = near(u, event.clientX - box.left, event.clientY - box.top);
    if (hit !== undefined) now.current.onPick?.(now.current.curves[hit.curve], hit.point);
  }

  const u = plot.current;
  const at = u !== null && isNumber(props.cursor) ? u.valToPos(props.cursor, 'x') : NaN;
  const inside = u !== null && at >= 0 && at <= u.over.clientWidth;
  return (
    <div class="plot" role="img" aria-label={props.label}
         onPointerDown={(e) => { pressed.current = { x: e.clientX, y: e.clientY }; }}>
      <div ref={host} class="plot-host" />
      {inside && <div class="plot-cursor" style={{ left: `${at + u.over.offsetLeft}px`,
        top: `${u.over.offsetTop}px`, height: `${u.over.clientHeight}px` }} />}
      {tip && <div class="plot-dot" style={{ left: `${tip.x}px`, top: `${tip.y}px`,
        background: tip.colour }} />}
      <p class="plot-tip" aria-live="off">{tip?.text ?? (props.curves.length ? '' : NONE)}</p>
    </div>
  );
}
