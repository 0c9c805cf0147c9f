/**
 * verdict.js - the node's word on a plan, for people: what is in the way, what decides, who may allow it.
 */
import { h } from './dom.js';
import { number, span, timeOf } from './format.js';
import { state, titleOf } from './live.js';
import { has, leftToRight, ownSpeaker, t } from './i18n.js';
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

/** Who declared it: what is declared has no name, and its id tells nobody anything. */
const whose = ({ is, owner }) =>
  is === 'declaration' && titleOf(state.lines.find((line) => line.id === owner)?.peer ?? '');

function nameOf({ other }) {
  const kind = ['site', 'zone'].includes(other.is)
    ? `class.${other.is}`
    : has(`kind.${other.kind}`)
      ? `kind.${other.kind}`
      : 'class.operation';
  return [
    h('strong', null, h('bdi', null, other.name || whose(other) || other.id)),
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

const TOWARDS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'];

/** A true bearing in words of eight, and in the three digits that are said by voice. */
function direction(azimuth_deg, say) {
  const bearing_deg = ((Math.round(azimuth_deg) % 360) + 360) % 360;
  return {
    towards: say(`towards.${TOWARDS[Math.round(bearing_deg / 45) % 8]}`),
    bearing: leftToRight(`${String(bearing_deg).padStart(3, '0')}°`),
  };
}

/**
 * "45 minutes later", "900 m higher", "2 km to the north": what an option changes; what a proposal tells
 * of it may be less. "" if nothing is known.
 * @param {any} option @param {import('./i18n.js').Speaker} [speaker]
 */
export function optionWords(option, speaker = ownSpeaker()) {
  const { t: say, locale } = speaker;
  const parts = (option.moves ?? []).map((move) => {
    if (move === 'time')
      return say(option.shift_s >= 0 ? 'option.later' : 'option.earlier', {
        span: span(Math.abs(option.shift_s), locale),
      });
    if (move === 'level')
      return say(option.level_m >= 0 ? 'option.higher' : 'option.lower', {
        metres: number(Math.abs(option.level_m), 0, locale),
      });
    return option.offset_azimuth_deg === undefined
      ? say('option.aside', { metres: number(Math.abs(option.offset_m ?? 0), 0, locale) })
      : say('option.lateral', {
          metres: number(Math.abs(option.offset_m ?? 0), 0, locale),
          ...direction(option.offset_azimuth_deg, say),
        });
  });
  return parts.join(' · ');
}
