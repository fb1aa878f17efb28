// A table that can be sorted; its sort is its user's to keep.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { ComponentChildren } from 'preact';

export interface Column<T> {
  key: string;
  title: string;
  /** Said instead of the title by a screen reader, and shown on hover. */
  about?: string;
  text?: boolean;
  /** What it is sorted by; without, it cannot be. */
  by?(row: T): number | string | null | undefined;
  cell(row: T): ComponentChildren;
}

export interface Sort { key: string; descending: boolean }

export function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], sort: Sort): T[] {
  const by = columns.find((c) => c.key === sort.key)?.by;
  if (by === undefined) return [...rows];
  const sign = sort.descending ? -1 : 1;
  const missing = (v: unknown): boolean => v === null || v === undefined || Number.isNaN(v);
  return rows.map((row, i) => ({ row, i, v: by(row) })).sort((a, b) => {
    // What is missing comes last, whichever way round.
    if (missing(a.v) || missing(b.v)) return Number(missing(a.v)) - Number(missing(b.v)) || a.i - b.i;
    const order = typeof a.v === 'string' && typeof b.v === 'string'
      ? a.v.localeCompare(b.v, 'en', { numeric: true }) : (a.v as number) - (b.v as number);
    return sign * order || a.i - b.i;
  }).map((x) => x.row);
}

interface Props<T> {
  columns: readonly Column<T>[];
  rows: readonly T[];
  caption: string;
  sort: Sort;
  onSort(sort: Sort): void;
  rowKey(row: T): string;
  rowClass?(row: T): string;
  onRow?(row: T): void;
}

export function Sheet<T>(p: Props<T>) {
  const rows = sorted(p.rows, p.columns, p.sort);
  return (
    <table class="sheet">
      <caption class="hidden-label">{p.caption}</caption>
      <thead><tr>
        {p.columns.map((c) => (
          <th key={c.key} scope="col" class={c.text ? 't' : ''} title={c.about}
              aria-sort={p.sort.key === c.key ? (p.sort.descending ? 'descending' : 'ascending') : undefined}>
            {c.by === undefined ? <span>{c.title}</span>
              : <button onClick={() => p.onSort({ key: c.key,
                  descending: p.sort.key === c.key ? !p.sort.descending : false })}>{c.title}</button>}
          </th>
        ))}
      </tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={p.rowKey(row)} class={`${p.rowClass?.(row) ?? ''} ${p.onRow ? 'click' : ''}`}
              onClick={p.onRow && ((e) => {
                if ((e.target as HTMLElement).closest('a, button, input') === null) p.onRow?.(row);
              })}>
            {p.columns.map((c) => <td key={c.key} class={c.text ? 't' : ''}>{c.cell(row)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
