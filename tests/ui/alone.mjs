/**
 * alone.mjs - runs tests one after the other in one browser, against one double of a node.
 */
import { join } from 'node:path';
import { ROOT, WAIT_MS, openBrowser } from './browser.mjs';
import { startMock } from './mock.mjs';

/** @param {[string, (given: {page: any, mock: any, allowed: Set<number>}) => any][]} tests those whose name has what
 *   the command line says, or all */
export async function runAlone(tests) {
  const mock = await startMock();
  const browser = await openBrowser();
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(WAIT_MS);
  browser.allowed.add(401); // sessions end on purpose
  let [passed, failed] = [0, 0];
  const only = process.argv[2] ?? '';
  for (const [name, run] of tests.filter(([title]) => title.includes(only))) {
    try {
      await run({ page, mock, allowed: browser.allowed });
      passed++;
      console.log(`ok   ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}\n${error.stack}\n`);
      await page.screenshot({ path: join(ROOT, 'out', `ui-failed-${failed}.png`) }).catch(() => {});
    }
  }
  await browser.close();
  await mock.close();
  for (const problem of browser.problems) console.log(`FAIL the browser complains: ${problem}`);
  failed += browser.problems.length;
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
