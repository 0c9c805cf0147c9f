/**
 * shoot.mjs - pictures of every page, in three languages and both themes, at a desk's size and a
 * phone's, into out/ui; each is examined by axe-core, and looked at for what hangs over its edge.
 *
 *     node tests/ui/shoot.mjs [PAGE...]
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, dress, logIn, openBrowser, require } from './browser.mjs';
import { startMock } from './mock.mjs';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const OUT = join(ROOT, 'out/ui');
const SOUTH = 'a1'.repeat(16);

/** name: [address, what to wait for, what to do before the picture] */
export const PAGES = {
  now: ['#/now', '.part.lines'],
  line: [`#/line/${SOUTH}`, '.messages'],
  memoranda: [`#/line/${SOUTH}/memoranda`, '.cards .card'],
  keys: [`#/line/${SOUTH}/keys`, '.words li'],
  ledger: ['#/ledger/5', '.entry pre + h3'],
  admin: ['#/admin/parties', '.cards .card'],
  accounts: ['#/admin/accounts', 'table tbody tr'],
  health: ['#/admin/health', '.badge.good'],
  map: [
    '#/map',
    '.map-box[data-ready] canvas',
    async (page) => {
      await page.waitForTimeout(900);
      await page.locator('.thing.conflict:has(.swatch.operation)').first().click();
      await page.waitForSelector('.detail');
      await page.waitForTimeout(700);
    },
  ],
  plan: ['#/plan', '.map-box[data-ready] canvas', drawPlan],
  cases: ['#/cases', '.case-link'],
  'case-held': [`#/cases/${'c5'.repeat(16)}`, '.case-head .held'],
  case: [`#/cases/${'c1'.repeat(16)}`, '.map-box[data-ready] canvas', lookAtOption],
  'case-answer': [`#/cases/${'c2'.repeat(16)}`, '.map-box[data-ready] canvas', lookAtProposal],
  incidents: [
    '#/incidents',
    '.map-box[data-ready] canvas',
    async (page) => {
      await page.fill('#incident-place', '35.51, 35.9');
      await page.waitForTimeout(700);
    },
  ],
  incident: ['#/incidents/incident-1', '.incident-messages', (page) => page.waitForTimeout(900)],
  bundle: [
    '#/incidents/incident-1',
    '.incident-messages',
    async (page) => {
      await page.locator('.incidents-page .actions button.main').click();
      await page.waitForSelector('dialog pre');
    },
  ],
  sites: ['#/sites/S-3', '.card .parties'],
  'sites-told': ['#/sites/S-1', '.card .parties'],
  'sites-declared': [`#/sites/${'c3'.repeat(16)}/e-2`, '.card .steps'],
  answer: [
    '#/now',
    '.waiting .actions button',
    (page) => page.click('li.waiting .actions button:has-text("…")'),
  ],
};

async function lookAtOption(page) {
  await page.locator('.option-choice').first().click();
  await page.waitForTimeout(700);
}

async function lookAtProposal(page) {
  await page.locator('.proposal button').first().click();
  await page.waitForTimeout(700);
}

async function drawPlan(page) {
  await page.fill('#plan-points', '35.30, 35.40\n35.45, 36.20\n35.38, 36.90');
  await page.fill('#plan-name', 'Survey 12');
  await page.waitForSelector('.option');
  await page.waitForTimeout(600);
}

/**
 * Serious and critical findings of axe-core, as lines. Bars that stay in sight are let go meanwhile: what they lie
 * upon depends on how far one has scrolled (and what has the focus is scrolled clear of them).
 */
export async function examine(page) {
  await page.evaluate(`${AXE}; 0`).catch(() => {});
  const found = await page.evaluate(async () => {
    const stuck = [...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).position === 'sticky');
    for (const one of stuck) one.style.position = 'static';
    const result = await globalThis.axe.run(document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    for (const one of stuck) one.style.position = '';
    return result.violations
      .filter((one) => ['serious', 'critical'].includes(one.impact))
      .map(
        (one) =>
          `${one.id}: ${one.nodes
            .slice(0, 3)
            .map((node) => `${node.target.join(' ')} ${node.any?.[0]?.message ?? ''}`)
            .join(' | ')}`,
      );
  });
  return found;
}

/** What hangs over the window's edge, and keys that have no text. */
const KEYS = Object.keys(JSON.parse(readFileSync(join(ROOT, 'ui/i18n/en.json'), 'utf8'))).filter((key) =>
  key.includes('.'),
);
export const overhang = (page) =>
  page.evaluate((keys) => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth + 1)
      found.push(`page is ${document.documentElement.scrollWidth} px wide, not ${innerWidth}`);
    const main = document.querySelector('#main');
    if (main && main.scrollWidth > main.clientWidth + 1) {
      const edge = main.getBoundingClientRect();
      const wide = [...main.querySelectorAll('*')].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width && !one.closest('.maplibregl-map') && (box.left < edge.left - 1 || box.right > edge.right + 1);
      });
      const names = wide.slice(-3).map((one) => `${one.tagName}.${one.className}`);
      found.push(`what is read is ${main.scrollWidth} px wide, not ${main.clientWidth}: ${names.join(' ')}`);
    }
    if (innerWidth > 1000)
      for (const table of document.querySelectorAll('.site-lists .scroll'))
        if (table.scrollWidth > table.clientWidth + 1) found.push(`a table is ${table.scrollWidth} px wide, not ${table.clientWidth}`);
    for (const element of document.querySelectorAll('#top *, #menu *, button, .badge, h1, h2')) {
      const box = element.getBoundingClientRect();
      if (
        box.width &&
        !element.closest('.skip, .unseen, .maplibregl-map, .menu, .tabs, .scroll, .line-list') &&
        (box.left < -1 || box.right > innerWidth + 1)
      )
        found.push(
          `${element.tagName}.${element.className} at ${Math.round(box.left)}–${Math.round(box.right)}`,
        );
    }
    const text = document.body.innerText;
    const known = new Set(keys);
    for (const word of text.match(/[a-z]+(?:\.[a-z-]+)+/g) ?? [])
      if (known.has(word)) found.push(`a key instead of a text: ${word}`);
    return found.slice(0, 8);
  }, KEYS);

const SIZES = { desk: [1280, 720], phone: [390, 844] };

async function main() {
  mkdirSync(OUT, { recursive: true });
  const only = process.argv.slice(2);
  const mock = await startMock(0, { operations: 60 });
  const wrong = [];
  let shots = 0;
  const browser = await openBrowser();
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(60000);
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    await page.setViewportSize({ width, height });
    for (const language of ['en', 'ar', 'ru'])
      for (const theme of ['night', 'day']) {
        if (size === 'phone' && theme === 'day') continue;
        await page.goto(mock.url);
        await dress(page, language, theme);
        const where = `${size}-${language}-${theme}`;
        if (!only.length) await shot('login', where);
        await page.fill('#login-name', 'chief');
        await page.fill('#login-password', 'mock password');
        await page.click('.login button[type=submit]');
        await page.waitForSelector('#menu a');
        for (const [name, [address, wait, act]] of Object.entries(PAGES)) {
          if (only.length && !only.includes(name)) continue;
          await page.evaluate((to) => {
            location.hash = to;
          }, address);
          await page.waitForSelector(wait, { timeout: 60000 });
          if (act) await act(page);
          await page.waitForTimeout(150);
          await shot(name, where);
          if (['answer', 'bundle'].includes(name)) await page.keyboard.press('Escape');
        }
        await page.goto('about:blank'); // or it would ask for something without a session
        await page.context().clearCookies();
      }
  }
  async function shot(name, where) {
    await page.screenshot({ path: join(OUT, `${name}-${where}.png`) });
    shots++;
    for (const text of [...(await examine(page)), ...(await overhang(page))])
      wrong.push(`${name} ${where}: ${text}`);
  }
  await browser.close();
  await mock.close();
  for (const text of [...wrong, ...browser.problems]) console.log(text);
  const bad = wrong.length + browser.problems.length;
  console.log(`${Math.max(0, shots - bad)} passed, ${bad} failed`);
  process.exitCode = wrong.length + browser.problems.length ? 1 : 0;
}

if (process.argv[1]?.endsWith('shoot.mjs')) await main();
void logIn;
