// The campaign: how the coatings rank, and every particle behind it.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Campaign, Particle, Rank } from '../api';
import { NONE, isNumber, number, percent, plural, plusMinus, range } from '../format';
import { app, kept, go } from '../state/app';
import { changes, snapshot, type Snapshot } from '../state/changes';
import { useStore } from '../state/store';
import { Sheet, type Column } from './sheet';

/** A particle with what the table shows of its recording. */
interface Row { p: Particle; recording: string; flags: string[] }

export function VerdictMark({ kind, byHand }: { kind: string | undefined; byHand?: boolean }) {
  const word = kind ?? 'cannot tell';
  return <span class={`verdict ${word.replace(' ', '-')}`}>{word}{byHand ? ' (by hand)' : ''}</span>;
}

export function flagsOf(p: Particle): string[] {
  const out = [...(p.fit?.quality ?? [])];
  if (p.is_pending) out.push('being solved');
  if (p.is_edited) out.push('edited');
  if (p.status === 'rejected') out.push('rejected');
  if (p.status === 'accepted') out.push('accepted');
  if (p.status === 'drawn') out.push('drawn');
  return out;
}

export const particleHref = (p: Particle): string => `#/recording/${p.recording}?particle=${p.particle_id}`;

/** Rates on one logarithmic axis: a dot with its interval. */
function Forest({ r, all }: { r: Rank; all: readonly Rank[] }) {
  const ends = all.flatMap((q) => [q.rate_lo, q.rate_hi, q.rate_per_s]).filter(isNumber).filter((v) => v > 0);
  if (!isNumber(r.rate_per_s) || r.rate_per_s <= 0 || ends.length === 0) return <span class="quiet">{NONE}</span>;
  const lo = Math.log(Math.min(...ends)), hi = Math.log(Math.max(...ends));
  const at = (v: number): number => 6 + 148 * (hi > lo ? (Math.log(v) - lo) / (hi - lo) : 0.5);
  return (
    <svg class="forest" width="160" height="18" aria-hidden="true">
      <path d="M6 9.5H154" class="axis" />
      {isNumber(r.rate_lo) && isNumber(r.rate_hi) && r.rate_lo > 0
        && <path d={`M${at(r.rate_lo)} 9.5H${at(r.rate_hi)}`} class="span" />}
      <circle cx={at(r.rate_per_s)} cy="9.5" r="3.6" />
    </svg>
  );
}

function Share({ p, lo, hi }: { p: number | null; lo?: number | null; hi?: number | null }) {
  if (!isNumber(p)) return <span class="quiet">{NONE}</span>;
  return (
    <span class="share">
      <span class="track" aria-hidden="true">
        <span style={{ width: `${100 * p}%` }} />
        {isNumber(lo) && isNumber(hi) && <i style={{ left: `${100 * lo}%`, width: `${100 * (hi - lo)}%` }} />}
      </span>
      {percent(p)}
    </span>
  );
}

function Ranking({ ranking }: { ranking: readonly Rank[] }) {
  const columns: Column<Rank>[] = [
    { key: 'rank', title: 'Rank', by: (r) => r.rank, cell: (r) => <b>{r.rank}</b> },
    { key: 'coating', title: 'Coating', text: true, by: (r) => r.coating,
      cell: (r) => <><button class="link" title="Show only its particles"
        onClick={() => kept.set({ filter: r.coating })}>{r.coating}</button>
        {r.too_few && <span class="quiet"> · too few to tell</span>}</> },
    { key: 'p_rank', title: 'P(this rank)', about: 'Probability that this is its place', by: (r) => r.p_this_rank,
      cell: (r) => <Share p={r.p_this_rank} /> },
    { key: 'p_best', title: 'P(best)', about: 'Probability that it is the best', by: (r) => r.p_best,
      cell: (r) => <Share p={r.p_best} /> },
    { key: 'rate', title: 'Rate (1/s)', about: 'Rate of expansion with its 95 % interval', by: (r) => r.rate_per_s,
      cell: (r) => <>{number(r.rate_per_s, 3)}
        <span class="quiet"> {isNumber(r.rate_lo) ? range(r.rate_lo, r.rate_hi) : ''}</span></> },
    { key: 'forest', title: 'on one axis', about: 'Rates on a logarithmic axis', cell: (r) => <Forest r={r} all={ranking} /> },
    { key: 'ratio', title: 'to best', about: 'Rate over that of the best', by: (r) => r.rate_ratio_to_best,
      cell: (r) => number(r.rate_ratio_to_best, 2) },
    { key: 'expansion', title: 'Expansion', about: 'Final area over first area, with its 95 % interval', by: (r) => r.expansion,
      cell: (r) => <>{number(r.expansion, 3)}
        <span class="quiet"> {isNumber(r.expansion_lo) ? range(r.expansion_lo, r.expansion_hi) : ''}</span></> },
    { key: 'intact', title: 'P(intact)', about: 'Share of coats that stay intact, with its 95 % interval', by: (r) => r.p_intact,
      cell: (r) => <Share p={r.p_intact} lo={r.p_intact_lo} hi={r.p_intact_hi} /> },
    { key: 'broken', title: 'Broken', by: (r) => r.n_broken,
      cell: (r) => `${r.n_broken} of ${r.n_judged}` },
    { key: 'n', title: 'Particles', by: (r) => r.n_particles,
      cell: (r) => <>{r.n_particles}{r.n_left_out > 0 && <span class="quiet"> + {r.n_left_out} left out</span>}</> },
  ];
  const [sort, setSort] = useState({ key: 'rank', descending: false });
  return (
    <section class="block" aria-labelledby="ranking-h">
      <h2 id="ranking-h">Ranking</h2>
      <div class="scroll panel" tabIndex={0} role="group" aria-label="Ranking, scrolls">
        <Sheet columns={columns} rows={ranking} caption="Ranking of the coatings" sort={sort} onSort={setSort}
               rowKey={(r) => r.coating} />
      </div>
    </section>
  );
}

const PARTICLES: Column<Row>[] = [
  { key: 'coating', title: 'Coating', text: true, by: (r) => r.p.coating, cell: (r) => r.p.coating ?? NONE },
  { key: 'recording', title: 'Recording', text: true, by: (r) => r.recording, cell: (r) => r.recording },
  { key: 'particle', title: 'Particle', text: true, by: (r) => r.p.name,
    cell: (r) => <a href={particleHref(r.p)}>{r.p.name}</a> },
  { key: 'verdict', title: 'Verdict', text: true, by: (r) => r.p.verdict?.kind ?? '',
    cell: (r) => <VerdictMark kind={r.p.verdict?.kind} byHand={r.p.verdict?.by_hand} /> },
  { key: 'd', title: 'Ø (nm)', about: 'Diameter before it grows', by: (r) => r.p.fit?.diameter0_nm,
    cell: (r) => number(r.p.fit?.diameter0_nm, 4) },
  { key: 'onset', title: 'Onset (s)', about: 'Begin of growth, with its 95 % interval', by: (r) => r.p.fit?.onset_s,
    cell: (r) => <>{number(r.p.fit?.onset_s, 3)}<span class="quiet"> {isNumber(r.p.fit?.onset_lo_s)
      ? range(r.p.fit?.onset_lo_s, r.p.fit?.onset_hi_s) : ''}</span></> },
  { key: 'expansion', title: 'Expansion', about: 'Final area over first area', by: (r) => r.p.fit?.expansion_final,
    cell: (r) => plusMinus(r.p.fit?.expansion_final, r.p.fit?.expansion_final_sd) },
  { key: 'rate', title: 'Rate (1/s)', by: (r) => r.p.fit?.rate_per_s,
    cell: (r) => plusMinus(r.p.fit?.rate_per_s, r.p.fit?.rate_sd_per_s) },
  { key: 't50', title: 't½ (s)', about: 'Time of half of the growth', by: (r) => r.p.fit?.t50_s,
    cell: (r) => number(r.p.fit?.t50_s, 3) },
  { key: 'break', title: 'Breaks (s)', about: 'When the coat breaks, an interval', by: (r) => r.p.verdict?.break_lo_s,
    cell: (r) => range(r.p.verdict?.break_lo_s, r.p.verdict?.break_hi_s) },
  { key: 'gap', title: 'Visible gap (nm)', about: 'The smallest gap that could have been seen',
    by: (r) => r.p.verdict?.smallest_visible_gap_nm, cell: (r) => number(r.p.verdict?.smallest_visible_gap_nm, 2) },
  { key: 'flags', title: 'Flags', text: true, by: (r) => r.flags.join(' '),
    cell: (r) => <span class="tags">{r.flags.map((f) => <span class="tag" key={f}>{f}</span>)}</span> },
];

/** Words that must all be there; `verdict:broken` and the like are words too. */
export function matches(row: Row, filter: string): boolean {
  const all = [row.p.coating, row.recording, row.p.name, row.p.verdict?.kind, row.p.status, row.p.note,
    ...row.flags].join(' ').toLowerCase();
  return all.includes(filter.toLowerCase().trim())
    || filter.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

function Particles({ campaign, particles }: { campaign: Campaign; particles: readonly Particle[] }) {
  const key = useStore(kept, (k) => k.sort), descending = useStore(kept, (k) => k.descending);
  const filter = useStore(kept, (k) => k.filter);
  const names = new Map(campaign.recordings.map((r) => [r.id, r.name]));
  const rows = particles.filter((p) => p.status !== 'replaced')
    .map((p) => ({ p, recording: names.get(p.recording) ?? NONE, flags: flagsOf(p) }));
  const shown = rows.filter((row) => matches(row, filter));
  return (
    <section class="block" aria-labelledby="particles-h">
      <div class="row head">
        <h2 id="particles-h">Particles</h2>
        <span class="quiet" role="status">{shown.length === rows.length ? rows.length
          : `${shown.length} of ${rows.length}`}</span>
        <span class="grow" />
        <label class="row"><span class="quiet">Filter</span>
          <input type="search" value={filter} placeholder="coating, verdict, flag …"
                 onInput={(e) => kept.set({ filter: e.currentTarget.value })} /></label>
        {filter !== '' && <button class="b" onClick={() => kept.set({ filter: '' })}>Show all</button>}
        <a class="b" href="/api/particles.csv" download="particles.csv">CSV</a>
      </div>
      <div class="scroll panel" tabIndex={0} role="group" aria-label="Particles, scrolls">
        <Sheet columns={PARTICLES} rows={shown} caption="Particles" rowKey={(r) => `${r.p.recording}/${r.p.particle_id}`}
               sort={{ key, descending }} onSort={(s) => kept.set({ sort: s.key, descending: s.descending })}
               rowClass={(r) => (r.p.status === 'rejected' ? 'rejected' : '')}
               onRow={(r) => go(particleHref(r.p))} />
        {shown.length === 0 && <p class="empty">{rows.length === 0
          ? 'There are no particles in these results.'
          : `No particle matches “${filter}”.`}</p>}
      </div>
    </section>
  );
}

/** The snapshot kept at the last look, and how to keep the present one. */
function useLastLook(campaign: Campaign, particles: readonly Particle[]): string[] | null {
  const key = `coatscope-look:${campaign.results}`;
  const before = useMemo<Snapshot | null>(() => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? 'null') as Snapshot | null;
    } catch {
      return null;
    }
  }, [key]);
  useEffect(() => {
    const keep = (): void => {
      try {
        localStorage.setItem(key, JSON.stringify(snapshot(app.now.campaign ?? campaign, app.now.particles, Date.now())));
      } catch {
        // No room: then there is no last look.
      }
    };
    if (before === null) keep();
    addEventListener('pagehide', keep);
    return () => removeEventListener('pagehide', keep);
  }, [key]);
  if (before === null || particles.length === 0) return null;
  try {
    return changes(before, snapshot(campaign, particles, 0));
  } catch {
    return null;
  }
}

function Changed({ list }: { list: string[] | null }) {
  const [all, setAll] = useState(false);
  if (list === null) return null;
  if (list.length === 0) return <p class="quiet">Nothing changed since the last look.</p>;
  const shown = all ? list : list.slice(0, 4);
  return (
    <div class="changed">
      <h2>{plural(list.length, 'change')} since the last look</h2>
      <ul>{shown.map((c) => <li key={c}>{c}</li>)}</ul>
      {list.length > 4 && <button class="link" onClick={() => setAll(!all)}>
        {all ? 'Show fewer' : `Show all ${list.length}`}</button>}
    </div>
  );
}

export function CampaignView() {
  const campaign = useStore(app, (a) => a.campaign) as Campaign;
  const particles = useStore(app, (a) => a.particles);
  const changed = useLastLook(campaign, particles);
  const { settings } = campaign;
  const facts = [settings.host && `host ${settings.host}`, settings.ion && `ion ${settings.ion}`,
    plural(campaign.coatings.length, 'coating'), plural(campaign.recordings.length, 'recording'),
    plural(particles.filter((p) => p.status !== 'replaced').length, 'particle')].filter(Boolean);
  return (
    <div class="page">
      <div class="row head">
        <div class="grow"><h1>{campaign.title || 'Results'}</h1><p class="quiet">{facts.join(' · ')}</p></div>
        {campaign.report && <a class="b" href={campaign.report} target="_blank" rel="noopener">Report</a>}
        <a class="b" href="/api/ranking.csv" download="ranking.csv">Ranking CSV</a>
      </div>
      <Changed list={changed} />
      {campaign.ranking !== null && campaign.ranking.length > 0
        ? <Ranking ranking={campaign.ranking} />
        : <p class="note">Coatings are not compared here: these are results of <b>measure</b>. A campaign file
          and <b>screen</b> rank them.</p>}
      <Particles campaign={campaign} particles={particles} />
    </div>
  );
}
