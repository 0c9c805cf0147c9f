/**
 * list.js - beside the map: what is shown on it, conflicts first, to be searched and chosen.
 */
import { refused } from '../dialog.js';
import { h } from '../dom.js';
import { ago, number, utcText } from '../format.js';
import { has, t } from '../i18n.js';
import { now } from '../live.js';
import { filterPart } from './filters.js';
import { picture } from './picture.js';

const LISTED = 150;

/** "helicopter", "hospital", "prohibited": by whichever list it is from. */
export function kindName(one) {
  const key = [`kind.${one.kind}`, `category.${one.kind}`, `restriction.${one.kind}`].find(has);
  return key ? t(key) : one.kind;
}

/** What is known in the list's order, and the parties in it; sorted when there is something new. */
const sorted = { mark: '', list: [], parties: [] };
function inOrder() {
  const mark = `${picture.edition} ${picture.marks}`;
  if (sorted.mark === mark) return sorted;
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  sorted.mark = mark;
  sorted.list = [...picture.entities.values()].sort(
    (a, b) =>
      Number(picture.inConflict.has(b.key)) - Number(picture.inConflict.has(a.key)) ||
      a.start - b.start ||
      compare(a.name, b.name),
  );
  sorted.parties = [...new Set(sorted.list.map((one) => one.party))].sort(compare);
  return sorted;
}

const clock = (ms) => utcText(new Date(ms), new Date(), false);

function row(one, view, choose) {
  const conflict = picture.inConflict.has(one.key);
  return h(
    'li',
    { 'data-key': one.key },
    h(
      'button',
      {
        type: 'button',
        class: ['thing', conflict && 'conflict'],
        'aria-pressed': String(one.key === view.chosen),
        onClick: () => choose(one.key, true),
      },
      h('span', { class: ['swatch', one.cls], 'aria-hidden': 'true' }),
      h(
        'span',
        { class: 'grow' },
        h('bdi', null, one.name),
        conflict && h('span', { class: 'badge bad' }, '▲ ', t('map.conflict')),
        one.old && h('span', { class: 'badge warn' }, t('map.old')),
        h(
          'span',
          { class: 'quiet' },
          kindName(one),
          one.cls === 'operation' && [' · ', t(`state.${one.state}`)],
          one.cls === 'declaration' && [' · ', t('map.declared', { age: ago(one.record.at, now()) })],
          Number.isFinite(one.start) && [
            ' · ',
            h('bdi', { dir: 'ltr' }, `${clock(one.start)}–${clock(one.end)}`),
          ],
        ),
      ),
    ),
  );
}

function sourceNote() {
  return [
    picture.failed && h('p', { class: 'problem', role: 'alert' }, refused(picture.failed)),
    h(
      'p',
      { class: 'quiet' },
      picture.read ? t('map.read', { age: ago(new Date(picture.read).toISOString()) }) : '',
      picture.toCheck > 0 && [' · ', t('map.checked', { n: picture.checked, all: picture.toCheck })],
      picture.toCheck < 0 && [' · ', t('map.not.checked')],
    ),
  ];
}

/**
 * @param {import('./view.js').View} view
 * @param {{choose: (key: string, zoom: boolean) => void, filtered: () => void, searched: () => void}} to
 */
export function listPart(view, { choose, filtered, searched }) {
  const words = view.search.toLowerCase();
  const test = view.test();
  const { list: all, parties } = inOrder();
  const list = all.filter((one) =>
    words ? view.wants(one) && `${one.name} ${one.id} ${one.party}`.toLowerCase().includes(words) : test(one),
  );
  return [
    h(
      'div',
      { class: 'head' },
      h('h1', null, t('page.map')),
      h('span', { class: 'count' }, number(list.length)),
    ),
    h('input', {
      type: 'search',
      id: 'map-search',
      'aria-label': t('map.search'),
      placeholder: t('map.search'),
      value: view.search,
      onInput: (event) => {
        view.search = event.target.value;
        searched();
      },
    }),
    filterPart(view, parties, filtered),
    sourceNote(),
    list.length
      ? h(
          'ul',
          { class: 'things', 'aria-label': t('map.list') },
          list.slice(0, LISTED).map((one) => row(one, view, choose)),
        )
      : h('p', { class: 'empty' }, picture.loading && !picture.read ? t('loading') : t('map.none')),
    list.length > LISTED && h('p', { class: 'quiet' }, t('map.more', { n: list.length - LISTED })),
  ];
}
