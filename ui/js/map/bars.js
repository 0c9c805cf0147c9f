/**
 * bars.js - what each party plans, as bars over time, with a red border on everything in conflict.
 */
import { isRightToLeft, t } from '../i18n.js';
import { colours } from './colours.js';
import { picture } from './picture.js';

export const ROW_PX = 15;
const HEAD_PX = 18;
const HOUR_PX = 30; // what "00:00" takes
const LANES = 40;
const HOUR = 3600e3;

/** Puts bars into as few lanes as it takes, each after the one before it; what finds none. */
function fill(list, lanes, most) {
  const rest = [];
  list.sort((a, b) => a.start - b.start);
  for (const one of list) {
    let lane = lanes.find(({ end }) => end <= one.start);
    if (!lane && lanes.length < most) {
      lane = { end: -Infinity, bars: [] };
      lanes.push(lane);
    }
    if (!lane) rest.push(one);
    else {
      lane.bars.push(one);
      lane.end = one.end;
    }
  }
  return rest;
}

/** Rows of bars by party, those in conflict first, beneath its name. */
function rowsOf(entities, from, until) {
  const parties = new Map();
  for (const one of entities)
    if (one.end > from && one.start < until) {
      if (!parties.has(one.party)) parties.set(one.party, { clashing: [], quiet: [] });
      parties.get(one.party)[picture.inConflict.has(one.key) ? 'clashing' : 'quiet'].push(one);
    }
  return [...parties]
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([party, { clashing, quiet }]) => {
      const [first, second] = [[], []];
      const hidden = [
        ...fill(clashing, first, LANES),
        ...fill(quiet, second, Math.max(1, LANES - first.length)),
      ];
      const rows = [...first, ...second].map(({ bars }) => ({ party: '', bars, hidden: 0 }));
      rows[rows.length - 1].hidden = hidden.length;
      return [{ party, bars: [], hidden: 0 }, ...rows];
    });
}

function colourOf(one, c) {
  if (one.cls === 'declaration') return c.declared;
  if (one.cls === 'zone' || one.cls === 'site') return c[one.cls];
  return one.state === 'draft' ? c.draft : c.own;
}

function drawHours(g, { from, until, x, width, height, quiet }) {
  const hours = (until - from) / HOUR;
  const step = hours > 30 ? 6 * HOUR : hours > 12 ? 3 * HOUR : HOUR;
  g.fillStyle = quiet;
  g.textAlign = 'center';
  for (let tick = Math.ceil(from / step) * step; tick < until; tick += step) {
    g.globalAlpha = 0.25;
    g.fillRect(x(tick), HEAD_PX - 2, 1, height);
    g.globalAlpha = 1;
    if (x(tick) >= HOUR_PX / 2 && x(tick) <= width - HOUR_PX / 2)
      g.fillText(new Date(tick).toISOString().slice(11, 16), x(tick), HEAD_PX / 2 - 1);
  }
}

function drawBar(g, one, { a, b, y, c, chosen }) {
  const width = Math.max(2, b - a);
  g.fillStyle = colourOf(one, c);
  g.globalAlpha = one.state === 'activated' ? 0.95 : 0.6;
  g.fillRect(a, y + 2, width, ROW_PX - 4);
  g.globalAlpha = 1;
  if (one.key !== chosen && !picture.inConflict.has(one.key)) return;
  g.strokeStyle = one.key === chosen ? c.chosen : c.conflict;
  g.lineWidth = one.key === chosen ? 3 : 2;
  g.strokeRect(a + 1, y + 2, Math.max(1, width - 2), ROW_PX - 4);
}

function writeOver(g, text, x, y, css) {
  g.lineWidth = 3;
  g.strokeStyle = css.getPropertyValue('--panel');
  g.strokeText(text, x, y);
  g.fillStyle = css.getPropertyValue('--text');
  g.fillText(text, x, y);
}

/** The canvas in its size, with units of CSS pixels. */
function prepared(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.inlineSize = `${width}px`;
  canvas.style.blockSize = `${height}px`;
  const g = canvas.getContext('2d');
  g.scale(ratio, ratio);
  g.font = '11px system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif';
  g.textBaseline = 'middle';
  return g;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {{a: number, b: number, y: number, key: string}[]} where each bar is
 */
export function drawBars(canvas, { entities, from, until, chosen, width }) {
  const css = getComputedStyle(document.documentElement);
  const c = colours();
  const rtl = isRightToLeft();
  const rows = rowsOf(entities, from, until);
  const height = Math.max(2, rows.length) * ROW_PX + HEAD_PX;
  const g = prepared(canvas, width, height);
  const x = (time) => {
    const place = ((Math.max(from, Math.min(until, time)) - from) / (until - from)) * width;
    return rtl ? width - place : place;
  };
  drawHours(g, { from, until, x, width, height, quiet: css.getPropertyValue('--quiet') });
  const hits = [];
  rows.forEach((row, i) => {
    const y = HEAD_PX + i * ROW_PX;
    for (const one of row.bars) {
      const [a, b] = [x(one.start), x(one.end)].sort((p, q) => p - q);
      drawBar(g, one, { a, b, y, c, chosen });
      hits.push({ a, b: Math.max(a + 4, b), y, key: one.key });
    }
  });
  rows.forEach((row, i) => {
    const y = HEAD_PX + (i + 0.5) * ROW_PX;
    g.direction = rtl ? 'rtl' : 'ltr';
    g.textAlign = 'start';
    if (row.party) writeOver(g, row.party, rtl ? width - 4 : 4, y, css);
    g.textAlign = 'end';
    if (row.hidden) writeOver(g, t('map.more', { n: row.hidden }), rtl ? 4 : width - 4, y, css);
  });
  return hits;
}
