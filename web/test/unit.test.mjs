// What the page computes itself.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const P = await load('geometry/polygon.ts');
const H = await load('geometry/handles.ts');
const { History } = await load('geometry/history.ts');
const L = await load('image/lut.ts');
const S = await load('image/scalebar.ts');
const V = await load('image/view.ts');
const F = await load('format.ts');
const X = await load('plot/export.ts');
const C = await load('plot/curves.ts');
const { changes, snapshot } = await load('state/changes.ts');
const { frameAt, Player } = await load('image/player.ts');
const { FrameCache } = await load('image/frames.ts');
const { inValues } = await load('image/pixels.ts');

const square = [[0, 0], [10, 0], [10, 10], [0, 10]];
const circle = (r, n, x = 0, y = 0) => Array.from({ length: n }, (_, k) =>
  [x + r * Math.cos((2 * Math.PI * k) / n), y + r * Math.sin((2 * Math.PI * k) / n)]);
const near = (a, b, by = 1e-9) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b} ± ${by}`);

test('area, centroid and perimeter of a square, whichever way round', () => {
  for (const p of [square, [...square].reverse()]) {
    near(P.area(p), 100);
    near(P.perimeter(p), 40);
    assert.deepEqual(P.centroid(p), [5, 5]);
  }
});

test('a point is inside or not by the even-odd rule', () => {
  assert.ok(P.contains(square, [5, 5]));
  assert.ok(!P.contains(square, [11, 5]));
  const bow = [[0, 0], [10, 10], [10, 0], [0, 10]];
  assert.ok(P.selfIntersects(bow));
  assert.ok(!P.selfIntersects(square));
});

test('a vertex goes in where the outline is nearest, and out again', () => {
  const { polygon, index } = P.insertVertex(square, [5, -3]);
  assert.equal(index, 1);
  assert.deepEqual(polygon[1], [5, 0]);
  near(P.area(polygon), 100);
  assert.deepEqual(P.deleteVertex(polygon, 1), square);
  const triangle = square.slice(0, 3);
  assert.equal(P.deleteVertex(triangle, 0), triangle);
});

test('moving a vertex leaves the polygon it was given as it was', () => {
  const moved = P.moveVertex(square, 2, 3, 4);
  assert.deepEqual(moved[2], [13, 14]);
  assert.deepEqual(square[2], [10, 10]);
  assert.deepEqual(moved[0], [0, 0]);
});

test('a handle of a dense outline takes its neighbours along, and only those', () => {
  const p = circle(50, 96);
  const handles = H.handleIndices(96, 8, []);
  assert.equal(handles.length, 12);
  const moved = H.moveHandle(p, handles, 8, 6, 0);
  near(moved[8][0] - p[8][0], 6);
  near(moved[12][0] - p[12][0], 3); // half way to the next one: half of it
  for (const i of [0, 16, 40]) assert.deepEqual(moved[i], p[i]);
});

test('deleting a handle draws a straight line between its neighbours', () => {
  const p = circle(50, 96), handles = H.handleIndices(96, 8, []);
  const out = H.deleteHandle(p, handles, 8);
  assert.equal(out.length, 96 - 15);
  assert.deepEqual(out[0], p[0]);
  assert.deepEqual(out[1], p[16]);
  assert.ok(P.area(out) < P.area(p));
});

test('an inserted handle stays one', () => {
  const { polygon, pinned, index } = H.insertHandle(circle(50, 96), [], [60, 3]);
  assert.equal(polygon.length, 97);
  assert.ok(H.handleIndices(97, 8, pinned).includes(index));
});

test('an arc that is redrawn replaces the arc beside it', () => {
  const p = circle(50, 128);
  const bump = [];
  for (let a = -0.5; a <= 0.501; a += 0.05) bump.push([58 * Math.cos(a), 58 * Math.sin(a)]);
  const out = P.redrawArc(p, bump);
  // The sector of 1 rad grows from r 50 to r 58; its two ends are radial.
  near(P.area(out) - P.area(p), 0.5 * (58 ** 2 - 50 ** 2), 30);
  assert.ok(!P.selfIntersects(out));
  const again = P.redrawArc(p, [...bump].reverse());
  near(P.area(again), P.area(out), 1);
  assert.equal(P.redrawArc(p, [[1, 1]]), p);
});

test('an arc across where the polygon begins is the right one', () => {
  const p = circle(50, 128);
  const dent = [];
  for (let a = -2.8; a <= -2.19; a += 0.05) dent.push([44 * Math.cos(a), 44 * Math.sin(a)]);
  const out = P.redrawArc(p, dent);
  near(P.area(p) - P.area(out), 0.3 * (50 ** 2 - 44 ** 2), 30);
});

test('a cut gives two parts that make up the whole', () => {
  const parts = P.cut(circle(50, 128), [[0, -60], [0, 0], [0, 60]]);
  near(P.area(parts[0]) + P.area(parts[1]), P.area(circle(50, 128)), 20);
  near(P.area(parts[0]), P.area(parts[1]), 20);
  assert.equal(P.cut(circle(50, 128), [[60, 0], [70, 0]]), undefined);
});

test('a line loses the points that say nothing', () => {
  assert.deepEqual(P.simplifyLine([[0, 0], [1, 0.01], [2, 0], [3, 5]], 0.1), [[0, 0], [2, 0], [3, 5]]);
});

test('radii that are missing are left out; a band needs all of its', () => {
  assert.equal(P.fromPolar([0, 0], [1, null, 1, NaN]).length, 2);
  assert.equal(P.offsetFrom(square, [5, 5], [1, null, 1, 1], 1), undefined);
  near(P.area(P.offsetFrom(circle(10, 360), [0, 0], new Array(360).fill(1), 1.96)), Math.PI * 11.96 ** 2, 0.1);
});

test('undo and redo walk along what was done; a new step ends the old branch', () => {
  const h = new History('a');
  h.push('b'); h.push('c');
  assert.equal(h.undo(), 'b');
  assert.equal(h.redo(), 'c');
  h.undo(); h.undo(); h.undo();
  assert.equal(h.now, 'a');
  h.push('d');
  assert.ok(!h.canRedo);
  assert.equal(h.undo(), 'a');
});

test('window, gamma and inversion of a count', () => {
  const d = { low: 100, high: 300, gamma: 1, invert: false, map: 'grey', smooth: false };
  near(L.level(200, d), 0.5);
  assert.equal(L.level(50, d), 0);
  assert.equal(L.level(900, d), 1);
  near(L.level(200, { ...d, gamma: 2 }), 0.25);
  near(L.level(200, { ...d, invert: true }), 0.5);
  const grey = new Uint8Array(L.table(d).buffer);
  assert.deepEqual([...grey.slice(4 * 300, 4 * 300 + 4)], [255, 255, 255, 255]);
  for (const { name } of L.MAPS) assert.equal(L.colours(name).length, 1024);
});

test('the window belongs to counts, whatever a frame was stretched by', () => {
  const p = { offset: 1000, scale: 0.5, width: 1, height: 1, bin: 1, x0: 0, y0: 0, counts: new Uint16Array(1) };
  const d = inValues({ low: 1100, high: 1300, gamma: 1, invert: false, map: 'grey', smooth: false }, p);
  assert.deepEqual([d.low, d.high], [200, 600]);
});

test('auto leaves a little outside on both sides; a flat frame has a window too', () => {
  const px = Uint16Array.from({ length: 10000 }, (_, i) => i);
  const { low, high } = L.autoWindow(px, 0.01);
  near(low, 100, 2);
  near(high, 9899, 2);
  const flat = L.autoWindow(new Uint16Array(100).fill(7));
  assert.ok(flat.high > flat.low);
  assert.equal(L.histogram(px).counts.reduce((a, b) => a + b), 10000);
});

test('the scale bar is round and fits', () => {
  for (const [zoom, most] of [[1, 200], [3.7, 150], [0.11, 90]]) {
    const bar = S.scaleBar(0.6, zoom, most);
    assert.ok(bar.lengthPx <= most && bar.lengthPx > most / 2.6, `${bar.lengthPx} of ${most}`);
  }
  assert.equal(S.scaleBar(0.5, 1, 200).label, '100 nm');
  assert.equal(S.scaleBar(0.5, 1, 200).lengthPx, 200);
  assert.equal(S.scaleBar(null, 2, 100).label, '50 px');
  assert.equal(S.lengthText(2000), '2 µm');
  assert.equal(S.lengthText(0.5), '500 pm');
});

test('what is under the pointer stays there while zooming', () => {
  const v = V.zoomTo({ zoom: 1, x: 10, y: 20 }, 4, [110, 70]);
  assert.deepEqual(V.toImage(v, [110, 70]), [100, 50]);
  assert.equal(V.nextLevel(1, true), 1.5);
  assert.equal(V.nextLevel(1, false), 0.75);
});

test('no more pixels are asked for than the screen shows', () => {
  assert.equal(V.wantedBin(1, 1, [1, 2, 3, 4, 8]), 1);
  assert.equal(V.wantedBin(0.25, 1, [1, 2, 3, 4, 8]), 4);
  assert.equal(V.wantedBin(0.25, 2, [1, 2, 3, 4, 8]), 2);
  assert.equal(V.wantedBin(4, 1, [2, 3, 4, 8]), 2);
});

test('the part that is seen lies within the frame, on whole cells', () => {
  const image = { width: 4096, height: 4096 }, pane = { width: 1000, height: 800 };
  const part = V.seenPart({ zoom: 1, x: -1000, y: -2000 }, image, pane, 2);
  assert.deepEqual(part, { x: 874, y: 1900, w: 1250, h: 1000 });
  const corner = V.seenPart({ zoom: 1, x: -3500, y: 100 }, image, pane, 3);
  assert.ok(corner.x + corner.w <= 4096 && corner.y === 0 && corner.w % 3 === 0);
  assert.equal(V.seenPart({ zoom: 1, x: 5000, y: 0 }, image, pane, 1), undefined);
});

test('numbers have the digits that they carry', () => {
  assert.equal(F.number(1234.567), '1235');
  assert.equal(F.number(-0.012345, 3), '−0.0123');
  assert.equal(F.number(null), '–');
  assert.equal(F.plusMinus(1.99312, 0.0113), '1.993 ± 0.011');
  assert.equal(F.seconds(83.2), '1:23.2');
  assert.equal(F.seconds(3723.4), '1:02:03.4');
});

test('the CSV of a plot quotes, and leaves empty what is missing', () => {
  const text = X.csv([{ label: 'a,"b"', colour: '#000', x: [0, 1], y: [2, null], frames: [0, 1], recording: '3', particle: 1 }],
    { xTitle: 'Time (s)', yTitle: 'Area (nm²)' });
  const lines = text.split('\r\n');
  assert.equal(lines[1], '"a,""b""",3,1,0,0,2,,');
  assert.equal(lines[2], '"a,""b""",3,1,1,1,,,');
});

test('the SVG of a plot has its axes and no unescaped name', () => {
  const out = X.svg([{ label: '<x>', colour: '#123456', x: [0, 1, 2], y: [1, 2, 1] }, { label: 'b', colour: '#000', x: [0], y: [1] }],
    { xTitle: 'Time (s)', yTitle: 'A & B' });
  assert.ok(out.includes('A &amp; B') && out.includes('&lt;x&gt;') && !out.includes('<x>'));
  assert.deepEqual(X.ticks({ min: 0, max: 10 }, 5), [0, 2, 4, 6, 8, 10]);
});

test('the nearest point is nearest on the screen, and missing ones are none', () => {
  const curves = [{ label: 'a', colour: '', x: [0, 1, 2], y: [0, null, 2] }];
  assert.deepEqual(C.nearestPoint(curves, { x: 1.2, y: 1.2 }, { x: 10, y: 10 }).point, 2);
  const { min, max } = C.extent(curves, 'y');
  assert.ok(min < 0 && max > 2);
});

test('what changed since the last look is said in clauses', () => {
  const campaign = (rank) => ({ revision: 1, recordings: [{ id: 1, name: 'r' }], ranking: [
    { coating: 'A', rank, rate_per_s: 1, p_intact: 1 }, { coating: 'B', rank: 3 - rank, rate_per_s: 0.5, p_intact: 1 }] });
  const particle = (kind) => [{ recording: 1, name: 'p01', particle_id: 1, status: 'automatic', n_edits: 0,
    verdict: { kind }, fit: { expansion_final: 2 } }];
  const before = snapshot(campaign(1), particle('intact'), 0), after = snapshot(campaign(2), particle('broken'), 0);
  assert.deepEqual(changes(before, before), []);
  assert.deepEqual(changes(before, after), ['A went from rank 1 to 2', 'B went from rank 2 to 1', 'r · p01: intact → broken']);
});

test('the frame at a time is the last that has begun', () => {
  const times = [0, 1, 4, 4.5];
  assert.deepEqual([-1, 0, 0.9, 1, 3.9, 9].map((t) => frameAt(times, t)), [0, 0, 0, 1, 1, 3]);
});

test('frames are kept up to a limit, the oldest leave first', async () => {
  let asked = 0;
  const cache = new FrameCache(async () => { asked++; return { width: 10, height: 10, counts: new Uint16Array(100) }; }, 500);
  await cache.get('r', 0, 1);
  await cache.get('r', 1, 1);
  await cache.get('r', 1, 1);
  assert.equal(asked, 2);
  await cache.get('r', 2, 1); // 600 bytes: the first leaves
  assert.equal(cache.peek('r', 0, 1), undefined);
  assert.ok(cache.peek('r', 2, 1));
  cache.forget('r');
  assert.equal(cache.peek('r', 2, 1), undefined);
});

test('scrubbing ends on the frame that was asked for last', async () => {
  const cache = new FrameCache(async (_r, frame) => {
    await new Promise((done) => setTimeout(done, frame % 3));
    return { width: 1, height: 1, counts: new Uint16Array([frame]) };
  });
  const player = new Player(cache, 'r', Array.from({ length: 100 }, (_, i) => i), 0);
  for (let f = 0; f < 60; f += 7) {
    player.seek(f);
    await new Promise((done) => setTimeout(done, 1));
  }
  player.seek(59);
  for (let k = 0; k < 200 && player.state.now.shown !== 59; k++) await new Promise((done) => setTimeout(done, 5));
  assert.equal(player.state.now.shown, 59);
  assert.equal(player.pixels.counts[0], 59);
  player.close();
});
