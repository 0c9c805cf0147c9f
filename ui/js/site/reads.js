/**
 * reads.js - who has been shown a sensitive site, and what for, as the ledger has it.
 */
import { get } from '../api.js';
import { h } from '../dom.js';
import { number, timeOf } from '../format.js';
import { has, t } from '../i18n.js';
import { linkTo } from '../shell.js';

const READ_PAGE = 1000;
const READ_PAGES = 5;

/**
 * By person and purpose, the latest first.
 * @param {string} id @param {string} [line] over which it was declared; none: ours
 */
export async function readReads(id, line) {
  const found = new Map();
  let before = null;
  let searched = 0;
  for (let page = 0; page < READ_PAGES && before !== 0; page++) {
    const first = before === null ? '' : `&first=${Math.max(0, before - READ_PAGE)}`;
    const limit = before === null ? READ_PAGE : Math.min(READ_PAGE, before);
    const { entries } = await get(`/api/v1/ledger?limit=${limit}${first}`);
    if (!entries.length) break;
    for (const { index, entry } of entries.reverse()) {
      const isIt = (one) => one.id === id && (one.line ?? '') === (line ?? '');
      if (entry.kind !== 'site-read' || !entry.sites?.some(isIt)) continue;
      const key = `${entry.actor} ${entry.purpose}`;
      if (!found.has(key)) found.set(key, { actor: entry.actor, purpose: entry.purpose, at: entry.at, index, n: 0 });
      found.get(key).n++;
    }
    searched += entries.length;
    before = entries.at(-1).index;
  }
  return { list: [...found.values()], searched, isAll: before === 0 };
}

const purposeName = (name) => (has(`site.read.${name}`) ? t(`site.read.${name}`) : name);

export function readsPart(reads) {
  const title = h('h3', null, t('site.reads'));
  if (!reads) return [title, h('p', { class: 'empty' }, t('loading'))];
  return [
    title,
    !reads.list.length && h('p', { class: 'empty' }, t('site.acks.none')),
    h(
      'ul',
      { class: 'steps' },
      reads.list.map((one) =>
        h(
          'li',
          { class: 'step' },
          h('span', { class: 'sign', 'aria-hidden': 'true' }, '◉'),
          h(
            'span',
            null,
            h('bdi', null, one.actor),
            ' · ',
            purposeName(one.purpose),
            ' · ',
            t('site.read.times', { n: one.n }),
            ' · ',
            t('site.read.last'),
            ' ',
            h('a', { href: linkTo('ledger', String(one.index)) }, timeOf(one.at, { local: false })),
          ),
        ),
      ),
    ),
    h('p', { class: 'note' }, reads.isAll ? t('site.read.all') : t('site.read.searched', { n: number(reads.searched) })),
  ];
}
