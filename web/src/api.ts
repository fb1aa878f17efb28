// The interface of `coatscope serve` (docs/api.md), typed; errors in words.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Polygon } from './geometry/polygon';
import type { Pixels } from './image/pixels';

export type Num = number | null;
export type Column = Num[];
export type Kind = 'intact' | 'broken' | 'cannot tell';

export interface About { api: number; version: string; results: string; revision: number;
  edits: boolean; jobs: boolean; events: boolean }

export interface Recording {
  id: number; name: string; coating: string | null; session: string | null;
  width: number; height: number; n_frames: number; n_particles: number; in_pixels: boolean;
  nm_per_px_x: Num; nm_per_px_y: Num; scale_source: string; start_unix_s: Num; duration_s: Num;
  frames_available: boolean; frames_error: string | null; has_electrical: boolean;
  has_dose: boolean; has_drift: boolean; n_edits: number;
  notes?: string[]; format?: string; bias_source?: string;
  inputs?: { path: string; size_bytes: number; sha256: string }[];
}

export interface Rank {
  rank: number; coating: string; n_particles: number; n_left_out: number; n_judged: number;
  n_broken: number; p_intact: Num; p_intact_lo: Num; p_intact_hi: Num; expansion: Num;
  expansion_lo: Num; expansion_hi: Num; rate_per_s: Num; rate_lo: Num; rate_hi: Num;
  rate_ratio_to_best: Num; p_this_rank: Num; p_best: Num; too_few: boolean;
}

export interface Campaign {
  title: string; results: string; revision: number; is_ranked: boolean; version: string;
  date_unix_s: Num; settings: Record<string, string>; report: string | null;
  coatings: { name: string; n_recordings: number; n_particles: number }[];
  recordings: Recording[]; ranking: Rank[] | null;
}

export interface Fit {
  n_frames: number; n_ok: number; quality: string[]; diameter0_nm: Num; onset_s: Num;
  onset_lo_s: Num; onset_hi_s: Num; contact_s: Num; expansion_final: Num;
  expansion_final_sd: Num; expansion_free: Num; rate_per_s: Num; rate_sd_per_s: Num;
  initial_rate_per_s: Num; front_speed_nm_per_s: Num; t50_s: Num; t50_full_s: Num;
  model: string | null; model_weight: Num;
}

export interface Verdict {
  kind: Kind; by_hand: boolean; doubt: string; smallest_visible_gap_nm: Num;
  break_frame_lo: Num; break_frame_hi: Num; break_lo_s: Num; break_hi_s: Num;
  break_angle_deg: Num; break_extent_deg: Num; gap_nm: Num; strain_at_break: Num;
  dose_at_break_e_per_A2: Num; log_odds: Num; evidence: Record<string, Num> | null;
  automatic: Kind | null;
}

export interface Particle {
  recording: number; coating: string | null; particle_id: number; name: string;
  status: 'automatic' | 'accepted' | 'rejected' | 'replaced' | 'drawn'; replaced_by: number[];
  is_edited: boolean; is_pending: boolean; n_edits: number; note: string | null;
  fit: Fit | null; verdict: Verdict | null;
}

export interface Table { n: number; columns: Record<string, (number | string | null)[]> }

export interface Contour { x: number[]; y: number[]; sd: Num[] }

export interface Outline {
  particle_id: number; state: string; edited: boolean; centre_px: [number, number];
  area_px2: Num; area_sd_px2: Num; core_area_px2: Num; core_area_sd_px2: Num;
  outer: Contour; core: Contour;
}

export interface FrameOutlines { frame: number; n_angles: number; outlines: Outline[] }

export interface Happening { particle_id: Num; event: string; time_lo_s: Num; time_hi_s: Num;
  frame_lo: Num; frame_hi: Num; detail: string | null }

export interface Edit {
  id: number; recording: number; kind: string; particle_id: Num; made_unix_s: number;
  author: string; reason: string; is_withdrawn: boolean; withdrawn_unix_s: Num;
  detail: Record<string, unknown>; new_particle_ids: number[];
}

export interface Job {
  id: number; kind: string; state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  what: string; fraction: Num; left_s: Num; recording: Num; particle_ids: number[];
  made_unix_s: Num; started_unix_s: Num; ended_unix_s: Num; error: string | null; log?: string[];
}

export interface Made { edit: Edit; job: Job | null; revision: number }

export type NewEdit = { author: string; reason?: string } & (
  | { kind: 'polygon'; particle_id: number; frame: number; surface: 'outer' | 'core';
      polygon: Polygon; from_frame?: number; to_frame?: number }
  | { kind: 'add'; frame: number; polygon: Polygon }
  | { kind: 'accept' | 'reject'; particle_id: number }
  | { kind: 'rename'; particle_id: number; name: string }
  | { kind: 'merge'; particle_ids: number[]; frame: number; polygon?: Polygon }
  | { kind: 'split'; particle_id: number; frame: number; polygons: Polygon[] }
  | { kind: 'verdict'; particle_id: number; verdict: Kind; break_frame?: number; note?: string }
  | { kind: 'score'; particle_id: number; verdict: Kind; note?: string });

export interface Score { recording: number; particle_id: number; observer: string; verdict: Kind;
  note: string; made_unix_s: number }

export interface Scores { scores: Score[]; observers: string[]; n_both: Num; n_agree: Num; kappa: Num }

export interface FolderEntry { name: string; path: string; kind: 'folder' | 'file';
  size_bytes: Num; modified_unix_s: Num; can_be_recording: boolean }

export interface Folder { path: string; parent: string | null; entries: FolderEntry[]; is_cut: boolean }

export interface FramePixels extends Pixels {
  frame: number; time_s: number; duration_s: number; bias_V: number; current_A: number;
  dose_e_per_A2: number; timeSource: number; flags: number;
}

/** A part of a frame, in its pixels. */
export interface Part { x: number; y: number; w: number; h: number }

/** What went wrong, for the user to read. */
export class ApiError extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
    this.name = 'ApiError';
  }
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: 'same-origin', ...init });
  } catch {
    throw new ApiError('the program does not answer; is coatscope serve still running?', 0);
  }
  if (answer.ok) return answer;
  let message = `the program answered ${answer.status} ${answer.statusText}`;
  try {
    const body = await answer.json() as { error?: { message?: string } };
    if (typeof body.error?.message === 'string') message = body.error.message;
  } catch {
    // Not JSON: the status has to do.
  }
  if (answer.status === 401)
    message = 'this page is not signed in any more: open the address that coatscope serve printed';
  throw new ApiError(message, answer.status);
}

const read = async <T>(path: string): Promise<T> => await (await send(path)).json() as T;

const write = async <T>(method: string, path: string, body?: object): Promise<T> =>
  await (await send(path, method === 'DELETE' ? { method }
    : { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}) })).json() as T;

const rec = (id: number): string => `/api/recordings/${id}`;

export const api = {
  about: () => read<About>('/api'),
  campaign: () => read<Campaign>('/api/campaign'),
  particles: async () => (await read<{ particles: Particle[] }>('/api/particles')).particles,
  recording: (id: number) => read<Recording>(rec(id)),
  timeline: (id: number) => read<Table>(`${rec(id)}/timeline`),
  events: async (id: number) => (await read<{ events: Happening[] }>(`${rec(id)}/events`)).events,
  recordingParticles: async (id: number) =>
    (await read<{ particles: Particle[] }>(`${rec(id)}/particles`)).particles,
  series: (id: number, particle: number) => read<Table>(`${rec(id)}/particles/${particle}/series`),
  outlines: (id: number, frame: number, points = 128) =>
    read<FrameOutlines>(`${rec(id)}/frames/${frame}/outlines?points=${points}`),
  outline: async (id: number, frame: number, particle: number) =>
    (await read<FrameOutlines>(`${rec(id)}/frames/${frame}/outlines?particle=${particle}`)).outlines[0],
  edits: async (id: number) => (await read<{ edits: Edit[] }>(`${rec(id)}/edits`)).edits,
  edit: (id: number, edit: NewEdit) => write<Made>('POST', `${rec(id)}/edits`, edit),
  withdraw: (id: number, edit: number) => write<Made>('DELETE', `${rec(id)}/edits/${edit}`),
  restore: (id: number, edit: number) => write<Made>('POST', `${rec(id)}/edits/${edit}/restore`),
  scores: () => read<Scores>('/api/scores'),
  roisUrl: (id: number, particle?: number) =>
    `${rec(id)}/rois.zip${particle === undefined ? '' : `?particle=${particle}`}`,
  importRois: async (id: number, file: Blob, author: string, reason: string) =>
    await (await send(`${rec(id)}/rois?${new URLSearchParams({ author, reason })}`, {
      method: 'POST', body: file,
      headers: { 'Content-Type': 'application/octet-stream' },
    })).json() as { edits: Edit[]; job: Job | null; skipped: { name: string; why: string }[] },
  folders: async () => (await read<{ folders: { path: string }[] }>('/api/folders')).folders,
  folder: (path: string) => read<Folder>(`/api/folders?${new URLSearchParams({ path })}`),
  jobs: async () => (await read<{ jobs: Job[] }>('/api/jobs')).jobs,
  job: (id: number) => read<Job>(`/api/jobs/${id}`),
  startJob: (job: object) => write<Job>('POST', '/api/jobs', job),
  cancelJob: (id: number) => write<Job>('DELETE', `/api/jobs/${id}`),
  frame: async (id: number, frame: number, bin: number) =>
    decodeFrame(await (await send(`${rec(id)}/frames/${frame}?bin=${bin}`)).arrayBuffer()),
  part: async (id: number, frame: number, bin: number, p: Part) =>
    decodeFrame(await (await send(
      `${rec(id)}/frames/${frame}?bin=${bin}&x=${p.x}&y=${p.y}&w=${p.w}&h=${p.h}`)).arrayBuffer()),
};

/** The bytes of a frame: header of 96 bytes, then counts (docs/api.md). */
export function decodeFrame(bytes: ArrayBuffer): FramePixels {
  const v = new DataView(bytes);
  const u = (at: number): number => v.getUint32(at, true);
  const f = (at: number): number => v.getFloat64(at, true);
  if (bytes.byteLength < 96 || u(0) !== 0x31465343)
    throw new ApiError('what came is not a frame', 0);
  const header = u(4), width = u(8), height = u(12);
  if (header < 96 || header % 2 !== 0 || bytes.byteLength < header + 2 * width * height)
    throw new ApiError('the frame that came is cut short', 0);
  return {
    width, height, bin: u(16), frame: u(20), x0: u(24), y0: u(28),
    offset: f(32), scale: f(40), time_s: f(48), duration_s: f(56), bias_V: f(64),
    current_A: f(72), dose_e_per_A2: f(80), timeSource: u(88), flags: u(92),
    counts: new Uint16Array(bytes, header, width * height),
  };
}

export interface Listener {
  job(job: Job): void;
  change(c: { revision: number; recording: Num; particle_ids: number[]; what: string }): void;
  hello(revision: number): void;
  lost(): void;
}

/** Asks every second what has changed: for a program that sends no events. */
function poll(on: Listener): () => void {
  let revision = -1, states = new Map<number, string>(), ended = false;
  const look = async (): Promise<void> => {
    const [about, { jobs }] = await Promise.all([api.about(), read<{ jobs: Job[] }>('/api/jobs')]);
    const changed = jobs.filter((j) => states.get(j.id) !== j.state || j.state === 'running');
    for (const job of changed) on.job(job);
    if (revision >= 0 && about.revision !== revision)
      for (const recording of new Set(changed.map((j) => j.recording)))
        on.change({ revision: about.revision, recording, particle_ids: [], what: 'results' });
    states = new Map(jobs.map((j) => [j.id, j.state]));
    revision = about.revision;
    on.hello(revision);
  };
  const go = (): void => {
    look().catch(() => on.lost()).finally(() => { if (!ended) setTimeout(go, 1000); });
  };
  go();
  return () => { ended = true; };
}

/** Listens to the program, or asks it where it sends no events; calls `lost`
 * while the line is down. Closes by the function it gives. */
export function listen(hasEvents: boolean, on: Listener): () => void {
  if (!hasEvents) return poll(on);
  const source = new EventSource('/api/events');
  const data = (e: Event): unknown => JSON.parse((e as MessageEvent<string>).data);
  source.addEventListener('hello', (e) => on.hello((data(e) as { revision: number }).revision));
  source.addEventListener('job', (e) => on.job(data(e) as Job));
  source.addEventListener('change', (e) => on.change(data(e) as Parameters<typeof on.change>[0]));
  source.onerror = () => on.lost();
  return () => source.close();
}
