// The built page that is committed is what the sources give, and is small.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';

const web = new URL('..', import.meta.url).pathname;

test('dist/ is what the sources give', () => {
  const run = spawnSync(process.execPath, ['build.mjs', '--check'], { cwd: web, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
});

test('the types hold', () => {
  const run = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: web, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stdout);
});

test('three files, below 300 kB, that name no other host', async () => {
  const names = (await readdir(join(web, 'dist'))).sort();
  assert.deepEqual(names, ['app.css', 'app.js', 'index.html']);
  let bytes = 0;
  for (const name of names) {
    bytes += (await stat(join(web, 'dist', name))).size;
    const text = (await readFile(join(web, 'dist', name), 'utf8')).replace(/http:\/\/www\.w3\.org\/[\w/]+/g, '');
    assert.ok(!/https?:\/\//.test(text), name);
    assert.ok(!text.includes('sourceMappingURL'), name);
  }
  assert.ok(bytes < 300_000, `${bytes} bytes`);
});

test('the lock file has exact versions and names no registry', async () => {
  const lock = JSON.parse(await readFile(join(web, 'package-lock.json'), 'utf8'));
  const own = JSON.parse(await readFile(join(web, 'package.json'), 'utf8'));
  for (const version of Object.values({ ...own.dependencies, ...own.devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/);
  for (const [name, entry] of Object.entries(lock.packages).filter(([k]) => k !== ''))
    assert.ok(entry.integrity && !entry.resolved, name);
});
