/** docs.mjs - the pictures of docs/img: see scripts/screenshot-ui. */
import { join } from 'node:path';
import { statSync, writeFileSync } from 'node:fs';
import { ROOT, dress, logIn, openBrowser } from './browser.mjs';
import { startMock } from './mock.mjs';

const SHOTS = [
  ['screen-now', 'en', 'night', '#/now', '.part.lines'],
  ['screen-line-ar', 'ar', 'day', `#/line/${'a1'.repeat(16)}`, '.messages'],
  [
    'screen-map',
    'en',
    'night',
    '#/map',
    '.map-box[data-ready] canvas',
    async (page) => {
      await page.waitForSelector('.thing.conflict:has(.swatch.operation)');
      await page.waitForTimeout(1500);
    },
  ],
];
const mock = await startMock(0, { operations: 60 });
const browser = await openBrowser({ width: 1180, height: 680 });
const page = browser.context.pages()[0];
page.setDefaultTimeout(60000);
const chrome = await browser.context.newCDPSession(page);
await logIn(page, mock.url, 'chief');
for (const [name, language, theme, address, wait, act] of SHOTS) {
  await dress(page, language, theme);
  await page.waitForSelector('#menu a');
  await page.keyboard.press('Shift'); // somebody is there: the alarms sound, and no banner says that they do not
  await page.evaluate((to) => {
    location.hash = to;
  }, address);
  await page.waitForSelector(wait);
  await act?.(page);
  await page.waitForTimeout(300);
  const path = join(ROOT, 'docs/img', `${name}.webp`);
  const { data } = await chrome.send('Page.captureScreenshot', { format: 'webp', quality: 72 }); // smaller than PNG
  writeFileSync(path, Buffer.from(data, 'base64'));
  console.log(`docs/img/${name}.webp: ${statSync(path).size} bytes`);
}
await browser.close();
await mock.close();
