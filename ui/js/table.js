/**
 * table.js - a table in a frame of its own, which scrolls where the page must not.
 */
import { h } from './dom.js';
import { t } from './i18n.js';

/**
 * @param {string} label what it is a table of
 * @param {(string|null)[]} heads the texts of its columns' heads; null: a column of buttons
 * @param {any[]} rows @param {string} [kind] a class
 */
export const table = (label, heads, rows, kind) =>
  h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label },
    h(
      'table',
      { class: kind },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          heads.map((key) => (key ? h('th', { scope: 'col' }, t(key)) : h('td'))),
        ),
      ),
      h('tbody', null, rows),
    ),
  );
