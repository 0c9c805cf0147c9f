/**
 * admin.js - the other parties, the lines to them, who may do what here, programs' tokens, the health
 * of this node.
 */
import { get, hasRole } from '../api.js';
import { draw, h } from '../dom.js';
import { t } from '../i18n.js';
import { linkTo } from '../shell.js';
import { fingerprints } from '../fingerprint.js';
import { healthPart, readHealth } from '../admin/health.js';
import { operatorsPart } from '../admin/operators.js';
import { partiesPart } from '../admin/parties.js';
import { tokensPart } from '../admin/tokens.js';

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

  function update() {
    if (!root.isConnected) return;
    const parts = {
      parties: () =>
        partiesPart(opened, keys, (id) => {
          opened = id;
          update();
        }),
      accounts: () => operatorsPart(data.operators, problems.operators, loaders.accounts),
      tokens: () => tokensPart(data.tokens, problems.tokens, loaders.tokens),
      health: () => healthPart(data.health, loaders.health),
    };
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
