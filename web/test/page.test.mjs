// The page in a browser, on the stand-in: open, scrub, select, edit, undo,
// export, reload; axe finds nothing; nothing on the console.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test, { after, before } from 'node:test';
import { executable, openBrowser, openPage, restingBox, serveMock } from './browser.mjs';

const skip = executable === undefined ? 'there is no Chromium here' : false;
const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SLOW = { timeout: 120_000, skip };
let browser, server;

before(async () => {
  if (skip) return;
  server = await serveMock({ side: 256, frames: 60 });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', ...options });
  context.setDefaultTimeout(30_000);
  await context.addInitScript(() => {
    if (location.protocol === 'about:') return;
    const kept = JSON.parse(localStorage.getItem('coatscope') ?? '{}');
    if (!kept.author) localStorage.setItem('coatscope', JSON.stringify({ ...kept, author: 'tester' }));
  });
  const { page, bad } = await openPage(context, server.origin);
  await page.goto(`${server.start}${hash}`);
  return { context, page, bad };
}

async function axe(page) {
  // By the devtools, as the page lets no foreign script in.
  await page.evaluate(await readFile(axeSource, 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(' | ').slice(0, 600)}`);
}

const shown = (page) => page.locator('.stage').first().getAttribute('data-shown').then(Number);
const untilShown = (page, frame) => page.waitForFunction((f) =>
  document.querySelector('.stage')?.getAttribute('data-shown') === String(f), frame);

const LOOKS = [['#/campaign', 1440, 'dark'], ['#/campaign', 400, 'light'], ['#/recording/1?particle=1&frame=20', 1440, 'light'],
  ['#/recording/1?particle=1&frame=20', 1024, 'dark'], ['#/recording/1?particle=1&frame=20', 400, 'dark'],
  ['#/score', 1024, 'light'], ['#/run', 400, 'dark']];
for (const [hash, width, colorScheme] of LOOKS)
  test(`axe finds nothing: ${hash} at ${width}, ${colorScheme}`, SLOW, async () => {
    const { context, page, bad } = await open(hash, { viewport: { width, height: 900 }, colorScheme });
    await page.waitForSelector('h1');
    if (hash.startsWith('#/recording')) {
      await untilShown(page, 20);
      await page.waitForSelector('.u-over');
      await page.waitForSelector('.over .line.outer', { state: 'attached' });
    }
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(bad, []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
    await context.close();
  });

test('dialogs and forms: axe finds nothing', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/1?particle=1&frame=20');
  await untilShown(page, 20);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+C');
  await page.getByRole('button', { name: 'Verdict …' }).click();
  await page.getByRole('button', { name: 'Table' }).click();
  await page.keyboard.press('e');
  await page.waitForSelector('.handle');
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(bad, []);
  await context.close();
});

test('scrubbing by keys, wheel, bar and number shows the frame', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/1');
  await untilShown(page, 0);
  await page.keyboard.press('.');
  await untilShown(page, 1);
  await page.keyboard.press('PageDown');
  await untilShown(page, 11);
  await page.keyboard.press(',');
  await untilShown(page, 10);
  await page.keyboard.press('End');
  await untilShown(page, 59);
  await page.locator('.stage').hover();
  await page.mouse.wheel(0, -120);
  await untilShown(page, 58);
  const bar = await restingBox(page.locator('.timeline'));
  await page.mouse.click(bar.x + bar.width / 2, bar.y + 10);
  await page.waitForFunction(() => Math.abs(Number(document.querySelector('.stage').dataset.shown) - 29.5) < 2);
  await page.getByLabel('Frame number').fill('7');
  await page.keyboard.press('Enter');
  await untilShown(page, 6);
  assert.match(await page.locator('.readout').innerText(), /7\/60/);
  assert.deepEqual(bad, []);
  await context.close();
});

test('playback runs both ways', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/1?frame=30');
  await untilShown(page, 30);
  await page.keyboard.press('\\');
  await page.waitForFunction(() => Number(document.querySelector('.stage').dataset.shown) > 32);
  await page.keyboard.press('\\');
  const at = await shown(page);
  await page.keyboard.press('Shift+Backslash');
  await page.waitForFunction((f) => Number(document.querySelector('.stage').dataset.shown) < f, at);
  assert.deepEqual(bad, []);
  await context.close();
});

test('a click on a particle shows its curve, one on the curve its frame', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/1?frame=5');
  await untilShown(page, 5);
  await page.waitForSelector('.over .line.outer', { state: 'attached' });
  const stage = await restingBox(page.locator('.stage'));
  const zoom = Math.min(stage.width, stage.height) / 256;
  const x0 = stage.x + (stage.width - 256 * zoom) / 2, y0 = stage.y + (stage.height - 256 * zoom) / 2;
  await page.mouse.click(x0 + 0.7 * 256 * zoom, y0 + 0.68 * 256 * zoom);
  await page.getByRole('button', { name: 'p02', pressed: true }).waitFor();
  await page.waitForSelector('.u-over');
  const plot = await restingBox(page.locator('.u-over'));
  await page.mouse.click(plot.x + plot.width * 0.8, plot.y + plot.height * 0.1);
  await page.waitForFunction(() => Number(document.querySelector('.stage').dataset.shown) > 40);
  assert.deepEqual(bad, []);
  await context.close();
});

test('an edited polygon changes area and ranking; undo takes it back; it is there after a reload', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/3?particle=1&frame=0');
  await untilShown(page, 0);
  await page.waitForSelector('.over .line.outer', { state: 'attached' });
  await page.keyboard.press('e');
  await page.waitForSelector('.handle');
  const before = await page.locator('.editbar .area').innerText();
  const handle = page.locator('.handle').first();
  const at = await restingBox(handle);
  await page.mouse.move(at.x + 4, at.y + 4);
  await page.mouse.down();
  await page.mouse.move(at.x + 64, at.y + 4, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((was) => document.querySelector('.editbar .area').innerText !== was, before);
  const dragged = await page.locator('.editbar .area').innerText();
  assert.notEqual(dragged, before);
  assert.match(dragged, /\+\d/);
  await page.keyboard.press('Control+z');
  await page.waitForFunction((was) => document.querySelector('.editbar .area').innerText === was, before);
  await page.keyboard.press('Control+Shift+z');
  await page.getByLabel('Reason').fill('the coat was missed');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.locator('summary', { hasText: 'Edits (1)' }).waitFor();
  await page.getByRole('link', { name: 'Campaign', exact: true }).click();
  const rate = () => page.locator('section', { hasText: 'Ranking' }).first().locator('tr', { hasText: 'TiO2 5 nm' }).innerText();
  const edited = await rate();
  await page.reload();
  await page.waitForSelector('h1');
  await page.getByRole('link', { name: 'Recording', exact: true }).click();
  await page.locator('summary', { hasText: 'Edits (1)' }).click();
  assert.match(await page.locator('.edits').innerText(), /tester.*the coat was missed/s);
  await page.getByRole('button', { name: /Undo the last edit/ }).click();
  await page.locator('summary', { hasText: 'Edits (0)' }).waitFor();
  await page.getByRole('link', { name: 'Campaign', exact: true }).click();
  await page.waitForFunction((was) => !document.querySelector('main').innerText.includes(was), edited);
  assert.notEqual(await rate(), edited);
  assert.deepEqual(bad, []);
  await context.close();
});

test('vertices by keyboard: move, insert, delete; Escape leaves nothing behind', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/2?particle=1&frame=0');
  await untilShown(page, 0);
  await page.keyboard.press('e');
  await page.waitForSelector('.handle');
  const n = await page.locator('.handle').count();
  const area = () => page.locator('.editbar .area').innerText();
  const first = await area();
  await page.locator('.handle').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((was) => document.querySelector('.editbar .area').innerText !== was, first);
  await page.keyboard.press('Insert');
  await page.waitForFunction((was) => document.querySelectorAll('.handle').length > was, n);
  await page.keyboard.press('Delete');
  await page.waitForFunction((was) => document.querySelectorAll('.handle').length <= was, n);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.editbar').count(), 0);
  assert.deepEqual(bad, []);
  await context.close();
});

test('a polygon that is drawn becomes a particle', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/4?frame=0');
  await untilShown(page, 0);
  await page.keyboard.press('p');
  const s = await restingBox(page.locator('.stage'));
  for (const [x, y] of [[0.5, 0.1], [0.6, 0.1], [0.6, 0.2]]) await page.mouse.click(s.x + x * s.width, s.y + y * s.height);
  await page.keyboard.press('Enter');
  await page.locator('.editbar', { hasText: 'New particle' }).waitFor();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.locator('summary', { hasText: 'Edits (1)' }).waitFor();
  assert.deepEqual(bad, []);
  await context.close();
});

test('verdict by hand, accept, reject and rename are kept', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/5?particle=1');
  await page.getByRole('button', { name: 'Verdict …' }).click();
  await page.getByRole('group', { name: 'Verdict' }).getByRole('button', { name: 'intact' }).click();
  await page.getByLabel('Note', { exact: true }).fill('seen with the other observer');
  await page.getByRole('button', { name: 'Give this verdict' }).click();
  await page.getByText('intact (by hand)').waitFor();
  await page.getByRole('button', { name: 'Rename …' }).click();
  await page.getByLabel('New name').fill('left one');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('button', { name: 'left one' }).waitFor();
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByRole('button', { name: 'Reject', pressed: true }).waitFor();
  assert.deepEqual(bad, []);
  await context.close();
});

test('curves go out as CSV, SVG and PNG', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/1?particle=1');
  await page.waitForSelector('.u-over');
  await page.getByLabel('Quantity').selectOption('area_nm2');
  for (const [name, start] of [['CSV', 'curve,recording'], ['SVG', '<svg xmlns'], ['PNG', '\x89PNG']]) {
    const [file] = await Promise.all([page.waitForEvent('download'),
      page.getByRole('group', { name: 'Export the plot' }).getByRole('button', { name }).click()]);
    const bytes = await readFile(await file.path());
    assert.ok(bytes.length > 500);
    assert.equal(bytes.toString('latin1', 0, start.length), start);
  }
  assert.deepEqual(bad, []);
  await context.close();
});

test('the page opens where it was left', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/2?particle=2&frame=33');
  await untilShown(page, 33);
  await page.keyboard.press('.');
  await untilShown(page, 34);
  await page.waitForFunction(() => location.hash.includes('frame=34'));
  await page.goto('about:blank');
  await page.goto(server.start);
  await untilShown(page, 34);
  await page.getByRole('button', { name: 'p02', pressed: true }).waitFor();
  assert.deepEqual(bad, []);
  await context.close();
});

test('two recordings side by side go together', SLOW, async () => {
  const { context, page, bad } = await open('#/recording/1?frame=10');
  await untilShown(page, 10);
  await page.getByLabel('Beside').selectOption({ index: 3 });
  await page.waitForFunction(() => document.querySelectorAll('.stage').length === 2
    && document.querySelectorAll('.stage')[1].dataset.shown === '10');
  await page.keyboard.press('.');
  await page.waitForFunction(() => document.querySelectorAll('.stage')[1].dataset.shown === '11');
  assert.deepEqual(bad, []);
  await context.close();
});

test('without WebGL the image is drawn on a canvas', SLOW, async () => {
  const { context, page, bad } = await open('#/campaign');
  await page.evaluate(() => localStorage.setItem('coatscope', JSON.stringify({ only2d: true, author: 'tester' })));
  await page.goto('about:blank');
  await page.goto(`${server.start}#/recording/1?frame=3`);
  await untilShown(page, 3);
  assert.equal(await page.locator('.stage').getAttribute('data-layer'), 'canvas');
  const dark = await page.locator('.stage canvas').evaluate((c) => {
    const ctx = c.getContext('2d');
    const { data } = ctx.getImageData(c.width / 2, c.height / 2, 1, 1);
    return data[0] + data[1] + data[2];
  });
  assert.ok(dark > 0);
  assert.deepEqual(bad, []);
  await context.close();
});
