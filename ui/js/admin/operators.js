/**
 * operators.js - who may do what here.
 */
import { call } from '../api.js';
import { ask, field, refused, toast } from '../dialog.js';
import { h } from '../dom.js';
import { code, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { table } from '../table.js';
import { roleBoxes, roleList } from './roles.js';

async function editOperator(operator, reload) {
  const isNew = !operator;
  await ask({
    title: isNew ? t('admin.operator.add') : t('admin.operator.edit', { name: operator.name }),
    act: t('do.save'),
    body: [
      isNew &&
        field(
          t('login.name'),
          h('input', {
            name: 'name',
            required: true,
            pattern: '[a-z0-9][a-z0-9._\\-]{0,63}',
            dir: 'ltr',
            autocomplete: 'off',
          }),
          t('admin.name.note'),
        ),
      field(
        t('admin.title'),
        h('input', { name: 'title', value: operator?.title ?? '', maxlength: 100, dir: 'auto' }),
      ),
      roleBoxes(operator?.roles ?? ['viewer']),
      field(
        t(isNew ? 'login.password' : 'admin.password.new'),
        h('input', {
          name: 'password',
          type: 'password',
          minlength: 10,
          required: isNew,
          autocomplete: 'new-password',
          dir: 'ltr',
        }),
        t('admin.password.note'),
      ),
      !isNew &&
        h(
          'label',
          { class: 'check' },
          h('input', { type: 'checkbox', name: 'disabled', checked: operator.disabled }),
          ' ',
          t('admin.disabled'),
        ),
    ],
    submit: async (form) => {
      const password = form.get('password');
      const name = isNew ? form.get('name').trim() : operator.name;
      await call('PUT', `/api/v1/operators/${encodeURIComponent(name)}`, {
        title: form.get('title').trim(),
        roles: form.getAll('roles'),
        disabled: Boolean(form.get('disabled')),
        ...(password ? { password } : {}),
      });
      toast(t('admin.saved'));
      reload();
    },
  });
}

/** @param {any[]|null} operators null: not read yet @param {any} problem @param {() => void} reload */
export function operatorsPart(operators, problem, reload) {
  if (!operators) return h('p', { class: 'empty' }, t('loading'));
  return [
    problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
    h(
      'div',
      { class: 'head' },
      h('h2', null, t('admin.operators')),
      h(
        'button',
        { type: 'button', class: 'main', onClick: () => editOperator(null, reload) },
        t('admin.operator.add'),
      ),
    ),
    table(
      t('admin.operators'),
      ['login.name', 'admin.title', 'admin.roles', 'admin.last', 'admin.state', null],
      operators.map((one) =>
        h(
          'tr',
          { 'data-key': one.name },
          h('th', { scope: 'row' }, code(one.name)),
          h('td', null, h('bdi', null, one.title)),
          h('td', null, roleList(one.roles)),
          h('td', null, one.last_login ? timeOf(one.last_login, { local: false }) : t('admin.never')),
          h(
            'td',
            null,
            one.disabled
              ? h('span', { class: 'badge bad' }, '✕ ', t('admin.is.disabled'))
              : one.has_password
                ? h('span', { class: 'badge good' }, '✓ ', t('admin.active'))
                : h('span', { class: 'badge warn' }, '! ', t('admin.no.password')),
          ),
          h(
            'td',
            null,
            h('button', { type: 'button', onClick: () => editOperator(one, reload) }, t('do.change')),
          ),
        ),
      ),
    ),
  ];
}
