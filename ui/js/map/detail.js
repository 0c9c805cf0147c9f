/**
 * detail.js - what was chosen on the map: what it is, what it is in conflict with, how high it is when,
 * and where to go on.
 */
import { hasRole } from '../api.js';
import { casesWith } from '../cases.js';
import { h } from '../dom.js';
import { ago, code, span, timeOf } from '../format.js';
import { position } from '../geo.js';
import { t } from '../i18n.js';
import { now, state } from '../live.js';
import { linkTo } from '../shell.js';
import { conflictItem } from '../verdict.js';
import { kindName } from './list.js';
import { keyOfOther, picture } from './picture.js';
import { profile } from './profile.js';

/** What somebody is in conflict with, as far as it is known here. @param {string} key */
export const others = (key) =>
  (picture.conflicts.get(key) ?? [])
    .map((conflict) => picture.entities.get(keyOfOther(conflict.other)))
    .filter(Boolean);

function times(one) {
  if (!Number.isFinite(one.start)) return h('p', null, t('map.always'));
  const text = (ms) => timeOf(new Date(ms).toISOString(), { seconds: false });
  return h('p', null, text(one.start), ' – ', Number.isFinite(one.end) ? text(one.end) : t('map.open.end'));
}

/** The points of a shape; of cells there are too many to be of use. */
const POINTS = {
  Point: (point) => [point],
  LineString: (line) => line,
  Polygon: ([ring]) => ring.slice(0, -1),
};

/** Where it is, as the reader writes positions. */
function placeOf(one) {
  const { type, coordinates } = one.feature?.geometry ?? {};
  const p = one.feature?.properties ?? {};
  if (!POINTS[type] || one.cls === 'site') return null;
  const size = type === 'Point' ? ['plan.radius', p.radius_m] : ['plan.width', p.width_m];
  return h(
    'details',
    { 'data-key': 'place' },
    h('summary', null, t('seen.position')),
    h(
      'ol',
      null,
      POINTS[type](coordinates).map(([lng, lat]) => h('li', null, code(position(lat, lng)))),
    ),
    size[1] && h('p', null, t(size[0]), ': ', code(String(Math.round(size[1])))),
  );
}

function facts(one) {
  return [
    h(
      'p',
      null,
      t(`class.${one.cls}`),
      ' · ',
      kindName(one),
      one.cls === 'operation' && [' · ', t(`state.${one.state}`)],
      ' · ',
      h('bdi', null, one.party),
    ),
    times(one),
    one.band && h('p', null, t('map.height'), ' ', code(one.band)),
    placeOf(one),
    one.disclosure &&
      h(
        'p',
        { class: 'flag' },
        t(`disclosure.${one.disclosure}`),
        ' ',
        t('map.declared', { age: ago(one.record.at, now()) }),
      ),
    one.growth > 0 && h('p', { class: 'flag warn' }, t('map.grown', { metres: Math.round(one.growth) })),
    one.record.notice_breach_s > 0 &&
      h('p', { class: 'flag warn' }, t('map.breach', { span: span(one.record.notice_breach_s) })),
    one.cls === 'site' &&
      one.record.place &&
      h('p', null, code(position(one.record.place.lat, one.record.place.lng))),
  ];
}

function conflictPart(one, choose) {
  const conflicts = picture.conflicts.get(one.key);
  if (!conflicts) return null;
  if (!conflicts.length) return h('p', { class: 'flag good' }, '✓ ', t('map.clear'));
  return [
    h('h3', null, t('plan.conflicts')),
    h(
      'ul',
      { class: 'list' },
      conflicts.map((conflict) => conflictItem(conflict, () => choose(keyOfOther(conflict.other), true))),
    ),
  ];
}

function ways(one) {
  const plans = hasRole('planner', 'duty-officer', 'head-of-cell');
  const link = (href, text) => h('a', { class: 'button', href }, t(text));
  return h(
    'div',
    { class: 'actions' },
    one.cls === 'operation' && one.own && plans && link(linkTo('plan', one.id), 'map.plan'),
    casesWith(one.key).map(({ id }) => link(linkTo('cases', id), 'case.open')),
    one.cls === 'declaration' &&
      link(`${linkTo('line', one.record.line)}?m=p${one.record.seq}`, 'map.message'),
    one.cls === 'site' && state.serves.has('sites') && link(linkTo('sites', one.id), 'page.sites'),
  );
}

/** @param {string} key @param {(key: string, zoom?: boolean) => void} choose */
export function detail(key, choose) {
  const one = picture.entities.get(key);
  if (!one) return null;
  return h(
    'section',
    { class: 'card detail', 'aria-label': t('map.chosen'), 'data-key': `d${one.key}` },
    h(
      'div',
      { class: 'head' },
      h('h2', null, h('bdi', null, one.name)),
      h('button', { type: 'button', class: 'plain', onClick: () => choose('') }, t('do.close')),
    ),
    facts(one),
    conflictPart(one, choose),
    profile([one, ...others(one.key)], one.key),
    ways(one),
  );
}
