/**
 * lost.js - what this party declared and its register does not know since a restore: what it is, as it was told, and
 * said to be over by hand.
 */
import { get, hasRole, post } from './api.js';
import { ask, field, toast, toastRefusal } from './dialog.js';
import { drafted, dropDrafts } from './draft.js';
import { h } from './dom.js';
import { code, numero, timeOf } from './format.js';
import { has, t } from './i18n.js';
import { now, refreshAlarms, state, titleOf } from './live.js';
import { linkTo } from './shell.js';
import { contents } from './words.js';

/** As the node finds them: what has an end that passed is over for the other side, too. */
const isLost = (one) =>
  one.own && !one.own_id && !one.withdrawn && !(one.body.end && Date.parse(one.body.end) <= now());

const partyOf = (one) => titleOf(state.lines.find(({ id }) => id === one.line)?.peer ?? one.line);

/** @param {any[]} declarations */
export const lostOf = (declarations) => declarations.filter(isLost);
/** Of one line. */
const readLost = async (line) => lostOf((await get(`/api/v1/declarations?line=${line}`)).declarations);

/** What the other side was told. */
const told = (one) => [
  h(
    'p',
    null,
    h('strong', null, t(`class.${one.class}`)),
    ' · ',
    has(`category.${one.body.category}`) && [t(`category.${one.body.category}`), ' · '],
    code(one.id),
  ),
  contents({ type: one.class === 'site' ? 'site.declare' : 'op.declare', message: { body: one.body } }),
  h(
    'p',
    { class: 'quiet' },
    h('bdi', null, partyOf(one)),
    ' · ',
    h('a', { href: `${linkTo('line', one.line)}?m=o${one.seq}` }, numero(one.seq)),
    ' · ',
    timeOf(one.at, { local: false }),
  ),
];

/** Asks once more, says what it means, and withdraws it. @returns {Promise<any>} null: it was left */
function disown(one) {
  const name = `lost.${one.id}`;
  return ask({
    title: t('lost.title', { party: partyOf(one) }),
    act: t('lost.do'),
    danger: true,
    body: [
      h('div', { class: 'quoted' }, told(one)),
      h('p', { class: 'flag bad' }, t('lost.means', { party: partyOf(one) })),
      h('p', null, t('lost.instead')),
      field(
        t('act.reason'),
        h('textarea', { name: 'reason', rows: 3, required: true, maxlength: 1000, dir: 'auto', ...drafted(name) }),
        t('lost.reason.note'),
      ),
    ],
    submit: async (form) => {
      await post(`/api/v1/declarations/${encodeURIComponent(one.id)}/disown`, { reason: form.get('reason').trim() });
      dropDrafts(name);
      toast(t('lost.done'));
      refreshAlarms().catch(toastRefusal);
    },
  });
}

/** @param {any} one @param {() => void} done it is withdrawn */
export const lostItem = (one, done) =>
  h(
    'li',
    { 'data-key': `${one.line}${one.id}` },
    h('div', { class: 'grow' }, told(one)),
    hasRole('duty-officer', 'head-of-cell') &&
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          { type: 'button', class: 'danger', onClick: async () => (await disown(one)) && done() },
          t('lost.short'),
        ),
      ),
  );

/** All of a line, until none is left or somebody has seen enough. */
export async function showLost(line) {
  try {
    const list = await readLost(line.id);
    const again = () => {
      document.querySelector('dialog[open]')?.close();
      showLost(line);
    };
    await ask({
      title: t('lost.list', { party: titleOf(line.peer) }),
      wide: true,
      body: [
        h('p', null, t('lost.about')),
        list.length
          ? h(
              'ul',
              { class: 'list' },
              list.map((one) => lostItem(one, again)),
            )
          : h('p', { class: 'empty' }, t('lost.none')),
      ],
    });
  } catch (error) {
    toastRefusal(error);
  }
}

/** The alarm about a line, where the line is shown. */
export const lostFlag = (line) =>
  state.alarms.some((alarm) => alarm.kind === 'lost' && alarm.line === line.id) &&
  h(
    'p',
    { class: 'flag bad' },
    '! ',
    t('alarm.lost.what', { party: titleOf(line.peer) }),
    ' ',
    h('button', { type: 'button', onClick: () => showLost(line) }, t('lost.show')),
  );
