// Which frame is wanted, which is shown, and playback in both directions.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { Store } from '../state/store';
import type { FrameCache } from './frames';
import type { Pixels } from './pixels';

export interface PlayerState {
  /** Where the scrub bar is. */
  wanted: number;
  /** What is on the screen; -1 before the first. */
  shown: number;
  /** 1 forwards, -1 backwards, 0 standing. */
  playing: -1 | 0 | 1;
  /** Why the wanted frame cannot be shown, in words. */
  error: string;
}

export class Player {
  readonly state: Store<PlayerState>;
  bin = 1;
  speed = 10;
  pixels: Pixels | undefined;
  /** Called with each new frame, before `shown` changes. */
  onPixels: (pixels: Pixels, frame: number) => void = () => undefined;
  /** Frames shown, for measuring. */
  count = 0;

  private outstanding = 0;
  private clockAt = 0;
  private timer = 0;
  private direction: -1 | 1 = 1;
  private closed = false;

  constructor(private readonly cache: FrameCache, readonly recording: string,
              readonly times: readonly number[], first: number) {
    this.state = new Store<PlayerState>({ wanted: this.clamp(first), shown: -1, playing: 0, error: '' });
  }

  get length(): number { return this.times.length; }

  private clamp(frame: number): number {
    return Math.max(0, Math.min(this.times.length - 1, Math.round(frame)));
  }

  seek(frame: number): void {
    const to = this.clamp(frame);
    const { wanted } = this.state.now;
    if (to !== wanted) this.direction = to > wanted ? 1 : -1;
    this.state.set({ wanted: to });
    this.clockAt = this.times[to];
    this.chase();
  }

  step(by: number): void {
    this.pause();
    this.seek(this.state.now.wanted + by);
  }

  /** The same frame again, at another binning. */
  refresh(): void {
    this.state.set({ shown: -1 });
    this.chase();
  }

  private chase(): void {
    const { wanted, shown } = this.state.now;
    if (this.closed || wanted === shown) return;
    const here = this.cache.peek(this.recording, wanted, this.bin);
    if (here !== undefined) {
      this.show(here, wanted);
      return;
    }
    // Two on the way are enough: those between are not worth the wait.
    if (this.outstanding >= 2) return;
    this.outstanding++;
    const bin = this.bin;
    this.cache.get(this.recording, wanted, bin).then((pixels) => {
      this.outstanding--;
      const now = this.state.now;
      const nearer = now.shown < 0
        || Math.abs(wanted - now.wanted) < Math.abs(now.shown - now.wanted);
      if (!this.closed && bin === this.bin && nearer) this.show(pixels, wanted);
      this.chase();
    }, (error: Error) => {
      this.outstanding--;
      if (this.closed || wanted !== this.state.now.wanted) return;
      this.pause();
      this.state.set({ error: error.message });
    });
  }

  private show(pixels: Pixels, frame: number): void {
    this.pixels = pixels;
    this.count++;
    this.onPixels(pixels, frame);
    this.state.set({ shown: frame, error: '' });
    this.lookAhead();
  }

  private lookAhead(): void {
    const { wanted } = this.state.now;
    const ahead: number[] = [];
    const stride = this.state.now.playing === 0 ? 1 : this.stride();
    for (let k = 1; k <= 12; k++) ahead.push(wanted + this.direction * k * stride);
    ahead.push(wanted - this.direction);
    this.cache.expect(this.recording,
      ahead.filter((f) => f >= 0 && f < this.times.length), this.bin);
  }

  /** Frames that playback skips at this speed on a screen of 60 Hz. */
  private stride(): number {
    const n = this.times.length;
    const interval = (this.times[n - 1] - this.times[0]) / Math.max(1, n - 1);
    return Math.max(1, Math.floor(this.speed / 60 / Math.max(interval, 1e-9)));
  }

  play(direction: -1 | 1): void {
    const { playing, wanted } = this.state.now;
    if (playing === direction) {
      this.pause();
      return;
    }
    const n = this.times.length;
    if (direction > 0 && wanted === n - 1) this.seek(0);
    if (direction < 0 && wanted === 0) this.seek(n - 1);
    this.direction = direction;
    this.state.set({ playing: direction });
    this.clockAt = this.times[this.state.now.wanted];
    if (this.timer !== 0) cancelAnimationFrame(this.timer);
    let before = performance.now();
    const tick = (now: number): void => {
      const passed = Math.min(0.25, (now - before) / 1000);
      before = now;
      this.advance(passed * this.speed * direction);
      if (this.state.now.playing !== 0) this.timer = requestAnimationFrame(tick);
    };
    this.timer = requestAnimationFrame(tick);
  }

  private advance(by: number): void {
    const { times } = this;
    const last = times.length - 1;
    let t = this.clockAt + by;
    // Round and round, as ImageJ does.
    if (t > times[last] + 1e-9) t = times[0];
    if (t < times[0]) t = times[last];
    const frame = frameAt(times, t);
    if (frame !== this.state.now.wanted) {
      this.state.set({ wanted: frame });
      this.chase();
    }
    this.clockAt = t;
  }

  pause(): void {
    if (this.timer !== 0) cancelAnimationFrame(this.timer);
    this.state.set({ playing: 0 });
  }

  close(): void {
    this.pause();
    this.closed = true;
  }
}

/** The last frame that has begun at time `t`. */
export function frameAt(times: readonly number[], t: number): number {
  let lo = 0, hi = times.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (times[mid] <= t) lo = mid;
    else hi = mid - 1;
  }
  return lo;
}
