// Plots as files: CSV, SVG; and how a file is handed to the user.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { isNumber } from '../format';
import { extent, type Axes, type Curve, type Range } from './curves';

/** Hands `content` to the user under `name`. */
export function save(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const quote = (s: string): string =>
  /[",\r\n]/.test(s) ? `"${s.replace(/"/g, '""')}"` : s;

/** A row for each point: RFC 4180, missing values empty. */
export function csv(curves: readonly Curve[], axes: Axes): string {
  const cell = (a: ArrayLike<unknown> | undefined, i: number): string => {
    const v = a?.[i];
    return typeof v === 'number' && isNumber(v) ? String(v) : '';
  };
  const head = ['curve', 'recording', 'particle_id', 'frame', axes.xTitle, axes.yTitle,
    `${axes.yTitle}, 95 % from`, `${axes.yTitle}, 95 % to`];
  const lines = [head.map(quote).join(',')];
  for (const c of curves)
    for (let i = 0; i < c.x.length; i++)
      lines.push([quote(c.label), quote(c.recording ?? ''), c.particle ?? '',
        cell(c.frames, i), cell(c.x, i), cell(c.y, i), cell(c.lo, i), cell(c.hi, i)].join(','));
  return lines.join('\r\n') + '\r\n';
}

/** Round steps that give about `wanted` ticks. */
export function ticks({ min, max }: Range, wanted: number): number[] {
  const raw = (max - min) / Math.max(1, wanted);
  if (!(raw > 0)) return [min];
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) as number;
  const out: number[] = [];
  for (let k = Math.ceil(min / step - 1e-9); k * step <= max + 1e-9 * step; k++)
    out.push(Number((k * step).toPrecision(12)));
  return out;
}

const escape = (s: string): string =>
  s.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

/** A figure for print: white ground, dark ink, vector throughout. */
export function svg(curves: readonly Curve[], axes: Axes, x: Range = extent(curves, 'x'),
                    y: Range = extent(curves, 'y')): string {
  const W = 720, H = 440, left = 72, right = 16, top = 16, bottom = 52;
  const w = W - left - right;
  const legend = curves.length > 1 ? 18 * Math.ceil(curves.length / 3) : 0;
  const h = H - top - bottom;
  const px = (v: number): number => left + ((v - x.min) / (x.max - x.min)) * w;
  const py = (v: number): number => top + h - ((v - y.min) / (y.max - y.min)) * h;
  const at = (a: number, b: number): string => `${px(a).toFixed(2)} ${py(b).toFixed(2)}`;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H + legend}" ` +
    `width="${W}" height="${H + legend}" font-family="DejaVu Sans, Arial, sans-serif" font-size="12">`,
    `<title>${escape(`${axes.yTitle} against ${axes.xTitle}`)}</title>`,
    `<rect width="${W}" height="${H + legend}" fill="#fff"/>`,
    `<clipPath id="c"><rect x="${left}" y="${top}" width="${w}" height="${h}"/></clipPath>`,
  ];
  for (const v of ticks(x, 8))
    out.push(`<path d="M${px(v).toFixed(2)} ${top}v${h}" stroke="#e4e7ea"/>` +
      `<text x="${px(v).toFixed(2)}" y="${top + h + 18}" text-anchor="middle">${v}</text>`);
  for (const v of ticks(y, 6))
    out.push(`<path d="M${left} ${py(v).toFixed(2)}h${w}" stroke="#e4e7ea"/>` +
      `<text x="${left - 8}" y="${(py(v) + 4).toFixed(2)}" text-anchor="end">${v}</text>`);
  out.push(`<rect x="${left}" y="${top}" width="${w}" height="${h}" fill="none" stroke="#333"/>`);
  out.push('<g clip-path="url(#c)">');
  for (const c of curves) {
    for (const piece of pieces(c)) {
      const upper = piece.filter((i) => isNumber(c.lo?.[i]) && isNumber(c.hi?.[i]));
      if (upper.length > 1)
        out.push(`<path d="M${upper.map((i) => at(c.x[i] as number, c.hi?.[i] as number)).join('L')}` +
          `L${[...upper].reverse().map((i) => at(c.x[i] as number, c.lo?.[i] as number)).join('L')}Z" ` +
          `fill="${c.colour}" fill-opacity=".15"/>`);
      if (c.dots)
        out.push(...piece.map((i) => `<circle cx="${px(c.x[i] as number).toFixed(2)}" ` +
          `cy="${py(c.y[i] as number).toFixed(2)}" r="1.8" fill="${c.colour}"/>`));
      else
        out.push(`<path d="M${piece.map((i) => at(c.x[i] as number, c.y[i] as number)).join('L')}" ` +
          `fill="none" stroke="${c.colour}" stroke-width="1.5"` +
          `${c.dash ? ` stroke-dasharray="${c.dash.join(' ')}"` : ''}/>`);
    }
  }
  out.push('</g>');
  out.push(`<text x="${left + w / 2}" y="${H - 12}" text-anchor="middle">${escape(axes.xTitle)}</text>`);
  out.push(`<text transform="translate(18 ${top + h / 2}) rotate(-90)" text-anchor="middle">` +
    `${escape(axes.yTitle)}</text>`);
  if (curves.length > 1)
    curves.forEach((c, i) => {
      const cx = left + (i % 3) * (w / 3), cy = H + 4 + 18 * Math.floor(i / 3);
      out.push(`<path d="M${cx.toFixed(1)} ${cy}h22" stroke="${c.colour}" stroke-width="2"/>` +
        `<text x="${(cx + 28).toFixed(1)}" y="${cy + 4}">${escape(c.label)}</text>`);
    });
  out.push('</svg>');
  return out.join('\n') + '\n';
}

/** The runs of points of a curve between which something is missing. */
export function pieces(c: Curve): number[][] {
  const out: number[][] = [];
  let run: number[] = [];
  for (let i = 0; i < c.x.length; i++) {
    if (isNumber(c.x[i]) && isNumber(c.y[i])) run.push(i);
    else if (run.length > 0) { out.push(run); run = []; }
  }
  if (run.length > 0) out.push(run);
  return out;
}
