// The keys of the recording view: ImageJ's where it has them.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { nextLevel } from '../image/view';
import { kept } from '../state/app';
import type { Pane, Tool } from '../state/pane';
import { applyEdit, finishDraft } from './editor';

const TOOLS: Record<string, Tool> = { v: 'select', h: 'hand', w: 'level', p: 'draw', e: 'edit', r: 'arc' };

function nextParticle(pane: Pane, by: number): void {
  const ids = pane.open.state.now.particles.filter((p) => p.status !== 'replaced').map((p) => p.particle_id);
  if (ids.length === 0) return;
  const at = ids.indexOf(pane.state.now.particle);
  pane.select(ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]);
}

function judge(pane: Pane, kind: 'accept' | 'reject'): void {
  const { particle } = pane.state.now;
  if (particle > 0) void pane.open.edit({ kind, particle_id: particle }, `particle ${particle} ${kind}ed`);
}

function zoomAtPointer(pane: Pane, up: boolean): void {
  const { view, pointer } = pane.state.now;
  const s = pane.shiftedView();
  pane.zoom(nextLevel(view.zoom, up), pointer === null ? undefined
    : [pointer[0] * s.zoom + s.x, pointer[1] * s.zoom + s.y]);
}

function escape(pane: Pane): void {
  if (pane.state.now.stroke !== null) pane.state.set({ stroke: null });
  else if (pane.state.now.edit !== null) pane.endEdit();
  pane.state.set({ tool: 'select' });
}

function enter(pane: Pane): boolean {
  const { tool, stroke, edit } = pane.state.now;
  if (tool === 'draw' && stroke !== null) finishDraft(pane);
  else if (edit !== null && edit.version > 0) void applyEdit(pane, 'through', '');
  else return false;
  return true;
}

/** What a plain key does; false where it does nothing. */
function plain(pane: Pane, e: KeyboardEvent, contrast: () => void, tool: (t: Tool) => void): boolean {
  const { player } = pane;
  const code = e.code;
  if (code === 'Comma' || e.key === '<') player.step(-1);
  else if (code === 'Period' || e.key === '>') player.step(1);
  else if (e.key === 'PageUp') player.step(-10);
  else if (e.key === 'PageDown') player.step(10);
  else if (e.key === '\\') player.play(1);
  else if (e.key === '|') player.play(-1);
  else if (e.key === 'Home') player.step(-player.length);
  else if (e.key === 'End') player.step(player.length);
  else if (e.key === '+' || e.key === '=') zoomAtPointer(pane, true);
  else if (e.key === '-' || e.key === '_') zoomAtPointer(pane, false);
  else if (e.key === '4') pane.fit();
  else if (e.key === '5') pane.zoom(1 / (devicePixelRatio || 1));
  else if (e.key === 'C') contrast();
  else if (e.key === 'a') pane.auto();
  else if (e.key === 'I') kept.set({ invert: !kept.now.invert });
  else if (e.key === 'd') kept.set({ stabilise: !kept.now.stabilise });
  else if (e.key === 'n' || e.key === 'N') nextParticle(pane, e.shiftKey ? -1 : 1);
  else if (e.key === 'y') judge(pane, 'accept');
  else if (e.key === 'x') judge(pane, 'reject');
  else if (e.key in TOOLS) tool(TOOLS[e.key]);
  else if (e.key === 'Escape') escape(pane);
  else if (e.key === 'Enter') return enter(pane);
  else return false;
  return true;
}

function arrows(pane: Pane, e: KeyboardEvent): boolean {
  const onBar = (e.target as Element).closest('.timeline') !== null;
  const onStage = (e.target as Element).closest('.stage') !== null;
  const by: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const step = by[e.key];
  if (step === undefined || !(onBar || onStage)) return false;
  if (onBar) pane.player.step((step[0] + step[1]) * (e.shiftKey ? 10 : 1));
  else pane.pan(-step[0] * 40, step[1] * 40);
  return true;
}

export function recordingKeys(pane: Pane, contrast: () => void, tool: (t: Tool) => void): () => void {
  const typing = (t: EventTarget | null): boolean => t instanceof HTMLElement
    && (/^(TEXTAREA|SELECT)$/.test(t.tagName) || (t instanceof HTMLInputElement && t.type !== 'range' && t.type !== 'checkbox'));
  const down = (e: KeyboardEvent): void => {
    if (typing(e.target) || document.querySelector('dialog[open]') !== null) return;
    const onButton = (e.target as Element).closest('button, a, summary, [role="button"]') !== null;
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'z') {
      const again = e.shiftKey;
      if (pane.state.now.edit !== null) again ? pane.redoEdit() : pane.undoEdit();
      else void (again ? pane.open.redo() : pane.open.undo());
      e.preventDefault();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === ' ' && !onButton) {
      (window as { coatscopeSpace?: boolean }).coatscopeSpace = true;
      e.preventDefault();
      return;
    }
    if (e.key === 'Enter' && onButton) return;
    if (plain(pane, e, contrast, tool) || arrows(pane, e)) e.preventDefault();
  };
  const up = (e: KeyboardEvent): void => {
    if (e.key === ' ') (window as { coatscopeSpace?: boolean }).coatscopeSpace = false;
  };
  const dbl = (e: MouseEvent): void => {
    if (pane.state.now.tool === 'draw' && pane.state.now.stroke !== null && (e.target as Element).closest('.stage') !== null)
      finishDraft(pane);
  };
  addEventListener('keydown', down);
  addEventListener('keyup', up);
  addEventListener('dblclick', dbl);
  return () => {
    removeEventListener('keydown', down);
    removeEventListener('keyup', up);
    removeEventListener('dblclick', dbl);
  };
}
