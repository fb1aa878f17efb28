// The polygon editor over the image: handles on an outline, lines being drawn.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, type Outline } from '../api';
import { deleteHandle, handleIndices, insertHandle, moveHandle } from '../geometry/handles';
import { centroid, contains, cut, distance, handleStride, path, redrawArc,
  selfIntersects, simplifyLine, type Point, type Polygon } from '../geometry/polygon';
import type { View } from '../image/pixels';
import { toImage, toScreen } from '../image/view';
import { attempt, say } from '../state/app';
import type { Pane } from '../state/pane';
import { useStore } from '../state/store';
import { zip } from './outline-points';

type Done<T> = { current: ((what: T) => void) | null };

interface Props {
  pane: Pane;
  outlines: readonly Outline[];
  view: View;
  strokeDone: Done<Point[]>;
  clickDone: Done<Point>;
}

/** Begins to edit the outline of the picked particle on the frame shown. */
export async function beginEditing(pane: Pane, surface: 'outer' | 'core' = 'outer'): Promise<boolean> {
  const { particle } = pane.state.now;
  const frame = pane.player.state.now.shown;
  if (particle === 0) {
    say('click a particle first, then edit its outline');
    return false;
  }
  const o = await attempt('the outline', () => api.outline(pane.open.id, frame, particle));
  if (o === undefined) return false;
  const polygon = zip(surface === 'core' ? o.core : o.outer);
  if (polygon.length < 3) {
    say(`particle ${particle} has no ${surface === 'core' ? 'core ' : ''}outline on frame ${frame + 1}: draw one with P`);
    return false;
  }
  pane.beginEdit({ frame, particle, surface,
    areaBefore: surface === 'core' ? o.core_area_px2 : o.area_px2 }, polygon);
  return true;
}

/** Sends what is being edited; true where it is kept. */
export async function applyEdit(pane: Pane, scope: 'through' | 'frame', reason: string): Promise<boolean> {
  const { edit } = pane.state.now;
  if (edit === null) return false;
  const polygon = edit.history.now;
  if (selfIntersects(polygon)) {
    say('the outline crosses itself: move the vertices apart first', { bad: true });
    return false;
  }
  const rounded = thin(polygon).map(([x, y]) => [Math.round(x * 1e4) / 1e4, Math.round(y * 1e4) / 1e4] as Point);
  const only = scope === 'frame' ? { from_frame: edit.frame, to_frame: edit.frame } : {};
  const done = edit.particle === 0
    ? await pane.open.edit({ kind: 'add', frame: edit.frame, polygon: rounded, reason },
      `new particle on frame ${edit.frame + 1}`)
    : await pane.open.edit({ kind: 'polygon', particle_id: edit.particle, frame: edit.frame,
      surface: edit.surface, polygon: rounded, reason, ...only },
    `${edit.surface === 'core' ? 'core outline' : 'outline'} of particle ${edit.particle} on frame ${edit.frame + 1}`);
  if (done) {
    pane.endEdit();
    pane.state.set({ tool: 'select' });
  }
  return done;
}

/** The program takes up to 10,000 points. */
function thin(p: Polygon): Polygon {
  let tolerance = 0.01, out = p;
  while (out.length > 10000) out = simplifyLine(p, tolerance *= 2);
  return out;
}

function closeDraft(pane: Pane, outlines: readonly Outline[], view: View): void {
  const draft = pane.state.now.stroke ?? [];
  const line = simplifyLine(draft.filter((p, i) => i === 0 || distance(p, draft[i - 1]) > 1e-6), 0.35 / view.zoom);
  if (line.length < 3) {
    say('an outline needs three vertices at least');
    return;
  }
  if (selfIntersects(line)) {
    say('the outline crosses itself; it was not closed', { bad: true });
    pane.state.set({ stroke: null });
    return;
  }
  const middle = centroid(line);
  const picked = outlines.find((o) => o.particle_id === pane.state.now.particle);
  const under = picked !== undefined && contains(zip(picked.outer), middle) ? picked
    : outlines.find((o) => contains(zip(o.outer), middle));
  pane.beginEdit({ frame: pane.player.state.now.shown, particle: under?.particle_id ?? 0,
    surface: 'outer', areaBefore: under?.area_px2 ?? null }, line);
  pane.state.set({ tool: 'edit', ...(under ? { particle: under.particle_id } : {}) });
}

export function finishDraft(pane: Pane): void {
  const frame = pane.player.state.now.shown;
  const here = pane.open.outlinesAt(frame, () => undefined);
  closeDraft(pane, here?.outlines ?? [], pane.shiftedView());
}

function splitBy(pane: Pane, outlines: readonly Outline[], stroke: readonly Point[]): void {
  const o = outlines.find((q) => q.particle_id === pane.state.now.particle);
  pane.state.set({ stroke: null });
  const parts = o && cut(zip(o.outer), stroke);
  if (o === undefined || parts === undefined) {
    say('draw the line across the picked particle, from outside to outside');
    return;
  }
  void pane.open.edit({ kind: 'split', particle_id: o.particle_id, frame: pane.player.state.now.shown,
    polygons: [...parts] }, `particle ${o.particle_id} split`).then((done) => {
    if (done) pane.state.set({ tool: 'select' });
  });
}

export function EditorOverlay({ pane, outlines, view, strokeDone, clickDone }: Props) {
  const edit = useStore(pane.state, (s) => s.edit);
  const stroke = useStore(pane.state, (s) => s.stroke);
  const tool = useStore(pane.state, (s) => s.tool);
  const pointer = useStore(pane.state, (s) => (tool === 'draw' && s.stroke !== null ? s.pointer : null));
  const shown = useStore(pane.player.state, (s) => s.shown);
  const [draft, setDraft] = useState<Polygon | null>(null);
  const [pinned, setPinned] = useState<number[]>([]);
  const hold = useRef<{ index: number; from: Point; base: Polygon; handles: number[] } | null>(null);
  const focusOn = useRef(-1);
  const svg = useRef<SVGSVGElement>(null);

  useEffect(() => { setPinned([]); setDraft(null); }, [edit?.particle, edit?.frame, edit?.surface, edit === null]);
  useEffect(() => {
    if (focusOn.current < 0) return;
    svg.current?.querySelector<SVGElement>(`[data-vertex="${focusOn.current}"]`)?.focus();
    focusOn.current = -1;
  });

  strokeDone.current = (line) => {
    if (tool === 'draw') {
      const far = line.length > 10 && distance(line[0], line[line.length - 1]) * view.zoom < 40;
      if (far || line.length > 40) closeDraft(pane, outlines, view);
    } else if (tool === 'arc') {
      pane.state.set({ stroke: null });
      if (edit === null) return;
      pane.pushEdit(redrawArc(edit.history.now, simplifyLine(line, 0.35 / view.zoom)));
      setPinned([]);
    } else if (tool === 'split') splitBy(pane, outlines, line);
  };
  clickDone.current = (p) => {
    const line = pane.state.now.stroke ?? [];
    if (line.length >= 3 && distance(line[0], p) * view.zoom < 9) closeDraft(pane, outlines, view);
    else pane.state.set({ stroke: [...line, p] });
  };

  const polygon = draft ?? edit?.history.now ?? [];
  const here = edit !== null && edit.frame === shown;
  const stride = handleStride(edit?.history.now ?? [], view.zoom, 16);
  const handles = edit !== null && here && tool === 'edit'
    ? handleIndices(edit.history.now.length, stride, pinned) : [];
  const toFrame = (e: PointerEvent): Point => {
    const box = (svg.current as SVGSVGElement).getBoundingClientRect();
    return toImage(view, [e.clientX - box.left, e.clientY - box.top]);
  };

  function press(e: PointerEvent, index: number): void {
    if (edit === null || e.button !== 0) return;
    e.stopPropagation();
    const p = edit.history.now;
    if (e.altKey) {
      pane.pushEdit(deleteHandle(p, handles, index));
      setPinned([]);
      return;
    }
    if (e.shiftKey) {
      insert(toFrame(e));
      return;
    }
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    hold.current = { index, from: toFrame(e), base: p, handles };
  }

  function drag(e: PointerEvent): void {
    const h = hold.current;
    if (h === null) return;
    const at = toFrame(e);
    setDraft(moveHandle(h.base, h.handles, h.index, at[0] - h.from[0], at[1] - h.from[1]));
  }

  function release(): void {
    const h = hold.current;
    hold.current = null;
    if (h !== null && draft !== null) pane.pushEdit(draft);
    setDraft(null);
  }

  function insert(at: Point): void {
    if (edit === null) return;
    const next = insertHandle(edit.history.now, pinned, at);
    pane.pushEdit(next.polygon);
    setPinned(next.pinned);
    focusOn.current = next.index;
  }

  function key(e: KeyboardEvent, index: number): void {
    if (edit === null) return;
    const by = e.shiftKey ? 0.1 : 1;
    const moves: Record<string, Point> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const p = edit.history.now;
    if (e.key in moves) {
      pane.pushEdit(moveHandle(p, handles, index, ...moves[e.key]));
      focusOn.current = index;
    } else if (e.key === 'Delete' || e.key === 'Backspace') {
      pane.pushEdit(deleteHandle(p, handles, index));
      setPinned([]);
    } else if (e.key === 'Insert' || e.key === 'i') {
      const a = p[index], b = p[(index + Math.max(1, Math.floor(stride / 2))) % p.length];
      insert([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }

  if (edit === null && stroke === null) return <svg ref={svg} class="over none" aria-hidden="true" />;
  const shape = path(polygon);
  const rubber = stroke !== null && pointer !== null ? [...stroke, pointer] : stroke ?? [];
  return (
    <svg ref={svg} class="over" role="group" aria-label="Polygon editor">
      <g transform={`translate(${view.x} ${view.y}) scale(${view.zoom})`}>
        {edit !== null && <>
          <path class="casing" d={shape} />
          <path class={`line edited ${edit.surface} ${here ? '' : 'elsewhere'}`} d={shape} />
          {tool === 'edit' && here && <path class="grip" d={shape} onPointerDown={(e) => {
            if (!e.shiftKey || e.button !== 0) return;
            e.stopPropagation();
            insert(toFrame(e));
          }} />}
        </>}
        {rubber.length > 0 && <path class="line stroke" d={path(rubber).slice(0, -1)} />}
      </g>
      {tool === 'draw' && stroke !== null && stroke.length > 0 && (() => {
        const [x, y] = toScreen(view, stroke[0]);
        return <rect class="start" x={x - 4} y={y - 4} width="8" height="8" />;
      })()}
      {handles.map((i) => {
        const [x, y] = toScreen(view, polygon[i] ?? [NaN, NaN]);
        if (!Number.isFinite(x)) return null;
        return <rect key={i} class="handle" data-vertex={i} x={x - 4} y={y - 4} width="8" height="8" tabindex={0}
          role="button" aria-label={`Vertex at ${polygon[i][0].toFixed(1)}, ${polygon[i][1].toFixed(1)}`}
          onPointerDown={(e) => press(e, i)} onPointerMove={drag} onPointerUp={release} onPointerCancel={release}
          onKeyDown={(e) => key(e, i)} />;
      })}
    </svg>
  );
}

