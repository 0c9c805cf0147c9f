/**
 * memoranda.js - the rules of a line: which are in force, what a proposal would change, who has
 * signed; propose, sign, decline.
 */
import { get, hasRole } from './api.js';
import { say } from './acts.js';
import { ask, download, field, refused, toast } from './dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from './draft.js';
import { h } from './dom.js';
import { code, span, timeOf } from './format.js';
import { has, t } from './i18n.js';
import { titleOf } from './live.js';
import { table } from './table.js';

/** What names a row of a table in the document, whatever its place is. */
const rowName = (row, i) =>
  row?.a && row?.b ? `[${row.a} × ${row.b}]` : row?.kind ? `[${row.kind}]` : String(i);

/** All leaves of a document, by path. */
function leaves(value, path = '', out = new Map()) {
  const inside = (name, inner) => leaves(inner, path ? `${path}.${name}` : name, out);
  if (Array.isArray(value)) value.forEach((row, i) => inside(rowName(row, i), row));
  else if (value !== null && typeof value === 'object')
    for (const [name, inner] of Object.entries(value)) inside(name, inner);
  else out.set(path, value);
  return out;
}

/** What differs: [path, before, after]. */
export function differences(before, after) {
  const [a, b] = [leaves(before), leaves(after)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter(
      (path) =>
        a.get(path) !== b.get(path) &&
        !['number', 'replaces', 'format', 'line'].includes(path) &&
        !/\]\.(a|b|kind)$/.test(path),
    )
    .map((path) => [path, a.get(path), b.get(path)]);
}

/** A point of the document in words, if it is one that we know. */
function pathWords(path) {
  const row = /\[([^\]]*)\]/.exec(path)?.[1];
  const key = `memo.point.${path.replace(/\.(\d+|\[[^\]]*\])(?=\.|$)/g, '')}`;
  return has(key) ? [t(key), row && row !== '*' ? [' ', code(row)] : ''] : code(path);
}
function valueWords(path, value) {
  if (value === undefined) return h('span', { class: 'quiet' }, t('memo.absent'));
  if (typeof value === 'number' && /_s$/.test(path)) return h('span', null, span(value));
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return timeOf(value);
  const word = `memo.value.${value}`;
  return has(word) ? t(word) : h('bdi', null, String(value));
}

function changeTable(before, after) {
  const list = differences(before, after);
  if (!list.length) return h('p', { class: 'quiet' }, t('memo.same'));
  return table(
    t('memo.changes'),
    ['memo.point', 'memo.before', 'memo.after'],
    list.map(([path, old, new_]) =>
      h(
        'tr',
        null,
        h('th', { scope: 'row' }, pathWords(path)),
        h('td', { class: 'before' }, valueWords(path, old)),
        h('td', { class: 'after' }, valueWords(path, new_)),
      ),
    ),
  );
}

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

export function memoranda() {
  /** @type {{line: string, list: any[]}|null} */
  let known = null;
  let failure = null;
  let loading = false;

  async function load(line, redraw) {
    loading = true;
    try {
      known = { line: line.id, list: (await get(`/api/v1/lines/${line.id}/memoranda`)).memoranda };
      failure = null;
    } catch (error) {
      failure = error;
      known = { line: line.id, list: [] };
    }
    loading = false;
    redraw();
  }

  async function done(line, redraw, text) {
    toast(text);
    await load(line, redraw);
  }

  async function propose(line, redraw, counters) {
    const name = `memo.${line.id}`;
    let start = draft(name);
    if (!start)
      start = JSON.stringify(
        counters ? parse(counters.document) : await get(`/api/v1/lines/${line.id}/memoranda/template`),
        null,
        2,
      );
    const inForce = known.list.find((memo) => memo.in_force);
    const preview = h('div');
    const refresh = (text) =>
      preview.replaceChildren(changeTable(parse(inForce?.document ?? '{}'), parse(text)));
    refresh(start);
    await ask({
      title: t(counters ? 'memo.counter.title' : 'memo.propose.title'),
      act: t('memo.propose.do'),
      wide: true,
      body: [
        h('p', null, t('memo.propose.means')),
        field(
          t('memo.document'),
          h('textarea', {
            name: 'document',
            rows: 14,
            class: 'code',
            dir: 'ltr',
            spellcheck: 'false',
            value: start,
            onInput: (event) => {
              keepDraft(name, event.target.value);
              refresh(event.target.value);
            },
          }),
          t('memo.document.note'),
        ),
        h('h3', null, t('memo.changes')),
        preview,
      ],
      submit: async (form) => {
        let document;
        try {
          document = JSON.stringify(JSON.parse(form.get('document')));
        } catch {
          throw new Error(t('memo.document.wrong'));
        }
        await say(line, 'memo.propose', { document, ...(counters ? { counters: counters.hash } : {}) });
        dropDrafts(name);
        await done(line, redraw, t('memo.propose.done'));
      },
    });
  }

  async function accept(line, memo, redraw) {
    await ask({
      title: t('memo.accept.title', { n: memo.number }),
      act: t('memo.accept.do'),
      wide: true,
      body: [
        h('p', null, t('memo.accept.means')),
        changeTable(parse(known.list.find((one) => one.in_force)?.document ?? '{}'), parse(memo.document)),
      ],
      submit: async () => {
        await say(line, 'memo.accept', { document: memo.hash });
        await done(line, redraw, t('memo.accept.done'));
      },
    });
  }

  async function decline(line, memo, redraw) {
    await ask({
      title: t('memo.decline.title', { n: memo.number }),
      act: t('memo.decline.do'),
      danger: true,
      body: field(
        t('act.reason'),
        h('textarea', {
          name: 'reason',
          rows: 3,
          required: true,
          dir: 'auto',
          ...drafted(`decline.${memo.hash}`),
        }),
      ),
      submit: async (form) => {
        await say(line, 'memo.decline', { document: memo.hash, reason: form.get('reason').trim() });
        dropDrafts(`decline.${memo.hash}`);
        await done(line, redraw, t('memo.decline.done'));
      },
    });
  }

  const signature = (who, signed, declined) =>
    h(
      'li',
      { class: ['step', signed ? 'done' : declined ? 'late' : 'open'] },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, signed ? '✓' : declined ? '✕' : '○'),
      h(
        'span',
        null,
        t(signed ? 'memo.signed' : declined ? 'memo.declined' : 'memo.unsigned', { party: who, n: signed }),
      ),
    );

  function item(line, memo, inForce, redraw) {
    const pending =
      !memo.in_force && !memo.own_declined && !memo.peer_declined && !(memo.own_signed && memo.peer_signed);
    const may =
      hasRole('head-of-cell') &&
      pending &&
      !memo.own &&
      !memo.own_signed &&
      ['open', 'degraded'].includes(line.state);
    return h(
      'li',
      { class: 'card', 'data-key': memo.hash },
      h(
        'h3',
        null,
        t('memo.number', { n: memo.number }),
        ' ',
        memo.in_force
          ? h('span', { class: 'badge good' }, '✓ ', t('memo.in.force'))
          : h(
              'span',
              { class: ['badge', pending ? 'warn' : ''] },
              t(
                pending
                  ? 'memo.pending'
                  : memo.own_declined || memo.peer_declined
                    ? 'memo.was.declined'
                    : 'memo.replaced',
              ),
            ),
      ),
      h(
        'p',
        { class: 'quiet' },
        t(memo.own ? 'memo.by.us' : 'memo.by.them'),
        ' · ',
        memo.agreed ? [t('memo.agreed'), ' ', timeOf(memo.agreed)] : t('memo.not.agreed'),
      ),
      h(
        'ul',
        { class: 'steps' },
        signature(t('line.we'), memo.own_signed, memo.own_declined),
        signature(titleOf(line.peer), memo.peer_signed, memo.peer_declined),
      ),
      h(
        'details',
        { open: pending && !memo.in_force },
        h('summary', null, t(inForce && inForce !== memo ? 'memo.compared' : 'memo.contents')),
        changeTable(parse(inForce && inForce !== memo ? inForce.document : '{}'), parse(memo.document)),
      ),
      h('p', { class: 'quiet' }, t('memo.hash'), ' ', code(memo.hash)),
      h(
        'div',
        { class: 'actions' },
        may &&
          h(
            'button',
            { type: 'button', class: 'main', onClick: () => accept(line, memo, redraw) },
            t('memo.accept.do'),
          ),
        may &&
          h('button', { type: 'button', onClick: () => propose(line, redraw, memo) }, t('memo.counter.do')),
        may &&
          h(
            'button',
            { type: 'button', class: 'danger', onClick: () => decline(line, memo, redraw) },
            t('memo.decline.do'),
          ),
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            onClick: () => download(`memorandum-${memo.number}.json`, memo.document, 'application/json'),
          },
          t('memo.save'),
        ),
      ),
    );
  }

  return {
    forget() {
      known = null;
    },
    view(line, redraw) {
      if ((!known || known.line !== line.id) && !loading) load(line, redraw);
      if (!known || known.line !== line.id) return h('p', { class: 'empty' }, t('loading'));
      const list = [...known.list].sort((a, b) => b.number - a.number);
      const inForce = list.find((memo) => memo.in_force);
      return [
        failure && h('p', { class: 'problem', role: 'alert' }, refused(failure)),
        h(
          'div',
          { class: 'bar' },
          h('p', { class: 'grow' }, inForce ? t('memo.rules', { n: inForce.number }) : t('memo.defaults')),
          hasRole('head-of-cell') &&
            ['open', 'degraded'].includes(line.state) &&
            h(
              'button',
              { type: 'button', onClick: () => propose(line, redraw, null) },
              t('memo.propose.short'),
            ),
        ),
        list.length
          ? h(
              'ul',
              { class: 'cards' },
              list.map((memo) => item(line, memo, inForce, redraw)),
            )
          : h('p', { class: 'empty' }, t('memo.none')),
      ];
    },
  };
}
