/**
 * positions.js - where operations of ours were reported to be around an incident, and how that fitted what they
 * had declared.
 */
import { h } from '../dom.js';
import { code, number, timeOf } from '../format.js';
import { position } from '../geo.js';
import { t } from '../i18n.js';
import { table } from '../table.js';

const HEADS = ['incident.at', 'seen.position', 'incident.height', 'incident.distance', 'incident.fit'];
const FITS = { within: ['good', '✓ '], uncertain: ['warn', '? '], outside: ['bad', '✕ '] };

const fit = (one) =>
  h(
    'span',
    { class: ['badge', FITS[one.conformance][0]] },
    FITS[one.conformance][1],
    t(`incident.fit.${one.conformance}`),
  );

/** Reported long after it was so: knowledge of then it was not. */
const LATE_MS = 60000;
const isLate = (one) => Date.parse(one.taken) - Date.parse(one.at) > LATE_MS;

const row = (one) =>
  h(
    'tr',
    { 'data-key': one.at },
    h(
      'td',
      null,
      timeOf(one.at, { local: false }),
      isLate(one) && [' ', h('span', { class: 'quiet' }, t('incident.taken'), ' ', timeOf(one.taken, { local: false }))],
    ),
    h('td', null, code(position(one.lat_deg, one.lng_deg))),
    h('td', null, number(one.altitude_m)),
    h('td', null, number(one.distance_m)),
    h('td', null, fit(one)),
  );

/** The worst first: who was outside is looked for. */
const WORST = ['within', 'uncertain', 'outside'];
const worst = (list) => Math.max(...list.map((one) => WORST.indexOf(one.conformance)));

function operation([id, list]) {
  const nearest = list.reduce((a, b) => (b.distance_m < a.distance_m ? b : a));
  return h(
    'li',
    { class: 'card', 'data-key': id },
    h('h3', null, h('bdi', null, id), ' ', h('span', { class: 'badge' }, t('line.we'))),
    h(
      'p',
      null,
      t('incident.positions.n', { n: list.length }),
      ' · ',
      timeOf(list[0].at, { local: false }),
      list.length > 1 && [' – ', timeOf(list.at(-1).at, { local: false })],
    ),
    h(
      'p',
      null,
      t('incident.nearest'),
      ' ',
      t('incident.away', { metres: number(nearest.distance_m) }),
      ', ',
      timeOf(nearest.at, { local: false }),
      ' ',
      fit(nearest),
    ),
    worst(list) > WORST.indexOf(nearest.conformance) &&
      h('p', null, t('incident.fit.worst'), ' ', fit({ conformance: WORST[worst(list)] })),
    h(
      'details',
      null,
      h('summary', null, t('incident.positions')),
      table(t('incident.positions'), HEADS, list.map(row)),
    ),
  );
}

/** @param {any} report null positions: it was made before any were kept */
export function positionsPart(report) {
  if (!report.positions) return null;
  const by = new Map();
  for (const one of report.positions) {
    if (!by.has(one.operation)) by.set(one.operation, []);
    by.get(one.operation).push(one);
  }
  const operations = [...by].sort(([, a], [, b]) => worst(b) - worst(a));
  return h(
    'section',
    { 'data-key': 'positions' },
    h('h2', null, t('incident.where'), h('span', { class: 'count' }, number(operations.length))),
    report.more_positions > 0 && h('p', { class: 'flag warn' }, t('incident.positions.more', { n: report.more_positions })),
    operations.length
      ? h('ul', { class: 'cards' }, operations.map(operation))
      : h('p', { class: 'empty' }, t('incident.positions.none')),
  );
}
