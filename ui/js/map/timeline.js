/**
 * timeline.js - the time below the map: a slider with a line for now, what each party plans as bars, with
 * a red border on everything in conflict, and heights over time of what is selected.
 */
import { h } from '../dom.js';
import { utcText } from '../format.js';
import { isRightToLeft, t } from '../i18n.js';
import { now } from '../live.js';
import { colours } from './base.js';
import { picture } from './picture.js';

export const STEP_S = 60;
const ROW = 15;
const LANES = 40;

/** Puts bars into as few lanes as it takes, by party. */
function lanesOf(entities, from, until) {
  const parties = new Map();
  for (const one of entities)
    if (one.end > from && one.start < until) {
      if (!parties.has(one.party)) parties.set(one.party, []);
      parties.get(one.party).push(one);
    }
  const rows = [];
  for (const [party, list] of [...parties].sort(([a], [b]) => a.localeCompare(b))) {
    list.sort(
      (a, b) =>
        Number(picture.inConflict.has(b.key)) - Number(picture.inConflict.has(a.key)) || a.start - b.start,
    );
    const ends = [];
    const first = rows.length;
    let hidden = 0;
    for (const one of list) {
      let lane = ends.findIndex((spans) => spans.every(([s, e]) => one.end <= s || one.start >= e));
      if (lane < 0 && ends.length < LANES) lane = ends.push([]) - 1;
      if (lane < 0) {
        hidden++;
        continue;
      }
      ends[lane].push([one.start, one.end]);
      (rows[first + lane] ??= { party: lane === 0 ? party : '', bars: [] }).bars.push(one);
    }
    if (hidden) rows[rows.length - 1].hidden = hidden;
  }
  return rows;
}

/** @param {HTMLCanvasElement} canvas */
export function drawBars(canvas, { entities, from, until, at, chosen }) {
  const c = colours();
  const css = getComputedStyle(document.documentElement);
  const width = canvas.parentElement.clientWidth;
  const rows = lanesOf(entities, from, until);
  const height = Math.max(2, rows.length) * ROW + 18;
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.inlineSize = `${width}px`;
  canvas.style.blockSize = `${height}px`;
  const g = canvas.getContext('2d');
  g.scale(ratio, ratio);
  const x = (time) => {
    const place = ((Math.max(from, Math.min(until, time)) - from) / (until - from)) * width;
    return isRightToLeft() ? width - place : place;
  };
  const text = css.getPropertyValue('--text');
  g.font = '11px system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif';
  g.textBaseline = 'middle';
  const hour = 3600e3;
  const step = until - from > 30 * hour ? 6 * hour : until - from > 12 * hour ? 3 * hour : hour;
  g.fillStyle = css.getPropertyValue('--quiet');
  g.textAlign = 'center';
  for (let tick = Math.ceil(from / step) * step; tick < until; tick += step) {
    g.globalAlpha = 0.25;
    g.fillRect(x(tick), 16, 1, height);
    g.globalAlpha = 1;
    g.fillText(new Date(tick).toISOString().slice(11, 16), x(tick), 8);
  }
  const hits = [];
  rows.forEach((row, i) => {
    const y = 18 + i * ROW;
    for (const one of row.bars) {
      const [a, b] = [x(one.start), x(one.end)].sort((p, q) => p - q);
      const conflict = picture.inConflict.has(one.key);
      g.fillStyle =
        one.cls === 'declaration'
          ? c.declared
          : one.cls === 'zone'
            ? c.zone
            : one.cls === 'site'
              ? c.site
              : one.state === 'draft'
                ? c.draft
                : c.own;
      g.globalAlpha = one.state === 'activated' ? 0.95 : 0.6;
      g.fillRect(a, y + 2, Math.max(2, b - a), ROW - 4);
      g.globalAlpha = 1;
      if (conflict || one.key === chosen) {
        g.strokeStyle = one.key === chosen ? c.chosen : c.conflict;
        g.lineWidth = one.key === chosen ? 3 : 2;
        g.strokeRect(a + 1, y + 2, Math.max(2, b - a) - 2, ROW - 4);
      }
      hits.push({ a, b: Math.max(a + 4, b), y, key: one.key });
    }
    if (row.party) {
      g.textAlign = isRightToLeft() ? 'right' : 'left';
      const edge = isRightToLeft() ? width - 4 : 4;
      g.lineWidth = 3;
      g.strokeStyle = css.getPropertyValue('--panel');
      g.strokeText(row.party, edge, y + ROW / 2);
      g.fillStyle = text;
      g.fillText(row.party, edge, y + ROW / 2);
    }
  });
  const line = (time, colour, wide, dash = []) => {
    if (time < from || time > until) return;
    g.setLineDash(dash);
    g.strokeStyle = colour;
    g.lineWidth = wide;
    g.beginPath();
    g.moveTo(x(time), 14);
    g.lineTo(x(time), height);
    g.stroke();
    g.setLineDash([]);
  };
  line(now(), c.conflict, 2, [4, 3]);
  line(at, c.chosen, 2);
  return hits;
}

/** Heights over time of the chosen and of what it is in conflict with, as SVG. */
export function profile(list, chosen) {
  const shown = list.filter(
    (one) => Number.isFinite(one.start) && Number.isFinite(one.end) && one.low !== null,
  );
  if (!shown.length) return h('p', { class: 'quiet' }, t('map.profile.none'));
  const [W, H, L, B] = [320, 150, 46, 20];
  const from = Math.min(...shown.map((one) => one.start));
  const until = Math.max(...shown.map((one) => one.end));
  const top = Math.max(100, ...shown.map((one) => one.high ?? one.low + 1000)) * 1.1;
  const x = (time) => L + ((time - from) / (until - from || 1)) * (W - L - 6);
  const y = (metres) => H - B - (Math.max(0, metres) / top) * (H - B - 8);
  const parts = [h('title', { svg: true }, t('map.profile'))];
  for (const share of [0, 0.5, 1]) {
    const metres = (top / 1.1) * share;
    parts.push(
      h('line', { x1: L, x2: W - 4, y1: y(metres), y2: y(metres), class: 'axis' }),
      h(
        'text',
        { x: L - 4, y: y(metres) + 4, 'text-anchor': 'end', class: 'tick' },
        `${Math.round(metres)} m`,
      ),
    );
  }
  for (const share of [0, 1])
    parts.push(
      h(
        'text',
        { x: share ? W - 4 : L, y: H - 5, 'text-anchor': share ? 'end' : 'start', class: 'tick' },
        utcText(new Date(from + (until - from) * share), new Date(), false),
      ),
    );
  for (const one of shown) {
    const high = one.high ?? top;
    parts.push(
      h('rect', {
        x: x(one.start),
        y: y(high),
        width: Math.max(2, x(one.end) - x(one.start)),
        height: Math.max(2, y(one.low) - y(high)),
        class: ['block', one.isWay ? 'way' : one.key === chosen ? 'chosen' : 'other'],
      }),
    );
  }
  if (now() > from && now() < until)
    parts.push(h('line', { x1: x(now()), x2: x(now()), y1: 4, y2: H - B, class: 'now' }));
  return h(
    'div',
    { class: 'profile', dir: 'ltr' },
    h('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img' }, parts),
  );
}
