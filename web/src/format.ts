// Numbers in words: with units, as many digits as they carry, a dash for none.
//
// SPDX-License-Identifier: GPL-3.0-or-later

export type Maybe = number | null | undefined;

export const NONE = '–';

export const isNumber = (v: Maybe): v is number => typeof v === 'number' && Number.isFinite(v);

/** With `digits` significant digits, never in exponents below a million. */
export function number(v: Maybe, digits = 4): string {
  if (!isNumber(v)) return NONE;
  if (v === 0) return '0';
  const size = Math.abs(v);
  if (size >= 1e6 || size < 1e-4) return minus(v.toExponential(Math.max(0, digits - 1)));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return minus(v.toFixed(Math.min(decimals, 10)));
}

export const fixed = (v: Maybe, decimals: number): string =>
  isNumber(v) ? minus(v.toFixed(decimals)) : NONE;

export const minus = (s: string): string => s.replace(/^-/, '−');

/** A value and its standard deviation, both to the deviation's second digit. */
export function plusMinus(v: Maybe, sd: Maybe): string {
  if (!isNumber(v)) return NONE;
  if (!isNumber(sd) || sd <= 0) return number(v);
  const decimals = Math.max(0, Math.min(10, 1 - Math.floor(Math.log10(sd))));
  return `${minus(v.toFixed(decimals))} ± ${sd.toFixed(decimals)}`;
}

export function seconds(s: Maybe): string {
  if (!isNumber(s)) return NONE;
  if (Math.abs(s) < 60) return `${minus(s.toFixed(2))} s`;
  const whole = Math.floor(Math.abs(s));
  const h = Math.floor(whole / 3600), m = Math.floor((whole % 3600) / 60);
  const rest = (Math.abs(s) - 3600 * h - 60 * m).toFixed(1).padStart(4, '0');
  const sign = s < 0 ? '−' : '';
  return h > 0 ? `${sign}${h}:${String(m).padStart(2, '0')}:${rest}` : `${sign}${m}:${rest}`;
}

export const percent = (p: Maybe, decimals = 0): string =>
  isNumber(p) ? `${minus((100 * p).toFixed(decimals))} %` : NONE;

export const range = (lo: Maybe, hi: Maybe, digits = 3): string =>
  isNumber(lo) && isNumber(hi) ? `${number(lo, digits)} – ${number(hi, digits)}` : NONE;

export const plural = (n: number, one: string, many = one + 's'): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
