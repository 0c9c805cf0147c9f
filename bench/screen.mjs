/**
 * screen.mjs - how long the map of a real node takes to open with many operations, and how many frames a
 * second it draws while it is moved and while its time plays; in Debian's Chromium, drawing by software.
 *
 *     scripts/bench ui [COUNT...]       1000 and 10000 unless said otherwise
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { logIn, openBrowser } from '../tests/ui/browser.mjs';
import { PASSWORD, TAFADI, oneNode } from '../tests/ui/nodes.mjs';
import { featureOf, random } from '../tests/ui/operations.mjs';

const IN_FILE = 5000; // as many features as the node reads from a file
/** Where the map goes while its frames are counted, and how long each way takes. */
const LEGS = [
  [1, 0.4],
  [0, 0],
  [-1, 0.4],
  [0, 0],
];
const LEG_MS = 1000;

/** Operations as features that are not over: each half an hour to three hours long, within 20 hours. */
function features(count) {
  const next = random(7);
  return Array.from({ length: count }, (_, i) => {
    const feature = featureOf(`N-${String(i + 1).padStart(5, '0')}`, next, i);
    const { properties: p } = feature;
    const shift = Math.max(0, Date.now() + 300e3 - Date.parse(p.start));
    for (const end of ['start', 'end']) p[end] = new Date(Date.parse(p[end]) + shift).toISOString();
    return feature;
  });
}

function fill(node, count, dir) {
  const list = features(count);
  for (let i = 0; i < count; i += IN_FILE) {
    const file = join(dir, `plans-${i}.geojson`);
    writeFileSync(
      file,
      JSON.stringify({ type: 'FeatureCollection', features: list.slice(i, i + IN_FILE) }),
    );
    // Those that the rules do not let through stay drafts, and make the status 1.
    spawnSync(TAFADI, ['op', 'import', file, '--submit', '--state-dir', node.dir], { stdio: 'ignore' });
  }
}

/** In the page: from the address to a map with all on it. */
const opening = (count) =>
  `(async () => {
    const { picture } = await import('/ui/js/map/picture.js');
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const marks = {};
    location.hash = '#/map';
    for (;;) {
      const box = document.querySelector('.map-box');
      const [map, things] = [box?.$map, box?.$things];
      if (box?.dataset.ready) marks.map ??= took();
      if (things?.settled && things.count > 0) marks.first ??= took();
      if (picture.entities.size >= ${count}) marks.read ??= took();
      if (marks.read && things?.settled && things.count >= ${count} && map.loaded()) break;
      await frame();
    }
    marks.all = took();
    return marks;
  })()`;

/** In the page: draws what is named, or all of it; waits until it is drawn. */
const drawing = (layers) =>
  `(async () => {
    const { $map: map, $things: things } = document.querySelector('.map-box');
    for (const id of ['land', 'things'])
      map.setLayoutProperty(id, 'visibility', ${JSON.stringify(layers)}.includes(id) ? 'visible' : 'none');
    await new Promise((resolve) => { map.once('idle', resolve); map.triggerRepaint(); });
    await things.whenSettled();
  })()`;

/** In the page: frames a second, and the longest, while the map goes to and fro. */
const moving = (zoom) =>
  `(async () => {
    const { $map: map, $things: things } = document.querySelector('.map-box');
    const from = map.getCenter();
    map.jumpTo({ zoom: map.getZoom() + ${zoom} });
    await new Promise((resolve) => { map.once('idle', resolve); map.triggerRepaint(); });
    await things.whenSettled();
    const frames = [performance.now()];
    const note = () => frames.push(performance.now());
    map.on('render', note);
    const reach = 0.5 / 2 ** ${zoom};
    for (const [east, north] of ${JSON.stringify(LEGS)})
      await new Promise((resolve) => {
        map.once('moveend', resolve);
        map.easeTo({
          center: [from.lng + reach * east, from.lat + reach * north],
          duration: ${LEG_MS}, easing: (share) => share, essential: true,
        });
      });
    map.off('render', note);
    map.jumpTo({ zoom: map.getZoom() - ${zoom} });
    const gaps = frames.slice(1).map((time, i) => time - frames[i]);
    return { fps: gaps.length / ((frames.at(-1) - frames[0]) / 1000), worst: Math.max(...gaps) };
  })()`;

/** In the page: frames a second while time plays, and how often it goes on. */
const playing = (ms) =>
  `(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const shown = () => document.querySelector('.time-shown').textContent;
    const press = () => document.querySelector('.time-part .bar button').click();
    let [steps, text] = [0, shown()];
    press();
    const began = performance.now();
    const frames = [began];
    while (frames.at(-1) - began < ${ms}) {
      await frame();
      frames.push(performance.now());
      if (shown() !== text) { text = shown(); steps++; }
    }
    press();
    const gaps = frames.slice(1).map((time, i) => time - frames[i]);
    const seconds = (frames.at(-1) - began) / 1000;
    return { fps: gaps.length / seconds, worst: Math.max(...gaps), steps: steps / seconds };
  })()`;

/** In the page: from a change of a plan to the node's word on the screen, the median of many, in ms. */
const planning = (times) =>
  `(async () => {
    location.hash = '#/plan';
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    while (!document.querySelector('.plan-page .map-box')?.dataset.ready) await frame();
    while (!document.querySelector('.plan-page .map-box').$things.settled) await frame();
    const points = document.querySelector('#plan-points');
    const took = [];
    for (let i = 0; i < ${times}; i++) {
      const at = (35 + i / 100).toFixed(2);
      points.value = at + ', 35.5\\n' + at + ', 35.8';
      const before = document.querySelector('.plan-page .card');
      let changed = false;
      const watch = new MutationObserver(() => { changed = true; });
      const began = performance.now();
      points.dispatchEvent(new InputEvent('input', { bubbles: true }));
      watch.observe(before, { childList: true, subtree: true, characterData: true });
      while (!changed && performance.now() - began < 5000)
        await new Promise((resolve) => setTimeout(resolve, 1));
      took.push(performance.now() - began);
      watch.disconnect();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    took.sort((a, b) => a - b);
    return { median: took[took.length >> 1], worst: took.at(-1) };
  })()`;

/** What the node takes for the register alone: as the screen reads it, without a browser. */
async function reading(page) {
  return page.evaluate(async () => {
    const began = performance.now();
    let [after, bytes, all] = [0, 0, 0];
    for (;;) {
      const response = await fetch(`/api/v1/operations?shapes=1&limit=2000&after=${after}`);
      const text = await response.text();
      const list = JSON.parse(text).operations;
      bytes += text.length;
      all += list.length;
      if (list.length < 2000) return { ms: Math.round(performance.now() - began), bytes, all };
      after = list.at(-1).number;
    }
  });
}

async function measure(count) {
  const dir = mkdtempSync(join(tmpdir(), 'tafadi-bench-'));
  const node = await oneNode(dir, (made) => fill(made, count, dir));
  const browser = await openBrowser();
  const page = browser.context.pages()[0];
  page.setDefaultTimeout(120000);
  try {
    await logIn(page, node.url, 'chief', PASSWORD);
    const api = await reading(page);
    if (api.all !== count) throw new Error(`the node has ${api.all} operations, not ${count}`);
    const opened = await page.evaluate(opening(count));
    await page.evaluate(drawing([]));
    const empty = await page.evaluate(moving(0));
    await page.evaluate(drawing(['land', 'things']));
    const moved = await page.evaluate(moving(0));
    const nearer = await page.evaluate(moving(2));
    const plays = await page.evaluate(playing(LEGS.length * LEG_MS));
    const plan = await page.evaluate(planning(15));
    const fps = ({ fps: n, worst }) => `${n.toFixed(0).padStart(3)} frames/s, longest ${worst.toFixed(0)} ms`;
    console.log(`${count} operations (load ${loadavg()[0].toFixed(1)})`);
    console.log(`  the register read alone   ${api.ms} ms, ${(api.bytes / 1e6).toFixed(1)} MB of JSON`);
    console.log(`  map there                 ${opened.map} ms`);
    console.log(`  first operations drawn    ${opened.first} ms`);
    console.log(`  all read                  ${opened.read} ms`);
    console.log(`  all drawn                 ${opened.all} ms`);
    console.log(`  an empty map moved        ${fps(empty)}`);
    console.log(`  moved, all in view        ${fps(moved)}`);
    console.log(`  moved, nearer             ${fps(nearer)}`);
    console.log(`  time plays                ${fps(plays)}, ${plays.steps.toFixed(1)} steps/s`);
    console.log(`  a plan's conflicts        ${plan.median.toFixed(0)} ms, longest ${plan.worst.toFixed(0)} ms`);
    for (const problem of browser.problems) console.log(`  the browser complains: ${problem}`);
  } finally {
    await browser.close();
    await node.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const counts = process.argv.slice(2).map(Number);
console.log(`${cpus()[0].model}, ${cpus().length} processors`);
for (const count of counts.length ? counts : [1000, 10000]) await measure(count);
