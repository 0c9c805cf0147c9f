/**
 * line.js - one line: the conversation with what became of each message, what can be said, the
 * memoranda, the keys, the history of its state.
 */
import { hasRole } from '../api.js';
import { actionsFor, maySpeak, say } from '../acts.js';
import { compose } from '../compose.js';
import { ask, field, toast } from '../dialog.js';
import { drafted, dropDrafts } from '../draft.js';
import { $, draw, h } from '../dom.js';
import { ago, numero, timeOf } from '../format.js';
import { LANGUAGES, current, t } from '../i18n.js';
import { now, onChange, state, titleOf } from '../live.js';
import { lostFlag } from '../lost.js';
import { linkTo } from '../shell.js';
import { contents, oddities, receipts, roleName, secondLanguage, typeName } from '../words.js';
import { fingerprints } from '../fingerprint.js';
import { memoranda } from '../memoranda.js';
import { lineBadge } from './now.js';

const TABS = ['talk', 'memoranda', 'keys'];
const URGENT = new Set(['danger', 'distress', 'incident']);

function lineList(chosen) {
  return h(
    'nav',
    { class: 'line-list', 'aria-label': t('line.all') },
    state.lines.length
      ? h(
          'ul',
          null,
          state.lines.map((line) =>
            h(
              'li',
              { 'data-key': line.id },
              h(
                'a',
                { href: linkTo('line', line.id), 'aria-current': line.id === chosen ? 'true' : null },
                h('bdi', { class: 'title' }, titleOf(line.peer)),
                lineBadge(line),
                line.waiting > 0 &&
                  h('span', { class: 'quiet' }, t('now.waiting.count', { n: line.waiting })),
              ),
            ),
          ),
        )
      : h('p', { class: 'empty' }, t('now.lines.none')),
  );
}

/** Suspend, resume, close: a signed act with a reason. */
async function act(line, type) {
  const key = type.replace('line.', '');
  await ask({
    title: t(`act.${key}.title`, { party: titleOf(line.peer) }),
    act: t(`act.${key}.do`),
    danger: type !== 'line.resume',
    body: [
      h('p', null, t(`act.${key}.means`)),
      field(
        t('act.reason'),
        h('textarea', {
          name: 'reason',
          rows: 3,
          required: true,
          maxlength: 250,
          dir: 'auto',
          ...drafted(`act.${type}.${line.id}`),
        }),
        t('act.reason.note'),
      ),
    ],
    submit: async (form) => {
      await say(line, type, { reason: form.get('reason').trim() });
      dropDrafts(`act.${type}.${line.id}`);
      toast(t(`act.${key}.done`));
    },
  });
}

async function drill(line) {
  await ask({
    title: t('drill.title'),
    act: t('drill.do'),
    body: h('p', null, t('drill.means')),
    submit: async () => {
      await say(line, 'drill', {});
      toast(t('drill.done'));
    },
  });
}

function lineHead(line) {
  const head = hasRole('head-of-cell');
  const open = line.own_stance === 'open';
  return h(
    'div',
    { class: 'line-head', 'data-key': 'head' },
    h(
      'div',
      { class: 'grow' },
      h('h1', null, h('bdi', null, titleOf(line.peer)), ' ', lineBadge(line)),
      h(
        'p',
        null,
        t(`line.means.${line.state}`),
        line.reason && line.state === 'suspended'
          ? [' ', t('line.reason'), ' ', h('q', { dir: 'auto' }, line.reason)]
          : '',
      ),
      h(
        'p',
        { class: 'quiet' },
        line.heard ? t('now.heard', { age: ago(line.heard, now()) }) : t('now.never.heard'),
        ' · ',
        t('line.stances', { own: t(`stance.${line.own_stance}`), peer: t(`stance.${line.peer_stance}`) }),
        line.peer_sent > line.peer_seq && [
          ' · ',
          h('span', { class: 'flag warn' }, t('line.missing', { n: line.peer_sent - line.peer_seq })),
        ],
      ),
      line.forked && h('p', { class: 'flag bad' }, '! ', t('line.forked')),
      lostFlag(line),
    ),
    h(
      'div',
      { class: 'actions' },
      maySpeak() &&
        ['open', 'degraded'].includes(line.state) &&
        h('button', { type: 'button', onClick: () => drill(line) }, t('drill.short')),
      head &&
        open &&
        h('button', { type: 'button', onClick: () => act(line, 'line.suspend') }, t('act.suspend.short')),
      head &&
        line.own_stance === 'suspended' &&
        h(
          'button',
          { type: 'button', class: 'main', onClick: () => act(line, 'line.resume') },
          t('act.resume.short'),
        ),
      head &&
        line.own_stance !== 'closed' &&
        line.own_stance !== 'none' &&
        h(
          'button',
          { type: 'button', class: 'plain', onClick: () => act(line, 'line.close') },
          t('act.close.short'),
        ),
    ),
  );
}

function messageItem(message, line, chosen) {
  const key = `${message.own ? 'o' : 'p'}${message.seq}`;
  const urgent = URGENT.has(message.type);
  const small = message.type.startsWith('ack.');
  return h(
    'li',
    {
      class: [
        'message',
        message.own ? 'own' : 'peer',
        urgent && 'urgent',
        small && 'small',
        chosen === key && 'chosen',
      ],
      'data-key': key,
      id: `m-${key}`,
    },
    h(
      'div',
      { class: 'bubble' },
      h(
        'div',
        { class: 'message-head' },
        h('strong', null, urgent && h('span', { 'aria-hidden': 'true' }, '▲ '), typeName(message.type)),
        ' ',
        h(
          'span',
          { class: 'quiet' },
          message.own ? t('line.we') : h('bdi', null, titleOf(line.peer)),
          ' · ',
          roleName(message.role),
          ' · ',
          numero(message.seq),
          ' · ',
          timeOf(message.sent),
        ),
      ),
      oddities(message),
      contents(message),
      !small && receipts(message),
      h(
        'div',
        { class: 'actions' },
        actionsFor(message, line),
        message.ledger_index >= 0 &&
          h('a', { class: 'quiet', href: linkTo('ledger', String(message.ledger_index)) }, t('line.proof')),
      ),
    ),
  );
}

function talk(line, chosen, showAcks) {
  const messages = (state.messages.get(line.id) ?? []).filter(
    (one) => showAcks || !one.type.startsWith('ack.'),
  );
  return messages.length
    ? h(
        'ol',
        { class: 'messages', 'aria-label': t('line.talk'), tabindex: '0', 'data-key': 'messages' },
        messages.map((one) => messageItem(one, line, chosen)),
      )
    : h('p', { class: 'empty' }, t('line.talk.none'));
}

export function show(root, where) {
  let chosen = where.query.get('m');
  let id = where.parts[0];
  let tab = where.parts[1] ?? 'talk';
  let showAcks = false;
  let end = true; // keep the newest in view
  const composer = compose();
  const memos = memoranda();
  const keys = fingerprints();

  const find = () => state.lines.find((one) => one.id === id) ?? state.lines[0];
  function tabs(line) {
    return h(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': t('line.parts') },
      TABS.map((name) =>
        h(
          'a',
          {
            role: 'tab',
            href: linkTo('line', line.id, name),
            'aria-selected': String(name === tab),
            id: `tab-${name}`,
          },
          t(`line.tab.${name}`),
        ),
      ),
    );
  }

  function talkPart(line) {
    return [
      h(
        'div',
        { class: 'bar' },
        h(
          'label',
          { class: 'check' },
          h('input', {
            type: 'checkbox',
            checked: showAcks,
            onChange: (event) => {
              showAcks = event.target.checked;
              update();
            },
          }),
          ' ',
          t('line.acks'),
        ),
        h(
          'label',
          { class: 'check' },
          t('line.second'),
          ' ',
          h(
            'select',
            {
              value: secondLanguage(),
              onChange: (event) => {
                localStorage.setItem('tafadi.second', event.target.value);
                update();
              },
            },
            Object.entries(LANGUAGES)
              .filter(([name]) => name !== current())
              .map(([name, title]) => h('option', { value: name, lang: name }, title)),
          ),
        ),
      ),
      talk(line, chosen, showAcks),
      composer.view(line, update),
    ];
  }

  function update() {
    const line = find();
    if (!line) {
      draw(
        root,
        h('h1', null, t('page.line')),
        h('p', { class: 'empty' }, t('now.lines.none')),
        hasRole('head-of-cell') &&
          h('a', { class: 'button main', href: linkTo('admin', 'parties') }, t('line.begin')),
      );
      return;
    }
    id = line.id;
    const list = $('.messages', root);
    if (list) end = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    draw(
      root,
      h(
        'div',
        { class: 'line-page' },
        lineList(line.id),
        h(
          'div',
          { class: 'line-main' },
          lineHead(line),
          tabs(line),
          h(
            'div',
            {
              role: 'tabpanel',
              'aria-labelledby': `tab-${tab}`,
              class: `panel panel-${tab}`,
              'data-key': `${tab} ${line.id}`,
            },
            tab === 'memoranda'
              ? memos.view(line, update)
              : tab === 'keys'
                ? keys.view(line.peer, update)
                : talkPart(line),
          ),
        ),
      ),
    );
    const now = $('.messages', root);
    if (now && chosen && !now.dataset.shown) {
      $(`#m-${CSS.escape(chosen)}`, now)?.scrollIntoView({ block: 'center' });
      now.dataset.shown = 'yes';
      end = false;
    } else if (now && end && !chosen) now.scrollTop = now.scrollHeight;
  }

  function move({ parts, query }) {
    if (parts[0] !== id) end = true;
    id = parts[0];
    tab = TABS.includes(parts[1]) ? parts[1] : 'talk';
    chosen = query.get('m');
    const list = $('.messages', root);
    if (list) delete list.dataset.shown;
  }
  if (!TABS.includes(tab)) tab = 'talk';
  const stop = onChange((what) => {
    if (what === 'memoranda') memos.forget();
  });
  return {
    update,
    move,
    leave: stop,
    keys: [
      {
        key: 'm',
        text: 'compose.title',
        run: () => $('.composer [name=text], .composer select', root)?.focus(),
      },
    ],
  };
}
