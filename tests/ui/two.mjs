/**
 * two.mjs - two real nodes and the screens of both parties side by side, North's in English, South's in Arabic. They
 * meet; then the tour is gone through twice, with the roles changed: a plan, a conflict, an option, an agreement, a
 * message, a suspension, a danger, the resumption, an incident, evidence bundles. Each time the node of whoever leads
 * is killed while a plan is drawn on it, and the other one while a danger is told to it.
 *
 *     node tests/ui/two.mjs
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, becomes, toasted } from './browser.mjs';
import { TAFADI, twoNodes } from './nodes.mjs';
import {
  ask,
  draw,
  enter,
  fulfil,
  go,
  handIn,
  heard,
  hears,
  killed,
  mapReady,
  piece,
  runSideBySide,
  sendText,
  stands,
} from './sides.mjs';

const tests = [];
const test = (name, run) => tests.push([name, run]);
const picture = ({ page, name }, what) =>
  page.screenshot({ path: join(ROOT, 'out/ui', `real-${what}-${name}.png`) });

/* --- they meet ------------------------------------------------------------------------------ */

test('the heads of both cells log in, in English and in Arabic', async ({ north, south }) => {
  await enter(north, 'chief');
  await enter(south, 'chief');
  assert.equal(await north.page.getAttribute('html', 'dir'), 'ltr');
  assert.equal(await south.page.getAttribute('html', 'dir'), 'rtl');
  const response = await fetch(`${north.node.url}/`, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  const again = await fetch(`${north.node.url}/`, {
    headers: { 'If-None-Match': response.headers.get('etag') },
  });
  assert.equal(again.status, 304);
});

test('cards are exchanged, keys compared, the line opened from both sides', async ({ north, south, nodes }) => {
  for (const [{ page }, other] of [
    [north, south],
    [south, north],
  ]) {
    await go(page, '#/admin/parties');
    await page.locator('.panel .head button.main').click();
    await fulfil(page, { card: nodes.cardOf(other.node) });
    await page.click('.cards .card button[aria-expanded]');
    await page.locator('.compare select').nth(1).selectOption('ar');
  }
  const words = ({ page }, i) => page.locator('.pair .card').nth(i).locator('.words li').allTextContents();
  for (const [i, j] of [[0, 1], [1, 0]]) {
    const said = await becomes(() => words(north, i), (list) => list.length > 0);
    await becomes(() => words(south, j), said);
  }
  for (const { page } of [north, south]) {
    await page.locator('.cards .card .actions button.main').click();
    await fulfil(page);
  }
  for (const { page } of [north, south]) await page.waitForSelector('.cards .card .badge.good');
});

test('a memorandum is proposed there and signed here', async ({ north, south }) => {
  for (const { page } of [north, south]) {
    await go(page, '#/line');
    await page.click('#tab-memoranda');
  }
  await south.page.locator('.panel .bar button').click();
  await south.page.waitForSelector('dialog textarea');
  const document = JSON.parse(await south.page.inputValue('dialog textarea'));
  document.kinds = [{ kind: '*', notice_s: 3600, disclosure: 'window' }];
  await south.page.fill('dialog textarea', JSON.stringify(document, null, 1));
  await fulfil(south.page);
  await north.page.getByRole('button', { name: 'Sign', exact: true }).click();
  await fulfil(north.page);
  for (const { page } of [north, south]) await page.waitForSelector('.cards .badge.good');
});

/* --- the tour --------------------------------------------------------------------------------- */

const TEXTS = {
  en: {
    survey: 'Survey 12',
    relief: 'Relief flight',
    patrol: 'Patrol',
    crew: 'Crew to the ridge',
    text: 'Transport flights begin at 20:00 along the coast.',
    danger: 'A drone of ours has lost contact and drifts east.',
    allow: 'The head of cell has decided so.',
    suspend: 'By order of the ministry, until further notice.',
    resume: 'The ministers have agreed.',
    incident: 'Two aircraft came close.',
  },
  ar: {
    survey: 'مسح الحريق',
    relief: 'رحلة إغاثة',
    patrol: 'دورية',
    crew: 'طاقم إلى التلال',
    text: 'طائرات الإطفاء تقلع عند السادسة.',
    danger: 'فقدنا الاتصال بطائرة مسيّرة تنجرف شرقاً.',
    allow: 'قرار رئيس الخلية.',
    suspend: 'بقرار من الوزارة حتى إشعار آخر.',
    resume: 'اتفق الوزيران.',
    incident: 'اقتربت طائرتان إحداهما من الأخرى.',
  },
};

/** A bundle that a page saves, verified by the program; the types of what is said in it. */
async function bundleOf({ page }, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const done = spawnSync(TAFADI, ['evidence', 'verify', await download.path(), '--json'], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  const { sha256, story } = JSON.parse(done.stdout);
  assert.equal(sha256, await page.textContent('dialog .quiet .code'));
  await page.keyboard.press('Escape');
  return { sha256, types: new Set(story.filter((one) => one.kind === 'said').map((one) => one.type)) };
}

/** The keys of a page, with the focus on nothing that takes letters. */
async function press({ page }, key) {
  await page.locator('main h1').last().click();
  await page.keyboard.press(key);
}

/**
 * `leads` plans and speaks first, in its language; `follows` answers in the other one. lat_deg: where; the two tours are
 * not in each other's way.
 */
function tour(leads, follows, lat_deg) {
  const pairOf = (sides) => [sides[leads], sides[follows], TEXTS[sides[leads].language], TEXTS[sides[follows].language]];
  const step = (name, run) => test(`${leads} leads: ${name}`, (sides) => run(...pairOf(sides)));
  const points = (...list) => list.map(([north, lng]) => `${(lat_deg + north).toFixed(2)}, ${lng}`).join('\n');

  step('a plan is drawn while the node is killed: it is there still, is handed in, and told', async (lead, other, says) => {
    const { page } = lead;
    const before = (await heard(other)).length;
    await draw(lead, '…', points([0.3, 35.4], [0.45, 36.2]));
    await page.waitForSelector('.plan-page .card .badge.good');
    await killed(lead, () => page.fill('#plan-name', says.survey));
    assert.equal(await page.inputValue('#plan-name'), says.survey);
    await handIn(lead);
    await toasted(page, piece(lead, 'plan.done.submit'));
    await hears(other, before + 1);
    await go(page, '#/map');
    await page.locator('.thing', { hasText: says.survey }).waitFor();
  });

  step('a second plan clashes: the node says with what, and an option ends it', async (lead, other, says) => {
    const { page } = lead;
    await draw(lead, says.relief, points([0.4, 35.5], [0.3, 36.1]));
    await page.locator('.plan-page li.conflict', { hasText: says.survey }).waitFor();
    await page.waitForSelector('.option');
    await page.locator('.plan-page h1').click();
    await page.keyboard.press('o');
    await handIn(lead);
  });

  step('a plan of the other side clashes with what was told: decided with a reason, a case on both', async (lead, other, _, says) => {
    const { page } = other;
    await draw(other, says.patrol, points([0.35, 35.6], [0.4, 35.9]));
    await page.waitForSelector('.plan-page li.conflict');
    await page.locator('.plan-form [type=submit]').click();
    await page.locator('.plan-form .actions.end button.main:not([type=submit])').click(); // to accept it
    await fulfil(page, { reason: says.allow });
    for (const side of [lead, other]) {
      await go(side.page, '#/now');
      await side.page.waitForSelector('li.case');
    }
  });

  step('the conflict is settled across the line: proposed and agreed to by keys, resolved on both', async (lead, other) => {
    // It is the others' turn: the later declared moves.
    await other.page.locator('li.case a.main').first().click();
    await mapReady(other.page);
    await other.page.waitForSelector('.option-choice');
    await press(other, 'o');
    await other.page.waitForSelector('.option-choice[aria-pressed=true]');
    await other.page.keyboard.press('p');
    const start = await other.page.getAttribute('dialog .quoted time', 'datetime');
    const typed = start.slice(0, 16).replace('T', ' ');
    await fulfil(other.page, { start: typed });
    await other.page.waitForSelector('.proposal.own');

    // Now it waits for whoever leads; acceptable by their own picture.
    await lead.page.locator('.part.waiting li.case a.main').first().click();
    await mapReady(lead.page);
    for (const { page } of [lead, other]) await page.waitForSelector('.proposal .flag.good');
    assert.equal(new URL(lead.page.url()).hash, new URL(other.page.url()).hash); // the same id
    await lead.page.locator('.proposal button').click();
    await picture(lead, 'case');
    await picture(other, 'case');
    await press(lead, 'y');
    assert.equal(await lead.page.getAttribute('dialog .quoted time', 'datetime'), start);
    await fulfil(lead.page, { start: typed });
    for (const { page, words } of [lead, other]) {
      await page.locator('.case-head .badge.good', { hasText: words['case.stage.resolved'] }).waitFor();
      await page.waitForFunction(() => document.querySelectorAll('.case-link').length === 0);
    }
  });

  step('a message is delivered and seen, in plain words on both screens', async (lead, other, says) => {
    for (const { page } of [lead, other]) await go(page, '#/line');
    await sendText(lead.page, says.text);
    await stands(lead, says.text, 'delivered');
    await other.page.locator('.message.peer', { hasText: says.text }).locator('button.main').click();
    await fulfil(other.page);
    await stands(lead, says.text, 'seen');
  });

  step('suspended: only warnings pass; the node is killed, and the danger said meanwhile rings there', async (lead, other, says, reason) => {
    await other.page.getByRole('button', { name: other.words['act.suspend.short'], exact: true }).click();
    await fulfil(other.page, { reason: reason.suspend });
    await lead.page.waitForSelector('.line-head .badge.bad');
    await lead.page.locator('.line-head q', { hasText: reason.suspend }).waitFor();
    const before = (await heard(other)).length;
    await draw(lead, says.crew, points([0.7, 35.4], [0.72, 35.5]));
    await handIn(lead);
    await go(lead.page, '#/line');
    const said = lead.page.locator('.message.own.urgent', { hasText: says.danger });
    await killed(other, async () => {
      await lead.page.selectOption('.composer [name=type]', 'danger');
      await lead.page.fill('.composer [name=text]', says.danger);
      await lead.page.fill('.composer [name=place]', '35.61, 36.02');
      await lead.page.click('.composer [type=submit]');
      await said.locator('.step:first-child:not(.done)').waitFor(); // not delivered
    });
    await other.page.waitForSelector('.badge.ringing');
    await go(other.page, '#/now');
    await other.page.waitForSelector('main.now .alarm.ringing');
    await other.page.keyboard.press('a');
    await other.page.waitForSelector('.alarm.heard');
    await other.page.locator('li.waiting.urgent', { hasText: says.danger }).locator('button.main').click();
    await fulfil(other.page, { readback: '35°36′36″N 036°01′12″E' });
    await stands(lead, says.danger, 'seen');
    // The plan was made before the danger was said: it would have come before it.
    assert.equal((await heard(other)).length, before);
  });

  step('resumed with its reason: what was planned meanwhile is told', async (lead, other, _, reason) => {
    const before = (await heard(other)).length;
    await go(other.page, '#/line');
    await other.page.getByRole('button', { name: other.words['act.resume.short'], exact: true }).click();
    await fulfil(other.page, { reason: reason.resume });
    await lead.page.waitForSelector('.line-head .badge.good');
    await hears(other, before + 1);
  });

  step('an incident is reported; its bundle and that of the case verify anywhere', async (lead, other, says) => {
    const { page } = lead;
    await go(page, '#/incidents');
    await mapReady(page);
    await page.fill('#incident-place', `${lat_deg}°22′N 035°50′E`);
    await page.fill('form [name=after]', '600');
    await page.fill('form [name=text]', says.incident);
    await page.click('form [type=submit]');
    await page.waitForSelector('.incident-messages');
    await picture(lead, 'incident');
    const incident = await bundleOf(lead, () => page.locator('.actions button.main').first().click());
    assert.ok(incident.types.has('op.declare'));
    const bundles = (await ask(page, '/api/v1/ledger?limit=100')).entries.filter(({ entry }) => entry.kind === 'bundle');
    assert.ok(bundles.some(({ entry }) => entry.sha256 === incident.sha256 && entry.actor === 'chief'));

    // The other side takes the conflict that was settled: who would move, and both signatures.
    await go(other.page, '#/cases');
    await other.page.click('.case-list > button');
    await other.page.locator('.case-link', { hasText: other.words['case.stage.resolved'] }).first().click();
    await other.page.waitForSelector('.case-head .badge.good');
    const settled = await bundleOf(other, () => other.page.locator('.case-head .actions button').last().click());
    for (const type of ['case.propose', 'case.verdict', 'case.agree', 'op.declare'])
      assert.ok(settled.types.has(type), type);
  });
}

tour('north', 'south', 35);
tour('south', 'north', 34);

/* --- what is left ------------------------------------------------------------------------------- */

test('the map at the address that `make run` prints has all of it, on both screens', async ({ north, south }) => {
  for (const side of [north, south]) {
    const own = (await ask(side.page, '/api/v1/operations?limit=1000')).operations.length;
    const count = own + (await heard(side)).length;
    assert.equal(count, 8); // all was told: each step has waited for it
    await go(side.page, '#/map?w=86400');
    await side.page.waitForFunction(
      (n) => Number(document.querySelector('main h1 + .count')?.textContent.replace(/\D/g, '')) === n,
      count,
    );
  }
});

test('what happened is in the ledger, with a proof, and who has witnessed it', async ({ north: { page } }) => {
  await go(page, '#/ledger');
  await page.waitForSelector('table.entries tbody tr');
  await page.click('table.entries tbody a');
  await page.waitForSelector('.entry pre >> text=tlog-proof@v1');
  // A cosignature comes with one of the other node's next posts; the page says which it is.
  await page.waitForSelector('text=/entr(y is|ies are) witnessed by|Nobody else has signed/');
});

test('a site is registered with a read-back, verified, and acknowledged', async ({ north: { page } }) => {
  await go(page, '#/sites');
  await page.click('button:has-text("Register a site")');
  await fulfil(page, { name: 'Field clinic', place: '35.1, 36.1', readback: '35°06′00″N 036°06′00″E' });
  await page.click('table a:has-text("Field clinic")');
  await page.click('button:has-text("Verify")');
  await fulfil(page, { by: 'Two field teams', note: 'Visited on the ground' });
  await page.waitForSelector('.card .badge.good');
  await page.click('button:has-text("We know of it")');
  await page.waitForSelector('.card .step.done');
  await page.click('button:has-text("Import a file")');
  await page.setInputFiles('dialog [name=file]', join(ROOT, 'examples/crossing/sites.csv'));
  await page.click('dialog [type=submit]');
  await page.waitForSelector('dialog table .badge.good >> text=added');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelectorAll('main.sites tbody tr').length > 1);
});

test('what is declared to us stands apart; it is read back there, and here it says who knows of it', async ({ north, south }) => {
  const [here, there] = [north.page, south.page];
  const badge = (row, kind, key) => row.locator(`.badge.${kind}`, { hasText: south.words[key] }).waitFor();
  const theirs = (place) => there.locator('.part.theirs tbody tr', { hasText: place });
  const ours = here.locator('.part.ours tbody tr', { hasText: 'Field clinic' });
  await go(there, '#/sites');
  await badge(theirs('35.10000, 36.10000'), 'warn', 'site.unknown');
  await ours.locator('text=/0. of .1/').waitFor();
  await theirs('35.10000, 36.10000').locator('a').click();
  await there.locator('.card .actions button.main').click();
  await fulfil(there, { readback: '35.10, 36.10' });
  await badge(theirs('35.10000, 36.10000'), 'good', 'site.known');
  await ours.locator('text=/1. of .1/').waitFor();
  await ours.locator('a').click();
  await here.locator('.parties li .step.done', { hasText: piece(north, 'step.seen.done') }).waitFor();

  // A correction is another version: nobody knows of it yet.
  await here.click('.card .actions button:has-text("Correct")');
  const wrong = async (fields, why) => {
    for (const [name, text] of Object.entries(fields)) await here.fill(`dialog [name=${name}]`, text);
    await here.click('dialog [type=submit]');
    await here.locator('dialog .problem', { hasText: why }).waitFor();
  };
  await wrong({ place: '35.2, 36.1', readback: '35.1, 36.1' }, 'm away from what was said');
  await wrong({ readback: '35.2, 36.1', gathered: '2026-02-30' }, 'A day is written as');
  await fulfil(here, { gathered: '2026-02-28' });
  await here.locator('.card', { hasText: '35.20000, 36.10000' }).locator('.badge.warn', { hasText: 'not verified' }).waitFor();
  await ours.locator('text=/0. of .1/').waitFor();
  await here.locator('.card .step.late', { hasText: /chief.*an older version/ }).waitFor();
  await badge(theirs('35.20000, 36.10000'), 'warn', 'site.unknown');

  // Withdrawn here, it stays in sight there, with the place that it was at.
  await here.click('.card .actions button:has-text("Withdraw")');
  await fulfil(here, { reason: 'Moved to the valley.' });
  await badge(theirs('35.20000, 36.10000'), 'bad', 'site.is.withdrawn');
});

test('areas and convoys come from a file, and are corrected point by point', async ({ north: { page } }) => {
  const times = ['2097-07-14T08:00:00Z', '2097-07-14T09:00:00Z'];
  const place = (id, name, properties, geometry) => ({
    type: 'Feature',
    id,
    properties: { class: 'site', name, ...properties },
    geometry,
  });
  const file = {
    type: 'FeatureCollection',
    features: [
      place('camp', 'Old camp', { category: 'camp' }, { type: 'Polygon', coordinates: [[[37.1, 36.1], [37.2, 36.1], [37.2, 36.2], [37.1, 36.1]]] }),
      place('trucks', 'Seven trucks', { times, z_reference: 'AGL', accuracy_h_m: 300 }, { type: 'LineString', coordinates: [[37.1, 36.1, 0], [37.2, 36.2, 0]] }),
    ],
  };
  const bring = async (outcome, replaces) => {
    await page.click('button:has-text("Import a file")');
    await page.setInputFiles('dialog [name=file]', { name: 'two.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify(file)) });
    if (replaces) await page.check('dialog [name=replace]');
    await page.click('dialog [type=submit]');
    await page.locator('dialog table .badge', { hasText: outcome }).nth(1).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog'));
  };
  await bring('added');
  const correct = async (name) => {
    await page.click(`table a:has-text("${name}")`);
    await page.locator('.card h2', { hasText: name }).waitFor();
    await page.click('.card .actions button:has-text("Correct")');
    await page.waitForSelector('dialog [name=outline]');
  };
  const refused = async (fields, why) => {
    for (const [name, text] of Object.entries(fields)) await page.fill(`dialog [name=${name}]`, text);
    await page.click('dialog [type=submit]');
    await page.locator('dialog .problem', { hasText: why }).waitFor();
  };
  const featureOf = async (id) => (await ask(page, `/api/v1/sites/${id}`)).feature;

  // What moves nothing is not read back.
  await correct('Old camp');
  assert.equal(await page.inputValue('dialog [name=outline]'), '36.1, 37.1\n36.1, 37.2\n36.2, 37.2');
  await fulfil(page, { name: 'Valley camp', radius: '250', end: '2097-01-01 00:00' });
  const named = await featureOf('camp');
  assert.deepEqual(named.geometry, file.features[0].geometry);
  assert.deepEqual([named.properties.radius_m, named.properties.start, named.properties.end], [250, 'open', '2097-01-01T00:00:00Z']);

  // What moves a point is, all of it.
  await correct('Valley camp');
  const moved = '36.1, 37.1\n36.1, 37.2\n36.25, 37.2\n36.2, 37.1';
  await refused({ outline: moved }, 'All of them have to be');
  await refused({ outlineback: moved.replace('36.25', '36.24') }, 'was read back');
  await refused({ outline: 'somewhere' }, 'is no position');
  await fulfil(page, { outline: moved, outlineback: moved.replace('36.25, 37.2', '36°15′00″N 037°12′00″E') });
  assert.deepEqual((await featureOf('camp')).geometry.coordinates, [[[37.1, 36.1], [37.2, 36.1], [37.2, 36.25], [37.1, 36.2], [37.1, 36.1]]]);

  // The times of a convoy are part of it.
  await correct('Seven trucks');
  assert.equal(await page.inputValue('dialog [name=outline]'), '36.1, 37.1  2097-07-14 08:00\n36.2, 37.2  2097-07-14 09:00');
  const later = '36.1, 37.1 2097-07-14 08:00\n36.2, 37.2 2097-07-14 10:30';
  await refused({ outline: '36.1, 37.1\n36.2, 37.2', outlineback: later }, 'needs the time of each point');
  await refused({ outline: later, outlineback: later.replace('10:30', '10:20') }, 'The time of point');
  await fulfil(page, { radius: '400', outlineback: later });
  const trucks = await featureOf('trucks');
  assert.deepEqual([trucks.properties.times, trucks.properties.accuracy_h_m], [[times[0], '2097-07-14T10:30:00Z'], 400]);
  assert.deepEqual(trucks.geometry, file.features[1].geometry);

  // Or by their file.
  await bring('refused');
  await bring('updated', true);
  assert.deepEqual((await featureOf('camp')).geometry, file.features[0].geometry);
});

test('a sensitive site says who has read it, on both sides', async ({ north: { page }, south }) => {
  await page.click('button:has-text("Register a site")');
  await page.check('dialog [name=sensitive]');
  await fulfil(page, { name: 'Shelter', place: '35.3, 36.9', readback: '35.3, 36.9' });
  await page.click('table a:has-text("Shelter")');
  const reads = page.locator('.card .step', { hasText: 'chief' });
  await reads.filter({ hasText: 'in a list' }).waitFor();
  await reads.filter({ hasText: 'by itself' }).waitFor();
  await page.waitForSelector('.card >> text=From the whole ledger.');

  // So it is there; and reading is no news: nothing is read again because of it.
  const there = south.page;
  await there.locator('.part.theirs tbody tr', { hasText: '35.30000, 36.90000' }).locator('a').click();
  await there.locator('.card .step', { hasText: south.words['site.read.messages'] }).waitFor();
  const size = async () => (await ask(there, '/api/v1/ledger?limit=1')).size;
  const readsMeanwhile = async () => {
    const before = await size();
    await there.waitForTimeout(3000);
    const since = (await ask(there, `/api/v1/ledger?first=${before}`)).entries;
    return since.filter(({ entry }) => entry.kind === 'site-read').length;
  };
  await becomes(readsMeanwhile, (reads) => reads < 3); // or reading makes more reading, without an end
});

test('the report of an import is in the language of the screen', async ({ south: { page, words } }) => {
  await page.getByRole('button', { name: words['import.short'], exact: true }).click();
  const csv = 'id,name,lat,lon,category\nA1,Clinic,35.9,36.2,Clinic\nA2,Nowhere,96.2,36.3,Clinic\n';
  await page.setInputFiles('dialog [name=file]', { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.click('dialog [type=submit]');
  const why = page.locator('dialog table tr', { hasText: words['import.refused'] }).locator('bdi[lang=ar]');
  await becomes(() => why.textContent(), /«96\.2» ليس خط عرض/);
  await page.keyboard.press('Escape');
});

test('every page, as a real node fills it', async ({ north, south }) => {
  for (const side of [north, south])
    for (const [name, hash] of [
      ['now', '#/now'],
      ['line', '#/line'],
      ['memoranda', ''],
      ['ledger', '#/ledger'],
      ['accounts', '#/admin/accounts'],
      ['health', '#/admin/health'],
      ['map', '#/map?w=86400'],
      ['plan', '#/plan'],
      ['sites', '#/sites'],
      ['cases', '#/cases'],
      ['incidents', '#/incidents'],
    ]) {
      if (hash) await go(side.page, hash);
      else await side.page.click('#tab-memoranda');
      await side.page.waitForTimeout(name === 'map' ? 2500 : 400); // for the picture alone
      await picture(side, name);
    }
});

await runSideBySide(tests, twoNodes);
