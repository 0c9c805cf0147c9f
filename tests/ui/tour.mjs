/**
 * tour.mjs - the screen's behaviour in a real browser, against the double of a node: what happens when
 * things go wrong is tried as well as what happens when they do not.
 *
 *     node tests/ui/tour.mjs [PART OF A TEST'S NAME]
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runAlone } from './alone.mjs';
import { ROOT, becomes, logIn, toasted } from './browser.mjs';
import { startMock } from './mock.mjs';
import * as geo from '../../ui/js/geo.js';
import { distance } from '../../ui/js/geodesic.js';

const SOUTH = 'a1'.repeat(16);
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
  await becomes(() => page.textContent('#menu'), /Now/);
  await becomes(() => page.locator('#menu a').count(), 4); // nothing whose API is not there
});

test('alarms ring until somebody has heard them, and stay until their cause ends', async ({ page, mock }) => {
  await page.waitForSelector('.alarm.ringing');
  await page.keyboard.press('a');
  await page.waitForSelector('.alarm.heard');
  await becomes(() => page.locator('.alarm.ringing').count(), 0);
  await becomes(() => page.locator('.alarm').count(), 3);
  mock.world.hear(
    mock.emit,
    SOUTH,
    'distress',
    { text: 'Man overboard', lang: 'en', lat_deg: 35.5, lng_deg: 35.7 },
    true,
  );
  await page.waitForSelector('.alarm.ringing');
  await page.locator('#top button.danger').waitFor();
});

test('seen needs the place read back; a wrong one is refused here', async ({ page }) => {
  await page.locator('li.waiting', { hasText: 'Danger' }).locator('button', { hasText: 'Seen' }).click();
  await page.fill('dialog [name=readback]', '35.70, 36.02');
  await page.fill('dialog [name=start]', '00:00');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem:not([hidden])');
  await becomes(() => page.textContent('dialog .problem'), /m away/);
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
  await becomes(() => page.textContent('#over'), /as you left it/);
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
  await becomes(() => page.inputValue('.composer [name=text]'), '');
});

test('a session that ends in the middle of a dialog leaves it as it was, and one logs in above it', async ({ page, mock }) => {
  const item = page.locator('.message.peer', { hasText: 'Видите ли вы наш борт' });
  await item.locator('button', { hasText: 'Forwarded' }).click();
  await page.fill('dialog [name=to]', 'Tower north');
  mock.endSessions();
  // What the page asks for by itself may have found it out first, and lie above: then no mouse gets there.
  await page.locator('dialog:not(#over) form').evaluate((form) => form.requestSubmit());
  await page.waitForSelector('#over .login');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Escape'); // there is no way around it
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => document.activeElement.closest('#over') !== null), true);
  await page.fill('#over [name=name]', 'duty');
  await page.fill('#over [name=password]', 'mock password');
  await page.click('#over [type=submit]');
  await page.waitForSelector('#over', { state: 'hidden' });
  assert.equal(await page.inputValue('dialog [name=to]'), 'Tower north');
  await page.click('dialog [type=submit]');
  await item.locator('.step.done', { hasText: 'Forwarded' }).waitFor();
});

test('a phrase is shown in both languages with its values', async ({ page, mock }) => {
  await page.selectOption('.composer [name=type]', 'phrase');
  await page.selectOption('.composer [name=phrase]', 'p04');
  await page.fill('.composer [name=arg-time]', '21:30');
  await page.waitForSelector('.preview >> text=/We will answer at .21:30/');
  await becomes(() => page.textContent('.preview [lang=ar]'), /21:30/);
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
  await becomes(() => page.textContent('.banner.bad'), /What you see is as of/);
  mock.world.hear(() => {}, SOUTH, 'text', { text: 'Said while you were away.', lang: 'en' });
  mock.setDown(false);
  await page.waitForSelector('.message.peer >> text=Said while you were away.');
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
  await becomes(
    () => page.locator('.composer [name=type] option').allTextContents(),
    ['Danger', 'Distress', 'Incident'],
  );
  await page.click('button:has-text("Resume")');
  await page.fill('dialog [name=reason]', 'The ministers agreed.');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('.line-head .badge.good');
});

test('a memorandum is signed after seeing what it changes', async ({ page, mock }) => {
  await page.click('#tab-memoranda');
  await page.waitForSelector('.panel-memoranda .card');
  await becomes(
    () => page.textContent('.card:first-child table'),
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
  await becomes(() => page.textContent('body'), /خلية تفادي التعارض/); // the witness, by its name
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

test('a conflict across a line: what waits for us first, both sides, a way out, read back and proposed', async ({
  page,
}) => {
  const busy = await startMock(0, { operations: 20 });
  const first = 'c1'.repeat(16);
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'duty');
  await page.locator('.part.waiting li.case', { hasText: 'Survey east' }).locator('a.main').click();
  await page.waitForSelector('.map-box[data-ready] canvas');
  await becomes(
    () => page.locator('.case-link .what').allTextContents(),
    [
      'Survey east ⇄ Relief coordination',
      'Transport 12 ⇄ خلية تفادي التعارض – الجنوب',
      'Relay flight ⇄ خلية تفادي التعارض – الجنوب',
      'Night watch ⇄ خلية تفادي التعارض – الجنوب',
    ],
  );
  const sides = page.locator('.pair .card');
  await becomes(() => sides.nth(0).textContent(), /Survey east.*0 m AMSL – 600 m AMSL/s);
  await becomes(() => sides.nth(1).textContent(), /told: all of it.*grown by .2,400. m/s);
  await becomes(() => page.textContent('.case-head'), /no sign of life/);
  await becomes(() => page.textContent('.mirrored[lang=ar]'), /Deconfliction cell North/);
  await becomes(() => page.getAttribute('.mirrored', 'dir'), 'rtl');
  const until = page.locator('.turn .flag');
  await becomes(() => until.textContent(), /agree by .*UTC.*in \d+ (minutes|seconds)/);

  // Agreeing binds: what is on the table is typed again, and something else is refused here.
  const theirs = busy.world.ops.cases.cases[1].said[0];
  const { start } = theirs.body.declared.feature.properties;
  const typed = (ms) => new Date(Date.parse(start) + ms).toISOString().slice(0, 16).replace('T', ' ');
  await page.keyboard.press('y');
  await page.fill('dialog [name=start]', typed(12 * 3600e3));
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog .problem >> text=/not what is on the table/');
  await page.fill('dialog [name=start]', typed(0));
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.waitForSelector('.case-head .badge.good >> text=resolved');
  assert.equal(busy.world.ops.cases.cases[1].agreement, theirs.hash);
  await becomes(() => page.locator('.case-link').count(), 3);

  // Ours: the next way out by one key, on the map, proposed with another one.
  await page.evaluate((to) => {
    location.hash = `#/cases/${to}`;
  }, first);
  await page.waitForSelector('.option-choice');
  await page.waitForSelector('.map-box[data-ready] canvas');
  await page.keyboard.press('p');
  await toasted(page, 'Choose a way out first');
  await page.keyboard.press('o');
  await page.keyboard.press('o');
  await becomes(() => page.textContent('.option-choice[aria-pressed=true]'), /.900. m higher/);
  const drawn = () =>
    page.evaluate(
      async () => (await document.querySelector('.map-box').$map.getSource('ways').getData()).features.length,
    );
  await becomes(drawn, (n) => n > 0);
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
  await becomes(() => page.textContent('.turn'), /has to answer our proposal/);

  // The other side's signature arrives by itself.
  busy.world.ops.cases.agreeThere(first, busy.emit);
  await page.waitForSelector('.case-head .badge.good >> text=agreed');
  await becomes(() => page.textContent('.case-history'), /They agree\. This binds both\./);
  await page.click('button:has-text("Show those that are over")');
  await page.waitForSelector('.case-link >> text=resolved');

  // Without the node nothing can be said, and the page says how old it is.
  busy.setDown(true);
  await page.waitForSelector('.case-head .flag.bad >> text=/The node is silent/');
  await page.keyboard.press('n');
  await toasted(page, 'toast bad');
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
  await becomes(() => waits.filter({ hasText: 'Night watch' }).textContent(), /decide what becomes of the plan/);
  await becomes(() => waits.filter({ hasText: 'Relay flight' }).textContent(), /By the picture of .*Only .* sees/s);
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
  await becomes(() => held.textContent(), /rule the acceptance of our .Night watch. was taken back.*until somebody/);
  await held.locator('a').click();
  await page.waitForFunction(() => document.querySelector('#plan-name')?.value === 'Night watch');

  // Somebody has decided: the alarm ends, nothing waits, and the case still says what was.
  const { alarms, ops } = busy.world;
  ops.records.find((one) => one.id === 'N-7005').state = 'accepted';
  alarms.splice(alarms.findIndex((one) => one.kind.startsWith('case.')), 1);
  busy.emit('alarm', {});
  await go(`#/cases/${'c5'.repeat(16)}`);
  await page.locator('.case-head .held', { hasText: 'Somebody has decided about it since' }).waitFor();
  await becomes(() => page.locator('.case-link', { hasText: 'Night watch' }).count(), 0);
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
  await becomes(() => page.textContent('.case-head .actions'), /duty officer or the head of cell/);
  await page.keyboard.press('y');
  await toasted(page, 'toast bad');
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
  await page.waitForSelector('.map-box[data-ready] canvas');
  await becomes(() => page.locator('.case-link').count(), 2);
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
  await page.waitForSelector('.map-box[data-ready] canvas');
  assert.equal(await page.inputValue('form [name=text]'), 'Лопасть упала на дорогу.');
  await page.click('form [type=submit]');
  await toasted(page, 'report is kept');
  assert.ok(Math.abs(incidents.reports[0].lat_deg - 35.5) < 1e-5 && Math.abs(incidents.reports[0].lng_deg - 35.82) < 1e-5);
  await page.waitForFunction(() => document.querySelector('.map-box').$things.count > 0); // what was known there
  assert.equal(await page.locator('.toast.bad').count(), 0);
  await page.waitForSelector('.incident-messages >> text=NOT delivered');
  await becomes(() => page.textContent('.incidents-page'), /Seen by the .duty officer/);
  await becomes(() => page.textContent('.incidents-page'), /Nothing about it was said over a line/);
  const seen = page.locator('[data-key=positions] > ul > li');
  await becomes(() => seen.first().textContent(), /N-7001.*2. positions.*Nearest:.*444. m away.*outside/);
  await becomes(() => seen.last().textContent(), /N-7003.*1. position .*perhaps within/);
  await seen.first().locator('summary').click();
  await seen.first().locator('tbody tr').nth(1).waitFor();
  await becomes(() => seen.first().locator('tbody tr').first().textContent(), /35\.51000, 35\.82000.*420.*1,109.*within/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.actions button.main')]);
  assert.equal(download.suggestedFilename(), 'south.example-20261128T180000Z.evidence');
  const saved = readFileSync(await download.path(), 'utf8');
  assert.match(saved, /^tafadi-evidence\/v1 [0-9a-f]{64}\n\{/);
  await page.waitForSelector('dialog >> text=/2. messages/');
  await becomes(() => page.textContent('dialog'), new RegExp(saved.slice(19, 83)));
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

test('what a DSS refuses is said in our words, and its reason is marked as English', async ({ page, allowed }) => {
  allowed.add(409);
  const busy = await startMock(0, { operations: 5 });
  const { ops } = busy.world;
  const one = ops.records.find(({ state, acts }) => state === 'accepted' && acts.includes('activate'));
  one.intent = { pending: null, result: 'failed', state: null, why: 'the DSS was not reached (put): timed out' };
  const before = ops.answer;
  ops.answer = function answer(request) {
    if (request.parts[2] !== 'acts') return before.call(this, request);
    throw new request.Refusal(409, 'Nothing was changed: what the DSS knows does not allow it.', undefined, {
      said: { lang: 'en', text: 'the DSS answered 409: a newer key is needed' },
      check: { outcome: 'clear', conflicts: [], more: 0, against: { operations: 1, declarations: 0, sites: 0, zones: 0 } },
    });
  };
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'duty');
  await page.evaluate((id) => {
    location.hash = `#/plan/${id}`;
  }, one.id);
  const state = page.locator('.plan-form .flag.bad');
  await becomes(() => state.textContent(), /Not done: the DSS or another system could not be asked/);
  assert.equal(await state.locator('bdi[lang=en]').textContent(), one.intent.why);
  await page.locator('.plan-form .actions.end button', { hasText: 'Begin' }).click();
  const problem = page.locator('.plan-form .problem');
  await becomes(() => problem.textContent(), /Nothing was changed: .*From the traffic management system, in its words:/);
  assert.equal(await problem.locator('bdi[lang=en]').last().textContent(), 'the DSS answered 409: a newer key is needed');
  assert.equal(await page.locator('dialog').count(), 0); // there is nothing to decide
});

test('what the register lost is shown at its alarm, and withdrawn with a reason', async ({ page }) => {
  const busy = await startMock(0, { operations: 5 });
  const { declarations } = busy.world.ops;
  const lost = (id, kind, body) => ({
    line: SOUTH,
    own: true,
    id,
    own_id: '',
    class: kind,
    version: 3,
    seq: 2,
    at: new Date(Date.now() - 7200e3).toISOString(),
    disclosure: 'window',
    notice_breach_s: 0,
    withdrawn: false,
    old: false,
    growth_m: 0,
    body: { id, state: 'accepted', disclosure: 'window', area: { lat_deg: 35.5, lng_deg: 36.25, radius_m: 4000 }, ...body },
  });
  const soon = new Date(Date.now() + 3600e3).toISOString();
  declarations.push(
    lost('o-lost', 'operation', { kind: 'rotorcraft', start: soon, end: new Date(Date.now() + 7200e3).toISOString() }),
    lost('s-lost', 'site', { kind: 'site', category: 'clinic' }),
    lost('o-over', 'operation', { kind: 'ground', end: new Date(Date.now() - 60e3).toISOString() }),
  );
  busy.world.alarms.push({ id: 70, line: SOUTH, kind: 'lost', at: soon, cleared: null, own: true, seq: 0, role: 'duty-officer', text: 'lost' });
  await page.context().clearCookies();
  await page.goto('about:blank');
  await logIn(page, busy.url, 'duty');
  const alarm = page.locator('.alarm', { hasText: 'unknown to our register' });
  await alarm.locator('button:has-text("Show what it is")').click();
  const items = page.locator('dialog .list > li');
  await items.nth(1).waitFor();
  assert.equal(await items.count(), 2); // what is over is over for the other side, too
  await becomes(() => items.first().textContent(), /operation.*o-lost.*helicopter.*35\.50000, 36\.25000/);
  await items.first().locator('button').click();
  const asked = page.locator('dialog').last();
  await becomes(() => asked.textContent(), /keeps clear of it until then, and will not any more/);
  await asked.locator('[type=submit]').click(); // nothing disappears without a reason
  assert.equal(declarations.find(({ id }) => id === 'o-lost').withdrawn, false);
  await asked.locator('[name=reason]').fill('It landed before the restore.');
  await asked.locator('[type=submit]').click();
  await page.waitForFunction(() => document.querySelectorAll('dialog .list > li').length === 1);
  assert.equal(declarations.find(({ id }) => id === 'o-lost').reason, 'It landed before the restore.');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'));

  // The site among the sites, too; with the last one the alarm is over.
  await page.evaluate(() => {
    location.hash = '#/sites';
  });
  await page.locator('.part.lost li', { hasText: 's-lost' }).locator('button').click();
  await page.fill('dialog [name=reason]', 'Closed long ago.');
  await page.click('dialog [type=submit]');
  await page.waitForFunction(() => !document.querySelector('.part.lost'));
  await page.evaluate(() => {
    location.hash = '#/now';
  });
  await page.waitForFunction(() => !/unknown to our register/.test(document.querySelector('#page, main')?.textContent));
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

await runAlone(tests);
