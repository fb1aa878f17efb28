// Chromium, and a program to talk to: `coatscope serve` over a small campaign,
// or the stand-in of mock.mjs.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mock } from './mock.mjs';

const PATHS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
export const executable = PATHS.find((p) => p && existsSync(p));

const ARGS = ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ...(process.env.CHROMIUM_FLAGS ?? '--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader').split(' ')];

export async function openBrowser() {
  return chromium.launch({ executablePath: executable, args: ARGS });
}

/** A page that keeps what must not happen: errors on the console, requests to
 * another host. */
export async function openPage(context, origin) {
  const page = await context.newPage();
  const bad = [];
  page.on('console', (m) => {
    // The browser looks for one by itself before it has read the page.
    if (m.location().url.endsWith('/favicon.ico')) return;
    if (m.type() === 'error' || m.type() === 'warning') bad.push(`console: ${m.text()} ${m.location().url}`);
  });
  page.on('response', (r) => { if (r.status() >= 400) bad.push(`${r.status()}: ${r.url()}`); });
  page.on('pageerror', (e) => bad.push(`page: ${e.message}`));
  page.on('request', (r) => {
    if (!r.url().startsWith(origin) && !/^(data|blob):/.test(r.url())) bad.push(`request: ${r.url()}`);
  });
  return { page, bad };
}

/** Where something is once it has come to rest: pages move while they fill,
 * and software draws few frames a second. */
export async function restingBox(locator) {
  for (let before = '', same = 0, i = 0; i < 150; i++) {
    const now = await locator.boundingBox(), text = JSON.stringify(now);
    same = now !== null && text === before ? same + 1 : 0;
    if (same === 5) return now;
    before = text;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error('it does not come to rest');
}

export async function serveMock(options) {
  const server = mock(options);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, start: `${origin}/`, stop: async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  } };
}

/** The program on a results folder. It prints the address with its token. */
export async function serveReal(program, folder) {
  const child = spawn(program, ['serve', folder, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const start = await new Promise((done, fail) => {
    const look = (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/[\w.:[\]]+\/\?token=[0-9a-f]+/);
      if (found) done(found[0]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => fail(new Error(`serve ended with ${code}: ${said}`)));
    setTimeout(() => fail(new Error(`serve gave no address: ${said}`)), 60_000).unref();
  });
  return { origin: new URL(start).origin, start, stop: async () => {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    await new Promise((done) => child.on('exit', done));
  } };
}
