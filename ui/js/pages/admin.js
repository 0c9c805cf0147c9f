/**
 * admin.js - the other parties, the lines to them, who may do what here, programs' tokens, the health
 * of this node.
 */
import { call, get, hasRole, post, who } from '../api.js';
import { ask, copy, download, field, refused, toast } from '../dialog.js';
import { drafted, dropDrafts } from '../draft.js';
import { draw, h } from '../dom.js';
import { ago, code, number, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { now, refreshLines, refreshParty, state, titleOf } from '../live.js';
import { linkTo } from '../shell.js';
import { fingerprints } from '../fingerprint.js';
import { lineBadge } from './now.js';

const ROLES = ['viewer', 'planner', 'duty-officer', 'head-of-cell', 'admin'];
const roleList = (roles) => roles.map((role) => t(`role.${role}`)).join(' · ');

/* --- parties --------------------------------------------------------------------------- */

async function addParty() {
  await ask({
    title: t('admin.party.add'),
    act: t('admin.party.add.do'),
    wide: true,
    body: [
      h('p', null, t('admin.party.add.means')),
      field(
        t('admin.card'),
        h('textarea', {
          name: 'card',
          rows: 10,
          required: true,
          class: 'code',
          dir: 'ltr',
          spellcheck: 'false',
          ...drafted('party.card'),
        }),
        t('admin.card.note'),
      ),
    ],
    submit: async (form) => {
      await post('/api/v1/parties', { card: `${form.get('card').replace(/\r\n?/g, '\n').trim()}\n` });
      dropDrafts('party.card');
      await refreshParty();
      toast(t('admin.party.added'));
    },
  });
}

async function openLine(party) {
  await ask({
    title: t('admin.line.open', { party: party.title || party.id }),
    act: t('admin.line.open.do'),
    body: [
      h('p', null, t('admin.line.open.means')),
      h('p', { class: 'flag warn' }, t('admin.line.open.compare')),
    ],
    submit: async () => {
      await post('/api/v1/lines', { peer: party.id });
      await refreshLines();
      toast(t('admin.line.opened'));
    },
  });
}

function partyItem(party, keys, open, toggle) {
  const line = state.lines.find((one) => one.peer === party.id && one.state !== 'closed');
  return h(
    'li',
    { class: 'card', 'data-key': party.id },
    h('h3', null, h('bdi', null, party.title || party.id)),
    h('p', { class: 'quiet' }, code(party.id), party.url && [' · ', code(party.url)]),
    line
      ? h('p', null, lineBadge(line), ' ', h('a', { href: linkTo('line', line.id) }, t('admin.to.line')))
      : h('p', { class: 'quiet' }, t('admin.no.line')),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', onClick: toggle, 'aria-expanded': String(open) }, t('admin.compare')),
      h(
        'button',
        { type: 'button', class: 'plain', onClick: () => copy(party.card, t('admin.card.copied')) },
        t('admin.card.copy'),
      ),
      hasRole('head-of-cell') &&
        (!line || line.own_stance === 'none') &&
        h(
          'button',
          { type: 'button', class: 'main', onClick: () => openLine(party) },
          t('admin.line.open.do'),
        ),
    ),
    open &&
      h(
        'div',
        { class: 'compare' },
        keys.view(party.id, () => toggle(true)),
      ),
  );
}

/* --- accounts -------------------------------------------------------------------------- */

function roleBoxes(roles) {
  return h(
    'fieldset',
    null,
    h('legend', null, t('admin.roles')),
    ROLES.map((role) =>
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', name: 'roles', value: role, checked: roles.includes(role) }),
        ' ',
        t(`role.${role}`),
        h('span', { class: 'note' }, ' ', t(`role.${role}.may`)),
      ),
    ),
  );
}

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

/* --- health ----------------------------------------------------------------------------- */

async function readHealth() {
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

const TABS = ['parties', 'accounts', 'tokens', 'health'];

export function show(root, where) {
  let tab = TABS.includes(where.parts[0]) ? where.parts[0] : 'parties';
  let opened = null;
  /** @type {Record<string, any>} */ const data = {};
  const problems = {};
  const keys = fingerprints();
  const tabs = () => TABS.filter((name) => !['accounts', 'tokens'].includes(name) || hasRole('admin'));

  async function load(name, path) {
    data[name] ??= null;
    try {
      data[name] = path ? (await get(path))[name] : await readHealth();
      delete problems[name];
    } catch (error) {
      problems[name] = error;
      data[name] ??= [];
    }
    update();
  }
  const loaders = {
    accounts: () => load('operators', '/api/v1/operators'),
    tokens: () => load('tokens', '/api/v1/tokens'),
    health: () => load('health'),
  };

  function partiesPart() {
    return [
      h(
        'section',
        { class: 'card', 'data-key': 'own' },
        h('h2', null, t('admin.own')),
        h('p', null, h('bdi', null, state.party?.title ?? ''), ' ', code(state.party?.id ?? '')),
        h('p', { class: 'quiet' }, t('admin.own.means')),
        h(
          'div',
          { class: 'actions' },
          h(
            'button',
            { type: 'button', onClick: () => copy(state.party.card, t('admin.card.copied')) },
            t('admin.card.copy'),
          ),
          h(
            'button',
            {
              type: 'button',
              class: 'plain',
              onClick: () => download(`${state.party.id}.card`, state.party.card),
            },
            t('admin.card.save'),
          ),
        ),
      ),
      h(
        'div',
        { class: 'head' },
        h('h2', null, t('admin.parties')),
        hasRole('head-of-cell', 'admin') &&
          h('button', { type: 'button', class: 'main', onClick: addParty }, t('admin.party.add')),
      ),
      state.parties.length
        ? h(
            'ul',
            { class: 'cards' },
            state.parties.map((party) =>
              partyItem(party, keys, opened === party.id, (keep) => {
                if (keep !== true) opened = opened === party.id ? null : party.id;
                update();
              }),
            ),
          )
        : h('p', { class: 'empty' }, t('admin.parties.none')),
    ];
  }

  function accountsPart() {
    if (!data.operators) return h('p', { class: 'empty' }, t('loading'));
    return [
      problems.operators && h('p', { class: 'problem', role: 'alert' }, refused(problems.operators)),
      h(
        'div',
        { class: 'head' },
        h('h2', null, t('admin.operators')),
        h(
          'button',
          { type: 'button', class: 'main', onClick: () => editOperator(null, loaders.accounts) },
          t('admin.operator.add'),
        ),
      ),
      h(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('admin.operators') },
        h(
          'table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              ['login.name', 'admin.title', 'admin.roles', 'admin.last', 'admin.state'].map((key) =>
                h('th', { scope: 'col' }, t(key)),
              ),
              h('td'),
            ),
          ),
          h(
            'tbody',
            null,
            data.operators.map((one) =>
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
                  h(
                    'button',
                    { type: 'button', onClick: () => editOperator(one, loaders.accounts) },
                    t('do.change'),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ];
  }

  function tokensPart() {
    if (!data.tokens) return h('p', { class: 'empty' }, t('loading'));
    return [
      problems.tokens && h('p', { class: 'problem', role: 'alert' }, refused(problems.tokens)),
      h(
        'div',
        { class: 'head' },
        h('h2', null, t('admin.tokens')),
        h(
          'button',
          { type: 'button', class: 'main', onClick: () => makeToken(loaders.tokens) },
          t('admin.token.add'),
        ),
      ),
      data.tokens.length
        ? h(
            'ul',
            { class: 'list' },
            data.tokens.map((one) =>
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
                  { type: 'button', class: 'danger', onClick: () => revoke(one, loaders.tokens) },
                  t('admin.token.revoke'),
                ),
              ),
            ),
          )
        : h('p', { class: 'empty' }, t('admin.tokens.none')),
    ];
  }

  function healthPart() {
    if (!data.health) return h('p', { class: 'empty' }, t('loading'));
    const shown = (data.health.figures ?? []).filter(
      ({ name }) => name.startsWith('tafadi_') && !/_bucket|_created/.test(name),
    );
    return [
      h(
        'div',
        { class: 'head' },
        h('h2', null, t('admin.health')),
        h('button', { type: 'button', class: 'plain', onClick: loaders.health }, t('ledger.again')),
      ),
      h(
        'p',
        null,
        data.health.ready
          ? h('span', { class: 'badge good' }, '✓ ', t('admin.ready'))
          : h('span', { class: 'badge bad' }, '✕ ', t('admin.not.ready')),
      ),
      h('p', { class: 'quiet' }, t('admin.version', { version: state.party?.version ?? '?' })),
      Math.abs(state.skew) > 2000 &&
        h('p', { class: 'flag warn' }, t('admin.skew', { n: Math.round(Math.abs(state.skew) / 1000) })),
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
      h('h2', null, t('admin.yourself')),
      h('button', { type: 'button', onClick: changePassword }, t('admin.password.own')),
    ];
  }

  function update() {
    if (!root.isConnected) return;
    const parts = { parties: partiesPart, accounts: accountsPart, tokens: tokensPart, health: healthPart };
    draw(
      root,
      h('h1', null, t('page.admin')),
      h(
        'div',
        { class: 'tabs', role: 'tablist', 'aria-label': t('page.admin') },
        tabs().map((name) =>
          h(
            'a',
            {
              role: 'tab',
              href: linkTo('admin', name),
              'aria-selected': String(name === tab),
              id: `tab-${name}`,
            },
            t(`admin.tab.${name}`),
          ),
        ),
      ),
      h(
        'div',
        { role: 'tabpanel', 'aria-labelledby': `tab-${tab}`, class: 'panel', 'data-key': tab },
        parts[tab](),
      ),
    );
  }
  function enter() {
    if (!tabs().includes(tab)) tab = 'parties';
    loaders[tab]?.();
  }
  enter();
  return {
    update,
    move({ parts }) {
      tab = TABS.includes(parts[0]) ? parts[0] : 'parties';
      enter();
    },
  };
}
