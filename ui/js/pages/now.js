/**
 * now.js - first what waits for me, then what is active: alarms, messages without a word, lines and
 * the age of every source.
 */
import { hasRole, post } from '../api.js';
import { isHeard } from '../alarms.js';
import { toastRefusal } from '../dialog.js';
import { draw, h } from '../dom.js';
import { ago, numero, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { now, refreshAlarms, state, titleOf } from '../live.js';
import { showLost } from '../lost.js';
import { linkTo } from '../shell.js';
import { awaited, waiting } from '../waiting.js';
import { alarmWords, contents, roleName, stateName, typeName } from '../words.js';
import { actionsFor } from '../acts.js';
import { conflictItem } from '../verdict.js';
import {
  caseOfAlarm,
  deadline as caseDeadline,
  inOrder,
  partyOf,
  seenWords,
  stageBadge,
  turnWords,
  waitingCases,
  waitsForUs,
} from '../cases.js';

const CLEARABLE = new Set(['fork', 'contradiction', 'readback', 'ledger', 'closed', 'return']);

async function clear(alarm) {
  try {
    await post(`/api/v1/alarms/${alarm.id}/clear`, {});
    await refreshAlarms();
  } catch (error) {
    toastRefusal(error);
  }
}

function alarmItem(alarm) {
  const { what, act, words } = alarmWords(alarm);
  const line = state.lines.find((one) => one.id === alarm.line);
  const about = caseOfAlarm(alarm);
  return h(
    'li',
    { class: ['alarm', isHeard(alarm) ? 'heard' : 'ringing'], 'data-key': `a${alarm.id}` },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, '▲'),
    h(
      'div',
      { class: 'grow' },
      h('p', { class: 'what' }, what),
      words && h('p', { class: 'quiet' }, h('bdi', { lang: 'en', dir: 'ltr' }, words)),
      h('p', { class: 'act' }, act),
      h(
        'p',
        { class: 'quiet' },
        timeOf(alarm.at),
        ' · ',
        ago(alarm.at, now()),
        alarm.role && [' · ', t('alarm.role', { role: roleName(alarm.role) })],
        isHeard(alarm) && [' · ', t('alarm.heard')],
      ),
    ),
    h(
      'div',
      { class: 'actions' },
      about && h('a', { class: 'button main', href: linkTo('cases', about.id) }, t('now.open')),
      !about &&
        line &&
        h(
          'a',
          {
            class: 'button',
            href: alarm.seq
              ? `${linkTo('line', line.id)}?m=${alarm.own ? 'o' : 'p'}${alarm.seq}`
              : linkTo('line', line.id),
          },
          t('now.open'),
        ),
      alarm.kind === 'lost' &&
        line &&
        h('button', { type: 'button', class: 'main', onClick: () => showLost(line) }, t('lost.show')),
      CLEARABLE.has(alarm.kind) &&
        hasRole('duty-officer', 'head-of-cell') &&
        h('button', { type: 'button', onClick: () => clear(alarm) }, t('alarm.clear')),
    ),
  );
}

function deadline(by) {
  if (!by) return t('now.no.deadline');
  const late = new Date(by).getTime() < now();
  return h(
    'span',
    { class: late ? 'flag bad' : 'flag' },
    late ? '! ' : '',
    t(late ? 'now.overdue' : 'now.due', { age: ago(by, now()) }),
  );
}

const isUrgent = ({ message }) => ['danger', 'distress'].includes(message.type);

function waitingItem({ message, line, peer, what, by }) {
  return h(
    'li',
    {
      class: ['waiting', isUrgent({ message }) && 'urgent'],
      'data-key': `w${line.id}${message.seq}`,
    },
    h(
      'div',
      { class: 'grow' },
      h(
        'p',
        { class: 'what' },
        h('strong', null, typeName(message.type)),
        ' · ',
        h('bdi', null, peer),
        ' · ',
        numero(message.seq),
      ),
      h('div', { class: 'short' }, contents(message)),
      h(
        'p',
        { class: 'quiet' },
        t(`now.owes.${what}`),
        ' · ',
        deadline(by),
        ' · ',
        timeOf(message.received ?? message.sent),
      ),
    ),
    h(
      'div',
      { class: 'actions' },
      actionsFor(message, line),
      h('a', { class: 'button', href: `${linkTo('line', line.id)}?m=p${message.seq}` }, t('now.open')),
    ),
  );
}

function awaitedItem({ message, line, peer, what, by }) {
  return h(
    'li',
    { 'data-key': `o${line.id}${message.seq}` },
    h(
      'div',
      { class: 'grow' },
      h(
        'p',
        null,
        h('strong', null, typeName(message.type)),
        ' · ',
        h('bdi', null, peer),
        ' · ',
        numero(message.seq),
      ),
      h('p', { class: 'quiet' }, t(`now.awaits.${what}`), ' · ', deadline(by)),
    ),
    h('a', { class: 'button', href: `${linkTo('line', line.id)}?m=o${message.seq}` }, t('now.open')),
  );
}

const SIGNS = {
  open: ['✓', 'good'],
  proposed: ['…', 'warn'],
  degraded: ['!', 'warn'],
  suspended: ['‖', 'bad'],
  closed: ['✕', 'bad'],
};
export const lineBadge = (line) => {
  const [sign, kind] = SIGNS[line.state] ?? ['?', 'warn'];
  return h('span', { class: ['badge', kind] }, `${sign} `, stateName(line.state));
};

function lineItem(line) {
  return h(
    'li',
    { 'data-key': `l${line.id}` },
    h(
      'div',
      { class: 'grow' },
      h('p', null, h('strong', null, h('bdi', null, titleOf(line.peer))), ' ', lineBadge(line)),
      h('p', null, t(`line.means.${line.state}`)),
      h(
        'p',
        { class: 'quiet' },
        line.heard ? t('now.heard', { age: ago(line.heard, now()) }) : t('now.never.heard'),
        ' · ',
        line.memorandum ? t('now.memo', { n: line.memorandum }) : t('now.no.memo'),
        ' · ',
        line.drilled ? t('now.drilled', { age: ago(line.drilled, now()) }) : t('now.no.drill'),
      ),
    ),
    h('a', { class: 'button', href: linkTo('line', line.id) }, t('now.open')),
  );
}

/** A part of the page with its own empty state. */
function part(id, title, items, empty) {
  return h(
    'section',
    { 'aria-labelledby': `s-${id}`, class: `part ${id}`, 'data-key': id },
    h(
      'div',
      { class: 'head' },
      h('h2', { id: `s-${id}` }, title, items.length ? h('span', { class: 'count' }, items.length) : ''),
    ),
    items.length ? h('ul', { class: 'list' }, items) : h('p', { class: 'empty' }, empty),
  );
}

function caseItem(one) {
  const waits = waitsForUs(one);
  return h(
    'li',
    { class: ['case', waits && 'waits', one.stage === 'escalated' && 'urgent'], 'data-key': `c${one.id}` },
    h(
      'div',
      { class: 'grow' },
      h(
        'p',
        { class: 'what' },
        t(one.seen_by === 'other' ? 'now.case.theirs' : 'now.case', { own: one.own.name, party: partyOf(one) }),
        ' ',
        stageBadge(one),
      ),
      h('p', null, h('strong', null, turnWords(one)), one.agree_by && [' · ', caseDeadline(one.agree_by)]),
      h('p', { class: 'quiet' }, seenWords(one)),
      !waits && one.conflict && h('ul', null, conflictItem(one.conflict)),
      h('p', { class: 'quiet' }, t('now.case.opened', { age: ago(one.opened, now()) })),
    ),
    h(
      'div',
      { class: 'actions' },
      h('a', { class: ['button', waits && 'main'], href: linkTo('cases', one.id) }, t('now.open')),
      h(
        'a',
        {
          class: 'button',
          href: `${linkTo('map')}?sel=${encodeURIComponent(`${one.own.class}::${one.own.id}`)}`,
        },
        t('page.map'),
      ),
    ),
  );
}

/** Cases that wait for nobody here. */
function otherCases() {
  const rest = inOrder(state.cases.filter((one) => !waitsForUs(one)));
  return part(
    'cases',
    t('now.cases'),
    rest.map(caseItem),
    t(state.cases.length ? 'now.cases.waiting' : 'now.cases.none'),
  );
}

export function show(root) {
  function update() {
    const waits = waiting();
    draw(
      root,
      h('h1', { class: 'unseen' }, t('page.now')),
      h(
        'div',
        { class: 'columns' },
        h(
          'div',
          null,
          part('alarms', t('now.alarms'), state.alarms.map(alarmItem), t('now.alarms.none')),
          part(
            'waiting',
            t('now.waiting'),
            [
              ...waits.filter(isUrgent).map(waitingItem),
              ...waitingCases().map(caseItem),
              ...waits.filter((one) => !isUrgent(one)).map(waitingItem),
            ],
            t('now.waiting.none'),
          ),
          state.serves.has('cases') && otherCases(),
        ),
        h(
          'div',
          null,
          part('lines', t('now.lines'), state.lines.map(lineItem), t('now.lines.none')),
          part('awaited', t('now.awaited'), awaited().map(awaitedItem), t('now.awaited.none')),
        ),
      ),
    );
  }
  return { update };
}
