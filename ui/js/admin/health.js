/**
 * health.js - how this node is, what it has not delivered, and one's own password.
 */
import { get, post } from '../api.js';
import { ask, field, toast } from '../dialog.js';
import { h } from '../dom.js';
import { ago, number } from '../format.js';
import { t } from '../i18n.js';
import { now, state, titleOf } from '../live.js';
import { lineBadge } from '../pages/now.js';

/** On the node's own computer: tafadi-backup(1). */
const BACKUP = 'tafadi backup --state-dir STATE-DIR COPY.db\ntafadi restore --state-dir NEW-DIR COPY.db';

async function changePassword() {
  await ask({
    title: t('admin.password.own'),
    act: t('do.save'),
    body: [
      h('p', null, t('admin.password.means')),
      field(
        t('admin.password.old'),
        h('input', {
          name: 'password',
          type: 'password',
          required: true,
          autocomplete: 'current-password',
          dir: 'ltr',
        }),
      ),
      field(
        t('admin.password.new'),
        h('input', {
          name: 'new_password',
          type: 'password',
          required: true,
          minlength: 10,
          autocomplete: 'new-password',
          dir: 'ltr',
        }),
        t('admin.password.note'),
      ),
    ],
    submit: async (form) => {
      await post('/api/v1/password', {
        password: form.get('password'),
        new_password: form.get('new_password'),
      });
      toast(t('admin.password.changed'));
      await get('/api/v1/party').catch(() => {}); // all sessions have ended: log in again
    },
  });
}

export async function readHealth() {
  const ask1 = async (path) => {
    try {
      const response = await fetch(path, { cache: 'no-store' });
      return { ok: response.ok, text: await response.text() };
    } catch {
      return { ok: false, text: '' };
    }
  };
  const [ready, metrics] = [await ask1('/readyz'), await ask1('/metrics')];
  const figures = metrics.ok
    ? metrics.text
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => line.match(/^(\S+?)(\{.*\})?\s+(\S+)$/))
        .filter(Boolean)
        .map(([, name, labels, value]) => ({ name: name + (labels ?? ''), value: Number(value) }))
    : [];
  return { ready: ready.ok, text: ready.text, figures };
}

/** @param {Awaited<ReturnType<typeof readHealth>>|null} health null: not read yet @param {() => void} reload */
export function healthPart(health, reload) {
  if (!health) return h('p', { class: 'empty' }, t('loading'));
  const shown = (health.figures ?? []).filter(
    ({ name }) => name.startsWith('tafadi_') && !/_bucket|_created/.test(name),
  );
  return [
    h(
      'div',
      { class: 'head' },
      h('h2', null, t('admin.health')),
      h('button', { type: 'button', class: 'plain', onClick: reload }, t('ledger.again')),
    ),
    h(
      'p',
      null,
      health.ready
        ? h('span', { class: 'badge good' }, '✓ ', t('admin.ready'))
        : h('span', { class: 'badge bad' }, '✕ ', t('admin.not.ready')),
    ),
    h('p', { class: 'quiet' }, t('admin.version', { version: state.party?.version ?? '?' })),
    Math.abs(state.skew) > 2000 &&
      h('p', { class: 'flag warn' }, t('admin.skew', { n: Math.round(Math.abs(state.skew) / 1000) })),
    h('h3', null, t('admin.sources')),
    !state.lines.length && h('p', { class: 'empty' }, t('now.lines.none')),
    h(
      'ul',
      { class: 'list' },
      state.lines.map((line) =>
        h(
          'li',
          null,
          h(
            'div',
            { class: 'grow' },
            h('bdi', null, titleOf(line.peer)),
            ' ',
            lineBadge(line),
            h(
              'p',
              { class: 'quiet' },
              line.heard ? t('now.heard', { age: ago(line.heard, now()) }) : t('now.never.heard'),
            ),
          ),
          h('span', null, t('admin.undelivered', { n: line.own_seq - line.own_receipted })),
        ),
      ),
    ),
    shown.length > 0 &&
      h(
        'details',
        null,
        h('summary', null, t('admin.figures')),
        h(
          'div',
          { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('admin.figures') },
          h(
            'table',
            null,
            h(
              'tbody',
              null,
              shown.map(({ name, value }) =>
                h(
                  'tr',
                  null,
                  h('th', { scope: 'row', class: 'code', dir: 'ltr' }, name),
                  h('td', null, number(value, 3)),
                ),
              ),
            ),
          ),
        ),
      ),
    h('h2', null, t('admin.backup')),
    h('p', null, t('admin.backup.means')),
    h('pre', { class: 'code wrap', dir: 'ltr', tabindex: '0' }, BACKUP),
    h('p', { class: 'note' }, t('admin.backup.secret')),
    h('h2', null, t('admin.yourself')),
    h('button', { type: 'button', onClick: changePassword }, t('admin.password.own')),
  ];
}
