/**
 * browser.mjs - Debian's Chromium for the tests: found, started with a fresh profile, and made to
 * tell what went wrong on its pages.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(HERE, '../..');
export const require = createRequire(join(ROOT, 'ui/package.json'));
export const CHROMIUM =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const { chromium } = require('playwright-core');

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
