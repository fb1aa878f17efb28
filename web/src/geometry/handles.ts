// Which vertices of a dense outline can be taken hold of, and what moving,
// inserting and deleting one means for those between.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { moveVertex, nearestEdge, type Point, type Polygon } from './polygon';

/** Every `stride`th vertex and those that were inserted by hand. */
export function handleIndices(n: number, stride: number, pinned: readonly number[]): number[] {
  const all = new Set(pinned.filter((i) => i < n));
  for (let i = 0; i + stride / 2 <= n || i === 0; i += stride) all.add(i);
  return [...all].sort((a, b) => a - b);
}

function around(n: number, handles: readonly number[], index: number): { before: number; after: number } {
  const k = handles.indexOf(index), m = handles.length;
  const before = (index - handles[(k - 1 + m) % m] + n) % n || n;
  const after = (handles[(k + 1) % m] - index + n) % n || n;
  return { before, after };
}

/** Moves a handle; what lies between it and the next ones follows. */
export function moveHandle(p: Polygon, handles: readonly number[], index: number,
                           dx: number, dy: number): Polygon {
  const { before, after } = around(p.length, handles, index);
  return moveVertex(p, index, dx, dy, Math.min(before, after));
}

/** A vertex where the outline is nearest to `q`, as a handle. */
export function insertHandle(p: Polygon, pinned: readonly number[], q: Point):
    { polygon: Polygon; pinned: number[]; index: number } {
  const near = nearestEdge(p, q);
  if (near === undefined) return { polygon: [q], pinned: [0], index: 0 };
  const index = near.index + 1;
  return {
    polygon: [...p.slice(0, index), near.point, ...p.slice(index)],
    pinned: [...pinned.map((i) => (i >= index ? i + 1 : i)), index], index,
  };
}

/** Without a handle: the outline runs straight from the one before to the one
 * after. A polygon of three handles stays as it is. */
export function deleteHandle(p: Polygon, handles: readonly number[], index: number): Polygon {
  if (handles.length <= 3) return p;
  const n = p.length, { before, after } = around(n, handles, index);
  const out = p.filter((_, i) => {
    const ahead = (i - index + n) % n, behind = (index - i + n) % n;
    return !(i === index || ahead < after || behind < before);
  });
  return out.length < 3 ? p : out;
}
