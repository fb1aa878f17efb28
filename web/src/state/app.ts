// What the whole page knows: the campaign, who looks, what is remembered.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { api, listen, type Campaign, type Job, type Particle } from '../api';
import type { MapName } from '../image/lut';
import { keptStore, Store } from './store';

export type Tab = 'campaign' | 'recording' | 'score' | 'run';

/** Kept in localStorage: where you were and how you like it. */
export const kept = keptStore('coatscope', {
  theme: 'auto' as 'auto' | 'dark' | 'light',
  hash: '',
  author: '',
  map: 'grey' as MapName,
  gamma: 1,
  invert: false,
  smooth: true,
  auto: true,
  outer: true,
  core: true,
  band: true,
  labels: true,
  stabilise: false,
  speed: 10,
  quantity: 'expansion',
  against: 'time_s',
  overlay: 'recording',
  only2d: false,
  beside: 0,
  besideBy: 'time' as 'time' | 'expansion',
  sort: 'coating',
  descending: false,
  filter: '',
  panel: 'curves',
  /** Per recording: the frame and particle last looked at. */
  places: {} as Record<string, { frame: number; particle: number }>,
});

export interface Message { id: number; text: string; bad: boolean; action?: [string, () => void] }

interface App {
  campaign: Campaign | null;
  particles: Particle[];
  /** Why there is no campaign, in words. */
  error: string;
  online: boolean;
  revision: number;
  /** Grows for each change of a recording, by its id. */
  changes: Record<number, number>;
  jobs: Job[];
  messages: Message[];
  dark: boolean;
  help: boolean;
  askAuthor: ((name: string | null) => void) | null;
  /** What this program does besides showing. */
  edits: boolean;
  runs: boolean;
  events: boolean;
}

export const app = new Store<App>({
  campaign: null, particles: [], error: '', online: true, revision: -1, changes: {}, jobs: [],
  messages: [], dark: true, help: false, askAuthor: null, edits: true, runs: true, events: false,
});

// ---- where we are --------------------------------------------------------

export interface Route { tab: Tab; id: number; params: URLSearchParams }

export function parseRoute(hash: string): Route {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [tab, id = ''] = path.split('/');
  const known: readonly string[] = ['campaign', 'recording', 'score', 'run'];
  return { tab: (known.includes(tab) ? tab : 'campaign') as Tab, id: Number(id) || 0,
    params: new URLSearchParams(query) };
}

export const route = new Store<Route>(parseRoute(location.hash));

export function go(hash: string, quietly = false): void {
  if (quietly) history.replaceState(null, '', hash);
  else location.hash = hash;
  route.set(parseRoute(hash));
  kept.set({ hash });
}

// ---- messages ------------------------------------------------------------

let messageId = 0;

export function say(text: string, options: { bad?: boolean; action?: Message['action'] } = {}): void {
  const id = ++messageId;
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  app.set({ messages: [...app.now.messages.slice(-3),
    { id, text: sentence, bad: options.bad ?? false, action: options.action }] });
  if (!options.bad) setTimeout(() => hush(id), 6000);
}

export function hush(id: number): void {
  app.set({ messages: app.now.messages.filter((m) => m.id !== id) });
}

/** Does it, and says what went wrong where it does. */
export async function attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    say(`${what}: ${(error as Error).message}`, { bad: true });
    return undefined;
  }
}

/** The name that edits are signed with; asked for once. Null: not now. */
export function author(): Promise<string | null> {
  if (kept.now.author !== '') return Promise.resolve(kept.now.author);
  return new Promise((resolve) => app.set({ askAuthor: (name) => {
    app.set({ askAuthor: null });
    if (name !== null) kept.set({ author: name });
    resolve(name);
  } }));
}

// ---- the program ---------------------------------------------------------

let loading: Promise<void> | null = null;
let stale = false;

/** Reads campaign and particles again; calls while one is under way are one. */
export function reload(): Promise<void> {
  if (loading !== null) {
    stale = true;
    return loading;
  }
  loading = (async () => {
    do {
      stale = false;
      try {
        const [campaign, particles] = await Promise.all([api.campaign(), api.particles()]);
        app.set({ campaign, particles, error: '', revision: campaign.revision });
      } catch (error) {
        app.set({ error: (error as Error).message });
      }
    } while (stale);
    loading = null;
  })();
  return loading;
}

function noteJob(job: Job): void {
  const before = app.now.jobs.find((j) => j.id === job.id);
  app.set({ jobs: [job, ...app.now.jobs.filter((j) => j.id !== job.id)]
    .sort((a, b) => b.id - a.id).slice(0, 100) });
  if (job.state === 'failed' && before?.state !== 'failed')
    say(`job ${job.id} (${job.kind}) failed: ${job.error ?? 'no reason given'}`, { bad: true });
}

/** Settled once it is known what the program can do. */
export const known: Promise<void> = api.about().then(
  (about) => app.set({ edits: about.edits, runs: about.jobs, events: about.events }), () => undefined);

export async function start(): Promise<void> {
  void reload();
  await known;
  if (app.now.runs) api.jobs().then((jobs) => app.set({ jobs }), () => undefined);
  // What takes neither edits nor runs has nothing to tell.
  if (!app.now.edits && !app.now.runs) return;
  listen(app.now.events, {
    hello: (revision) => {
      const missed = revision !== app.now.revision && app.now.campaign !== null;
      app.set({ online: true });
      if (missed) void reload();
    },
    job: noteJob,
    change: ({ recording }) => {
      if (recording !== null)
        app.set({ changes: { ...app.now.changes,
          [recording]: (app.now.changes[recording] ?? 0) + 1 } });
      void reload();
    },
    lost: () => app.set({ online: false }),
  });
}

// ---- dark and light ------------------------------------------------------

const wantsDark = matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  const { theme } = kept.now;
  const dark = theme === 'dark' || (theme === 'auto' && wantsDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  app.set({ dark });
}

wantsDark.addEventListener('change', applyTheme);
kept.watch(applyTheme);
