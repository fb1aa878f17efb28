// Loads a TypeScript module of the page into Node.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = join(dirname(fileURLToPath(import.meta.url)), '../src');

export async function load(name) {
  const { outputFiles } = await build({ entryPoints: [join(src, name)], bundle: true, write: false,
    format: 'esm', platform: 'neutral', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'error',
    mainFields: ['module', 'main'] });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}
