// A stand-in for `coatscope serve`: the interface of docs/api.md over drawn
// recordings, so that the page can be tested alone and timed without decoding.
//
//     node test/mock.mjs [PORT [SIDE [FRAMES]]]
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };
const COATINGS = ['C 8 nm', 'TiO2 5 nm', 'TiO2 10 nm'];
const ANGLES = 96;

function areaOf(polygon) {
  let twice = 0;
  polygon.forEach(([x, y], i) => {
    const [px, py] = polygon[(i + polygon.length - 1) % polygon.length];
    twice += px * y - x * py;
  });
  return Math.abs(twice) / 2;
}

export function mock({ side = 256, frames = 60 } = {}) {
  const interval = 2;
  let revision = 1, editId = 0, jobId = 0;
  const streams = new Set();
  const recordings = COATINGS.flatMap((coating, c) => [0, 1].map((k) => ({
    id: 2 * c + k + 1, coating, name: `${coating.replace(/ /g, '-')}/${k + 1}`, rate: [0.05, 0.025, 0.008][c] * (1 + 0.05 * k),
    breaks: c === 2 ? Math.floor(frames * 0.6) : -1, edits: [],
    bodies: [{ id: 1, x: side * 0.38, y: side * 0.44, r: side * 0.13 }, { id: 2, x: side * 0.7, y: side * 0.68, r: side * 0.1 }],
  })));
  const jobs = [];

  const standing = (rec) => rec.edits.filter((e) => !e.is_withdrawn);
  const growth = (rec, f) => 1 + Math.max(0, 1 - Math.exp(-rec.rate * Math.max(0, f * interval - 20)));
  // Polygons scale the particle: as if traced from them both ways.
  const scaleOf = (rec, body) => standing(rec).filter((e) => e.kind === 'polygon' && e.particle_id === body.id
    && e.detail.surface === 'outer').reduce((_, e) => {
    const drawn = areaOf(e.detail.polygon), was = Math.PI * body.r ** 2 * growth(rec, e.detail.frame);
    return Math.sqrt(drawn / was);
  }, 1);
  const radius = (rec, body, f) => body.r * Math.sqrt(growth(rec, f)) * scaleOf(rec, body);

  const contour = (body, r, sd) => {
    const x = [], y = [], s = [];
    for (let k = 0; k < ANGLES; k++) {
      const a = (2 * Math.PI * k) / ANGLES;
      x.push(body.x + r * Math.cos(a)); y.push(body.y + r * Math.sin(a)); s.push(sd);
    }
    return { x, y, sd: s };
  };
  const outlines = (rec, f, only) => ({ frame: f, n_angles: ANGLES, outlines: rec.bodies.filter((b) => !only || b.id === only).map((b) => {
    const r = radius(rec, b, f), core = r - side * 0.015;
    return { particle_id: b.id, state: 'ok', edited: scaleOf(rec, b) !== 1, centre_px: [b.x, b.y],
      area_px2: Math.PI * r * r, area_sd_px2: 4, core_area_px2: Math.PI * core * core, core_area_sd_px2: 5,
      outer: contour(b, r, side * 0.002), core: contour(b, core, side * 0.003) };
  }) });

  function particle(rec, body) {
    const mine = standing(rec).filter((e) => e.particle_id === body.id);
    const last = (kind) => mine.filter((e) => e.kind === kind).pop();
    const verdict = last('verdict'), name = last('rename');
    const status = mine.filter((e) => e.kind === 'accept' || e.kind === 'reject').pop()?.kind;
    const expansion = growth(rec, frames - 1);
    return { recording: rec.id, coating: rec.coating, particle_id: body.id, name: name?.detail.name ?? `p0${body.id}`,
      status: status ? `${status}ed` : 'automatic', replaced_by: [], is_edited: mine.length > 0, is_pending: false,
      n_edits: mine.length, note: verdict?.detail.note ?? null,
      fit: { n_frames: frames, n_ok: frames, quality: body.id === 2 ? ['mostly-edge'] : [], diameter0_nm: 2 * body.r * 0.5,
        onset_s: 20, onset_lo_s: 19, onset_hi_s: 21.5, contact_s: null, expansion_final: expansion, expansion_final_sd: 0.011,
        expansion_free: null, rate_per_s: rec.rate * scaleOf(rec, body), rate_sd_per_s: rec.rate * 0.03, initial_rate_per_s: null,
        front_speed_nm_per_s: 0.3, t50_s: 34, t50_full_s: null, model: 'current', model_weight: 0.91 },
      verdict: { kind: verdict?.detail.verdict ?? (rec.breaks >= 0 ? 'broken' : 'intact'), by_hand: verdict !== undefined, doubt: '',
        smallest_visible_gap_nm: 3.1, break_frame_lo: rec.breaks, break_frame_hi: rec.breaks + 1,
        break_lo_s: rec.breaks < 0 ? null : rec.breaks * interval, break_hi_s: rec.breaks < 0 ? null : (rec.breaks + 1) * interval,
        break_angle_deg: 30, break_extent_deg: 12, gap_nm: 8, strain_at_break: 0.1, dose_at_break_e_per_A2: 500, log_odds: 6.1,
        evidence: { ring: 9.1 }, automatic: verdict ? (rec.breaks >= 0 ? 'broken' : 'intact') : null } };
  }

  const info = (rec) => ({ id: rec.id, name: rec.name, coating: rec.coating, session: null, width: side, height: side,
    n_frames: frames, n_particles: 2, in_pixels: false, nm_per_px_x: 0.5, nm_per_px_y: 0.5, scale_source: 'file',
    start_unix_s: null, duration_s: frames * interval, frames_available: true, frames_error: null, has_electrical: true,
    has_dose: true, has_drift: true, n_edits: standing(rec).length, notes: ['the dose rate is what the user said'],
    inputs: [{ path: '/data/recording.tif', size_bytes: 12345678, sha256: 'ab'.repeat(32) }], format: 'TIFF', bias_source: 'bias.csv' });

  const column = (f) => Array.from({ length: frames }, (_, i) => f(i));
  const timeline = () => ({ n: frames, columns: { frame: column((i) => i), time_s: column((i) => i * interval),
    duration_s: column(() => 1), time_source: column(() => 'measured'), bias_V: column((i) => (i * interval < 20 ? 0 : -2)),
    current_A: column((i) => (i * interval < 20 ? 1e-12 : -3e-9 * Math.exp(-i / 30))), dose_e_per_A2: column((i) => 20 * i),
    dx_px: column((i) => 0.02 * i), dy_px: column((i) => -0.01 * i), shift_sd_px: column(() => 0.02),
    jump: column(() => 0), flags: column((i) => (i === 7 ? 2 : 0)) } });
  const series = (rec, body) => {
    const area = column((i) => Math.PI * radius(rec, body, i) ** 2 * 0.25 * (1 + 0.002 * Math.sin(i * 12.9898)));
    const core = column((i) => Math.PI * (radius(rec, body, i) - side * 0.015) ** 2 * 0.25);
    const t = timeline().columns;
    return { n: frames, columns: { frame: t.frame, time_s: t.time_s, time_source: t.time_source, area_nm2: area,
      area_sd_nm2: area.map((a) => 0.004 * a), core_area_nm2: core, core_area_sd_nm2: core.map((a) => 0.006 * a),
      coat_thickness_nm: column(() => side * 0.0075), coat_thickness_sd_nm: column(() => 0.2),
      expansion: area.map((a) => a / area[0]), expansion_sd: column(() => 0.004), rim_gap_fraction: column((i) =>
        (rec.breaks >= 0 && i > rec.breaks ? 0.04 : 0)), bias_V: t.bias_V, current_A: t.current_A, dose_e_per_A2: t.dose_e_per_A2,
      state: column(() => 'ok'), broken: column(() => 0), edited: column(() => 0) } };
  };

  function ranking() {
    const rows = COATINGS.map((coating) => {
      const of = recordings.filter((r) => r.coating === coating);
      const ps = of.flatMap((r) => r.bodies.map((b) => particle(r, b))).filter((p) => p.status !== 'rejected');
      const rate = ps.reduce((s, p) => s + p.fit.rate_per_s, 0) / Math.max(1, ps.length);
      const broken = ps.filter((p) => p.verdict.kind === 'broken').length;
      return { coating, n_particles: ps.length, n_left_out: 4 - ps.length, n_judged: ps.length, n_broken: broken,
        p_intact: (ps.length - broken + 0.5) / (ps.length + 1), p_intact_lo: 0.3, p_intact_hi: 0.95, expansion: 1 + rate * 15,
        expansion_lo: 0.95 + rate * 15, expansion_hi: 1.06 + rate * 15, rate_per_s: rate, rate_lo: rate * 0.9, rate_hi: rate * 1.1,
        p_this_rank: 0.94, too_few: false };
    }).sort((a, b) => b.rate_per_s - a.rate_per_s);
    return rows.map((r, i) => ({ ...r, rank: i + 1, rate_ratio_to_best: r.rate_per_s / rows[0].rate_per_s, p_best: [0.95, 0.05, 0][i] }));
  }

  const drawn = new Map();
  function frame(rec, f, bin) {
    const key = `${rec.id}/${f}/${bin}`;
    if (drawn.has(key)) return drawn.get(key);
    const w = Math.floor(side / bin);
    const out = Buffer.alloc(96 + 2 * w * w);
    out.write('CSF1', 0, 'latin1');
    [[4, 96], [8, w], [12, w], [16, bin], [20, f], [88, 3]].forEach(([at, v]) => out.writeUInt32LE(v, at));
    [[32, 0], [40, 1], [48, f * interval], [56, 1], [64, 0], [72, 0], [80, 20 * f]].forEach(([at, v]) => out.writeDoubleLE(v, at));
    const px = new Uint16Array(out.buffer, out.byteOffset + 96, w * w);
    let seed = f * 7919 + rec.id;
    const rs = rec.bodies.map((b) => ({ ...b, R: b.r * Math.sqrt(growth(rec, f)) }));
    for (let j = 0; j < w; j++)
      for (let i = 0; i < w; i++) {
        const x = (i + 0.5) * bin, y = (j + 0.5) * bin;
        let v = 3000 - 200 * (x / side);
        for (const b of rs) {
          const d = Math.hypot(x - b.x, y - b.y);
          if (d < b.R - side * 0.015) v -= 1400;
          else if (d < b.R) v -= 700;
        }
        seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
        px[j * w + i] = v + ((seed >>> 20) & 255);
      }
    if (drawn.size < 300) drawn.set(key, out);
    return out;
  }

  function tell(event, data) {
    for (const s of streams) s.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
  function changed(rec, ids, what) {
    revision++;
    tell('change', { revision, recording: rec.id, particle_ids: ids, what });
  }

  async function body(req) {
    const parts = [];
    for await (const p of req) parts.push(p);
    return Buffer.concat(parts);
  }

  async function handle(req, res) {
    const url = new URL(req.url, 'http://x');
    const json = (value, status = 200) => {
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(value));
    };
    const fail = (status, message) => json({ error: { status, code: 'not-found', message } }, status);
    const path = url.pathname;
    if (path === '/' || path.startsWith('/assets/')) {
      const file = path === '/' ? 'index.html' : path.slice(8).replace(/[^\w.]/g, '');
      res.writeHead(200, { 'Content-Type': TYPES[file.split('.').pop()], 'Cache-Control': 'no-store',
        'Content-Security-Policy': "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; frame-ancestors 'none'" });
      res.end(await readFile(join(dist, file)));
      return;
    }
    if (path === '/api') return json({ api: 1, version: 'mock', results: '/mock', revision, edits: true, jobs: true, events: true });
    if (path === '/api/events') {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      res.write(`event: hello\ndata: {"revision":${revision}}\n\n`);
      streams.add(res);
      req.on('close', () => streams.delete(res));
      return;
    }
    if (path === '/api/campaign')
      return json({ title: 'Three coatings on silicon', results: '/mock', revision, is_ranked: true, seed: 0, version: 'mock',
        program_sha256: '', date_unix_s: 0, command: [], settings: { host: 'Si', ion: 'Li' }, report: null,
        coatings: COATINGS.map((name) => ({ name, n_recordings: 2, n_particles: 4 })), recordings: recordings.map(info), ranking: ranking() });
    if (path === '/api/particles') return json({ particles: recordings.flatMap((r) => r.bodies.map((b) => particle(r, b))) });
    if (path === '/api/scores') {
      const all = recordings.flatMap((r) => standing(r).filter((e) => e.kind === 'score').map((e) => ({ recording: r.id,
        particle_id: e.particle_id, observer: e.author, verdict: e.detail.verdict, note: e.detail.note ?? '', made_unix_s: e.made_unix_s })));
      return json({ scores: all, observers: [...new Set(all.map((s) => s.observer))], n_both: null, n_agree: null, kappa: null });
    }
    if (path === '/api/folders')
      return json(url.searchParams.has('path') ? { path: '/data', parent: null, is_cut: false, entries: [
        { name: 'series', path: '/data/series', kind: 'folder', size_bytes: null, modified_unix_s: 0, can_be_recording: true },
        { name: 'a.dm4', path: '/data/a.dm4', kind: 'file', size_bytes: 123456789, modified_unix_s: 0, can_be_recording: true },
        { name: 'campaign.yaml', path: '/data/campaign.yaml', kind: 'file', size_bytes: 900, modified_unix_s: 0, can_be_recording: false }] }
        : { folders: [{ path: '/data' }] });
    if (path === '/api/jobs' && req.method === 'GET') return json({ jobs });
    if (path === '/api/jobs') {
      const job = { id: ++jobId, kind: JSON.parse(await body(req)).kind, state: 'running', what: 'outlining', fraction: 0.4, left_s: 12,
        recording: null, particle_ids: [], made_unix_s: 0, started_unix_s: 0, ended_unix_s: null, error: null, log: ['reading', 'drift'] };
      jobs.unshift(job);
      tell('job', job);
      return json(job, 201);
    }
    const atJob = path.match(/^\/api\/jobs\/(\d+)$/);
    if (atJob) {
      const job = jobs.find((j) => j.id === Number(atJob[1]));
      if (!job) return fail(404, 'there is no such job');
      if (req.method === 'DELETE') { job.state = 'cancelled'; job.ended_unix_s = 3; tell('job', job); }
      return json(job);
    }
    const at = path.match(/^\/api\/recordings\/(\d+)(?:\/(.*))?$/);
    const rec = at && recordings.find((r) => r.id === Number(at[1]));
    if (!rec) return fail(404, `there is no ${path}`);
    const rest = at[2] ?? '';
    if (rest === '') return json(info(rec));
    if (rest === 'timeline') return json(timeline());
    if (rest === 'events') return json({ events: [{ particle_id: null, event: 'bias-on', time_lo_s: 20, time_hi_s: 20, frame_lo: 10, frame_hi: 10, detail: '' }] });
    if (rest === 'particles') return json({ particles: rec.bodies.map((b) => particle(rec, b)) });
    let m = rest.match(/^particles\/(\d+)\/series$/);
    if (m) return json(series(rec, rec.bodies.find((b) => b.id === Number(m[1]))));
    m = rest.match(/^frames\/(\d+)\/outlines$/);
    if (m) return json(outlines(rec, Number(m[1]), Number(url.searchParams.get('particle'))));
    m = rest.match(/^frames\/(\d+)$/);
    if (m) {
      res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'private, max-age=3600' });
      return res.end(frame(rec, Number(m[1]), Number(url.searchParams.get('bin') ?? 1)));
    }
    if (rest === 'rois.zip') { res.writeHead(200, { 'Content-Type': 'application/zip' }); return res.end('PK'); }
    if (rest === 'edits' && req.method === 'GET') return json({ edits: rec.edits });
    if (rest === 'edits') {
      const { kind, author, reason, ...detail } = JSON.parse(await body(req));
      if (!author) return fail(400, 'author must be given');
      const edit = { id: ++editId, recording: rec.id, kind, particle_id: detail.particle_id ?? null, made_unix_s: Date.now() / 1000,
        author, reason: reason ?? '', is_withdrawn: false, withdrawn_unix_s: null, detail, new_particle_ids: [] };
      rec.edits.push(edit);
      changed(rec, [edit.particle_id], 'edit');
      return json({ edit, job: null, revision }, 201);
    }
    m = rest.match(/^edits\/(\d+)(\/restore)?$/);
    if (m) {
      const edit = rec.edits.find((e) => e.id === Number(m[1]));
      edit.is_withdrawn = req.method === 'DELETE';
      changed(rec, [edit.particle_id], 'edit');
      return json({ edit, job: null, revision });
    }
    return fail(404, `there is no ${path}`);
  }

  return createServer((req, res) => handle(req, res).catch((error) => {
    res.writeHead(500);
    res.end(String(error));
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port = 8099, side = 256, frames = 60] = process.argv.slice(2).map(Number);
  mock({ side, frames }).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));
}
