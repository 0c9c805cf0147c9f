/**
 * verdict.js - the node's word on a plan, for people: what is in the way, what decides, who may allow it.
 */
import { h } from './dom.js';
import { number, span, timeOf } from './format.js';
import { has, t } from './i18n.js';
import { roleName } from './words.js';

const SIGNS = { clear: ['✓', 'good'], note: ['i', 'warn'], decide: ['!', 'warn'], refuse: ['✕', 'bad'] };

export const outcomeBadge = (outcome) =>
  h(
    'span',
    { class: ['badge', SIGNS[outcome]?.[1] ?? 'warn'] },
    `${SIGNS[outcome]?.[0] ?? '?'} `,
    t(`outcome.${outcome}`),
  );

function distanceWords(conflict) {
  const apart = [];
  if (conflict.distance_m > 0) apart.push(t('plan.apart.across', { metres: number(conflict.distance_m) }));
  if (conflict.vertical_gap_m > 0)
    apart.push(t('plan.apart.up', { metres: number(conflict.vertical_gap_m) }));
  return apart.length ? apart.join(' · ') : t('plan.overlap');
}

function nameOf({ other }) {
  const kind = ['site', 'zone'].includes(other.is)
    ? `class.${other.is}`
    : has(`kind.${other.kind}`)
      ? `kind.${other.kind}`
      : 'class.operation';
  return [
    h('strong', null, h('bdi', null, other.name || other.id)),
    ' · ',
    t(`other.${other.is}`),
    ' · ',
    other.category && has(`category.${other.category}`) ? t(`category.${other.category}`) : t(kind),
  ];
}

/** @param {any} conflict @param {() => void} [show] */
export function conflictItem(conflict, show) {
  const { separation } = conflict;
  return h(
    'li',
    { class: ['conflict', conflict.outcome], 'data-key': conflict.key },
    h(
      'div',
      { class: 'grow' },
      h('p', null, outcomeBadge(conflict.outcome), ' ', nameOf(conflict)),
      h(
        'p',
        null,
        distanceWords(conflict),
        conflict.from && [
          ' · ',
          timeOf(conflict.from, { local: false, seconds: false }),
          ' – ',
          timeOf(conflict.until, { local: false, seconds: false }),
        ],
      ),
      separation &&
        h(
          'p',
          { class: 'quiet' },
          t('plan.needed', {
            across: number(separation.horizontal_m),
            up: number(separation.vertical_m),
            time: span(separation.time_s),
          }),
        ),
      conflict.outcome === 'decide' &&
        conflict.role &&
        h('p', { class: 'flag warn' }, t('plan.who', { role: roleName(conflict.role) })),
      conflict.allowed && h('p', { class: 'flag' }, t('plan.allowed', { by: conflict.allowed.by })),
      conflict.altitude_uncertain && h('p', { class: 'flag warn' }, t('plan.height.uncertain')),
      conflict.outline_uncertain && h('p', { class: 'flag warn' }, t('plan.outline.uncertain')),
      conflict.other.old && h('p', { class: 'flag warn' }, t('plan.other.old')),
      conflict.other.sensitive && h('p', { class: 'flag' }, t('plan.other.sensitive')),
    ),
    show && h('button', { type: 'button', onClick: show }, t('plan.show')),
  );
}

/** "45 minutes later", "to 900 m", "2 km to the side": what an option changes. */
export function optionWords(option) {
  const parts = option.moves.map((move) => {
    if (move === 'time')
      return option.shift_s >= 0
        ? t('option.later', { span: span(option.shift_s) })
        : t('option.earlier', { span: span(-option.shift_s) });
    if (move === 'level')
      return t(option.level_m >= 0 ? 'option.higher' : 'option.lower', {
        metres: number(Math.abs(option.level_m)),
      });
    return t('option.lateral', {
      metres: number(Math.abs(option.offset_m ?? 0)),
      degrees: number(option.offset_azimuth_deg ?? 0),
    });
  });
  return parts.join(' · ');
}
