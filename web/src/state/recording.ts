// One recording that is open: its clock, particles, curves, outlines, edits.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { api, type Edit, type FrameOutlines, type Happening, type Made, type NewEdit,
  type Particle, type Recording, type Table } from '../api';
import { app, attempt, author, known, say } from './app';
import { Store } from './store';

export interface Timeline {
  /** Seconds, or the numbers of the frames where there is no clock. */
  time: number[];
  hasTime: boolean;
  bias: (number | null)[];
  current: (number | null)[];
  dose: (number | null)[];
  dx: (number | null)[];
  dy: (number | null)[];
  source: string[];
  flags: number[];
}

export interface RecordingState {
  info: Recording | null;
  timeline: Timeline | null;
  happenings: Happening[];
  particles: Particle[];
  edits: Edit[];
  /** By particle. */
  series: ReadonlyMap<number, Table>;
  /** Grows when outlines have to be asked for again. */
  version: number;
  error: string;
}

type Num = number | null;

function readTimeline(t: Table): Timeline {
  const numbers = (name: string): Num[] => (t.columns[name] ?? new Array(t.n).fill(null)) as Num[];
  const time = numbers('time_s');
  const hasTime = t.n > 0 && time.every((v) => v !== null);
  return {
    time: hasTime ? time as number[] : Array.from({ length: t.n }, (_, i) => i), hasTime,
    bias: numbers('bias_V'), current: numbers('current_A'), dose: numbers('dose_e_per_A2'),
    dx: numbers('dx_px'), dy: numbers('dy_px'),
    source: (t.columns.time_source ?? []) as string[],
    flags: (t.columns.flags ?? []) as number[],
  };
}

export class OpenRecording {
  readonly state = new Store<RecordingState>({
    info: null, timeline: null, happenings: [], particles: [], edits: [], series: new Map(),
    version: 0, error: '',
  });
  private readonly outlines = new Map<number, FrameOutlines | Promise<FrameOutlines | undefined>>();
  private readonly asked = new Set<number>();
  private readonly unwatch: () => void;
  /** Edits withdrawn here, for redo. */
  private undone: number[] = [];

  constructor(readonly id: number) {
    let seen = app.now.changes[id] ?? 0;
    this.unwatch = app.watch(() => {
      const now = app.now.changes[id] ?? 0;
      if (now === seen) return;
      seen = now;
      void this.refresh();
    });
    void this.load();
  }

  close(): void {
    this.unwatch();
  }

  private async load(): Promise<void> {
    try {
      const [info, table] = await Promise.all([api.recording(this.id), api.timeline(this.id)]);
      this.state.set({ info, timeline: readTimeline(table), version: 1, error: '' });
      await this.refresh(true);
    } catch (error) {
      this.state.set({ error: (error as Error).message });
    }
  }

  /** What edits change: particles, events, curves, outlines. */
  private async refresh(first = false): Promise<void> {
    try {
      const [particles, happenings, edits] = await Promise.all([api.recordingParticles(this.id),
        api.events(this.id), known.then(() => (app.now.edits ? api.edits(this.id) : []))]);
      if (!first) this.outlines.clear();
      this.state.set({ particles, happenings, edits, version: this.state.now.version + (first ? 0 : 1) });
      await Promise.all([...this.asked].map((p) => this.fetchSeries(p)));
    } catch (error) {
      this.state.set({ error: (error as Error).message });
    }
  }

  /** Has the curves of a particle fetched, once. */
  want(particle: number): void {
    if (this.asked.has(particle)) return;
    this.asked.add(particle);
    void attempt(`the curves of particle ${particle}`, () => this.fetchSeries(particle));
  }

  private async fetchSeries(particle: number): Promise<void> {
    const version = this.state.now.version;
    const table = await api.series(this.id, particle);
    if (version !== this.state.now.version) return;
    this.state.set({ series: new Map(this.state.now.series).set(particle, table) });
  }

  /** The outlines of a frame where they are here; otherwise they are sent for,
   * and `then` is called when they have come. */
  outlinesAt(frame: number, then: () => void): FrameOutlines | undefined {
    const here = this.outlines.get(frame);
    if (here !== undefined) return here instanceof Promise ? undefined : here;
    const version = this.state.now.version;
    const sent = api.outlines(this.id, frame).then((got) => {
      if (version !== this.state.now.version) return undefined;
      this.outlines.set(frame, got);
      this.trim(frame);
      then();
      return got;
    }, () => {
      this.outlines.delete(frame);
      return undefined;
    });
    this.outlines.set(frame, sent);
    return undefined;
  }

  private trim(around: number): void {
    if (this.outlines.size <= 400) return;
    const far = [...this.outlines.keys()].sort((a, b) => Math.abs(b - around) - Math.abs(a - around));
    for (const frame of far.slice(0, 100)) this.outlines.delete(frame);
  }

  /** Makes an edit, signed; true where it is on the disk. */
  async edit(edit: Record<string, unknown> & { kind: NewEdit['kind'] }, what: string): Promise<boolean> {
    const name = await author();
    if (name === null) return false;
    const made = await attempt(what, () =>
      api.edit(this.id, { ...edit, author: name } as unknown as NewEdit));
    if (made === undefined) return false;
    this.undone = [];
    await this.took(made);
    say(what, { action: ['Undo', () => void this.undo()] });
    return true;
  }

  private async took(made: Made): Promise<void> {
    // The program also tells by an event; this does not wait for it.
    this.state.set({ edits: [...this.state.now.edits.filter((e) => e.id !== made.edit.id), made.edit]
      .sort((a, b) => a.id - b.id) });
    await this.refresh();
  }

  get canUndo(): boolean {
    return this.state.now.edits.some((e) => !e.is_withdrawn);
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Withdraws the newest edit that stands. */
  async undo(): Promise<void> {
    const last = [...this.state.now.edits].reverse().find((e) => !e.is_withdrawn);
    if (last === undefined) {
      say('there is no edit to undo');
      return;
    }
    await this.withdraw(last);
  }

  async withdraw(edit: Edit): Promise<void> {
    const made = await attempt('undo', () => api.withdraw(this.id, edit.id));
    if (made === undefined) return;
    this.undone.push(edit.id);
    await this.took(made);
    say(`undone: ${editInWords(edit)}`, { action: ['Redo', () => void this.redo()] });
  }

  async redo(): Promise<void> {
    const id = this.undone.pop();
    if (id === undefined) {
      say('there is nothing to redo');
      return;
    }
    await this.restore(id);
  }

  async restore(id: number): Promise<void> {
    const made = await attempt('redo', () => api.restore(this.id, id));
    if (made === undefined) return;
    this.undone = this.undone.filter((u) => u !== id);
    await this.took(made);
    say(`done again: ${editInWords(made.edit)}`);
  }
}

/** What an edit says, in a clause. */
export function editInWords(e: Edit): string {
  const d = e.detail as Record<string, string | number | undefined>;
  const p = `particle ${e.particle_id ?? ''}`.trim();
  switch (e.kind) {
    case 'polygon': return `${d.surface === 'core' ? 'core' : 'outline'} of ${p} on frame ${d.frame}`;
    case 'add': return `a particle drawn on frame ${d.frame}`;
    case 'accept': return `${p} accepted`;
    case 'reject': return `${p} rejected`;
    case 'rename': return `${p} named “${d.name}”`;
    case 'merge': return `particles ${String(d.particle_ids).replace(/,/g, ' and ')} merged`;
    case 'split': return `${p} split`;
    case 'verdict': return `${p}: ${d.verdict} by hand`;
    case 'score': return `${p} scored ${d.verdict}`;
    default: return `${e.kind} of ${p}`;
  }
}
