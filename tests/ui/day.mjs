/**
 * day.mjs - the day of `make run` (scripts/tour-day) on three real nodes, and then the screens of the two forces side
 * by side on it, North in English and South in Arabic: what the day has left, a plan that clashes with what the other
 * side has declared and an option that ends it, a message, a suspension with a danger in it; each node is killed once
 * in the middle of work.
 *
 *     node tests/ui/day.mjs
 *
 * By hand: on a busy machine the lines may take more than the minute that the day gives them to open.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './browser.mjs';
import { TAFADI, makeNodes } from './nodes.mjs';
import { enter, go, runSideBySide, sendText } from './sides.mjs';

const WORDS = Object.fromEntries(
  ['en', 'ar'].map((one) => [one, JSON.parse(readFileSync(join(ROOT, `ui/i18n/${one}.json`), 'utf8'))]),
);
const MAP = '#/map?w=86400'; // as `make run` prints it
const COUNT = 'main h1 + .count';
const tests = [];
const test = (name, run) => tests.push([name, run]);

const ask = (page, path) => page.evaluate(async (one) => (await fetch(one)).json(), path);
const lineTo = async (page, peer) =>
  (await ask(page, '/api/v1/lines')).lines.find((one) => one.peer === peer);
const heard = async (page) =>
  (await ask(page, '/api/v1/declarations')).declarations.filter((one) => !one.own && !one.withdrawn);
/** How many things the map lists. */
const listed = async (page) => Number((await page.textContent(COUNT)).replace(/\D/g, ''));

async function showsOnMap(page, count) {
  await go(page, '#/now');
  await go(page, MAP);
  await page.waitForFunction(
    ([where, n]) => Number(document.querySelector(where)?.textContent.replace(/\D/g, '')) === n,
    [COUNT, count],
    { timeout: 60000 },
  );
}

/** Types a plan at the place and time of another operation: a circle of drones. */
async function planOver(page, other, name) {
  const { geometry, properties } = other;
  const clock = (time) => time.slice(0, 16).replace('T', ' ');
  await go(page, '#/plan');
  await page.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await page.check('.shapes [value=circle]');
  await page.fill('#plan-points', `${geometry.coordinates[1]}, ${geometry.coordinates[0]}`);
  await page.fill('#plan-radius', '400');
  await page.selectOption('[name=kind]', 'uncrewed');
  // The later and the higher first: what is typed is checked as it is typed.
  await page.fill('#plan-end', clock(properties.end));
  await page.fill('#plan-start', clock(properties.start));
  await page.selectOption('[name=reference]', 'W84');
  await page.fill('#plan-high', String(Math.round(properties.altitude_upper)));
  await page.fill('#plan-low', String(Math.round(properties.altitude_lower)));
  await page.fill('#plan-name', name);
}

/** Takes the first option by its key, and hands the plan in. */
async function takeOption(page, words) {
  await page.waitForSelector('.option', { timeout: 30000 });
  await page.locator('.plan-page h1').click();
  await page.keyboard.press('o');
  await page.waitForSelector('.plan-page .card .badge.good', { timeout: 30000 });
  await page.locator('.plan-form [type=submit]').click();
  await page.locator('.plan-form strong', { hasText: words['state.accepted'] }).waitFor({ timeout: 30000 });
}

/** One of the other force's drones of some hours from now, not over a town: there are no sites. */
async function aDroneOf(page, peer, skip = 0) {
  const line = (await lineTo(page, peer)).id;
  const from = Date.now() + 3 * 3600e3;
  const drones = (await heard(page)).filter(
    (one) =>
      one.line === line &&
      one.body.kind === 'uncrewed' &&
      one.body.feature.properties.radius_m < 1000 &&
      Date.parse(one.body.start) > from,
  );
  return drones.sort((a, b) => (a.body.start < b.body.start ? -1 : 1))[skip].body.feature;
}

test('the day is played', async ({ nodes }) => {
  const where = ['north', 'south', 'relief'].flatMap((one) => [nodes[one].dir, nodes[one].url]);
  const { stdout } = await promisify(execFile)(join(ROOT, 'scripts/tour-day'), [TAFADI, ...where]);
  assert.match(stdout, /^10\. /m);
});

test('both open the map at the address that is printed: the whole day is on it', async ({ here, there, nodes }) => {
  for (const [page, node] of [
    [here, nodes.north],
    [there, nodes.south],
  ]) {
    await enter(page, node, 'chief', MAP);
    assert.match(page.url(), /#\/map\?(.*&)?w=86400/);
    const own = (await ask(page, '/api/v1/operations?limit=1000')).operations.length;
    await showsOnMap(page, own + (await heard(page)).length);
    assert.ok(own > 80);
  }
  assert.equal(await here.getAttribute('html', 'dir'), 'ltr');
  assert.equal(await there.getAttribute('html', 'dir'), 'rtl');
});

test('what waits are the two cases without an agreement, and no site is unread', async ({ here, there }) => {
  const escalated = [];
  for (const [page, words] of [
    [here, WORDS.en],
    [there, WORDS.ar],
  ]) {
    await go(page, '#/now');
    await page.locator('li.case', { hasText: words['case.stage.escalated'] }).nth(1).waitFor({ timeout: 30000 });
    const { alarms } = await ask(page, '/api/v1/alarms?cleared=0');
    const rung = (kind) => alarms.filter((one) => one.kind.startsWith(kind)).length;
    assert.deepEqual([rung('case.'), rung('seen'), rung('answer')], [2, 0, 0]);
    assert.equal(await page.locator('li.waiting').count(), 0);
    const { cases } = await ask(page, '/api/v1/cases');
    escalated.push(cases.map((one) => `${one.id} ${one.stage}`).sort());
  }
  assert.deepEqual(escalated[0], escalated[1]);
  assert.equal(escalated[0].length, 2);
});

test('a plan there, in Arabic, clashes with what is declared from here; an option ends it, and it is declared', async ({
  here,
  there,
}) => {
  const before = (await heard(here)).length;
  await planOver(there, await aDroneOf(there, 'north.example'), 'مسح الحريق');
  await there.waitForSelector('.plan-page li.conflict >> text=Deconfliction cell North', { timeout: 30000 });
  await takeOption(there, WORDS.ar);
  await here.waitForFunction(
    async (n) => {
      const { declarations } = await (await fetch('/api/v1/declarations')).json();
      return declarations.filter((one) => !one.own && !one.withdrawn).length === n;
    },
    before + 1,
    { timeout: 30000, polling: 500 },
  );
  const own = (await ask(here, '/api/v1/operations?limit=1000')).operations.length;
  await showsOnMap(here, own + before + 1);
});

test('a node is killed while a plan is drawn on it: the plan is there still, is checked, and handed in', async ({
  here,
  nodes,
}) => {
  await planOver(here, await aDroneOf(here, 'south.example', 2), 'Watch of the');
  await here.waitForSelector('.plan-page li.conflict');
  await nodes.north.stop('SIGKILL');
  await here.waitForSelector('.banner.bad', { timeout: 60000 });
  await here.fill('#plan-name', 'Watch of the ridge');
  await nodes.north.start();
  await here.waitForSelector('.banner.bad', { state: 'detached', timeout: 60000 });
  assert.equal(await here.inputValue('#plan-name'), 'Watch of the ridge');
  await here.fill('#plan-radius', '420'); // whatever is edited is checked again
  await here.waitForSelector('.plan-page li.conflict >> text=Deconfliction cell South', { timeout: 30000 });
  await takeOption(here, WORDS.en);
});

test('a message from there, in Arabic, is seen here', async ({ here, there }) => {
  await go(here, `#/line/${(await lineTo(here, 'south.example')).id}`);
  await go(there, `#/line/${(await lineTo(there, 'north.example')).id}`);
  const said = 'طائرات الإطفاء تقلع عند السادسة.';
  await sendText(there, said);
  const item = here.locator('.message.peer', { hasText: said });
  await item.locator('button.main').click({ timeout: 30000 });
  await here.click('dialog [type=submit]');
  await there
    .locator('.message.own', { hasText: said })
    .locator('.step.done')
    .nth(1)
    .waitFor({ timeout: 30000 });
});

test('suspended here; the node there is killed; the danger that is said meanwhile rings when it is back', async ({
  here,
  there,
  nodes,
}) => {
  await here.locator('.line-head .actions button:not(.plain)').nth(1).click();
  await here.fill('dialog [name=reason]', 'The ministry has broken off the talks.');
  await here.click('dialog [type=submit]');
  await there.waitForSelector('.line-head .badge.bad', { timeout: 30000 });
  assert.match(await there.textContent('.line-head'), /broken off the talks/);
  await nodes.south.stop('SIGKILL');
  await there.waitForSelector('.banner.bad', { timeout: 60000 });
  await here.selectOption('.composer [name=type]', 'danger');
  await here.fill('.composer [name=text]', 'A drone of ours is out of control above the ridge.');
  await here.fill('.composer [name=place]', '36.70, 8.82');
  await here.click('.composer [type=submit]');
  const said = here.locator('.message.own.urgent', { hasText: 'out of control' });
  await said.locator('.step.open', { hasText: 'Not delivered yet' }).waitFor();
  await nodes.south.start();
  await there.waitForSelector('.banner.bad', { state: 'detached', timeout: 60000 });
  assert.equal((await lineTo(there, 'north.example')).state, 'suspended');
  await there.waitForSelector('.badge.ringing', { timeout: 60000 });
  await go(there, '#/now');
  await there.keyboard.press('a');
  await there.locator('li.waiting.urgent button.main').click();
  await there.fill('dialog [name=readback]', '36°42′00″N 008°49′12″E');
  await there.click('dialog [type=submit]');
  await there.waitForSelector('dialog', { state: 'detached' });
  await said.locator('.step.done', { hasText: 'Seen by' }).waitFor({ timeout: 30000 });
});

test('what is planned meanwhile is not told; resumed, it is', async ({ here, there }) => {
  const before = (await heard(there)).length;
  await go(here, '#/plan');
  await here.locator('.plan-form .head button', { hasText: 'Begin anew' }).click();
  await here.fill('#plan-name', 'Crew to the north');
  await here.fill('#plan-points', '37.30, 9.20\n37.32, 9.30');
  await here.waitForSelector('.plan-page .card .badge.good', { timeout: 30000 });
  await here.click('button:has-text("Hand in")');
  await here.locator('.plan-form strong', { hasText: 'accepted' }).waitFor();
  await here.waitForTimeout(3000);
  assert.equal((await heard(there)).length, before);
  await go(here, `#/line/${(await lineTo(here, 'south.example')).id}`);
  await here.locator('.line-head .actions button.main').click();
  await here.fill('dialog [name=reason]', 'The ministers have agreed.');
  await here.click('dialog [type=submit]');
  await go(there, `#/line/${(await lineTo(there, 'north.example')).id}`);
  await there.waitForSelector('.line-head .badge.good', { timeout: 30000 });
  const own = (await ask(there, '/api/v1/operations?limit=1000')).operations.length;
  await showsOnMap(there, own + before + 1);
  assert.equal(await listed(there), own + before + 1);
  for (const [page, name] of [
    [here, 'day-north-en'],
    [there, 'day-south-ar'],
  ]) {
    await go(page, MAP);
    await page.waitForTimeout(2500);
    await page.screenshot({ path: join(ROOT, 'out/ui', `${name}.png`) });
  }
});

await runSideBySide(tests, () =>
  makeNodes([
    ['north', 'Deconfliction cell North'],
    ['south', 'Deconfliction cell South'],
    ['relief', 'Humanitarian cell Relief'],
  ]),
);
