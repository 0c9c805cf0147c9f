/**
 * sides.mjs - what the tests with two parties' screens side by side share: two browsers, North's in English and
 * South's in Arabic, the words that both use, and the count of what passed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, openBrowser } from './browser.mjs';
import { PASSWORD, TAFADI } from './nodes.mjs';

export const go = (page, hash) =>
  page.evaluate((to) => {
    location.hash = to;
  }, hash);

export async function enter(page, node, name, hash = '') {
  await page.goto(`${node.url}/${hash}`);
  await page.fill('#login-name', name);
  await page.fill('#login-password', PASSWORD);
  await page.click('.login button[type=submit]');
  await page.waitForSelector('#menu a');
}

export async function sendText(page, text) {
  await page.selectOption('.composer [name=type]', 'text');
  await page.fill('.composer [name=text]', text);
  await page.click('.composer [type=submit]');
  await page.locator('.message.own', { hasText: text }).waitFor();
}

/**
 * Runs tests of [name, run]; `run` gets {here, there, nodes, serves} and says why if it has nothing to try here.
 * Ends the process: 0 if all passed.
 */
export async function runSideBySide(tests, start) {
  if (!TAFADI) {
    console.log('skipped: there is no tafadi with its screen; build it first');
    process.exit(0);
  }
  mkdirSync(join(ROOT, 'out/ui'), { recursive: true });
  const nodes = await start();
  const [one, two] = [
    await openBrowser({ language: 'en' }),
    await openBrowser({ language: 'ar', theme: 'day' }),
  ];
  const [here, there] = [one.context.pages()[0], two.context.pages()[0]];
  for (const page of [here, there]) page.setDefaultTimeout(20000);
  for (const browser of [one, two]) {
    browser.allowed.add(401);
    browser.allowed.add(503);
  }
  const served = async (path) => (await fetch(`${nodes.north.url}${path}`)).status !== 404;
  const serves = { operations: await served('/api/v1/operations?limit=1') };
  let [passed, failed] = [0, 0];
  for (const [name, run] of tests) {
    try {
      const why = await run({ here, there, nodes, serves });
      if (!why) passed++;
      console.log(`${why ? 'skip' : 'ok  '} ${name}${why ? `: ${why}` : ''}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}\n${error.stack}\n`);
      for (const [page, side] of [
        [here, 'here'],
        [there, 'there'],
      ])
        await page.screenshot({ path: join(ROOT, 'out', `failed-${failed}-${side}.png`) }).catch(() => {});
    }
  }
  for (const problem of [...one.problems, ...two.problems])
    console.log(`FAIL the browser complains: ${problem}`);
  failed += one.problems.length + two.problems.length;
  await one.close();
  await two.close();
  await nodes.end();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
