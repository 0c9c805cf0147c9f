/**
 * result.js - beside a plan: what the node says of it, the ways out with their costs, and its heights.
 */
import { refused } from '../dialog.js';
import { h } from '../dom.js';
import { listOf, number, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { keyOfOther, picture } from '../map/picture.js';
import { profile } from '../map/profile.js';
import { conflictItem, optionWords, outcomeBadge } from '../verdict.js';

/** @param {{preview: (option: any) => void, take: (option: any) => void}} to */
function optionItem(option, i, { preview, take }) {
  const on = () => preview(option);
  const off = () => preview(null);
  return h(
    'li',
    { class: 'option', 'data-key': `o${option.rank}` },
    h(
      'div',
      { class: 'grow' },
      h(
        'p',
        null,
        h('strong', null, optionWords(option)),
        i === 0 && h('kbd', { 'aria-hidden': 'true' }, 'O'),
      ),
      h(
        'p',
        { class: 'quiet' },
        option.start && timeOf(option.start, { seconds: false }),
        option.start ? ' · ' : '',
        t('option.cost', { cost: number(option.cost, 1) }),
      ),
    ),
    h(
      'button',
      {
        type: 'button',
        class: i === 0 && 'main',
        onClick: () => take(option),
        onFocus: on,
        onBlur: off,
        onMouseenter: on,
        onMouseleave: off,
      },
      t('option.take'),
    ),
  );
}

function optionsPart({ verdict, options }, to) {
  if (!verdict.conflicts.length) return null;
  if (!options) return h('p', { class: 'quiet' }, t('option.looking'));
  return [
    h('h3', null, t('option.title')),
    options.failed && h('p', { class: 'problem' }, refused(options.failed)),
    options.list.length
      ? h(
          'ul',
          { class: 'list' },
          options.list.map((one, i) => optionItem(one, i, to)),
        )
      : h('p', { class: 'empty' }, t('option.none')),
    options.list.length > 0 && h('p', { class: 'note' }, t('option.verified')),
  ];
}

function summary({ verdict, took, wrong }) {
  const { against, conflicts } = verdict;
  return [
    h('h2', null, t('plan.result'), ' ', outcomeBadge(verdict.outcome)),
    h(
      'p',
      { role: 'status' },
      t(`outcome.${verdict.outcome}.means`),
      ' ',
      conflicts.length > 0 && t('plan.count', { n: conflicts.length + (verdict.more ?? 0) }),
    ),
    h(
      'p',
      { class: 'quiet' },
      t('plan.against', {
        what: listOf(
          ['operations', 'declarations', 'sites', 'zones'].map((kind) => t(`plan.against.${kind}`, { n: against[kind] })),
        ),
      }),
      ' · ',
      t('plan.took', { ms: Math.max(1, Math.round(took)) }),
    ),
    wrong && h('p', { class: 'flag warn' }, wrong),
  ];
}

/**
 * @param {import('./check.js').Check} check
 * @param {any} own the plan as an entity; null: it is none yet
 * @param {{preview: (option: any) => void, take: (option: any) => void, show: (place: any) => void}} to
 */
export function resultPart(check, own, to) {
  const { verdict } = check;
  if (!verdict)
    return h(
      'section',
      { class: 'card', 'aria-live': 'polite', 'data-key': 'result' },
      h('h2', null, t('plan.result')),
      h('p', { class: 'quiet' }, check.wrong ?? t('loading')),
    );
  const { conflicts } = verdict;
  return h(
    'section',
    { class: 'card', 'data-key': 'result' },
    summary(check),
    optionsPart(check, to),
    conflicts.length > 0 && [
      h('h3', null, t('plan.conflicts')),
      h(
        'ul',
        { class: 'list' },
        conflicts.map((one) => conflictItem(one, one.place ? () => to.show(one.place) : undefined)),
      ),
    ],
    own &&
      profile(
        [own, ...conflicts.map((one) => picture.entities.get(keyOfOther(one.other))).filter(Boolean)],
        own.key,
      ),
  );
}
