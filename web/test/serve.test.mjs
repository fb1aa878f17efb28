// The page on the program itself: a campaign of two coatings is simulated,
// screened and served; opened by the address that is printed, scrubbed, a
// particle selected, exported, found again after a reload; where the program
// takes edits, an outline is edited and the edit undone.
//
//     COATSCOPE=build/coatscope node --test test/serve.test.mjs
//
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { executable, openBrowser, openPage, restingBox, serveReal } from './browser.mjs';

const program = process.env.COATSCOPE ?? '';
const serves = program !== '' && spawnSync(program, ['serve', '--help']).status === 0;
const skip = executable === undefined ? 'there is no Chromium here'
  : !serves ? 'this program does not serve' : false;
const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const RECIPE = `
recording: { seed: 7, width: 160, height: 160, frames: 24, interval_s: 8, exposure_s: 1, nm_per_px: 1.2 }
campaign: { name: two coatings, particles_per_coating: 1 }
particle: { diameter_nm: 80, law: interface, onset_s: 32 }
bias: { on_s: 30 }
coatings:
  - { name: C 8 nm, material: C, thickness_nm: 8, tau_s: 230, conversion: 0.92 }
  - { name: TiO2 5 nm, material: TiO2, thickness_nm: 5, tau_s: 440, conversion: 0.85 }
`;

let folder, server, browser;

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'coatscope-page-'));
  await writeFile(join(folder, 'r.yaml'), RECIPE);
  const run = (...args) => execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
  run('simulate', 'r.yaml', '-o', 'sim');
  run('screen', 'sim/campaign.yaml', '-o', 'results');
  server = await serveReal(program, join(folder, 'results'));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

test('open, scrub, select, export, edit, reload', { timeout: 300_000, skip }, async (t) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  context.setDefaultTimeout(60_000);
  const { page, bad } = await openPage(context, server.origin);
  const untilShown = (frame) => page.waitForFunction((f) =>
    document.querySelector('.stage')?.getAttribute('data-shown') === String(f), frame);
  await page.goto(server.start);
  await page.getByRole('heading', { name: 'Particles' }).waitFor();
  assert.ok(!page.url().includes('token'), 'the token does not stay in the address');
  const ranking = page.locator('section', { hasText: 'Ranking' }).first();
  assert.match(await ranking.innerText(), /C 8 nm[\s\S]*TiO2 5 nm|TiO2 5 nm[\s\S]*C 8 nm/);

  await page.locator('.sheet a').first().click();
  await untilShown(0);
  await page.waitForSelector('.over .line.outer', { state: 'attached' });
  await page.waitForSelector('.over .line.core', { state: 'attached' });
  await page.keyboard.press('.');
  await untilShown(1);
  await page.keyboard.press('End');
  await untilShown(23);
  assert.match(await page.locator('.readout').innerText(), /24\/24[\s\S]*Bias/);
  await page.locator('.stage').hover();
  await page.waitForFunction(() => /px.*= \d/s.test(document.querySelector('.readout').innerText));

  await page.waitForSelector('.u-over');
  const [file] = await Promise.all([page.waitForEvent('download'),
    page.getByRole('group', { name: 'Export the plot' }).getByRole('button', { name: 'CSV' }).click()]);
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  assert.equal(lines.length, 1 + 24);
  await page.evaluate(await readFile(axeSource, 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  assert.deepEqual(violations.map((v) => v.id), []);

  const about = await page.evaluate(() => fetch('/api').then((r) => r.json()));
  if (about.edits) await editAndUndo(page);
  else t.diagnostic('this program takes no edits yet: not tried');

  await page.keyboard.press('Home');
  await untilShown(0);
  await page.waitForFunction(() => location.hash.includes('frame=0'));
  await page.goto(`${server.origin}/`);
  await untilShown(0);
  assert.match(page.url(), /#\/recording\/\d+\?frame=0&particle=1/);
  assert.deepEqual(bad, []);
  await context.close();
});

async function editAndUndo(page) {
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.querySelector('.stage').dataset.shown === '0');
  await page.keyboard.press('e');
  await page.waitForSelector('.handle');
  const at = await restingBox(page.locator('.handle').first());
  await page.mouse.move(at.x + 4, at.y + 4);
  await page.mouse.down();
  await page.mouse.move(at.x + 44, at.y + 4, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByLabel('Name or initials').fill('tester');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('summary', { hasText: 'Edits (1)' }).waitFor();
  await page.getByRole('button', { name: /Undo the last edit/ }).click();
  await page.locator('summary', { hasText: 'Edits (0)' }).waitFor();
}
