/**
 * sides.mjs - two parties' screens side by side, for the tests of two real nodes: two browsers, North's in English and
 * South's in Arabic, what people do on them, and the count of what passed.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, WAIT_MS, openBrowser } from './browser.mjs';
import { PASSWORD, TAFADI } from './nodes.mjs';

/**
 * @typedef {{page: any, node: any, language: string, name: string, words: Record<string, string>}} Side
 * words: the texts of its language. name: of its pictures.
 */

export const go = (page, hash) =>
  page.evaluate((to) => {
    location.hash = to;
  }, hash);

/** What a text says whatever is put into its places: the longest piece between them. */
export const piece = ({ words }, key) =>
  words[key]
    .split(/\{[^}]*\}/)
    .sort((a, b) => b.length - a.length)[0]
    .trim();

export const ask = (page, path) => page.evaluate(async (one) => (await fetch(one)).json(), path);

export async function enter({ page, node }, name) {
  await page.goto(`${node.url}/`);
  await page.fill('#login-name', name);
  await page.fill('#login-password', PASSWORD);
  await page.click('.login button[type=submit]');
  await page.waitForSelector('#menu a');
}

/** Fills in a dialog that is open, and sends it. */
export async function fulfil(page, fields = {}) {
  for (const [name, text] of Object.entries(fields)) await page.fill(`dialog [name=${name}]`, text);
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
}

export async function sendText(page, text) {
  await page.selectOption('.composer [name=type]', 'text');
  await page.fill('.composer [name=text]', text);
  await page.click('.composer [type=submit]');
  await page.locator('.message.own', { hasText: text }).waitFor();
}

/** Waits until our message stands at a step: "delivered", "seen". */
export const stands = (side, text, step) =>
  side.page
    .locator('.message.own', { hasText: text })
    .locator('.step.done', { hasText: piece(side, `step.${step}.done`) })
    .waitFor();

/** Kills the node of a side, does what is to be done meanwhile, and starts it again; the screen says so, and resumes. */
export async function killed({ page, node }, meanwhile) {
  await node.stop('SIGKILL');
  await page.waitForSelector('.banner.bad');
  await meanwhile();
  await node.start();
  await page.waitForSelector('.banner.bad', { state: 'detached' });
}

export const mapReady = (page) => page.waitForSelector('.map-box[data-ready] canvas');

/** What a party has heard of others. */
export const heard = async ({ page }) =>
  (await ask(page, '/api/v1/declarations')).declarations.filter((one) => !one.own && !one.withdrawn);

/** Waits until `count` things were heard of others. */
export const hears = ({ page }, count) =>
  page.waitForFunction(
    async (n) => {
      const { declarations } = await (await fetch('/api/v1/declarations')).json();
      return declarations.filter((one) => !one.own && !one.withdrawn).length === n;
    },
    count,
    { polling: 250 },
  );

/** Draws a new plan by typing it. */
export async function draw({ page, words }, name, points) {
  await go(page, '#/plan');
  await mapReady(page);
  const anew = page.locator('.plan-form .head button', { hasText: words['plan.anew'] });
  if (await anew.count()) await anew.click();
  await page.fill('#plan-name', name);
  await page.fill('#plan-points', points);
}

/** Hands in the plan, which nothing is in the way of. */
export async function handIn({ page, words }) {
  await page.waitForSelector('.plan-page .card .badge.good');
  await page.locator('.plan-form [type=submit]').click();
  await page.locator('.plan-form strong', { hasText: words['state.accepted'] }).waitFor();
}

/**
 * Runs tests of [name, run], each on what the ones before it have left: the first that fails is the last. `run` gets
 * the sides {north, south} and {nodes}. Ends the process: 0 if all passed.
 */
export async function runSideBySide(tests, start) {
  if (!TAFADI) {
    console.log('skipped: there is no tafadi with its screen; build it first');
    process.exit(0);
  }
  mkdirSync(join(ROOT, 'out/ui'), { recursive: true });
  const nodes = await start();
  const browsers = [];
  const sideOf = async (name, language, theme) => {
    const browser = await openBrowser({ language, theme });
    browser.allowed.add(401);
    browser.allowed.add(503);
    browsers.push(browser);
    const [page] = browser.context.pages();
    page.setDefaultTimeout(WAIT_MS);
    const words = JSON.parse(readFileSync(join(ROOT, `ui/i18n/${language}.json`), 'utf8'));
    return { page, node: nodes[name], language, name: `${name}-${language}`, words };
  };
  const sides = { north: await sideOf('north', 'en', 'night'), south: await sideOf('south', 'ar', 'day') };
  let [passed, failed] = [0, 0];
  for (const [name, run] of tests) {
    const began = Date.now();
    try {
      await run({ ...sides, nodes });
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}\n${error.stack}\n${tests.length - passed - 1} more were not tried`);
      for (const { page, name: side } of Object.values(sides))
        await page.screenshot({ path: join(ROOT, 'out', `failed-${side}.png`) }).catch(() => {});
      break;
    }
    passed++;
    console.log(`ok   ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
  for (const browser of browsers) {
    for (const problem of browser.problems) console.log(`FAIL the browser complains: ${problem}`);
    failed += browser.problems.length;
    await browser.close();
  }
  await nodes.end();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
