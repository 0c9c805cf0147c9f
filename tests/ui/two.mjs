/**
 * two.mjs - two real nodes and the screens of both parties side by side, one in English, one in Arabic: cards,
 * a line, a message with its receipts, a node killed in the middle, suspension, danger, resume, a plan, a conflict that
 * is settled, an incident and evidence bundles.
 *
 *     node tests/ui/two.mjs
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './browser.mjs';
import { TAFADI, twoNodes } from './nodes.mjs';
import { enter, go, runSideBySide, sendText } from './sides.mjs';

const tests = [];
const test = (name, run) => tests.push([name, run]);

test('the heads of both cells log in, in English and in Arabic', async ({ here, there, nodes }) => {
  await enter(here, nodes.north, 'chief');
  await enter(there, nodes.south, 'chief');
  assert.equal(await there.getAttribute('html', 'dir'), 'rtl');
  const response = await fetch(`${nodes.north.url}/`, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  const again = await fetch(`${nodes.north.url}/`, {
    headers: { 'If-None-Match': response.headers.get('etag') },
  });
  assert.equal(again.status, 304);
});

test('cards are exchanged, keys compared, the line opened from both sides', async ({
  here,
  there,
  nodes,
}) => {
  for (const [page, card] of [
    [here, nodes.cardOf(nodes.south)],
    [there, nodes.cardOf(nodes.north)],
  ]) {
    await go(page, '#/admin/parties');
    await page.locator('.panel .head button.main').click();
    await page.fill('dialog [name=card]', card);
    await page.click('dialog [type=submit]');
    await page.waitForSelector('.cards .card');
  }
  await here.click('.cards .card button[aria-expanded]');
  await there.click('.cards .card button[aria-expanded]');
  const words = (page, i) => page.locator('.pair .card').nth(i).locator('.words li').allTextContents();
  await here.locator('.compare select').nth(1).selectOption('ar');
  await there.locator('.compare select').nth(1).selectOption('ar');
  assert.deepEqual(await words(here, 0), await words(there, 1));
  assert.deepEqual(await words(here, 1), await words(there, 0));
  for (const page of [here, there]) {
    await page.locator('.cards .card .actions button.main').click();
    await page.click('dialog [type=submit]');
    await page.waitForSelector('dialog', { state: 'detached' });
  }
  await here.waitForSelector('.cards .card .badge.good', { timeout: 30000 });
  await there.waitForSelector('.cards .card .badge.good', { timeout: 30000 });
});

test('a message is delivered and seen, in plain words on both screens', async ({ here, there }) => {
  await go(here, '#/line');
  await go(there, '#/line');
  await sendText(here, 'Transport flights begin at 20:00 along the coast.');
  await here
    .locator('.message.own', { hasText: 'Transport flights' })
    .locator('.step.done', { hasText: 'Delivered' })
    .waitFor();
  const item = there.locator('.message.peer', { hasText: 'Transport flights' });
  await item.locator('button.main').click();
  await there.click('dialog [type=submit]');
  await here
    .locator('.message.own', { hasText: 'Transport flights' })
    .locator('.step.done', { hasText: 'Seen by' })
    .waitFor();
});

test('a node is killed in the middle: both screens say so, and nothing is lost', async ({
  here,
  there,
  nodes,
}) => {
  await nodes.south.stop('SIGKILL');
  await there.waitForSelector('.banner.bad', { timeout: 60000 });
  await sendText(here, 'Said while you were down.');
  await here
    .locator('.message.own', { hasText: 'Said while' })
    .locator('.step.open', { hasText: 'Not delivered yet' })
    .waitFor();
  await nodes.south.start();
  await there.locator('.message.peer', { hasText: 'Said while' }).waitFor({ timeout: 60000 });
  await there.waitForSelector('.banner.bad', { state: 'detached' });
  await here
    .locator('.message.own', { hasText: 'Said while' })
    .locator('.step.done', { hasText: 'Delivered' })
    .waitFor({ timeout: 30000 });
});

test('a memorandum is proposed there and signed here', async ({ here, there }) => {
  await there.click('#tab-memoranda');
  await there.locator('.panel .bar button').click();
  await there.waitForSelector('dialog textarea');
  const document = JSON.parse(await there.inputValue('dialog textarea'));
  document.kinds = [{ kind: '*', notice_s: 3600, disclosure: 'window' }];
  await there.fill('dialog textarea', JSON.stringify(document, null, 1));
  await there.click('dialog [type=submit]');
  await there.waitForSelector('dialog', { state: 'detached' });
  await here.click('#tab-memoranda');
  await here.getByRole('button', { name: 'Sign', exact: true }).click();
  await here.click('dialog [type=submit]');
  await here.waitForSelector('.cards .badge.good');
  await there.waitForSelector('.cards .badge.good', { timeout: 30000 });
});

test('suspended there, only warnings pass; a danger rings; resumed with its reason', async ({
  here,
  there,
}) => {
  await there.click('#tab-talk');
  await here.click('#tab-talk');
  await there.locator('.line-head .actions button:not(.plain)').nth(1).click();
  await there.fill('dialog [name=reason]', 'بقرار من الوزارة حتى إشعار آخر.');
  await there.click('dialog [type=submit]');
  await here.waitForSelector('.line-head .badge.bad', { timeout: 30000 });
  assert.match(await here.textContent('.line-head'), /بقرار من الوزارة/);
  await here.selectOption('.composer [name=type]', 'danger');
  await here.fill('.composer [name=text]', 'A drone of ours has lost contact and drifts east.');
  await here.fill('.composer [name=place]', '35.61, 36.02');
  await here.click('.composer [type=submit]');
  await there.waitForSelector('.badge.ringing', { timeout: 30000 });
  await go(there, '#/now');
  await there.keyboard.press('a');
  await there.waitForSelector('.alarm.heard');
  const waits = there.locator('li.waiting.urgent');
  await waits.locator('button.main').click();
  await there.fill('dialog [name=readback]', '35°36′36″N 036°01′12″E');
  await there.click('dialog [type=submit]');
  await there.waitForSelector('dialog', { state: 'detached' });
  await go(here, '#/line');
  await here
    .locator('.message.own.urgent')
    .locator('.step.done', { hasText: 'Seen by' })
    .waitFor({ timeout: 30000 });
  await go(there, '#/line');
  await there.locator('.line-head .actions button.main').click();
  await there.fill('dialog [name=reason]', 'اتفق الوزيران.');
  await there.click('dialog [type=submit]');
  await here.waitForSelector('.line-head .badge.good', { timeout: 30000 });
});

test('what happened is in the ledger, with a proof, and who has witnessed it', async ({ here }) => {
  await go(here, '#/ledger');
  await here.waitForSelector('table.entries tbody tr');
  await here.click('table.entries tbody a');
  await here.waitForSelector('.entry pre >> text=tlog-proof@v1');
  // A cosignature comes with one of the other node's next posts; the page says which it is.
  await here.waitForSelector('text=/entr(y is|ies are) witnessed by|Nobody else has signed/');
});

test('an operation is planned, checked and handed in', async ({ here, serves }) => {
  if (!serves.operations) return 'this node does not serve operations';
  await go(here, '#/plan');
  await here.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await here.fill('#plan-points', '35.30, 35.40\n35.45, 36.20');
  await here.fill('#plan-name', 'Survey 12');
  await here.waitForSelector('.plan-page .card .badge.good');
  await here.click('button:has-text("Hand in")');
  await here.waitForSelector('.toast >> text=/is handed in/');
  await go(here, '#/map');
  await here.locator('.thing', { hasText: 'Survey 12' }).waitFor({ timeout: 60000 });
  return undefined;
});

test('a second plan clashes: the node says with what, and an option ends it', async ({ here, serves }) => {
  if (!serves.operations) return 'this node does not serve operations';
  await here.locator('.thing', { hasText: 'Survey 12' }).click();
  await go(here, '#/plan');
  await here.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await here.locator('.plan-form .head button', { hasText: 'Begin anew' }).click();
  await here.fill('#plan-name', 'Relief flight');
  await here.fill('#plan-points', '35.40, 35.50\n35.30, 36.10');
  await here.waitForSelector('.plan-page li.conflict >> text=Survey 12');
  await here.waitForSelector('.option', { timeout: 30000 });
  await here.locator('.plan-page h1').click();
  await here.keyboard.press('o');
  await here.waitForSelector('.plan-page .card .badge.good', { timeout: 30000 });
  await here.click('button:has-text("Hand in")');
  await here.waitForSelector('.toast >> text=/Relief flight.* is handed in/');
  await here.waitForSelector('.plan-form strong >> text=accepted');
  return undefined;
});

test('a site is registered with a read-back, verified, and acknowledged', async ({ here, serves }) => {
  if (!serves.operations) return 'this node does not serve sites';
  await go(here, '#/sites');
  await here.click('button:has-text("Register a site")');
  await here.fill('dialog [name=name]', 'Field clinic');
  await here.fill('dialog [name=place]', '35.1, 36.1');
  await here.fill('dialog [name=readback]', '35°06′00″N 036°06′00″E');
  await here.click('dialog [type=submit]');
  await here.waitForSelector('dialog', { state: 'detached' });
  await here.click('table a:has-text("Field clinic")');
  await here.click('button:has-text("Verify")');
  await here.fill('dialog [name=by]', 'Two field teams');
  await here.fill('dialog [name=note]', 'Visited on the ground');
  await here.click('dialog [type=submit]');
  await here.waitForSelector('dialog', { state: 'detached' });
  await here.waitForSelector('.card .badge.good');
  await here.click('button:has-text("We know of it")');
  await here.waitForSelector('.card .step.done');
  await here.click('button:has-text("Import a file")');
  await here.setInputFiles('dialog [name=file]', join(ROOT, 'examples/crossing/sites.csv'));
  await here.click('dialog [type=submit]');
  await here.waitForSelector('dialog table .badge.good >> text=added');
  await here.keyboard.press('Escape');
  await here.waitForFunction(() => document.querySelectorAll('main.sites tbody tr').length > 1);
  return undefined;
});

test('a plan there clashes with what was declared here: decided with a reason, shown as a case', async ({ there, serves }) => {
  if (!serves.operations) return 'this node does not serve operations';
  await go(there, '#/plan');
  await there.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await there.fill('#plan-points', '35.35, 35.60\n35.40, 35.90');
  await there.fill('#plan-name', 'Patrol');
  await there.waitForSelector('.plan-page li.conflict');
  await there.locator('.plan-form [type=submit]').click();
  await there.locator('.plan-form .actions.end button.main:not([type=submit])').click(); // to accept it
  const dialog = there.locator('dialog [name=reason]');
  await dialog.fill('قرار رئيس الخلية.');
  await there.click('dialog [type=submit]');
  await there.waitForSelector('dialog', { state: 'detached' });
  await go(there, '#/now');
  await there.waitForSelector('li.case', { timeout: 30000 });
  return undefined;
});

test('the conflict is settled across the line: proposed there, agreed to here, resolved on both screens', async ({ here, there, serves }) => {
  if (!serves.operations) return 'this node does not serve operations';
  // There it is their turn: the later declared moves. In Arabic, by keys.
  await there.locator('li.case a.main').first().click();
  await there.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await there.waitForSelector('.option-choice', { timeout: 30000 });
  await there.keyboard.press('o');
  await there.waitForSelector('.option-choice[aria-pressed=true]');
  await there.keyboard.press('p');
  const start = await there.getAttribute('dialog .quoted time', 'datetime');
  await there.fill('dialog [name=start]', start.slice(0, 16).replace('T', ' '));
  await there.click('dialog [type=submit]');
  await there.waitForSelector('dialog', { state: 'detached' });
  await there.waitForSelector('.proposal.own');

  // Here it waits for us now, first on the page of what waits; acceptable by our own picture.
  await go(here, '#/now');
  await here.locator('.part.waiting li.case a.main').first().click({ timeout: 30000 });
  await here.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await here.waitForSelector('.proposal .flag.good', { timeout: 30000 });
  await there.waitForSelector('.proposal.own .flag.good', { timeout: 30000 });
  const id = new URL(here.url()).hash;
  assert.equal(new URL(there.url()).hash, id); // the same id on both sides
  await here.locator('.proposal button').click();
  await here.waitForTimeout(800);
  await here.screenshot({ path: join(ROOT, 'out/ui', 'real-case-north-en.png') });
  await there.screenshot({ path: join(ROOT, 'out/ui', 'real-case-south-ar.png') });
  await here.locator('h1').last().click();
  await here.keyboard.press('y');
  const proposed = await here.getAttribute('dialog .quoted time', 'datetime');
  assert.equal(proposed, start);
  await here.fill('dialog [name=start]', start.slice(0, 16).replace('T', ' '));
  await here.click('dialog [type=submit]');
  await here.waitForSelector('dialog', { state: 'detached' });
  for (const page of [here, there]) {
    await page.waitForSelector('.case-head .badge.good', { timeout: 60000 });
    await page.waitForFunction(() => document.querySelectorAll('.case-link').length === 0, null, { timeout: 60000 });
  }
  await here.waitForSelector('.case-head .badge.good >> text=resolved', { timeout: 60000 });
  await there.waitForSelector('.case-head .badge.good >> text=محلول', { timeout: 60000 });
  await go(there, '#/plan');
  return undefined;
});

/** A bundle that a page saves, verified by the program; its story. */
async function verified(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const done = spawnSync(TAFADI, ['evidence', 'verify', await download.path(), '--json'], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  const story = JSON.parse(done.stdout);
  const digest = await page.textContent('dialog .quiet .code');
  assert.equal(story.sha256, digest);
  await page.keyboard.press('Escape');
  return story;
}
const typesIn = (story) => new Set(story.story.filter((one) => one.kind === 'said').map((one) => one.type));

test('an incident is reported, and its bundle and the case\'s verify anywhere', async ({ here, there, serves }) => {
  if (!serves.operations) return 'this node does not serve incidents';
  await go(here, '#/incidents');
  await here.waitForSelector('.map-box[data-ready] canvas', { timeout: 60000 });
  await here.fill('#incident-place', '35°22′N 035°50′E');
  await here.fill('form [name=after]', '600');
  await here.fill('form [name=text]', 'Two aircraft came close.');
  await here.click('form [type=submit]');
  await here.waitForSelector('.incident-messages');
  await here.screenshot({ path: join(ROOT, 'out/ui', 'real-incident-north-en.png') });
  const story = await verified(here, () => here.locator('.actions button.main').first().click());
  assert.ok(typesIn(story).has('op.declare'));
  const asked = await here.evaluate(async () => (await (await fetch('/api/v1/ledger?limit=1')).json()).entries[0].entry);
  assert.deepEqual([asked.kind, asked.sha256, asked.actor], ['bundle', story.sha256, 'chief']);

  // There the conflict that was settled: who would move, and both signatures.
  await go(there, '#/cases');
  await there.waitForSelector('.case-list > button');
  await there.click('.case-list > button');
  await there.locator('.case-link', { hasText: 'محلول' }).first().click();
  await there.waitForSelector('.case-head .badge.good');
  const told = await verified(there, () => there.locator('.case-head .actions button').last().click());
  for (const type of ['case.propose', 'case.verdict', 'case.agree', 'op.declare']) assert.ok(typesIn(told).has(type), type);
  return undefined;
});

test('every page, as a real node fills it', async ({ here, there }) => {
  mkdirSync(join(ROOT, 'out/ui'), { recursive: true });
  for (const [page, side] of [
    [here, 'north-en'],
    [there, 'south-ar'],
  ])
    for (const [name, hash] of [
      ['now', '#/now'],
      ['line', '#/line'],
      ['memoranda', ''],
      ['ledger', '#/ledger'],
      ['accounts', '#/admin/accounts'],
      ['health', '#/admin/health'],
      ['map', '#/map'],
      ['plan', '#/plan'],
      ['sites', '#/sites'],
      ['cases', '#/cases'],
      ['incidents', '#/incidents'],
    ]) {
      if (hash) await go(page, hash);
      else await page.click('#tab-memoranda');
      await page.waitForTimeout(hash === '#/map' ? 2500 : 400);
      await page.screenshot({ path: join(ROOT, 'out/ui', `real-${name}-${side}.png`) });
    }
});

await runSideBySide(tests, twoNodes);
