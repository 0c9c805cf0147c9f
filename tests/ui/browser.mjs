/**
 * browser.mjs - Debian's Chromium for the tests: found, started with a fresh profile, and made to
 * tell what went wrong on its pages.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(HERE, '../..');
export const require = createRequire(join(ROOT, 'ui/package.json'));
export const CHROMIUM =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const { chromium } = require('playwright-core');

/** For each condition: on a busy machine everything takes longer, and nothing is timed. */
export const WAIT_MS = 60000;

/**
 * Waits until what `ask` gives is right, and gives it: for what is drawn a little after what has made it so.
 * @param {() => any} ask @param {any} right a pattern that it has, a test that it passes, or what it equals
 */
export async function becomes(ask, right) {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const found = await ask();
    const isRight =
      right instanceof RegExp
        ? right.test(found)
        : typeof right === 'function'
          ? right(found)
          : isDeepStrictEqual(found, right);
    if (isRight) return found;
    if (Date.now() > until) {
      if (typeof right === 'function') assert.fail(`${JSON.stringify(found)} is not: ${right}`);
      (right instanceof RegExp ? assert.match : assert.deepEqual)(found, right);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits for a toast that says so, though it may have gone by now ("toast bad: no place"); each is waited for once. */
export const toasted = (page, said) =>
  page.waitForFunction((text) => {
    const i = globalThis.$toasts.findIndex((one) => one.includes(text));
    if (i >= 0) globalThis.$toasts.splice(0, i + 1);
    return i >= 0;
  }, said);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--force-color-profile=srgb',
  '--autoplay-policy=no-user-gesture-required',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--lang=en-GB',
];

/** @returns {{context: any, problems: string[], close: () => Promise<void>}} */
export async function openBrowser({
  width = 1280,
  height = 720,
  language = 'en',
  theme = 'night',
  timezone = 'Europe/Athens',
} = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'tafadi-ui-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: false,
    args: FLAGS,
    viewport: { width, height },
    timezoneId: timezone,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const problems = [];
  const allowed = new Set();
  await context.addInitScript(
    ([lang, colours]) => {
      try {
        if (!localStorage.getItem('tafadi.language')) localStorage.setItem('tafadi.language', lang);
        if (!localStorage.getItem('tafadi.theme')) localStorage.setItem('tafadi.theme', colours);
      } catch {
        /* not our page */
      }
    },
    [language, theme],
  );
  await context.addInitScript(() => {
    globalThis.$toasts = []; // they go again after some seconds
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes)
          if (node.classList?.contains('toast')) globalThis.$toasts.push(`${node.className}: ${node.textContent}`);
    }).observe(document, { childList: true, subtree: true });
  });
  context.on('page', watch);
  context.pages().forEach(watch);
  function watch(page) {
    page.on('pageerror', (error) =>
      problems.push(`page: ${error.message} ${error.stack?.split('\n')[1] ?? ''}`),
    );
    page.on('console', (line) => {
      if (line.type() === 'error' && !/Failed to load resource/.test(line.text()))
        problems.push(`console: ${line.text()}`);
    });
    page.on('response', (response) => {
      if (
        response.status() >= 400 &&
        !allowed.has(response.status()) &&
        !/api\/v1\/(operations|sites|cases|picture|session|zones|declarations)\b/.test(response.url())
      )
        problems.push(`${response.status()} ${response.request().method()} ${response.url()}`);
    });
  }
  return {
    context,
    problems,
    allowed,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Sets language and colours of a page that is open. */
export async function dress(page, language, theme) {
  await page.evaluate(
    ([lang, colours]) => {
      localStorage.setItem('tafadi.language', lang);
      localStorage.setItem('tafadi.theme', colours);
    },
    [language, theme],
  );
  await page.reload();
  await page.waitForSelector('#main, .login');
}

export async function logIn(page, url, name, password = 'mock password') {
  await page.goto(url);
  await page.fill('#login-name', name);
  await page.fill('#login-password', password);
  await page.click('.login button[type=submit]');
  await page.waitForSelector('#menu a');
}
