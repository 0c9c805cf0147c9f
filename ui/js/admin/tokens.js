/**
 * tokens.js - programs' tokens: made, shown once, revoked.
 */
import { call, post, who } from '../api.js';
import { ask, copy, field, refused } from '../dialog.js';
import { h } from '../dom.js';
import { ago, code, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { now } from '../live.js';
import { roleBoxes, roleList } from './roles.js';

async function makeToken(reload) {
  const made = await ask({
    title: t('admin.token.add'),
    act: t('admin.token.make'),
    body: [
      h('p', null, t('admin.token.means')),
      field(
        t('admin.token.title'),
        h('input', { name: 'title', required: true, maxlength: 100, dir: 'auto' }),
      ),
      roleBoxes(['viewer']),
    ],
    submit: async (form) =>
      post('/api/v1/tokens', {
        name: who().name,
        title: form.get('title').trim(),
        roles: form.getAll('roles'),
      }),
  });
  if (!made?.token) return;
  reload();
  await ask({
    title: t('admin.token.made'),
    body: [
      h('p', { class: 'flag warn' }, t('admin.token.once')),
      h('p', { class: 'code wrap', dir: 'ltr' }, made.token),
      h('button', { type: 'button', onClick: () => copy(made.token, t('admin.token.copied')) }, t('do.copy')),
    ],
  });
}

async function revoke(token, reload) {
  await ask({
    title: t('admin.token.revoke.title', { name: token.title }),
    act: t('admin.token.revoke'),
    danger: true,
    body: h('p', null, t('admin.token.revoke.means')),
    submit: async () => {
      await call('DELETE', `/api/v1/tokens/${encodeURIComponent(token.id)}`);
      reload();
    },
  });
}

/** @param {any[]|null} tokens null: not read yet @param {any} problem @param {() => void} reload */
export function tokensPart(tokens, problem, reload) {
  if (!tokens) return h('p', { class: 'empty' }, t('loading'));
  return [
    problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
    h(
      'div',
      { class: 'head' },
      h('h2', null, t('admin.tokens')),
      h(
        'button',
        { type: 'button', class: 'main', onClick: () => makeToken(reload) },
        t('admin.token.add'),
      ),
    ),
    tokens.length
      ? h(
          'ul',
          { class: 'list' },
          tokens.map((one) =>
            h(
              'li',
              { 'data-key': one.id },
              h(
                'div',
                { class: 'grow' },
                h('p', null, h('strong', null, h('bdi', null, one.title)), ' · ', code(one.name)),
                h(
                  'p',
                  { class: 'quiet' },
                  roleList(one.roles),
                  ' · ',
                  t('admin.token.until'),
                  ' ',
                  timeOf(one.expires, { local: false }),
                  ' · ',
                  one.used ? t('admin.token.used', { age: ago(one.used, now()) }) : t('admin.token.unused'),
                ),
              ),
              h(
                'button',
                { type: 'button', class: 'danger', onClick: () => revoke(one, reload) },
                t('admin.token.revoke'),
              ),
            ),
          ),
        )
      : h('p', { class: 'empty' }, t('admin.tokens.none')),
  ];
}
