/**
 * tiles.mjs - the detailed base map, with a real node and small archives that tests/support/make_tiles.py
 * writes: it is drawn, in both themes and by language; what is asked for, and of whom; what one sees when the
 * file cannot be read.
 *
 *     node tests/ui/tiles.mjs [PART OF A TEST'S NAME]
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, WAIT_MS, becomes, logIn, openBrowser } from './browser.mjs';
import { PASSWORD, oneNode } from './nodes.mjs';
import { examine } from './shoot.mjs';

const OUT = join(ROOT, 'out/ui');
const LAKE = [38.37, 35.93];
/** The first load of a page, compressed, in bytes. */
const BUDGET = 1.2e6;
const tests = [];
const test = (name, run) => tests.push([name, run]);

function writeArchive(path, ...flags) {
  const made = spawnSync('python3', [join(ROOT, 'tests/support/make_tiles.py'), `${path}.new`, ...flags]);
  assert.equal(made.status, 0, made.stderr.toString());
  renameSync(`${path}.new`, path);
}

/** Opens the map anew and waits until all of it is drawn. */
async function openMap(page, node, at = '35.5,37.2,6.6') {
  await page.goto('about:blank');
  await page.goto(`${node.url}/#/map?c=${at}`);
  await page.waitForSelector('.map-box[data-ready]');
  await drawn(page);
}

/** The tiles are there, or it is said that they cannot be read; and the map stands still. */
const drawn = (page) =>
  page.evaluate(async (wait) => {
    const box = document.querySelector('.map-box');
    const until = performance.now() + wait;
    const settled = () =>
      document.querySelector('.tiles-note:not([hidden])') &&
      box.$map.loaded() &&
      box.$map.areTilesLoaded() &&
      box.$things.settled;
    while (!settled()) {
      if (performance.now() > until) throw new Error('the map does not settle');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }, WAIT_MS);

/** How many different features of the file each layer of the map shows. */
const featuresOf = (page) =>
  page.evaluate(() => {
    const map = document.querySelector('.map-box').$map;
    const found = {};
    for (const { id, source } of map.getStyle().layers)
      if (source === 'tiles') found[id] = map.queryRenderedFeatures({ layers: [id] }).length;
    return found;
  });

/** A layer shows something. */
const shows = (page, id) => becomes(() => featuresOf(page), (found) => found[id] > 0);

/** The colour of the map at a place: [red, green, blue]. */
const colourAt = (page, place) =>
  page.evaluate((lngLat) => {
    const map = document.querySelector('.map-box').$map;
    map.redraw();
    const canvas = map.getCanvas();
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const pen = copy.getContext('2d');
    pen.drawImage(canvas, 0, 0);
    const { x, y } = map.project(lngLat);
    const ratio = canvas.width / canvas.clientWidth;
    return [...pen.getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data.slice(0, 3)];
  }, place);

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const isNear = (a, b) => a.every((one, i) => Math.abs(one - b[i]) <= 3);
const shoot = (page, name) => page.screenshot({ path: join(OUT, `tiles-${name}.png`) });

/** What the map shows in the colours of both themes. */
const SEA = { night: rgb('#0b1a26'), day: rgb('#d5e4ee') };

test('no page asks for the archive or its reader before the map is opened', async ({ page, asked }) => {
  assert.ok(asked.some(({ url }) => url.endsWith('/api/v1/party')));
  assert.ok(!asked.some(({ url }) => /pmtiles|map\/tiles/.test(url)), 'it was asked for');
  await page.evaluate(() => import('/ui/js/api.js').then(({ who }) => who().name));
});

test('the features of the file are drawn, with what is planned above them', async (at) => {
  const { page, node, asked } = at;
  await openMap(page, node);
  for (const id of [
    'tiles-earth-0',
    'tiles-water-4',
    'tiles-water-5',
    'tiles-landuse-2',
    'tiles-landuse-3',
    'tiles-roads-8',
    'tiles-roads-9',
    'tiles-roads-10',
    'tiles-boundaries-11',
    'tiles-boundaries-12',
    'tiles-boundaries-13',
    'tiles-places-20',
    'tiles-places-21',
    'tiles-pipelines-7.5',
  ])
    await shows(page, id);
  // A lake where the coarse map has nothing but land.
  await becomes(() => colourAt(page, LAKE), SEA.night);
  const order = await page.evaluate(() =>
    document.querySelector('.map-box').$map.getLayersOrder(),
  );
  assert.ok(order.lastIndexOf('tiles-places-21') < order.indexOf('things'));
  await shoot(page, 'en-night');
  const parts = asked.filter(({ url }) => url.endsWith('/api/v1/map/tiles'));
  assert.ok(parts.length > 3);
  for (const { range, status, length } of parts) {
    assert.match(range, /^bytes=\d+-\d+$/);
    assert.equal(status, 206);
    assert.ok(length <= 1 << 20);
  }
});

test('a first visit with the detailed map stays within what it may load', async ({ asked, node }) => {
  const files = asked.filter(({ url }) => url === `${node.url}/` || url.includes('/ui/'));
  const sizes = new Map(files.map(({ url, length }) => [url.split('?')[0], length]));
  const sum = [...sizes.values()].reduce((a, b) => a + b, 0);
  assert.ok([...sizes.keys()].some((url) => url.endsWith('/pmtiles.js')));
  assert.ok(sum < BUDGET, `${sum} bytes`);
  console.log(`     ${sizes.size} files, ${sum} bytes compressed`);
});

test('attribution is text, whatever the file says; axe finds nothing', async ({ page }) => {
  const note = page.locator('.tiles-note');
  assert.equal(await note.textContent(), 'Survey & Sons, made up');
  assert.equal(await note.locator('*').count(), 0);
  assert.match(await page.textContent('.map-note'), /map tiles.*no opinion/);
  assert.deepEqual(await examine(page), []);
});

test('another theme: the tiles are there, in its colours', async ({ page }) => {
  await page.evaluate(() => import('/ui/js/menus.js').then(({ setTheme }) => setTheme('day')));
  await becomes(() => colourAt(page, LAKE), SEA.day);
  await drawn(page);
  await shows(page, 'tiles-roads-10');
  assert.deepEqual(await examine(page), []);
  await shoot(page, 'en-day');
});

test('on paper: the tiles and who made them', async ({ page }) => {
  const colour = await page.evaluate((lngLat) => {
    dispatchEvent(new Event('beforeprint'));
    const copy = document.querySelector('.print-copy');
    const map = document.querySelector('.map-box').$map;
    const { x, y } = map.project(lngLat);
    const ratio = copy.width / map.getCanvas().clientWidth;
    return [...copy.getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data.slice(0, 3)];
  }, LAKE);
  assert.deepEqual(colour, SEA.day);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.isVisible('.tiles-note'));
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
});

test('names are in the language of the page', async ({ page }) => {
  const field = () =>
    page.evaluate(() => {
      const { $map: map } = document.querySelector('.map-box');
      return JSON.stringify(map.getLayoutProperty('tiles-places-21', 'text-field'));
    });
  await becomes(field, /name:en/);
  await page.click('details.user summary');
  await page.locator('select[data-key=language]').selectOption('ar');
  await page.click('details.user summary');
  await page.waitForFunction(() => document.documentElement.dir === 'rtl');
  await becomes(field, /name:ar/);
  await drawn(page);
  await shows(page, 'tiles-places-21');
  assert.deepEqual(await examine(page), []);
  await shoot(page, 'ar-day');
  await page.evaluate(() => import('/ui/js/menus.js').then(({ setTheme }) => setTheme('night')));
  await becomes(() => colourAt(page, LAKE), SEA.night);
  await drawn(page);
  await shoot(page, 'ar-night');
  await page.click('details.user summary');
  await page.locator('select[data-key=language]').selectOption('en');
  await page.click('details.user summary');
  await page.waitForFunction(() => document.documentElement.dir === 'ltr');
});

test('outside of the file the coarse map is as it was', async ({ page, node }) => {
  await openMap(page, node, '42,12.5,5');
  const found = await page.evaluate(() => {
    const map = document.querySelector('.map-box').$map;
    return map.queryRenderedFeatures({ layers: ['land'] }).length;
  });
  assert.ok(found > 0);
  await becomes(() => colourAt(page, [12.3, 40.3]), SEA.night);
});

test('a file that fails while one looks: said once, the coarse map stays, one can try again', async (at) => {
  const { page, node, path } = at;
  await openMap(page, node, '35.5,37.2,4');
  truncateSync(path, 300);
  at.allowed.add(503);
  await page.evaluate(() => {
    globalThis.toasts = new Set(); // they go again after some seconds
    new MutationObserver(() => {
      for (const toast of document.querySelectorAll('.toast')) globalThis.toasts.add(toast);
    }).observe(document.body, { childList: true, subtree: true });
    document.querySelector('.map-box').$map.jumpTo({ zoom: 7 });
  });
  await page.waitForSelector('.tiles-note.failed');
  await drawn(page);
  const toasts = await page.evaluate(() => [...globalThis.toasts].map((toast) => toast.textContent));
  assert.equal(toasts.length, 1, toasts.join());
  assert.match(toasts[0], /cannot be read/);
  assert.match(await page.textContent('.tiles-note'), /cannot be read/);
  assert.deepEqual(await featuresOf(page), {});
  await becomes(() => colourAt(page, LAKE), (colour) => !isNear(colour, SEA.night));
  assert.ok(
    await page.evaluate(
      () => document.querySelector('.map-box').$map.queryRenderedFeatures({ layers: ['land'] }).length,
    ),
  );
  assert.deepEqual(await examine(page), []);
  await shoot(page, 'failed-night');
  writeArchive(path);
  at.allowed.delete(503);
  await page.click('.tiles-note button');
  await page.waitForSelector('.tiles-note:not(.failed, [hidden])');
  await drawn(page);
  await shows(page, 'tiles-roads-10');
  await becomes(() => colourAt(page, LAKE), (colour) => isNear(colour, SEA.night));
});

test('another file in its place while one looks: the map goes on', async (at) => {
  const { page, node, path, asked } = at;
  await openMap(page, node, '35.5,37.2,4');
  writeArchive(path);
  const before = asked.length;
  await page.evaluate(() => document.querySelector('.map-box').$map.jumpTo({ zoom: 7 }));
  await drawn(page);
  await shows(page, 'tiles-roads-10');
  assert.equal(await page.locator('.tiles-note.failed').count(), 0);
  assert.ok(asked.slice(before).some(({ range }) => range === 'bytes=0-16383')); // its header, again
});

test('a file that cannot be read when the map is opened', async (at) => {
  const { page, node, path } = at;
  truncateSync(path, 0);
  at.allowed.add(503);
  await page.goto('about:blank');
  await page.goto(`${node.url}/#/map?c=35.5,37.2,6.6`);
  await page.waitForSelector('.tiles-note.failed');
  await drawn(page);
  assert.deepEqual(await featuresOf(page), {});
});

test('the node goes away and is back: so is the map', async (at) => {
  const { page, node } = at;
  await openMap(page, node, '35.5,37.2,4');
  await node.stop('SIGKILL');
  await page.evaluate(() => document.querySelector('.map-box').$map.jumpTo({ zoom: 7 }));
  await page.waitForSelector('.tiles-note.failed');
  await node.start();
  await page.waitForSelector('.tiles-note:not(.failed, [hidden])');
  await drawn(page);
  await shows(page, 'tiles-roads-10');
});

test('layers of another schema are drawn as they are', async ({ page, node, path }) => {
  writeArchive(path, '--other-schema');
  await openMap(page, node);
  await shows(page, 'tiles-ways-7.5');
  await shows(page, 'tiles-wet-0.5');
  await shoot(page, 'other-night');
});

test('images: drawn, fainter than they are', async ({ page, node, path }) => {
  writeArchive(path, '--raster');
  await openMap(page, node, '35.5,37.2,7');
  await becomes(
    () => colourAt(page, [37.4, 35.6]),
    ([red, green, blue]) => red > green && green >= blue && red < 150,
  );
  await shoot(page, 'images-night');
  await page.evaluate(() => import('/ui/js/menus.js').then(({ setTheme }) => setTheme('day')));
  await becomes(
    () => colourAt(page, [37.4, 35.6]),
    (colour) => colour.every((one) => one > 90),
  );
  await drawn(page);
  await shoot(page, 'images-day');
});

test('the plan is drawn on the same map', async ({ page, node }) => {
  await page.goto('about:blank');
  await page.goto(`${node.url}/#/plan`);
  await page.waitForSelector('.map-box[data-ready]');
  await drawn(page);
  await shows(page, 'tiles-water-4');
});

/* --- running them ---------------------------------------------------------------------------------- */

const OPERATION = {
  type: 'Feature',
  properties: {
    class: 'operation',
    kind: 'uncrewed',
    name: 'Survey 12',
    start: new Date(Date.now() + 600e3).toISOString(),
    end: new Date(Date.now() + 7200e3).toISOString(),
    altitude_lower: 100,
    altitude_upper: 600,
    altitude_reference: 'AMSL',
    altitude_unit: 'M',
    width_m: 6000,
  },
  geometry: {
    type: 'LineString',
    coordinates: [
      [35.6, 35.2],
      [36.6, 35.6],
      [37.6, 36.6],
    ],
  },
};

async function main() {
  mkdirSync(OUT, { recursive: true });
  const only = process.argv[2] ?? '';
  const dir = mkdtempSync(join(tmpdir(), 'tafadi-tiles-'));
  const path = join(dir, 'base.pmtiles');
  writeArchive(path); // and again before each test
  const node = await oneNode(dir, () => {}, ['--map-tiles', path]);
  const browser = await openBrowser({ width: 1440, height: 900 });
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(WAIT_MS);
  const asked = [];
  page.on('response', async (response) => {
    const headers = response.headers();
    asked.push({
      url: response.url(),
      status: response.status(),
      range: response.request().headers().range,
      length: Number(headers['content-length'] ?? 0),
    });
  });
  const violations = [];
  await page.exposeFunction('noteViolation', (text) => violations.push(text));
  await page.addInitScript(() =>
    addEventListener('securitypolicyviolation', (event) =>
      globalThis.noteViolation(`${event.violatedDirective} ${event.blockedURI}`),
    ),
  );
  let [passed, failed] = [0, 0];
  const at = { page, node, path, asked, allowed: browser.allowed };
  try {
    await logIn(page, node.url, 'planner', PASSWORD);
    await page.evaluate(
      (feature) => import('/ui/js/api.js').then(({ post }) => post('/api/v1/operations', { feature })),
      OPERATION,
    );
    for (const [name, run] of tests) {
      if (!name.includes(only)) continue;
      const before = browser.problems.length;
      writeArchive(path);
      browser.allowed.delete(503);
      try {
        await run(at);
        const others = asked.filter(({ url }) => !url.startsWith(`${node.url}/`));
        assert.deepEqual(others.filter(({ url }) => !/^(blob|data|about):/.test(url)), [], 'somebody else was asked');
        assert.deepEqual(violations.splice(0), []);
        const problems = browser.problems.slice(before).filter((one) => !/ERR_|Failed to fetch/.test(one));
        assert.deepEqual(problems, []);
        console.log(`ok   ${name}`);
        passed++;
      } catch (error) {
        console.log(`FAIL ${name}\n     ${error.stack}`);
        await page.emulateMedia({ media: 'screen' });
        await shoot(page, `fail-${failed}`).catch(() => {});
        failed++;
      }
    }
  } finally {
    await browser.close();
    await node.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

await main();
