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

export class ListPart {
  /**
   * @param {import('./view.js').View} view
   * @param {{choose: (key: string, zoom: boolean) => void, filtered: () => void, searched: () => void}} to
   */
  constructor(view, to) {
    Object.assign(this, { view, to });
    /** What the rows are of, with what else they depend on, and how often they were made. */
    this.shown = [];
    this.mark = '';
    this.turn = 0;
  }

  /** What is to be listed, in order. */
  wanted(all) {
    const { view } = this;
    const words = view.search.toLowerCase();
    if (!words) return all.filter(view.test());
    return all.filter(
      (one) => view.wants(one) && `${one.name} ${one.id} ${one.party}`.toLowerCase().includes(words),
    );
  }

  /** The rows; none, if those that are there are to be kept as they are. */
  rows(list) {
    const { view, to } = this;
    const shown = list.slice(0, LISTED);
    const grows = shown.some((one) => one.cls === 'declaration') ? 1000 : 60000; // older, as it says
    const mark = [picture.marks, view.chosen, document.documentElement.lang, Math.floor(now() / grows)].join(' ');
    const isSame =
      mark === this.mark && shown.length === this.shown.length && shown.every((one, i) => one === this.shown[i]);
    if (!isSame) Object.assign(this, { shown, mark, turn: this.turn + 1 });
    if (!shown.length)
      return h('p', { class: 'empty' }, picture.loading && !picture.read ? t('loading') : t('map.none'));
    return h(
      'ul',
      { class: 'things', 'aria-label': t('map.list'), 'data-key': 'things', 'data-keep': String(this.turn) },
      isSame ? [] : shown.map((one) => row(one, view, to.choose)),
    );
  }

  part() {
    const { view, to } = this;
    const { list: all, parties } = inOrder();
    const list = this.wanted(all);
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
          to.searched();
        },
      }),
      filterPart(view, parties, to.filtered),
      sourceNote(),
      this.rows(list),
      list.length > LISTED && h('p', { class: 'quiet' }, t('map.more', { n: list.length - LISTED })),
    ];
  }
}
