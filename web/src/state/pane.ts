// A pane: an open recording, its player, how it is zoomed and shown, and the
// polygon that is being edited on it.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { api } from '../api';
import { History } from '../geometry/history';
import type { Point, Polygon } from '../geometry/polygon';
import { FrameCache } from '../image/frames';
import { autoWindow } from '../image/lut';
import type { Pixels, View } from '../image/pixels';
import { Player } from '../image/player';
import { fit, keepInside, seenPart, wantedBin, zoomTo, type Size } from '../image/view';
import { kept } from './app';
import type { OpenRecording } from './recording';
import { Store } from './store';

export type Tool = 'select' | 'hand' | 'level' | 'draw' | 'edit' | 'arc' | 'split';

export interface PaneState {
  view: View;
  size: Size;
  /** Whether the view is still the whole image. */
  fitted: boolean;
  low: number;
  high: number;
  particle: number;
  tool: Tool;
  /** Under the pointer, in pixels of the frame. */
  pointer: Point | null;
  edit: EditSession | null;
  /** A line that is being drawn. */
  stroke: Point[] | null;
}

/** A polygon in the making. It belongs to the frame it was begun on. */
export interface EditSession {
  frame: number;
  /** 0: no particle yet. */
  particle: number;
  surface: 'outer' | 'core';
  /** What it is compared with: px², or null. */
  areaBefore: number | null;
  history: History<Polygon>;
  /** Grows with each change of the history. */
  version: number;
}

// Enough for 100 frames of 1024² at 16 bit, in each of two panes.
const cache = new FrameCache((recording, frame, bin) => api.frame(Number(recording), frame, bin),
  224 * 1024 * 1024);

const MOST_PIXELS = 4_200_000;
const BINS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

export class Pane {
  readonly player: Player;
  readonly state: Store<PaneState>;
  /** A finer part of the frame shown, where the whole is too large. */
  detail: { frame: number; pixels: Pixels } | null = null;
  onDetail: () => void = () => undefined;
  private windowed = false;
  private detailTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly open: OpenRecording, readonly size: Size, times: readonly number[],
              first: number, particle: number) {
    this.player = new Player(cache, String(open.id), times, first);
    this.player.speed = kept.now.speed;
    this.state = new Store<PaneState>({
      view: { zoom: 1, x: 0, y: 0 }, size: { width: 0, height: 0 }, fitted: true, low: 0, high: 65535,
      particle, tool: 'select', pointer: null, edit: null, stroke: null,
    });
  }

  /** The pane's own size changed. */
  resize(size: Size): void {
    const before = this.state.now;
    if (size.width < 2 || size.height < 2) return;
    const first = before.size.width === 0;
    this.state.set({ size });
    if (before.fitted) this.setView(fit(this.size, size), true);
    else this.setView(before.view);
    if (first) {
      this.pickBin();
      this.player.refresh();
    }
  }

  setView(view: View, fitted = false): void {
    const inside = keepInside(view, this.size, this.state.now.size);
    this.state.set({ view: inside, fitted });
    this.pickBin();
  }

  fit(): void { this.setView(fit(this.size, this.state.now.size), true); }

  zoom(zoom: number, about?: Point): void {
    const { view, size } = this.state.now;
    this.setView(zoomTo(view, zoom, about ?? [size.width / 2, size.height / 2]));
  }

  pan(dx: number, dy: number): void {
    const { view } = this.state.now;
    this.setView({ ...view, x: view.x + dx, y: view.y + dy });
  }

  private pickBin(): void {
    const ratio = Math.min(2, devicePixelRatio || 1);
    // Never more than that many pixels a frame on the wire.
    const least = Math.max(1, Math.sqrt((this.size.width * this.size.height) / MOST_PIXELS));
    const allowed = BINS.filter((b) => b >= least - 1e-9);
    const bin = wantedBin(this.state.now.view.zoom, ratio, allowed.length > 0 ? allowed : [32]);
    this.considerDetail();
    if (bin === this.player.bin) return;
    this.player.bin = bin;
    if (this.state.now.size.width > 0) this.player.refresh();
  }

  /** Once view and frame stand still, what is seen is fetched as fine as the
   * screen can show it, where whole frames are fetched coarser than that. */
  private considerDetail(): void {
    clearTimeout(this.detailTimer);
    const { width, height } = this.size;
    if (width * height <= MOST_PIXELS) return;
    this.detailTimer = setTimeout(() => void this.fetchDetail(), 180);
  }

  private async fetchDetail(): Promise<void> {
    const { shown, playing } = this.player.state.now;
    const { view, size } = this.state.now;
    const bin = wantedBin(view.zoom, Math.min(2, devicePixelRatio || 1), BINS);
    if (shown < 0 || playing !== 0 || bin >= this.player.bin) return;
    const part = seenPart(this.shiftedView(), this.size, size, bin);
    const p = this.detail?.frame === shown ? this.detail.pixels : undefined;
    if (part === undefined || (part.w * part.h) / (bin * bin) > 4 * MOST_PIXELS) return;
    if (p !== undefined && p.bin <= bin && p.x0 <= part.x && p.y0 <= part.y
        && p.x0 + p.width * p.bin >= part.x + part.w && p.y0 + p.height * p.bin >= part.y + part.h) return;
    try {
      const pixels = await api.part(this.open.id, shown, bin, part);
      if (this.player.state.now.shown !== shown) return;
      this.detail = { frame: shown, pixels };
      this.onDetail();
    } catch {
      // The coarse frame stays: it is right, only less fine.
    }
  }

  /** The first frame sets the window; later ones keep it. */
  took(pixels: Pixels): void {
    if (!this.windowed) this.auto(pixels);
    this.detail = null;
    this.considerDetail();
  }

  auto(pixels: Pixels | undefined = this.player.pixels): void {
    if (pixels === undefined) return;
    this.windowed = true;
    const w = autoWindow(pixels.counts);
    this.state.set({ low: pixels.offset + pixels.scale * w.low, high: pixels.offset + pixels.scale * w.high });
  }

  /** The count under a place of the frame; null outside. */
  countAt([x, y]: Point): number | null {
    return (this.detail === null ? null : countIn(this.detail.pixels, x, y))
      ?? countIn(this.player.pixels, x, y);
  }

  /** What is added to a frame's coordinates where it is shown stabilised. */
  shift(frame: number): Point {
    const t = this.open.state.now.timeline;
    if (!kept.now.stabilise || t === null || frame < 0) return [0, 0];
    return [t.dx[frame] ?? 0, t.dy[frame] ?? 0];
  }

  /** The view with the shift of the frame that is shown. */
  shiftedView(): View {
    const { view } = this.state.now;
    const [dx, dy] = this.shift(this.player.state.now.shown);
    return { zoom: view.zoom, x: view.x + dx * view.zoom, y: view.y + dy * view.zoom };
  }

  select(particle: number): void {
    this.state.set({ particle });
    if (particle > 0) this.open.want(particle);
    this.remember();
  }

  remember(): void {
    const { places } = kept.now;
    kept.set({ places: { ...places, [this.open.id]: {
      frame: this.player.state.now.wanted, particle: this.state.now.particle } } });
  }

  // ---- polygon editing ----------------------------------------------------

  beginEdit(session: Omit<EditSession, 'history' | 'version'>, polygon: Polygon): void {
    this.state.set({ edit: { ...session, history: new History(polygon), version: 0 }, stroke: null });
  }

  pushEdit(polygon: Polygon): void {
    const { edit } = this.state.now;
    if (edit === null) return;
    edit.history.push(polygon);
    this.state.set({ edit: { ...edit, version: edit.version + 1 } });
  }

  undoEdit(): boolean {
    const { edit } = this.state.now;
    if (edit === null || !edit.history.canUndo) return false;
    edit.history.undo();
    this.state.set({ edit: { ...edit, version: edit.version + 1 } });
    return true;
  }

  redoEdit(): boolean {
    const { edit } = this.state.now;
    if (edit === null || !edit.history.canRedo) return false;
    edit.history.redo();
    this.state.set({ edit: { ...edit, version: edit.version + 1 } });
    return true;
  }

  endEdit(): void {
    this.state.set({ edit: null, stroke: null });
  }

  close(): void {
    clearTimeout(this.detailTimer);
    this.remember();
    this.player.close();
    cache.forget(String(this.open.id));
  }
}

function countIn(p: Pixels | undefined, x: number, y: number): number | null {
  if (p === undefined) return null;
  const i = Math.floor((x - p.x0) / p.bin), j = Math.floor((y - p.y0) / p.bin);
  if (i < 0 || j < 0 || i >= p.width || j >= p.height) return null;
  return p.offset + p.scale * p.counts[j * p.width + i];
}
