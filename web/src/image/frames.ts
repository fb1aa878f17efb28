// Frames on their way from the server: a cache bounded in bytes, the wanted
// frame first, then those that will be wanted next.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Pixels } from './pixels';

export type Load = (recording: string, frame: number, bin: number) => Promise<Pixels>;

interface Entry { pixels: Pixels; bytes: number }

const AT_ONCE = 4;

export class FrameCache {
  private readonly kept = new Map<string, Entry>();
  private readonly flying = new Map<string, Promise<Pixels>>();
  private bytes = 0;
  private queue: { recording: string; frame: number; bin: number }[] = [];

  constructor(private readonly load: Load, private readonly limit = 256 * 1024 * 1024) {}

  private static key(recording: string, frame: number, bin: number): string {
    return `${bin}/${frame}/${recording}`;
  }

  /** What is here already, or undefined. */
  peek(recording: string, frame: number, bin: number): Pixels | undefined {
    const key = FrameCache.key(recording, frame, bin);
    const entry = this.kept.get(key);
    if (entry === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, entry);
    return entry.pixels;
  }

  /** The frame, from here or from the server. */
  get(recording: string, frame: number, bin: number): Promise<Pixels> {
    const here = this.peek(recording, frame, bin);
    if (here !== undefined) return Promise.resolve(here);
    const key = FrameCache.key(recording, frame, bin);
    const flight = this.flying.get(key);
    return flight ?? this.start(key, recording, frame, bin);
  }

  /** What will be wanted, nearest first; replaces what was said before. */
  expect(recording: string, frames: readonly number[], bin: number): void {
    this.queue = this.queue.filter((q) => q.recording !== recording);
    for (const frame of frames) {
      const key = FrameCache.key(recording, frame, bin);
      if (!this.kept.has(key) && !this.flying.has(key)) this.queue.push({ recording, frame, bin });
    }
    this.pump();
  }

  /** Lets go of what belongs to a recording that was closed or changed. */
  forget(recording: string): void {
    this.queue = this.queue.filter((q) => q.recording !== recording);
    for (const [key, entry] of this.kept)
      if (key.endsWith('/' + recording)) {
        this.kept.delete(key);
        this.bytes -= entry.bytes;
      }
  }

  private pump(): void {
    while (this.flying.size < AT_ONCE && this.queue.length > 0) {
      const { recording, frame, bin } = this.queue.shift() as typeof this.queue[number];
      const key = FrameCache.key(recording, frame, bin);
      if (this.kept.has(key) || this.flying.has(key)) continue;
      this.start(key, recording, frame, bin).catch(() => undefined);
    }
  }

  private start(key: string, recording: string, frame: number, bin: number): Promise<Pixels> {
    const promise = this.load(recording, frame, bin).then((pixels) => {
      this.keep(key, pixels);
      return pixels;
    }).finally(() => {
      this.flying.delete(key);
      this.pump();
    });
    this.flying.set(key, promise);
    return promise;
  }

  private keep(key: string, pixels: Pixels): void {
    const bytes = pixels.counts.byteLength;
    this.kept.set(key, { pixels, bytes });
    this.bytes += bytes;
    for (const [old, entry] of this.kept) {
      if (this.bytes <= this.limit || old === key) break;
      this.kept.delete(old);
      this.bytes -= entry.bytes;
    }
  }
}
