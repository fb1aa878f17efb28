// Builds the page: dist/index.html, app.js, app.css. With --check nothing is
// written; the exit status says whether dist/ is what the sources give.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const banner = `/* Coatscope. SPDX-License-Identifier: GPL-3.0-or-later
 * Built from web/src. Contains Preact (MIT, (c) Jason Miller) and uPlot (MIT,
 * (c) Leon Sorokin): web/third-party.txt has their licences. */`;

const result = await build({
  entryPoints: { app: join(here, 'src/main.tsx') },
  outdir: dist,
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: ['chrome100', 'firefox102', 'safari15.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  charset: 'utf8',
  legalComments: 'none',
  banner: { js: banner, css: banner },
  logLevel: 'warning',
});

const files = new Map(result.outputFiles.map((f) => [f.path.slice(dist.length + 1), f.text]));
files.set('index.html', await readFile(join(here, 'src/index.html'), 'utf8'));

let differs = false;
for (const [name, text] of files) {
  const path = join(dist, name);
  if (process.argv.includes('--check')) {
    if (await readFile(path, 'utf8').catch(() => '') === text) continue;
    console.error(`${name} in dist/ is not what the sources give: run npm run build`);
    differs = true;
  } else {
    await mkdir(dist, { recursive: true });
    await writeFile(path, text);
    console.log(`${name.padEnd(12)} ${(text.length / 1000).toFixed(1)} kB`);
  }
}
process.exitCode = differs ? 1 : 0;
