/**
 * map.mjs - the pages Map and Plan in a real browser, against the double of a node.
 *
 *     node tests/ui/map.mjs [PART OF A TEST'S NAME]
 */
import assert from 'node:assert/strict';
import { runAlone } from './alone.mjs';
import { becomes, logIn, toasted } from './browser.mjs';
import { startMock } from './mock.mjs';
import * as geo from '../../ui/js/geo.js';

const tests = [];
const test = (name, run) => tests.push([name, run]);

/* --- without a browser -------------------------------------------------------------------- */

test('a plan: what is edited again is what was planned, to the digit', async () => {
  const { featureOf, planOf, fresh } = await import('../../ui/js/plan/model.js');
  const drawn = { ...fresh(), points: '35.4, 35.5\n35.3, 36.1', name: 'A' };
  for (const shape of ['corridor', 'polygon', 'circle']) {
    const feature = featureOf({ ...drawn, shape, points: `${drawn.points}\n35.2, 35.9` });
    // As the node gives it back: a reference for each limit, times with seconds, an option's exact place.
    const { altitude_reference: reference, altitude_unit: unit, ...rest } = feature.properties;
    const given = {
      ...feature,
      properties: {
        ...rest,
        altitude_lower: 1204.8,
        altitude_lower_reference: reference,
        altitude_lower_unit: unit,
        altitude_upper: 1804.8,
        altitude_upper_reference: reference,
        altitude_upper_unit: unit,
        start: '2026-11-28T17:41:10.614Z',
        end: '2026-11-28T19:11:00Z',
      },
    };
    const record = {
      id: 'x',
      etag: 'e',
      name: 'A',
      kind: drawn.kind,
      priority: 0,
      start: given.properties.start,
      end: given.properties.end,
      feature: given,
    };
    const again = featureOf(planOf(record));
    assert.deepEqual(again.geometry, feature.geometry);
    assert.equal(Date.parse(again.properties.start), Date.parse(given.properties.start));
    assert.equal(Date.parse(again.properties.end), Date.parse(given.properties.end));
    assert.deepEqual(
      [again.properties.altitude_lower, again.properties.altitude_upper, again.properties.altitude_reference],
      [1204.8, 1804.8, reference],
    );
  }
  const mixed = {
    type: 'Feature',
    properties: {
      altitude_lower: 10,
      altitude_lower_reference: 'AGL',
      altitude_upper: 900,
      altitude_upper_reference: 'AMSL',
      start: '2026-11-28T17:41:00Z',
      end: '2026-11-28T19:11:00Z',
    },
    geometry: { type: 'Point', coordinates: [36, 35] },
  };
  assert.deepEqual(featureOf(planOf({ id: 'x', feature: mixed })).geometry, mixed.geometry);
  assert.equal(featureOf(planOf({ id: 'x', feature: mixed })).properties.altitude_lower_reference, 'AGL');
});

/* --- in the browser ------------------------------------------------------------------------ */

test('a plan is checked as one draws; an option is taken with one key; the rules are answered', async ({
  page,
  allowed,
}) => {
  await page.context().clearCookies();
  await page.goto('about:blank');
  const busy = await startMock(0, { operations: 60 });
  await logIn(page, busy.url, 'head');
  await page.evaluate(() => {
    location.hash = '#/plan';
  });
  await page.waitForSelector('.map-box[data-ready] canvas');
  await page.fill('#plan-points', '35.30, 35.40\nnorth\n35.38, 36.90');
  await page.waitForSelector('text=/Line .2. is no position/');
  allowed.add(503); // once, for each of the two: then it is asked again
  for (const path of ['check', 'options'])
    await page.route(
      `**/api/v1/${path}`,
      (route) => route.fulfill({ status: 503, json: { message: 'busy' } }),
      { times: 1 },
    );
  await page.fill('#plan-points', '35.30, 35.40\n35.45, 36.20\n35.38, 36.90');
  await page.waitForSelector('.plan-page .badge.bad >> text=refused by the rules');
  const before = await page.inputValue('#plan-start');
  await page.waitForSelector('.option');
  await page.locator('.plan-page h1').click();
  await page.keyboard.press('o');
  await page.waitForFunction((was) => document.querySelector('#plan-start').value !== was, before);
  await page.fill('#plan-points', '34.1, 33.5\n34.2, 33.6'); // nothing but operations there
  await page.waitForSelector('.plan-page .card .badge >> text=/clear|needs a decision/');
  await page.click('button:has-text("Hand in")');
  await page.waitForFunction(
    () => document.querySelector('dialog') || globalThis.$toasts.some((text) => /is handed in/.test(text)),
  );
  if (await page.locator('dialog').count()) {
    await page.fill('dialog [name=reason]', 'The two are one flight.');
    await page.click('dialog [type=submit]');
  }
  await toasted(page, 'is handed in');
  assert.equal(busy.world.ops.records.at(-1).state, 'submitted');
  await page.evaluate(() => {
    location.hash = '#/map';
  });
  await page.waitForSelector('.thing.conflict');
  await page.locator('.thing.conflict:has(.swatch.operation)').first().click();
  await page.waitForSelector('.detail li.conflict');
  await becomes(() => page.url(), /sel=operation/);
  await page.evaluate(() => {
    location.hash = '#/sites';
  });
  await page.click('button:has-text("Register a site")');
  await page.fill('dialog [name=name]', 'Field clinic');
  await page.fill('dialog [name=place]', '35.1, 36.1');
  await page.fill('dialog [name=readback]', '36.1, 35.1');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem >> text=/m away/');
  await page.fill('dialog [name=readback]', '35°06′00″N 036°06′00″E');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('td >> text=not verified');
  assert.equal(busy.world.ops.sites.at(-1).place.lat, 35.1);
  await busy.close();
});

test('the map: chosen with a click and by keyboard, filtered, played, measured, printed', async ({ page }) => {
  await page.context().clearCookies();
  await page.goto('about:blank');
  const busy = await startMock(0, { operations: 60 });
  await logIn(page, busy.url, 'head');
  const hash = (to) =>
    page.evaluate((where) => {
      location.hash = where;
    }, to);
  const settled = () =>
    page.waitForFunction(
      () => {
        const things = document.querySelector('.map-box')?.$things;
        return things?.count > 0 && things.settled;
      },
    );
  /** An arrow, and the map has arrived where it leads. */
  const go = async (key) => {
    const centre = () => page.evaluate(() => String(document.querySelector('.map-box').$map.getCenter()));
    const from = await centre();
    await page.keyboard.press(key);
    await page.waitForFunction(
      (was) => {
        const map = document.querySelector('.map-box').$map;
        return String(map.getCenter()) !== was && !map.isMoving();
      },
      from,
    );
  };
  /** How many pixels of the map have the colour of a zone, nearly. */
  const coloured = () =>
    page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      const copy = document.querySelector('.print-copy');
      const { data } = copy.getContext('2d').getImageData(0, 0, copy.width, copy.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 2] > data[i + 1] + 25 && data[i] > data[i + 1] + 5) count++;
      dispatchEvent(new Event('afterprint'));
      return count;
    });
  await hash('#/map?c=35.35,36.95,8');
  await settled();
  await page.waitForSelector('.thing:has(.swatch.zone)');
  await becomes(coloured, (pixels) => pixels > 2000); // the zone is on the map, and on paper

  // The zone lies in the middle: Enter at the cross chooses it, with all else beneath it switched off.
  await page.click('.filters summary');
  await page.locator('.filters fieldset').first().locator('.check', { hasText: 'operation' }).first().click();
  await page.locator('.filters fieldset').first().locator('.check', { hasText: 'declared' }).click();
  await settled();
  await page.locator('.maplibregl-canvas').focus();
  await go('ArrowRight');
  await go('ArrowLeft');
  await page.locator('.cross').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.detail >> text=Border strip');
  await becomes(() => page.url(), /hide=operation%2Cdeclaration/);
  await becomes(() => page.url(), /sel=zone/);
  await becomes(() => page.locator('.thing:has(.swatch.operation)').count(), 0);
  await page.locator('.detail button', { hasText: 'Close' }).click();
  await page.locator('.filters fieldset').first().locator('.check', { hasText: 'zone' }).click();
  await settled();
  await becomes(coloured, (pixels) => pixels < 200); // what is filtered is gone

  const shown = () => page.textContent('.time-shown');
  const before = await shown();
  await page.locator('h1').click();
  await page.keyboard.press(' ');
  await page.waitForFunction((was) => document.querySelector('.time-shown').textContent !== was, before);
  await page.keyboard.press(' ');
  await page.waitForFunction(() => /[?&]t=/.test(location.hash));
  await page.keyboard.press('n');
  await page.waitForSelector('.time-part button[aria-pressed=true] >> text=Now');

  await page.keyboard.press('m');
  await page.locator('.maplibregl-canvas').focus();
  await page.keyboard.press('Enter');
  await go('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.map-bar >> text=/NM; last leg .?0.?°/');

  await hash('#/plan');
  await page.waitForSelector('.plan-page .map-box[data-ready] canvas');
  await settled();
  await page.locator('.maplibregl-canvas').focus();
  await page.keyboard.press('Enter');
  await go('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#plan-points').value.split('\n').length === 2);
  await page.waitForSelector('.plan-page .card .badge');
  await busy.close();
});

/* --- the page of plans --------------------------------------------------------------------------- */

const FIRST = '.map-box[data-ready] canvas';
const SHAPES = ['polygon', 'circle', 'corridor', 'trajectory'];

/** A desk of its own with so many operations, an operator at an address; closed at the end. */
async function desk(page, address, { operations = 0, user = 'head' } = {}, run) {
  await page.context().clearCookies();
  await page.goto('about:blank');
  const busy = await startMock(0, { operations });
  await logIn(page, busy.url, user);
  await to(page, address);
  try {
    await run(busy);
  } finally {
    await page.goto('about:blank');
    await busy.close();
  }
}

const to = (page, hash) =>
  page.evaluate((where) => {
    location.hash = where;
  }, hash);
const drawn = (page) =>
  page.waitForFunction(() => document.querySelector('.map-box[data-ready]')?.$things?.settled);
const jump = (page, lng, lat, zoom) =>
  page.evaluate(
    (where) => {
      const { $map: map } = document.querySelector('.map-box');
      map.jumpTo({ center: where.slice(0, 2), zoom: where[2] });
    },
    [lng, lat, zoom],
  );
const lines = async (page) => (await page.inputValue('#plan-points')).split('\n').filter(Boolean);
/** Names the plan; what the page then asks the node to check: there may be questions before it, of what was drawn. */
const named = async (page, name) => {
  const [request] = await Promise.all([
    page.waitForRequest(
      (one) => one.url().endsWith('/api/v1/check') && one.postDataJSON().feature?.properties.name === name,
    ),
    page.fill('#plan-name', name),
  ]);
  return request.postDataJSON().feature;
};
/** Presses an arrow, and waits until the map has arrived. */
async function pan(page, key) {
  const centre = () => page.evaluate(() => String(document.querySelector('.map-box').$map.getCenter()));
  const was = await centre();
  await page.keyboard.press(key);
  await page.waitForFunction((before) => {
    const { $map: map } = document.querySelector('.map-box');
    return String(map.getCenter()) !== before && !map.isMoving();
  }, was);
}

test('each shape is drawn by mouse, a point dragged; and by keyboard alone', async ({ page }) => {
  await desk(page, '#/plan', {}, async () => {
    await page.waitForSelector(FIRST);
    await drawn(page);
    const types = { polygon: 'Polygon', circle: 'Point', corridor: 'LineString', trajectory: 'LineString' };
    for (const shape of SHAPES) {
      await page.click('.plan-form button:has-text("Begin anew")');
      await page.locator(`.shapes [value=${shape}]`).click();
      await jump(page, 20, 66, 6);
      const canvas = page.locator('.plan-page .maplibregl-canvas');
      const wanted = shape === 'circle' ? 1 : 3;
      let feature = null;
      for (const [i, position] of [[200, 90], [300, 60], [260, 170]].slice(0, wanted).entries()) {
        await canvas.click({ position: { x: position[0], y: position[1] } });
        await page.waitForFunction((n) => document.querySelector('#plan-points').value.split('\n').length === n, i + 1);
      }
      feature = await named(page, `mouse ${shape}`);
      assert.equal(feature.geometry.type, types[shape]);
      assert.equal((await lines(page)).length, wanted);
      const last = (await lines(page)).at(-1);
      const at = wanted === 1 ? [200, 90] : [260, 170];
      await page.waitForFunction(
        (place) =>
          document.querySelector('.map-box').$map.queryRenderedFeatures(place, { layers: ['draft-points'] }).length,
        at,
      );
      const box = await canvas.boundingBox();
      await page.mouse.move(box.x + at[0], box.y + at[1]);
      await page.mouse.down();
      await page.mouse.move(box.x + at[0] + 30, box.y + at[1] + 20, { steps: 4 });
      await page.mouse.up();
      await becomes(
        () => lines(page),
        (now) => now.at(-1) !== last && now.length === wanted, // dragged, not added
      );

      await page.click('.plan-form button:has-text("Begin anew")');
      await page.locator('.shapes [value=polygon]').focus();
      await page.keyboard.press('Space');
      for (let k = 0; k < SHAPES.indexOf(shape); k++) await page.keyboard.press('ArrowRight');
      await becomes(() => page.isChecked(`.shapes [value=${shape}]`), true);
      await canvas.focus();
      for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft'].slice(0, wanted)) {
        await page.keyboard.press('Enter');
        await pan(page, key);
      }
      await page.waitForFunction((n) => document.querySelector('#plan-points').value.split('\n').length === n, wanted);
      feature = await named(page, `keys ${shape}`);
      assert.equal(feature.geometry.type, types[shape]);
      if (shape === 'trajectory') {
        assert.equal(feature.properties.times.length, 3);
        await page.waitForSelector('.profile path.block');
        await canvas.focus();
        await page.keyboard.press('z');
        await becomes(async () => (await lines(page)).length, 2);
      }
    }
  });
});

test('points beyond the antimeridian are points; the plan that is typed is brought into view', async ({ page }) => {
  await desk(page, '#/plan', {}, async () => {
    await page.waitForSelector(FIRST);
    await drawn(page);
    await jump(page, 179.9, 66, 6);
    const canvas = page.locator('.plan-page .maplibregl-canvas');
    await canvas.click({ position: { x: 100, y: 90 } });
    await canvas.click({ position: { x: 700, y: 90 } });
    const points = await becomes(
      () => lines(page),
      (now) => now.length === 2,
    );
    const [west, east] = points.map((line) => geo.readPosition(line).lng);
    assert.ok(west > 170 && east < -170, `${west} ${east}`);
    const feature = await named(page, 'across');
    assert.deepEqual(feature.geometry.coordinates.map(([lng]) => Math.sign(lng)), [1, -1]);
    const inView = (lng, lat) =>
      page.waitForFunction(
        (place) => document.querySelector('.map-box').$map.getBounds().contains(place),
        [lng, lat],
      );
    await page.fill('#plan-points', '36.80, 8.90\n36.90, 9.10');
    await inView(9, 36.85);
  });
});

test('a trajectory has its height, and is edited again as it was drawn', async () => {
  globalThis.location ??= { hash: '' };
  const { featureOf, fresh, planOf } = await import('../../ui/js/plan/model.js');
  const flown = { ...fresh(), shape: 'trajectory', points: '66.5, 20.0\n66.9, 20.5\n66.6, 22.0' };
  const made = (low) => featureOf({ ...flown, low });
  const level = ({ geometry, properties: p }) => [geometry.coordinates[0][2], p.z_reference, p.z_unit];
  assert.deepEqual(level(made('450')), [450, 'AMSL', 'M']);
  assert.deepEqual(level(made('FL95')), [95, 'STD', 'FL']);
  assert.deepEqual(level(made('gnd')), [0, 'AGL', 'M']);
  for (const low of ['', '∞', 'high']) assert.throws(() => made(low));
  const [from, until] = [made('450').properties.times[0], made('450').properties.times.at(-1)];
  // As the node gives it back.
  const given = {
    ...made('450'),
    properties: { ...made('450').properties, accuracy_h_m: 50, accuracy_v_m: 30, accuracy_t_s: 0 },
  };
  const again = planOf({ id: 'x', etag: 'e', kind: 'crewed', start: from, end: until, feature: given });
  assert.equal(again.shape, 'trajectory');
  assert.deepEqual(featureOf(again).geometry, given.geometry);
  assert.deepEqual(featureOf(again).properties.times, given.properties.times);
  const other = { ...given, properties: { ...given.properties, accuracy_h_m: 900 } };
  assert.deepEqual(featureOf(planOf({ id: 'x', feature: other })).properties.accuracy_h_m, 900); // kept as it is
});

test('options are shown on the map by pointer and by keyboard, and one is taken with a key', async ({ page }) => {
  await desk(page, '#/plan', { operations: 60 }, async () => {
    await page.waitForSelector(FIRST);
    await page.fill('#plan-points', '35.30, 35.40\n35.45, 36.20\n35.38, 36.90');
    await page.waitForSelector('.option');
    const ways = () =>
      page.evaluate(
        async () => (await document.querySelector('.map-box').$map.getSource('ways').getData()).features.length,
      );
    await becomes(ways, 0);
    await becomes(() => page.locator('.option').first().textContent(), /1 hour|90 minutes.*cost/s);
    await page.locator('.option button').first().focus();
    await becomes(ways, (n) => n > 0);
    await page.locator('.plan-page h1').click();
    await becomes(ways, 0);
    await page.locator('.option button').nth(1).hover();
    await becomes(ways, (n) => n > 0);
    const map = await page.locator('.plan-page .map-box').boundingBox();
    assert.ok(map.y >= 0 && map.y + map.height < 720, 'the map is in sight beside the options');
    await page.mouse.move(5, 5);
    await page.locator('.plan-page h1').click();
    await page.keyboard.press('o');
    await toasted(page, 'Taken');
    await becomes(ways, 0);
  });
});

test('what is edited of a plan stays through a reload, each plan by itself, until it is sent', async ({ page }) => {
  await desk(page, '#/plan', { operations: 8, user: 'head' }, async (busy) => {
    await page.waitForSelector(FIRST);
    await page.fill('#plan-points', '36.80, 8.90\n36.90, 9.10');
    await page.fill('#plan-name', 'Not sent yet');
    await to(page, '#/plan/N-0002');
    await page.waitForFunction(() => document.querySelector('#plan-name')?.value !== 'Not sent yet');
    await page.waitForFunction(() => /N-0002/.test(document.querySelector('h1').textContent));
    await page.fill('#plan-name', 'Edited');
    await page.reload();
    await page.waitForFunction(() => document.querySelector('#plan-name')?.value === 'Edited');
    await page.waitForSelector('.plan-form strong'); // what the node has of it is there, too
    assert.equal(await page.inputValue('#plan-name'), 'Edited');
    await to(page, '#/plan');
    await page.waitForFunction(() => document.querySelector('#plan-name')?.value === 'Not sent yet');
    await page.click('button:has-text("Keep as a draft")');
    await toasted(page, 'kept as a draft');
    await becomes(() => page.url(), /#\/plan\/N-NEW/);
    assert.equal(busy.world.ops.records.at(-1).name, 'Not sent yet');
    await page.reload();
    await page.waitForSelector('.plan-form strong >> text=draft');
    await page.click('.plan-form button:has-text("Begin anew")');
    await becomes(() => page.inputValue('#plan-points'), '');
    await page.fill('#plan-points', '36.80, 8.90\n36.90, 9.10');
    await page.fill('#plan-name', 'Typed as the session ended');
    busy.endSessions();
    busy.emit('op', { id: 'N-0001' });
    await page.waitForSelector('#over .login');
    await page.fill('#over [name=name]', 'head');
    await page.fill('#over [name=password]', 'mock password');
    await page.click('#over [type=submit]');
    await page.waitForSelector('#over', { state: 'hidden' });
    assert.equal(await page.inputValue('#plan-name'), 'Typed as the session ended');
  });
});

test('a plan that is not here yet cannot be edited: an empty form would take its place', async ({ page }) => {
  await desk(page, '#/plan', { operations: 8, user: 'head' }, async (busy) => {
    await page.waitForSelector(FIRST);
    let answer;
    const asked = new Promise((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/v1/operations/N-0003', async (route) => {
      await asked;
      await route.continue();
    });
    await to(page, '#/plan/N-0003');
    await page.waitForSelector('.plan-form .empty');
    assert.equal(await page.locator('#plan-name, #plan-points, .plan-form [type=submit]').count(), 0);
    await page.keyboard.press('z'); // takes the last point back
    answer();
    await page.waitForSelector('#plan-name');
    const { name } = busy.world.ops.records.find(({ id }) => id === 'N-0003');
    assert.equal(await page.inputValue('#plan-name'), name);
    await page.unroute('**/api/v1/operations/N-0003');
  });
});

test('a file of plans is imported; what is wrong in it is named with its field', async ({ page, allowed }) => {
  allowed.add(400);
  await desk(page, '#/plan', {}, async () => {
    await page.click('.plan-form button:has-text("Import a file")');
    await page.setInputFiles('dialog [type=file]', {
      name: 'plans.geojson',
      mimeType: 'application/geo+json',
      buffer: Buffer.from('{"type":"FeatureCollection","features":[]}'),
    });
    await page.selectOption('dialog [name=kind]', 'sea');
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.url().includes('/operations/import')),
      page.click('dialog [type=submit]'),
    ]);
    assert.match(request.url(), /name=plans\.geojson&kind=sea/);
    await page.waitForSelector('dialog table');
    await becomes(() => page.textContent('dialog table'), /refused.*latitude and longitude are swapped|lat.*swapped/s);
    assert.match(await page.locator('dialog tr', { hasText: 'refused' }).textContent(), /lat/);
    await page.keyboard.press('Escape');
  });
});

/* --- the page of the map ----------------------------------------------------------------------------- */

test('a view is in the address, and is there again when it is opened', async ({ page }) => {
  await desk(page, '#/map', { operations: 30 }, async () => {
    await page.setViewportSize({ width: 1600, height: 900 }); // there, what is selected stands beside the list
    await page.waitForSelector(FIRST);
    const t = Math.floor(Date.now() / 1000) + 7200;
    const address = `#/map?t=${t}&w=3600&hide=site%2Ck-sea%2Cs-draft&party=Deconfliction+cell+North&sel=zone%3A%3AZ-1&c=35.3500,36.9500,8.00`;
    await to(page, '#/now');
    await to(page, address);
    for (let turn = 0; turn < 2; turn++) {
      await page.waitForSelector('.detail >> text=Border strip');
      await drawn(page);
      await page.click('.filters summary');
      const box = (text) => page.locator('.filters label', { hasText: text }).first().locator('input');
      for (const [text, on] of [['operation', true], ['protected site', false], ['at sea', false], ['draft', false]])
        await becomes(() => box(text).isChecked(), on);
      await becomes(() => page.inputValue('.filters select'), 'Deconfliction cell North');
      await becomes(() => page.inputValue('.time-part select'), '3600');
      const iso = new Date(t * 1000).toISOString();
      await becomes(() => page.textContent('.time-shown'), new RegExp(iso.slice(11, 16)));
      await becomes(
        () =>
          page.evaluate(() => {
            const { $map: map } = document.querySelector('.map-box');
            return [map.getCenter().lat, map.getCenter().lng, map.getZoom()];
          }),
        (centre) => [35.35, 36.95, 8].every((one, i) => Math.abs(centre[i] - one) < 1e-3),
      );
      await becomes(() => new URLSearchParams(page.url().split('?')[1]).get('hide'), 'site,k-sea,s-draft');
      await page.reload();
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });
});

test('the list has its rows again after there were none, and while a line above it comes and goes', async ({
  page,
  allowed,
}) => {
  allowed.add(503);
  await desk(page, '#/map', { operations: 12 }, async (busy) => {
    const isListed = () => page.waitForSelector('.things .thing');
    await isListed();
    await page.fill('#map-search', 'nothing is called so');
    await page.waitForSelector('.map-list .empty');
    await page.fill('#map-search', '');
    await isListed();
    let refuses = true;
    await page.route('**/api/v1/operations?*', (route) =>
      refuses ? route.fulfill({ status: 503, json: { message: 'busy' } }) : route.continue(),
    );
    busy.emit('op', { id: 'N-0001' });
    await page.waitForSelector('.map-list .problem');
    await isListed();
    refuses = false;
    busy.emit('op', { id: 'N-0001' });
    await page.waitForSelector('.map-list .problem', { state: 'detached' });
    await isListed();
    await page.unroute('**/api/v1/operations?*');
  });
});

test('positions in each way, everywhere on the page and on the next one', async ({ page }) => {
  await desk(page, '#/map?c=35.35,36.95,8&sel=zone%3A%3AZ-1', { operations: 4 }, async () => {
    await page.waitForSelector(FIRST);
    await page.waitForSelector('.detail');
    await page.mouse.move(5, 5);
    await page.locator('.detail summary').click();
    for (const [way, pointer, corner] of [
      ['dms', '35°21′00.0″N 036°57′00.0″E', '35°12′00.0″N 036°36′00.0″E'],
      ['mgrs', geo.toMgrs(35.35, 36.95), geo.toMgrs(35.2, 36.6)],
      ['decimal', '35.35000, 36.95000', '35.20000, 36.60000'],
      ['mgrs', geo.toMgrs(35.35, 36.95), geo.toMgrs(35.2, 36.6)],
    ]) {
      await page.selectOption('[name=coordinates]', way);
      await page.waitForFunction((text) => document.querySelector('#map-pointer').textContent === text, pointer);
      await becomes(() => page.textContent('.detail'), new RegExp(corner));
    }
    for (const [id, points] of [['N-0001', 1], ['N-0002', 6], ['N-0003', 3]]) { // a circle, an area, a corridor
      await to(page, '#/now');
      await to(page, `#/map?sel=operation%3A%3A${id}`);
      await page.locator('.detail summary').click();
      await becomes(() => page.locator('.detail ol li').count(), points);
      await becomes(() => page.locator('.detail ol li').first().textContent(), /^\d+S [A-Z]{2} \d{5} \d{5}$/);
    }
    await to(page, '#/plan');
    await page.waitForSelector(FIRST);
    await drawn(page);
    await becomes(() => page.inputValue('[name=coordinates]'), 'mgrs');
    await page.locator('.plan-page .maplibregl-canvas').click({ position: { x: 120, y: 90 } });
    await page.waitForFunction(() => /^\d+[A-Z] [A-Z]{2} \d{5} \d{5}$/.test(document.querySelector('#plan-points').value));
    await page.selectOption('[name=coordinates]', 'decimal');
  });
});

test('it is measured along the geodesic, from places that are typed', async ({ page }) => {
  await desk(page, '#/map?c=36.19,37.13,6', { operations: 4 }, async () => {
    await page.waitForSelector(FIRST);
    await drawn(page);
    const visit = async (place) => {
      await page.keyboard.press('g');
      await page.fill('dialog [name=at]', place);
      await page.click('dialog [type=submit]');
      await page.waitForSelector('dialog', { state: 'detached' });
      const { lat, lng } = geo.readPosition(place);
      await page.waitForFunction(
        ([y, x]) => {
          const { $map: map } = document.querySelector('.map-box');
          const { lat: north, lng: east } = map.getCenter().wrap();
          return !map.isMoving() && Math.abs(north - y) < 1e-6 && Math.abs(east - x) < 1e-6;
        },
        [lat, lng],
      );
      await page.locator('.maplibregl-canvas').focus();
      await page.keyboard.press('Enter');
    };
    for (const [from, until, said] of [
      ['36.19, 37.13', '33.51, 36.29', '307.07 km, 165.81 NM; last leg 195°'],
      ['66.5, 179', '66.5, -175', '266.98 km, 144.16 NM; last leg 87°'], // not around the world
    ]) {
      await page.locator('h1').click();
      await page.keyboard.press('m');
      await visit(from);
      await visit(until);
      await page.waitForFunction(
        (text) => document.querySelector('.map-bar [role=status]').textContent.replace(/[\u2066-\u2069]/g, '') === text,
        said,
      );
      await page.locator('h1').click();
      await page.keyboard.press('m');
    }
  });
});

test('land is land on both sides of the antimeridian and far to the north', async ({ page }) => {
  await desk(page, '#/map?c=67.5,26,5', {}, async () => {
    await page.waitForSelector(FIRST);
    for (const [lng, lat, isLand] of [
      [26, 67.5, true],
      [-178, 66.7, true],
      [179, 66.7, true],
      [0, 70, false],
      [40, -80, true],
    ]) {
      await jump(page, lng, lat, 5);
      await page.waitForFunction(
        ([x, y, land]) => {
          const { $map: map } = document.querySelector('.map-box');
          const found = map.queryRenderedFeatures(map.project([x, y]), { layers: ['land'] }).length > 0;
          return map.loaded() && found === land;
        },
        [lng, lat, isLand],
      );
    }
  });
});

test('the space bar presses the button that has the focus; elsewhere it plays', async ({ page }) => {
  await desk(page, '#/map', { operations: 8 }, async () => {
    await page.waitForSelector(FIRST);
    const plays = () => page.getAttribute('.time-part .bar button', 'aria-pressed');
    await page.click('.filters summary');
    await page.locator('.filters input').first().focus();
    await page.keyboard.press('Space');
    await becomes(() => page.locator('.filters input').first().isChecked(), false);
    await page.locator('button:has-text("Measure")').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('button[aria-pressed=true] >> text=Measure');
    await becomes(plays, 'false');
    await page.locator('.time-part input').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('.time-part button[aria-pressed=true] >> text=/Pause/');
  });
});

await runAlone(tests);
