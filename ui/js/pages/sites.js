/**
 * sites.js - protected places: those of this party's register, and, apart from them, those that other parties have
 * declared to us over lines.
 */
import { get, hasRole } from '../api.js';
import { refused } from '../dialog.js';
import { $, draw, h } from '../dom.js';
import { number } from '../format.js';
import { t } from '../i18n.js';
import { importFile } from '../import.js';
import { lostItem, lostOf } from '../lost.js';
import { table } from '../table.js';
import { categoryName, edit } from '../site/acts.js';
import * as own from '../site/own.js';
import * as theirs from '../site/theirs.js';
import { Told } from '../site/told.js';

const PAGE = 500;

export function show(root, where) {
  let [chosen, declared] = where.parts; // an id; or a line, and the id of what was declared there
  let list = null;
  let problem = null;
  let query = '';
  let more = null; // of the chosen one: see own.js, theirs.js
  const told = new Told();

  async function readSites() {
    const found = [];
    for (let after = 0; ;) {
      const answer = await get(`/api/v1/sites?full=1&limit=${PAGE}&after=${after}`);
      found.push(...answer.sites.map(({ feature: _, ...site }) => site));
      if (answer.sites.length < PAGE) return found;
      after = answer.sites.at(-1).number;
    }
  }

  async function load() {
    try {
      [list] = await Promise.all([readSites(), told.load()]);
      problem = null;
    } catch (error) {
      problem = error;
      list ??= [];
    }
    loadMore();
    update();
  }

  async function loadMore() {
    const one = declared ? theirOne() : list?.find(({ id }) => id === chosen);
    if (!one) return;
    const read = await (declared ? theirs.readMore(one, told) : own.readMore(one));
    if ((declared ?? chosen) !== read.id) return;
    more = read;
    update();
  }

  const theirOne = () => told.theirs.find(({ line, id }) => line === chosen && id === declared);

  function detail() {
    const known = more?.id === (declared ?? chosen) ? more : null;
    const one = declared ? theirOne() : list?.find(({ id }) => id === chosen);
    if (!one) return null;
    return declared
      ? theirs.detail(one, told, known)
      : own.detail(one, told, known, { again: loadMore, reload: load });
  }

  const buttons = () =>
    hasRole('planner', 'duty-officer', 'head-of-cell') &&
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        {
          type: 'button',
          onClick: () =>
            importFile({ means: t('site.import'), path: '/api/v1/sites/import', kinds: [], done: load }),
        },
        t('import.short'),
      ),
      h('button', { type: 'button', class: 'main', onClick: () => edit(null, load) }, t('site.add')),
    );

  function part(id, title, count, content) {
    return h(
      'section',
      { class: ['part', id], 'aria-labelledby': `s-${id}`, 'data-key': id },
      h('div', { class: 'head' }, h('h2', { id: `s-${id}` }, title, count > 0 && h('span', { class: 'count' }, number(count)))),
      content,
    );
  }

  function ownPart(words) {
    const shown = (list ?? []).filter((site) =>
      `${site.name} ${site.id} ${categoryName(site.category)}`.toLowerCase().includes(words),
    );
    const content =
      list === null
        ? h('p', { class: 'empty' }, t('loading'))
        : shown.length
          ? table(t('site.ours'), own.heads, shown.map((site) => own.row(site, told, !declared && site.id === chosen)))
          : h('p', { class: 'empty' }, t(list.length ? 'site.none' : 'site.ours.none'));
    return part('ours', t('site.ours'), list?.length, content);
  }

  /** Sites of ours that are declared, and that nobody can find in the list above. */
  function lostPart() {
    const lost = lostOf(told.ours);
    if (!lost.length) return null;
    return part('lost', t('site.lost'), lost.length, [
      h('p', { class: 'flag bad' }, '! ', t('lost.about')),
      h(
        'ul',
        { class: 'list' },
        lost.map((one) => lostItem(one, load)),
      ),
    ]);
  }

  function theirPart(words) {
    const shown = theirs
      .inOrder(told.theirs, told)
      .filter((one) => theirs.wordsOf(one, told).toLowerCase().includes(words));
    const isChosen = (one) => one.line === chosen && one.id === declared;
    const content = shown.length
      ? table(t('site.theirs'), theirs.heads, shown.map((one) => theirs.row(one, told, isChosen(one))))
      : h('p', { class: 'empty' }, list === null ? t('loading') : t(told.theirs.length ? 'site.none' : 'site.theirs.none'));
    return part('theirs', t('site.theirs'), told.theirs.length, [
      h('p', { class: 'quiet' }, t('site.theirs.about')),
      content,
    ]);
  }

  function update() {
    if (!root.isConnected) return;
    const words = query.toLowerCase();
    draw(
      root,
      h('div', { class: 'head' }, h('h1', null, t('page.sites')), buttons()),
      h('p', { class: 'quiet' }, t('site.about')),
      problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
      h(
        'div',
        { class: chosen ? 'columns' : '' },
        h(
          'div',
          { class: 'site-lists' },
          h('input', {
            type: 'search',
            id: 'site-search',
            'aria-label': t('map.search'),
            placeholder: t('map.search'),
            value: query,
            onInput: (event) => {
              query = event.target.value;
              update();
            },
          }),
          ownPart(words),
          lostPart(),
          theirPart(words),
        ),
        h('div', { class: 'site-detail' }, detail()),
      ),
    );
  }
  load();
  return {
    update,
    changed(what) {
      if (what === 'ops') load();
    },
    move({ parts }) {
      [chosen, declared] = parts;
      more = null;
      loadMore();
      // What was chosen further down stands at the top.
      if (chosen) requestAnimationFrame(() => $('.site-detail', root)?.scrollIntoView({ block: 'nearest' }));
    },
    keys: [{ key: '/', text: 'map.search', run: () => root.querySelector('#site-search')?.focus() }],
  };
}
