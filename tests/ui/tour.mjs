/**
 * tour.mjs - the screen's behaviour in a real browser, against the double of a node: what happens when
 * things go wrong is tried as well as what happens when they do not.
 *
 *     node tests/ui/tour.mjs [PART OF A TEST'S NAME]
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, logIn, openBrowser } from './browser.mjs';
import { startMock } from './mock.mjs';
import * as geo from '../../ui/js/geo.js';
import { along, distance, geodesic } from '../../ui/js/geodesic.js';

const SOUTH = 'a1'.repeat(16);
/** geod_inverse of PROJ 9.1: latitude and longitude, twice, metres, bearing at the first. */
const PROJ = [
  [82.869, 62.122, -81.941, -117.434, 19900093.796219, -3.79601961],
  [-80.393, 71.048, 80.529, -108.74, 19988298.838286, -12.90766017],
  [-60.689, 158.495, 60.967, -20.85, 19960607.737096, -39.20662022],
  [-88.797, -178.628, -88.7897, -178.61972, 815.59495, 1.37242047],
  [-14.656, -27.355, -14.64701, -27.35157, 1061.109559, 20.37829695],
  [74.424, -128.177, 35.031, -131.212, 4387726.395766, -176.08109394],
  [-83.789, 30.662, 53.26, 68.743, 15342740.411037, 33.65051946],
  [-57.442, -133.675, -81.378, -135.138, 2670291.602868, -179.45886208],
  [13.829, 152.799, -88.953, 99.816, 11460825.529437, -179.1385733],
  [-79.514, -99.418, 23.139, -51.72, 11752492.376428, 45.04793469],
  [-58.377, -170.136, -77.256, -135.546, 2478423.961842, 160.63706616],
  [25.941, -58.276, -89.313, 41.233, 12884725.308802, 179.24376141],
  [-73.37, 4.814, 46.467, 51.76, 13765529.976871, 37.47651264],
  [53.078, -158.376, -54.22, -0.869, 18528958.909651, 103.85547148],
];
const tests = [];
const test = (name, run) => tests.push([name, run]);

/* --- without a browser -------------------------------------------------------------------- */

test('positions: MGRS of known places, and back', () => {
  // A place whose grid reference is published, the origin, and the exceptions of zone 32 and Svalbard.
  assert.equal(geo.toMgrs(38.8977, -77.0365), '18S UJ 23394 07395');
  assert.equal(geo.toMgrs(0, 0), '31N AA 66021 00000');
  assert.equal(geo.zoneOf(60, 5), 32);
  assert.equal(geo.zoneOf(78, 10), 33);
  for (let i = 0; i < 4000; i++) {
    const lat = ((i * 7919) % 163000) / 1000 - 79.5;
    const lng = ((i * 104729) % 359000) / 1000 - 179.5;
    const back = geo.fromMgrs(geo.toMgrs(lat, lng));
    assert.ok(
      back && distance({ lat, lng }, back) < 1.5,
      `${lat} ${lng}: ${geo.toMgrs(lat, lng)} ${JSON.stringify(back)}`,
    );
  }
});

test('positions: read in every way that they are written', () => {
  for (const text of [
    '36.2, 37.1',
    '36.2 37.1',
    '36°12′00.0″N 037°06′00.0″E',
    '36 12 0 N, 37 06 0 E',
    'N36.2, E37.1',
    '37.1E, 36.2N',
    '36.2، 37.1',
    geo.toMgrs(36.2, 37.1),
  ]) {
    const at = geo.readPosition(text);
    assert.ok(at && distance(at, { lat: 36.2, lng: 37.1 }) < 2, `${text}: ${JSON.stringify(at)}`);
  }
  assert.deepEqual(geo.readPosition('36°30′S 010°15′W'), { lat: -36.5, lng: -10.25 });
  for (const text of ['', 'north', '91, 10', '10, 181', '36.2', '36 61 0 N, 37 0 0 E', '1, 2, 3'])
    assert.equal(geo.readPosition(text), null, text);
});

test('plural forms: every number has its form in every language', () => {
  for (const [language, locale] of [
    ['en', 'en-GB'],
    ['ar', 'ar-u-nu-latn'],
    ['ru', 'ru-RU'],
  ]) {
    const catalogue = JSON.parse(readFileSync(join(ROOT, `ui/i18n/${language}.json`), 'utf8'));
    const rules = new Intl.PluralRules(locale);
    for (const [key, forms] of Object.entries(catalogue))
      if (typeof forms === 'object')
        for (let n = 0; n < 300; n++) assert.ok(forms[rules.select(n)], `${language} ${key} ${n}`);
  }
});

test('cells: the outline of a token holds the place that it is of', async () => {
  globalThis.location ??= { hash: '' };
  const { cellRing } = await import('../../ui/js/map/cells.js');
  // Tokens of the S2 library's documentation and tests, with a place inside each.
  for (const [token, lat, lng] of [
    ['89c25', 40.75, -73.98],
    ['47a1cbd595522b39', 49.703498679, 11.770681595],
    ['3', 0, 90.0001],
    ['1', 0.001, 0.001],
  ]) {
    const ring = cellRing(token);
    const inside = ring.slice(1).reduce((odd, [x, y], i) => {
      const [px, py] = ring[i];
      return y > lat !== py > lat && lng < ((px - x) * (lat - y)) / (py - y) + x ? !odd : odd;
    }, false);
    const near = ring.some(([x, y]) => Math.hypot(x - lng, y - lat) < 1e-6);
    assert.ok(inside || near, `${token}: ${JSON.stringify(ring)}`);
  }
});

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

test('shapes: what lies at a point is what is within the radius, the width, the corners', async () => {
  const { boundsOf, liesAt } = await import('../../ui/js/map/shapes.js');
  const { mercatorX, mercatorY } = await import('../../ui/js/map/mercator.js');
  const at = (one, { lat, lng }) => liesAt(one, mercatorX(lng), mercatorY(lat), 0);
  const thing = (geometry, properties) => ({ key: 'x', growth: 0, feature: { geometry, properties } });
  for (let i = 0; i < 400; i++) {
    const lat = ((i * 7919) % 130) - 65 + i / 1000;
    const lng = ((i * 104729) % 350) - 175;
    const radius = 500 + ((i * 31) % 9000);
    const circle = thing({ type: 'Point', coordinates: [lng, lat] }, { radius_m: radius });
    const north = { lat: lat + 1, lng };
    const corridor = thing(
      { type: 'LineString', coordinates: [[lng, lat], [north.lng, north.lat]] },
      { width_m: 2 * radius },
    );
    for (const [share, inside] of [
      [0.5, true],
      [0.95, true],
      [1.05, false],
      [2, false],
    ]) {
      const place = along({ lat, lng }, share * radius, (i * 37) % 360);
      assert.equal(at(circle, place), inside, `circle ${lat} ${lng} ${radius} ${share}`);
      const side = along({ lat, lng }, share * radius, i % 2 ? 90 : 270);
      assert.equal(at(corridor, side), inside, `corridor ${lat} ${lng} ${radius} ${share}`);
    }
    const [[west, south], [east, top]] = boundsOf([circle]);
    assert.ok(west < lng && lng < east && south < lat && lat < top);
  }
  const ring = (size) => [[-size, -size], [size, -size], [size, size], [-size, size], [-size, -size]];
  const holed = thing({ type: 'Polygon', coordinates: [ring(2), ring(1)] }, {});
  assert.equal(at(holed, { lat: 0, lng: 0 }), false); // in the hole
  assert.equal(at(holed, { lat: 0, lng: 1.5 }), true);
  const across = thing({ type: 'LineString', coordinates: [[179.9, 0], [-179.9, 0]] }, { width_m: 2000 });
  const [[from], [until]] = boundsOf([across]);
  assert.ok(until - from < 0.3, 'not around the world');
});

test('geodesics: as PROJ has them, short, long, over a pole, nearly antipodal', () => {
  for (const [lat1, lng1, lat2, lng2, metres, degrees] of PROJ) {
    const found = geodesic({ lat: lat1, lng: lng1 }, { lat: lat2, lng: lng2 });
    assert.ok(Math.abs(found.metres - metres) < 1e-3, `${lat1} ${lng1}: ${found.metres}, not ${metres}`);
    const away = Math.abs(((found.degrees - degrees + 540) % 360) - 180);
    assert.ok(away < 1e-4, `${lat1} ${lng1}: ${found.degrees}°, not ${degrees}°`);
    const back = along({ lat: lat1, lng: lng1 }, metres, degrees);
    assert.ok(distance(back, { lat: lat2, lng: lng2 }) < 1, `${JSON.stringify(back)}`);
  }
  assert.equal(distance({ lat: 12, lng: 180 }, { lat: 12, lng: -180 }), 0);
});

test('shapes: what is drawn is where the edge, the corridor, the circle is', async () => {
  const { liesAt, outlinesOf } = await import('../../ui/js/map/shapes.js');
  const { mercatorX, mercatorY } = await import('../../ui/js/map/mercator.js');
  const isDrawn = (one, { lat, lng }) =>
    [-1, 0, 1].some((world) => liesAt(one, mercatorX(lng) + world, mercatorY(lat), 0));
  const thing = (geometry, properties) => ({ key: 'x', growth: 0, feature: { geometry, properties } });
  /** Places on the true line, so many metres from each other. */
  const sampled = (line, edges, step) =>
    line.slice(1).flatMap(([lng, lat], i) => {
      const from = { lat: line[i][1], lng: line[i][0] };
      const east = ((lng - from.lng + 540) % 360) - 180;
      const whole = geodesic(from, { lat, lng });
      const n = Math.ceil(whole.metres / step);
      return Array.from({ length: n + 1 }, (_, k) =>
        edges === 'geodesic'
          ? along(from, (whole.metres * k) / n, whole.degrees)
          : { lat: from.lat + ((lat - from.lat) * k) / n, lng: from.lng + (east * k) / n },
      );
    });
  let tried = 0;
  for (const line of [
    [[20, 65], [26, 70]],
    [[20, 68], [32, 68]],
    [[178, 62], [-177, 66], [-179, 61]],
    [[35, 35], [36.5, 34.2], [35.2, 34.1]],
    [[-30, -69], [-22, -60.5]],
  ])
    for (const edges of ['lonlat', 'geodesic'])
      for (const half of [800, 9000]) {
        const corridor = thing({ type: 'LineString', coordinates: line }, { width_m: 2 * half, edges });
        const truly = sampled(line, edges, half / 20);
        for (let i = 0; i < 60; i++) {
          const on = truly[(i * 7919) % truly.length];
          const place = along(on, half * (0.2 + ((i * 31) % 160) / 100), (i * 53) % 360);
          const away = truly.reduce(
            (least, one) =>
              Math.abs(one.lat - place.lat) > half / 50000 ? least : Math.min(least, distance(one, place)),
            Infinity,
          );
          if (Math.abs(away / half - 1) < 0.006) continue; // as much as an arc may be drawn too flat
          tried++;
          assert.equal(isDrawn(corridor, place), away < half, `${line} ${edges} ${half}: ${away}`);
        }
      }
  assert.ok(tried > 900);

  // An area's edge: a kilometre to each side of it.
  for (const [edges, lat] of [['lonlat', 64], ['geodesic', 64], ['geodesic', -64]]) {
    const sign = Math.sign(lat);
    const ring = [[172, lat], [-172, lat + 2 * sign], [180, lat - 6 * sign], [172, lat]];
    const area = thing({ type: 'Polygon', coordinates: [ring] }, { edges });
    for (const share of [0.2, 0.5, 0.8]) {
      const edge = sampled(ring.slice(0, 2), edges, 500);
      const on = edge[Math.floor(share * edge.length)];
      for (const [side, inside] of [[-1, true], [1, false]])
        assert.equal(isDrawn(area, { lat: on.lat + side * sign * 0.01, lng: on.lng }), inside, `${edges} ${share}`);
    }
  }

  for (const [lat, radius] of [[60, 500], [69, 15000], [35, 300000], [-88, 400000]]) {
    const circle = thing({ type: 'Point', coordinates: [179.9, lat] }, { radius_m: radius });
    for (let degrees = 0; degrees < 360; degrees += 7) {
      const [inner, outer] = [0.997, 1.003].map((share) => along({ lat, lng: 179.9 }, share * radius, degrees));
      if (Math.abs(inner.lat) < 85) assert.equal(isDrawn(circle, inner), true, `${lat} ${radius} ${degrees}`);
      if (Math.abs(outer.lat) < 85) assert.equal(isDrawn(circle, outer), false, `${lat} ${radius} ${degrees}`);
    }
    const [{ box }] = outlinesOf(circle);
    assert.ok(box[2] - box[0] < (lat < -80 ? 1.01 : 0.05), 'not around the world, unless it has the pole in it');
  }
});

test('everything is in view, the shorter way around the world', async () => {
  const { boundsOf } = await import('../../ui/js/map/shapes.js');
  const at = (lng, lat) => ({
    key: 'x',
    growth: 0,
    feature: { geometry: { type: 'Point', coordinates: [lng, lat] }, properties: { radius_m: 5000 } },
  });
  const [[west], [east]] = boundsOf([at(178, 60), at(-175, 61), at(170, 62)]);
  assert.ok(east - west > 15 && east - west < 15.5 && Math.abs(west - 169.9) < 0.1, `${west} ${east}`);
  const [[from], [until]] = boundsOf([at(-60, 10), at(0, 10), at(70, -10)]);
  assert.ok(until - from > 130 && until - from < 130.5, `${from} ${until}`);
  assert.equal(boundsOf([]), null);
});

test('the register: what changes while its pages are read is read again', async () => {
  globalThis.location ??= { hash: '' };
  const { picture, refresh } = await import('../../ui/js/map/picture.js');
  const { state } = await import('../../ui/js/live.js');
  state.serves.add('operations');
  const asked = [];
  const record = (number, change, name) => ({
    id: `N-${number}`,
    number,
    change,
    name,
    owner: '',
    state: 'accepted',
    kind: 'sea',
    start: null,
    end: null,
    feature: { properties: {}, geometry: { type: 'Point', coordinates: [36, 35] } },
  });
  const pages = {
    0: () => ({ operations: Array.from({ length: 2000 }, (_, i) => record(i + 1, i + 1, 'old')), change: 2001 }),
    // Between the pages, the first of all has changed; this page tells of the change, not of the record.
    2000: () => ({ operations: [record(2001, 2001, 'old')], change: 2002 }),
    changed: () => ({ operations: [record(1, 2002, 'new')], change: 2002 }),
  };
  const real = globalThis.fetch;
  globalThis.fetch = async (path) => {
    const { pathname, searchParams: query } = new URL(path, 'http://node');
    const list = pathname.split('/').at(-1);
    const answer =
      list !== 'operations'
        ? { [list]: [], change: 0 }
        : query.has('changed_after')
          ? pages.changed()
          : pages[query.get('after')]();
    if (list === 'operations') asked.push(query.get('changed_after') ?? `page ${query.get('after')}`);
    return { ok: true, status: 200, json: async () => answer };
  };
  try {
    await refresh(() => {});
    assert.equal(picture.entities.size, 2001);
    await refresh(() => {});
  } finally {
    globalThis.fetch = real;
    state.serves.clear();
  }
  assert.deepEqual(asked, ['page 0', 'page 2000', '2001']);
  assert.equal(picture.entities.get('operation::N-1').name, 'new');
});

/* --- in the browser ------------------------------------------------------------------------ */

test('a wrong password is refused, the right one leads in', async ({ page, mock }) => {
  await page.goto(mock.url);
  await page.fill('#login-name', 'duty');
  await page.fill('#login-password', 'wrong password');
  await page.click('.login [type=submit]');
  await page.waitForSelector('.login .problem:not([hidden])');
  await logIn(page, mock.url, 'duty');
  assert.match(await page.textContent('#menu'), /Now/);
  assert.equal(await page.locator('#menu a').count(), 4); // nothing whose API is not there
});

test('alarms ring until somebody has heard them, and stay until their cause ends', async ({ page, mock }) => {
  await page.waitForSelector('.alarm.ringing');
  await page.keyboard.press('a');
  await page.waitForSelector('.alarm.heard');
  assert.equal(await page.locator('.alarm.ringing').count(), 0);
  assert.equal(await page.locator('.alarm').count(), 3);
  mock.world.hear(
    mock.emit,
    SOUTH,
    'distress',
    { text: 'Man overboard', lang: 'en', lat_deg: 35.5, lng_deg: 35.7 },
    true,
  );
  await page.waitForSelector('.alarm.ringing');
  assert.ok(await page.locator('#top button.danger').isVisible());
});

test('seen needs the place read back; a wrong one is refused here', async ({ page }) => {
  await page.locator('li.waiting', { hasText: 'Danger' }).locator('button', { hasText: 'Seen' }).click();
  await page.fill('dialog [name=readback]', '35.70, 36.02');
  await page.fill('dialog [name=start]', '00:00');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem:not([hidden])');
  assert.match(await page.textContent('dialog .problem'), /m away/);
  await page.fill('dialog [name=readback]', geo.toMgrs(35.61, 36.02));
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.waitForSelector('li.waiting >> text=Give an answer');
});

test('an answer is an assessment; an objection needs its reason', async ({ page, mock }) => {
  await page.locator('li.waiting', { hasText: 'Danger' }).locator('button', { hasText: 'Answer' }).click();
  assert.match(await page.textContent('dialog'), /None of these approves/);
  await page.check('dialog [value=objection]');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem:not([hidden])');
  await page.fill('dialog [name=reason]', 'We have people there.');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  const sent = mock.world.messages.at(-1);
  assert.deepEqual(sent.message.body, { of: 4, assessment: 'objection', reason: 'We have people there.' });
});

test('what is written is kept when the session ends, and sent after the log-in', async ({ page, mock }) => {
  await page.evaluate((to) => {
    location.hash = to;
  }, `#/line/${SOUTH}`);
  await page.fill('.composer [name=text]', 'We hold the transport until 21:30.');
  mock.endSessions();
  mock.emit('state', { line: SOUTH });
  await page.waitForSelector('#over .login');
  assert.match(await page.textContent('#over'), /as you left it/);
  await page.fill('#over [name=name]', 'duty');
  await page.fill('#over [name=password]', 'mock password');
  await page.click('#over [type=submit]');
  await page.waitForSelector('#over', { state: 'hidden' });
  assert.equal(await page.inputValue('.composer [name=text]'), 'We hold the transport until 21:30.');
  await page.click('.composer [type=submit]');
  await page.waitForSelector('.message.own >> text=We hold the transport until 21:30.');
  await page
    .locator('.message.own', { hasText: 'We hold the transport until 21:30.' })
    .locator('.step.done', { hasText: 'Delivered' })
    .waitFor();
  assert.equal(await page.inputValue('.composer [name=text]'), '');
});

test('a phrase is shown in both languages with its values', async ({ page, mock }) => {
  await page.selectOption('.composer [name=type]', 'phrase');
  await page.selectOption('.composer [name=phrase]', 'p04');
  await page.fill('.composer [name=arg-time]', '21:30');
  await page.waitForSelector('.preview >> text=/We will answer at .21:30/');
  assert.match(await page.textContent('.preview [lang=ar]'), /21:30/);
  await page.click('.composer [type=submit]');
  await page.waitForSelector('.message.own [lang=ar] >> text=/21:30/');
  assert.deepEqual(mock.world.messages.at(-1).message.body, { phrase: 'p04', args: { time: '21:30' } });
  await page.selectOption('.composer [name=type]', 'text');
});

test('the node goes and comes back: the screen says so, and shows what was missed', async ({
  page,
  mock,
  allowed,
}) => {
  allowed.add(0);
  mock.setDown(true);
  await page.waitForSelector('.banner.bad');
  assert.match(await page.textContent('.banner.bad'), /What you see is as of/);
  mock.world.hear(() => {}, SOUTH, 'text', { text: 'Said while you were away.', lang: 'en' });
  mock.setDown(false);
  await page.waitForSelector('.message.peer >> text=Said while you were away.', { timeout: 20000 });
  await page.waitForSelector('.banner.bad', { state: 'detached' });
});

test('the head of cell suspends with a reason; then only warnings can be said', async ({ page, mock }) => {
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, mock.url, 'head');
  await page.evaluate((to) => {
    location.hash = to;
  }, `#/line/${SOUTH}`);
  await page.click('button:has-text("Suspend")');
  await page.fill('dialog [name=reason]', 'Talks are broken off.');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('.line-head .badge.bad >> text=suspended');
  assert.deepEqual(await page.locator('.composer [name=type] option').allTextContents(), [
    'Danger',
    'Distress',
    'Incident',
  ]);
  await page.click('button:has-text("Resume")');
  await page.fill('dialog [name=reason]', 'The ministers agreed.');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('.line-head .badge.good');
});

test('a memorandum is signed after seeing what it changes', async ({ page, mock }) => {
  await page.click('#tab-memoranda');
  await page.waitForSelector('.panel-memoranda .card');
  assert.match(
    await page.textContent('.card:first-child table'),
    /Notice before it begins.*60 minutes.*2 hours/s,
  );
  await page.locator('.cards > .card').first().getByRole('button', { name: 'Sign', exact: true }).click();
  await page.click('dialog [type=submit]');
  await page.waitForSelector('.card:first-child .badge.good');
  assert.equal(mock.world.memoranda[1].in_force, true);
});

test('the ledger is searched, and an entry is proved', async ({ page }) => {
  await page.evaluate(() => {
    location.hash = '#/ledger';
  });
  await page.waitForSelector('table.entries tbody tr');
  await page.fill('#ledger-search', 'danger');
  await page.waitForFunction(() => document.querySelectorAll('table.entries tbody tr').length === 1);
  await page.click('table.entries tbody a');
  await page.waitForSelector('.entry pre >> text=tlog-proof@v1');
  assert.match(await page.textContent('body'), /خلية تفادي التعارض/); // the witness, by its name
});

test('the screen is usable by keyboard alone', async ({ page }) => {
  await page.keyboard.press('1');
  await page.waitForSelector('main.now');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open] .keys');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.evaluate(() => document.body.focus());
  const seen = new Set();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    seen.add(
      await page.evaluate(() => {
        const box = document.activeElement.getBoundingClientRect();
        const style = getComputedStyle(document.activeElement);
        return document.activeElement === document.body
          ? ''
          : style.outlineStyle !== 'none' && box.width > 0
            ? document.activeElement.textContent.trim().slice(0, 20) || 'x'
            : `unseen ${document.activeElement.outerHTML.slice(0, 80)}`;
      }),
    );
  }
  assert.deepEqual(
    [...seen].filter((one) => one.startsWith('unseen')),
    [],
  );
  assert.ok(seen.size > 10);
});

test('a plan is checked as one draws; an option is taken with one key; the rules are answered', async ({
  page,
  mock,
}) => {
  await page.context().clearCookies();
  await page.goto('about:blank');
  const busy = await startMock(0, { operations: 60 });
  await logIn(page, busy.url, 'head');
  await page.evaluate(() => {
    location.hash = '#/plan';
  });
  await page.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await page.fill('#plan-points', '35.30, 35.40\nnorth\n35.38, 36.90');
  await page.waitForSelector('text=/Line .2. is no position/');
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
  const dialog = page.locator('dialog');
  await Promise.race([dialog.waitFor(), page.waitForSelector('.toast >> text=/is handed in/')]);
  if (await dialog.count()) {
    await page.fill('dialog [name=reason]', 'The two are one flight.');
    await page.click('dialog [type=submit]');
  }
  await page.waitForSelector('.toast >> text=/is handed in/');
  assert.equal(busy.world.ops.records.at(-1).state, 'submitted');
  await page.evaluate(() => {
    location.hash = '#/map';
  });
  await page.waitForSelector('.thing.conflict', { timeout: 60000 });
  await page.locator('.thing.conflict:has(.swatch.operation)').first().click();
  await page.waitForSelector('.detail li.conflict');
  assert.match(page.url(), /sel=operation/);
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

test('a conflict across a line: what waits for us first, both sides, a way out, read back and proposed', async ({
  page,
}) => {
  const busy = await startMock(0, { operations: 20 });
  const first = 'c1'.repeat(16);
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'duty');
  await page.locator('.part.waiting li.case', { hasText: 'Survey east' }).locator('a.main').click();
  await page.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  assert.deepEqual(await page.locator('.case-link .what').allTextContents(), [
    'Survey east ⇄ Relief coordination',
    'Transport 12 ⇄ خلية تفادي التعارض – الجنوب',
    'Relay flight ⇄ خلية تفادي التعارض – الجنوب',
    'Night watch ⇄ خلية تفادي التعارض – الجنوب',
  ]);
  const sides = await page.locator('.pair .card').allTextContents();
  assert.match(sides[0], /Survey east.*0 m AMSL – 600 m AMSL/s);
  assert.match(sides[1], /told: all of it.*grown by .2,400. m/s);
  assert.match(await page.textContent('.case-head'), /no sign of life/);
  assert.match(await page.textContent('.mirrored[lang=ar]'), /Deconfliction cell North/);
  assert.equal(await page.getAttribute('.mirrored', 'dir'), 'rtl');
  const until = page.locator('.turn .flag');
  const before = await until.textContent();
  assert.match(before, /agree by .*UTC.*in \d+ (minutes|seconds)/);

  // Agreeing binds: what is on the table is typed again, and something else is refused here.
  await page.keyboard.press('y');
  await page.fill('dialog [name=start]', '00:07');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem >> text=/not what is on the table/');
  const theirs = busy.world.ops.cases.cases[1].said[0];
  await page.fill('dialog [name=start]', theirs.body.declared.feature.properties.start.slice(0, 16).replace('T', ' '));
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.waitForSelector('.case-head .badge.good >> text=resolved');
  assert.equal(busy.world.ops.cases.cases[1].agreement, theirs.hash);
  assert.equal(await page.locator('.case-link').count(), 3);

  // Ours: the next way out by one key, on the map, proposed with another one.
  await page.evaluate((to) => {
    location.hash = `#/cases/${to}`;
  }, first);
  await page.waitForSelector('.option-choice');
  await page.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await page.keyboard.press('p');
  await page.waitForSelector('.toast.bad >> text=/Choose a way out first/');
  await page.keyboard.press('o');
  await page.keyboard.press('o');
  assert.match(await page.textContent('.option-choice[aria-pressed=true]'), /.900. m higher/);
  const drawn = () =>
    page.evaluate(
      async () => (await document.querySelector('.map-box').$map.getSource('ways').getData()).features.length,
    );
  assert.ok((await drawn()) > 0);
  await page.waitForSelector('.profile .block.way');
  await page.keyboard.press('p');
  const own = busy.world.ops.records.find((one) => one.id === 'N-7001').feature.properties;
  await page.fill('dialog [name=start]', own.start.slice(11, 16));
  await page.fill('dialog [name=low]', '600');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem >> text=/not what is on the table/');
  await page.fill('dialog [name=low]', '4200');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.waitForSelector('.proposal.own >> text=/We would move: .*900.* m higher/');
  assert.match(await page.textContent('.turn'), /has to answer our proposal/);

  // The other side's signature arrives by itself.
  busy.world.ops.cases.agreeThere(first, busy.emit);
  await page.waitForSelector('.case-head .badge.good >> text=agreed');
  assert.match(await page.textContent('.case-history'), /They agree\. This binds both\./);
  await page.click('button:has-text("Show those that are over")');
  await page.waitForSelector('.case-link >> text=resolved');

  // Without the node nothing can be said, and the page says how old it is.
  busy.setDown(true);
  await page.waitForSelector('.case-head .flag.bad >> text=/The node is silent/');
  await page.keyboard.press('n');
  await page.waitForSelector('.toast.bad');
  await busy.close();
});

test('a conflict says who sees it; an acceptance that was taken back waits for a decision', async ({ page }) => {
  const busy = await startMock(0, { operations: 20 });
  const go = (hash) =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'duty');
  // On the page of what waits: the alarm names the operation, and leads to its case, which is over.
  const alarm = page.locator('.alarm', { hasText: /acceptance of our .Night watch. was taken back/ });
  await alarm.waitFor();
  const waits = page.locator('.part.waiting li.case');
  assert.match(await waits.filter({ hasText: 'Night watch' }).textContent(), /decide what becomes of the plan/);
  assert.match(await waits.filter({ hasText: 'Relay flight' }).textContent(), /By the picture of .*Only .* sees/s);
  for (const [id, words] of [
    ['c1', /By our own picture there is a conflict\. Whether .* sees it too, it has not said/],
    ['c2', /Both sides see this conflict/],
    ['c4', /Only .* sees this conflict, as its proposal says/],
  ]) {
    await go(`#/cases/${id.repeat(16)}`);
    await page.waitForSelector(`.case-link[aria-current][href$="${id.repeat(16)}"]`);
    await page.locator('.case-head .flag', { hasText: words }).waitFor();
  }
  await go('#/now');
  await alarm.locator('a.main').click();
  const held = page.locator('.case-head .held');
  assert.match(await held.textContent(), /rule the acceptance of our .Night watch. was taken back.*until somebody/);
  await held.locator('a').click();
  await page.waitForFunction(() => document.querySelector('#plan-name')?.value === 'Night watch');

  // Somebody has decided: the alarm ends, nothing waits, and the case still says what was.
  const { alarms, ops } = busy.world;
  ops.records.find((one) => one.id === 'N-7005').state = 'accepted';
  alarms.splice(alarms.findIndex((one) => one.kind.startsWith('case.')), 1);
  busy.emit('alarm', {});
  await go(`#/cases/${'c5'.repeat(16)}`);
  await page.locator('.case-head .held', { hasText: 'Somebody has decided about it since' }).waitFor();
  assert.equal(await page.locator('.case-link', { hasText: 'Night watch' }).count(), 0);
  ops.records.find((one) => one.id === 'N-7005').state = 'activated';
  busy.emit('op', { id: 'N-7005' });
  await page.locator('.case-head .held', { hasText: /but not what is under way: our .Night watch. goes on/ }).waitFor();
  await busy.close();
});

test('conflicts of a viewer: everything is shown, nothing can be said', async ({ page }) => {
  const busy = await startMock(0, { operations: 20 });
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'viewer');
  await page.evaluate(() => {
    location.hash = `#/cases/${'c2'.repeat(16)}`;
  });
  await page.waitForSelector('.proposal');
  assert.equal(await page.locator('.case-head .actions button').count(), 0);
  assert.match(await page.textContent('.case-head .actions'), /duty officer or the head of cell/);
  await page.keyboard.press('y');
  await page.waitForSelector('.toast.bad');
  assert.equal(await page.locator('dialog').count(), 0);
  await busy.close();
});

test('an incident: picked or typed, refused here if it is no place, reported, and its bundle saved', async ({
  page,
  allowed,
}) => {
  allowed.add(400);
  const busy = await startMock(0, { operations: 20 });
  const { incidents } = busy.world.ops;
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'duty');
  await page.evaluate(() => {
    location.hash = '#/incidents';
  });
  await page.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  assert.equal(await page.locator('.case-link').count(), 2);
  await page.locator('.map-box .maplibregl-canvas').click({ position: { x: 120, y: 90 } });
  await page.waitForFunction(() => /^-?\d+\.\d{5}, -?\d/.test(document.querySelector('#incident-place').value));
  for (const [typed, shown] of [
    ['somewhere', /no position/],
    ['91, 10', /no position/],
  ]) {
    await page.fill('#incident-place', typed);
    await page.click('form [type=submit]');
    await page.waitForFunction((text) => new RegExp(text).test(document.querySelector('form .problem')?.textContent), shown.source);
  }
  await page.fill('#incident-place', geo.toMgrs(35.5, 35.82));
  await page.fill('form [name=at]', 'soon');
  await page.click('form [type=submit]');
  await page.waitForSelector('form .problem >> text=/no time/');
  await page.fill('form [name=at]', '2097-01-01 00:00'); // what the node refuses is shown in its words
  await page.click('form [type=submit]');
  await page.waitForSelector('form .problem >> text=/has not happened yet/');
  await page.fill('form [name=at]', '');
  await page.fill('form [name=text]', 'Лопасть упала на дорогу.');
  await page.reload(); // what is typed stays
  await page.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  assert.equal(await page.inputValue('form [name=text]'), 'Лопасть упала на дорогу.');
  await page.click('form [type=submit]');
  await page.waitForSelector('.toast >> text=/report is kept/');
  assert.ok(Math.abs(incidents.reports[0].lat_deg - 35.5) < 1e-5 && Math.abs(incidents.reports[0].lng_deg - 35.82) < 1e-5);
  await page.waitForFunction(() => document.querySelector('.map-box').$things.count > 0); // what was known there
  assert.equal(await page.locator('.toast.bad').count(), 0);
  await page.waitForSelector('.incident-messages >> text=NOT delivered');
  assert.match(await page.textContent('.incidents-page'), /Seen by the .duty officer/);
  assert.match(await page.textContent('.incidents-page'), /Nothing about it was said over a line/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.actions button.main')]);
  assert.equal(download.suggestedFilename(), 'south.example-20261128T180000Z.evidence');
  const saved = readFileSync(await download.path(), 'utf8');
  assert.match(saved, /^tafadi-evidence\/v1 [0-9a-f]{64}\n\{/);
  await page.waitForSelector('dialog >> text=/2. messages/');
  assert.match(await page.textContent('dialog'), new RegExp(saved.slice(19, 83)));
  assert.deepEqual(incidents.asked.at(-1), { incident: incidents.reports[0].id, line: SOUTH });
  await page.keyboard.press('Escape');

  // The same of a case and of an entry of the ledger.
  await page.evaluate((to) => {
    location.hash = `#/cases/${to}`;
  }, 'c2'.repeat(16));
  await page.click('button:has-text("Evidence bundle")');
  await page.waitForSelector('dialog >> text=/2. messages/');
  assert.deepEqual(incidents.asked.at(-1), { case: 'c2'.repeat(16) });
  await page.keyboard.press('Escape');
  await page.evaluate(() => {
    location.hash = '#/ledger/5';
  });
  await page.click('button:has-text("Evidence bundle of this message")');
  await page.waitForSelector('dialog >> text=/2. messages/');
  assert.deepEqual(incidents.asked.at(-1), { entries: [5] });
  await page.keyboard.press('Escape');
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
      null,
      { timeout: 60000 },
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
  assert.ok((await coloured()) > 2000, 'the zone is on the map, and on paper');

  // The zone lies in the middle: Enter at the cross chooses it, with all else beneath it switched off.
  await page.click('.filters summary');
  await page.locator('.filters fieldset').first().locator('.check', { hasText: 'operation' }).first().click();
  await page.locator('.filters fieldset').first().locator('.check', { hasText: 'declared' }).click();
  await settled();
  await page.locator('.maplibregl-canvas').focus();
  await go('ArrowRight');
  await go('ArrowLeft');
  assert.ok(await page.locator('.cross').isVisible());
  await page.keyboard.press('Enter');
  await page.waitForSelector('.detail >> text=Border strip');
  assert.match(page.url(), /hide=operation%2Cdeclaration/);
  assert.match(page.url(), /sel=zone/);
  assert.equal(await page.locator('.thing:has(.swatch.operation)').count(), 0);
  await page.locator('.detail button', { hasText: 'Close' }).click();
  await page.locator('.filters fieldset').first().locator('.check', { hasText: 'zone' }).click();
  await settled();
  assert.ok((await coloured()) < 200, 'what is filtered is gone');

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
  await page.waitForSelector('.plan-page .map-box[data-ready] canvas', { timeout: 60000 });
  await settled();
  await page.locator('.maplibregl-canvas').focus();
  await page.keyboard.press('Enter');
  await go('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#plan-points').value.split('\n').length === 2);
  await page.waitForSelector('.plan-page .card .badge');
  await busy.close();
});

test('what others write is text, never markup', async ({ page, mock }) => {
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, mock.url, 'head');
  mock.world.hear(mock.emit, SOUTH, 'text', {
    text: '<img src=x onerror="window.pwned=1"><b>bold</b>',
    lang: 'en',
  });
  await page.waitForSelector('text=<b>bold</b>');
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test('a desk where nothing has happened says so everywhere', async ({ page }) => {
  const empty = await startMock(0, { empty: true });
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, empty.url, 'head');
  for (const address of ['now', 'line', 'ledger', 'admin']) {
    await page.evaluate((to) => {
      location.hash = `#/${to}`;
    }, address);
    await page.waitForSelector(`main.${address}`);
    await page.waitForTimeout(100);
  }
  await empty.close();
});

/* --- running them ---------------------------------------------------------------------------- */

const mock = await startMock();
const browser = await openBrowser();
const page = browser.context.pages()[0] ?? (await browser.context.newPage());
page.setDefaultTimeout(10000);
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
