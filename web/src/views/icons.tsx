// Drawings on buttons, 16 × 16.
//
// SPDX-License-Identifier: GPL-3.0-or-later

const PATHS = {
  select: 'M3 2l9 5-4 1.2L6 12z',
  hand: 'M8 2v5M5.5 3.5V8M10.5 3.5V8M13 6v4a4 4 0 0 1-4 4H8a4 4 0 0 1-3.4-2L2.5 8.6c-.5-1 .9-1.8 1.6-.8L5.5 9.5',
  level: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11M8 5.5h4.5M8 8h5.5M8 10.5h4.5',
  draw: 'M3 12L5 4l7-1 1 8-5 2z',
  edit: 'M3 11.5C4 5 8 3 13 4M2 10.5h2.5V13H2zM11.5 2.8H14v2.5h-2.5zM6 5.3h2.5v2.5H6z',
  arc: 'M2.5 12A7 7 0 0 1 9 3M10.5 2l3.5 3.5-4 4-3 .5.5-3z',
  play: 'M4 2.5l9 5.5-9 5.5z',
  back: 'M12 2.5L3 8l9 5.5z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  first: 'M4 3v10M13 3L6 8l7 5z',
  last: 'M12 3v10M3 3l7 5-7 5z',
  next: 'M6 3l5 5-5 5',
  prev: 'M10 3L5 8l5 5',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  undo: 'M6 3L2.5 6.5 6 10M3 6.5h6.5a4 4 0 0 1 0 7.5H6',
  redo: 'M10 3l3.5 3.5L10 10M13 6.5H6.5a4 4 0 0 0 0 7.5H10',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13 10A6 6 0 0 1 6 3a5.5 5.5 0 1 0 7 7z',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.5v.5',
} as const;

const FILLED: ReadonlySet<string> = new Set(['select', 'play', 'back', 'pause']);

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" fill={FILLED.has(name) ? 'currentColor' : 'none'}
         stroke={FILLED.has(name) ? 'none' : 'currentColor'} stroke-width="1.4"
         stroke-linecap="round" stroke-linejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Core and coat: the outlines of the tool, as its mark. */
export function Mark() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true" fill="none">
      <path d="M10 1.5c4.6 0 8.2 3.2 8.5 7.6.3 5-3.3 9.3-8.3 9.4-5 .1-8.7-3.7-8.7-8.5S5.3 1.5 10 1.5z"
            stroke="var(--ink)" stroke-width="1.6" />
      <path d="M10.2 5.2c2.800 0 4.600 2 4.700 4.600.1 2.900-2 5-4.800 5-2.900.1-5-2.100-5-4.900 0-2.700 2.300-4.700 5.100-4.700z"
            fill="var(--accent)" />
    </svg>
  );
}
