// What changed since the results were last looked at.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Campaign, Particle } from '../api';
import { isNumber, number } from '../format';

/** As little of the results as is needed to tell what changed. */
export interface Snapshot {
  at: number;
  revision: number;
  ranks: Record<string, { rank: number; rate: number | null; intact: number | null }>;
  particles: Record<string, { verdict: string; status: string; expansion: number | null; edits: number }>;
}

const keyOf = (recording: string, p: Particle): string => `${recording} · ${p.name}`;

export function snapshot(campaign: Campaign, particles: readonly Particle[], at: number): Snapshot {
  const names = new Map(campaign.recordings.map((r) => [r.id, r.name]));
  return {
    at, revision: campaign.revision,
    ranks: Object.fromEntries((campaign.ranking ?? []).map((r) =>
      [r.coating, { rank: r.rank, rate: r.rate_per_s, intact: r.p_intact }])),
    particles: Object.fromEntries(particles.map((p) => [keyOf(names.get(p.recording) ?? '?', p), {
      verdict: p.verdict?.kind ?? 'cannot tell', status: p.status,
      expansion: p.fit?.expansion_final ?? null, edits: p.n_edits }])),
  };
}

const differ = (a: number | null, b: number | null, by: number): boolean =>
  isNumber(a) !== isNumber(b) || (isNumber(a) && isNumber(b) && Math.abs(a - b) > by * Math.abs(a));

/** Clauses, the weightiest first: ranks, then particles. */
export function changes(before: Snapshot, after: Snapshot): string[] {
  const out: string[] = [];
  for (const [name, now] of Object.entries(after.ranks)) {
    const was = before.ranks[name];
    if (was === undefined) out.push(`${name} is new in the ranking, at ${now.rank}`);
    else if (was.rank !== now.rank) out.push(`${name} went from rank ${was.rank} to ${now.rank}`);
    else if (differ(was.rate, now.rate, 0.005))
      out.push(`${name}: rate ${number(was.rate, 3)} → ${number(now.rate, 3)} /s`);
  }
  for (const name of Object.keys(before.ranks))
    if (after.ranks[name] === undefined) out.push(`${name} is not ranked any more`);
  for (const [name, now] of Object.entries(after.particles)) {
    const was = before.particles[name];
    if (was === undefined) { out.push(`${name} is new`); continue; }
    const parts: string[] = [];
    if (was.verdict !== now.verdict) parts.push(`${was.verdict} → ${now.verdict}`);
    if (was.status !== now.status) parts.push(now.status);
    if (differ(was.expansion, now.expansion, 0.002))
      parts.push(`expansion ${number(was.expansion, 4)} → ${number(now.expansion, 4)}`);
    if (parts.length === 0 && was.edits !== now.edits) parts.push(`edits ${was.edits} → ${now.edits}`);
    if (parts.length > 0) out.push(`${name}: ${parts.join(', ')}`);
  }
  for (const name of Object.keys(before.particles))
    if (after.particles[name] === undefined) out.push(`${name} is gone`);
  return out;
}
