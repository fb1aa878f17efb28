// Polygons in image pixels: x right, y down, corner coordinates as in ImageJ
// (pixel 0 covers 0 to 1). Closed: the last vertex joins the first.
// Every function gives a new polygon and leaves the one it was given alone.
//
// SPDX-License-Identifier: GPL-3.0-or-later

export type Point = readonly [number, number];
export type Polygon = readonly Point[];

export interface Nearest {
  /** The edge runs from vertex `index` to the next. */
  index: number;
  /** Where on the edge, 0 to 1. */
  t: number;
  point: Point;
  distance: number;
}

export const distance = (a: Point, b: Point): number =>
  Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Area with its sign: positive when drawn clockwise on the screen. */
export function signedArea(p: Polygon): number {
  let twice = 0;
  for (let i = 0, j = p.length - 1; i < p.length; j = i++)
    twice += p[j][0] * p[i][1] - p[i][0] * p[j][1];
  return twice / 2;
}

/** The enclosed area by the shoelace rule, whichever way round, in px². */
export const area = (p: Polygon): number => Math.abs(signedArea(p));

export function perimeter(p: Polygon): number {
  let sum = 0;
  for (let i = 0, j = p.length - 1; i < p.length; j = i++) sum += distance(p[j], p[i]);
  return sum;
}

/** Centroid of the enclosed area; of the vertices where that is 0. */
export function centroid(p: Polygon): Point {
  const a = signedArea(p);
  if (p.length === 0) return [NaN, NaN];
  if (a === 0) {
    const sum = p.reduce((s, q) => [s[0] + q[0], s[1] + q[1]], [0, 0]);
    return [sum[0] / p.length, sum[1] / p.length];
  }
  let x = 0, y = 0;
  for (let i = 0, j = p.length - 1; i < p.length; j = i++) {
    const cross = p[j][0] * p[i][1] - p[i][0] * p[j][1];
    x += (p[j][0] + p[i][0]) * cross;
    y += (p[j][1] + p[i][1]) * cross;
  }
  return [x / (6 * a), y / (6 * a)];
}

/** Even-odd rule. */
export function contains(p: Polygon, [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, j = p.length - 1; i < p.length; j = i++) {
    const [xi, yi] = p[i], [xj, yj] = p[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export function bounds(p: Polygon): { x0: number; y0: number; x1: number; y1: number } {
  let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
  for (const [x, y] of p) {
    x0 = Math.min(x0, x); x1 = Math.max(x1, x);
    y0 = Math.min(y0, y); y1 = Math.max(y1, y);
  }
  return { x0, y0, x1, y1 };
}

function nearestOnSegment(a: Point, b: Point, q: Point): { t: number; point: Point } {
  const dx = b[0] - a[0], dy = b[1] - a[1];
  const length2 = dx * dx + dy * dy;
  const raw = length2 === 0 ? 0 : ((q[0] - a[0]) * dx + (q[1] - a[1]) * dy) / length2;
  const t = Math.min(1, Math.max(0, raw));
  return { t, point: [a[0] + t * dx, a[1] + t * dy] };
}

/** The place on the outline nearest to `q`; undefined for an empty polygon. */
export function nearestEdge(p: Polygon, q: Point): Nearest | undefined {
  let best: Nearest | undefined;
  for (let i = 0; i < p.length; i++) {
    const { t, point } = nearestOnSegment(p[i], p[(i + 1) % p.length], q);
    const d = distance(point, q);
    if (best === undefined || d < best.distance) best = { index: i, t, point, distance: d };
  }
  return best;
}

export function nearestVertex(p: Polygon, q: Point): { index: number; distance: number } {
  let index = -1, best = Infinity;
  p.forEach((v, i) => {
    const d = distance(v, q);
    if (d < best) { best = d; index = i; }
  });
  return { index, distance: best };
}

/** Puts a vertex on the outline where it is nearest to `q`. */
export function insertVertex(p: Polygon, q: Point): { polygon: Polygon; index: number } {
  const near = nearestEdge(p, q);
  if (near === undefined) return { polygon: [q], index: 0 };
  const index = near.index + 1;
  return { polygon: [...p.slice(0, index), near.point, ...p.slice(index)], index };
}

/** Without vertex `index`; a triangle stays as it is. */
export function deleteVertex(p: Polygon, index: number): Polygon {
  if (p.length <= 3 || index < 0 || index >= p.length) return p;
  return p.filter((_, i) => i !== index);
}

/** Moves vertex `index` by (dx, dy). With `reach` > 1 its neighbours follow up
 * to that many vertices away, less the farther they are (raised cosine), so
 * that a dense outline bends where a coarse one would move a corner. */
export function moveVertex(p: Polygon, index: number, dx: number, dy: number,
                           reach = 1): Polygon {
  const n = p.length;
  return p.map((v, i) => {
    const apart = Math.abs(i - index);
    const steps = Math.min(apart, n - apart);
    if (steps >= reach) return v;
    const weight = reach <= 1 ? 1 : 0.5 * (1 + Math.cos((Math.PI * steps) / reach));
    return [v[0] + weight * dx, v[1] + weight * dy] as Point;
  });
}

export const translate = (p: Polygon, dx: number, dy: number): Polygon =>
  p.map(([x, y]) => [x + dx, y + dy] as Point);

function crossing(a: Point, b: Point, c: Point, d: Point): boolean {
  const side = (p: Point, q: Point, r: Point) =>
    (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Whether two edges cross each other. */
export function selfIntersects(p: Polygon): boolean {
  const n = p.length;
  for (let i = 0; i < n; i++)
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      if (crossing(p[i], p[i + 1], p[j], p[(j + 1) % n])) return true;
    }
  return false;
}

/** Without the points that lie within `tolerance` of the line through those
 * kept (Douglas and Peucker 1973). Ends are kept. */
export function simplifyLine(line: readonly Point[], tolerance: number): Point[] {
  if (line.length < 3) return [...line];
  const keep = new Uint8Array(line.length);
  keep[0] = keep[line.length - 1] = 1;
  const todo: [number, number][] = [[0, line.length - 1]];
  for (let span = todo.pop(); span !== undefined; span = todo.pop()) {
    const [from, to] = span;
    let far = -1, most = tolerance;
    for (let i = from + 1; i < to; i++) {
      const d = distance(nearestOnSegment(line[from], line[to], line[i]).point, line[i]);
      if (d > most) { most = d; far = i; }
    }
    if (far < 0) continue;
    keep[far] = 1;
    todo.push([from, far], [far, to]);
  }
  return line.filter((_, i) => keep[i] === 1);
}

/** The arc from place `a` to place `b` in the polygon's own direction. */
function arc(p: Polygon, a: Nearest, b: Nearest): Point[] {
  const out: Point[] = [a.point];
  const n = p.length;
  const forward = (b.index - a.index + n) % n;
  const steps = forward === 0 && b.t < a.t ? n : forward;
  for (let s = 1; s <= steps; s++) out.push(p[(a.index + s) % n]);
  out.push(b.point);
  return out;
}

function meanDistance(line: readonly Point[], stroke: readonly Point[]): number {
  let sum = 0;
  for (const q of line) {
    let best = Infinity;
    for (let i = 0; i + 1 < stroke.length; i++)
      best = Math.min(best, distance(nearestOnSegment(stroke[i], stroke[i + 1], q).point, q));
    sum += best;
  }
  return sum / line.length;
}

const length = (line: readonly Point[]): number =>
  line.slice(1).reduce((sum, q, i) => sum + distance(line[i], q), 0);

/** Replaces the arc beside which `stroke` was drawn by the stroke. Of the two
 * arcs between its ends it is the one that runs nearer to it; the shorter one
 * where both run alike. A stroke with fewer than two points changes nothing. */
export function redrawArc(p: Polygon, stroke: readonly Point[]): Polygon {
  if (p.length < 3 || stroke.length < 2) return p;
  const a = nearestEdge(p, stroke[0]) as Nearest;
  const b = nearestEdge(p, stroke[stroke.length - 1]) as Nearest;
  const there = arc(p, a, b), back = arc(p, b, a);
  const costThere = meanDistance(there, stroke) + 0.01 * length(there);
  const costBack = meanDistance(back, stroke) + 0.01 * length(back);
  // What stays runs from the end of the stroke to its beginning.
  const stays = costThere <= costBack ? back : [...there].reverse();
  const next = [...stroke, ...stays.slice(1, -1)];
  return next.length < 3 ? p : next;
}

/** The two parts into which a stroke across it cuts a polygon; undefined where
 * the stroke does not cut it. */
export function cut(p: Polygon, stroke: readonly Point[]): [Polygon, Polygon] | undefined {
  if (p.length < 3 || stroke.length < 2) return undefined;
  const a = nearestEdge(p, stroke[0]) as Nearest;
  const b = nearestEdge(p, stroke[stroke.length - 1]) as Nearest;
  const middle = stroke.filter((q) => contains(p, q));
  const one = [...arc(p, b, a), ...middle];
  const two = [...arc(p, a, b), ...[...middle].reverse()];
  const least = 0.01 * area(p);
  return area(one) < least || area(two) < least ? undefined : [one, two];
}

/** Moved along the rays from `centre` by `by[k]` times `factor`; where that is
 * not known, undefined: then there is no such outline. */
export function offsetFrom(p: Polygon, centre: Point, by: ArrayLike<number | null>,
                           factor: number): Point[] | undefined {
  const out: Point[] = [];
  for (let k = 0; k < p.length; k++) {
    const d = by[k];
    if (d === null || d === undefined || !Number.isFinite(d)) return undefined;
    const dx = p[k][0] - centre[0], dy = p[k][1] - centre[1];
    const r = Math.hypot(dx, dy);
    const to = r > 0 ? Math.max(0, r + factor * d) / r : 1;
    out.push([centre[0] + dx * to, centre[1] + dy * to]);
  }
  return out;
}

/** Points of a star-shaped outline: `r[k]` at angle 2πk/n about the pole.
 * Radii that are missing (NaN or null) are left out. */
export function fromPolar(pole: Point, r: ArrayLike<number | null>): Point[] {
  const out: Point[] = [];
  for (let k = 0; k < r.length; k++) {
    const radius = r[k];
    if (radius === null || !Number.isFinite(radius)) continue;
    const angle = (2 * Math.PI * k) / r.length;
    out.push([pole[0] + radius * Math.cos(angle), pole[1] + radius * Math.sin(angle)]);
  }
  return out;
}

/** How many vertices lie between two handles, so that handles are at least
 * `apart` pixels of the screen away from each other. 1: each has its own. */
export function handleStride(p: Polygon, zoom: number, apart: number): number {
  if (p.length < 4) return 1;
  const spacing = (perimeter(p) * zoom) / p.length;
  return Math.max(1, Math.min(Math.floor(p.length / 6), Math.ceil(apart / spacing)));
}

/** An SVG path, closed, with two decimals. */
export function path(p: Polygon): string {
  if (p.length === 0) return '';
  return 'M' + p.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L') + 'Z';
}
