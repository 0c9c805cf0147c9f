/**
 * theirs.js - sites that other parties have declared over lines: what we were told, how old it is, whether it was
 * verified, and whether we have said that we know of it.
 */
import { actionsFor } from '../acts.js';
import { h } from '../dom.js';
import { ago, code, number, timeOf } from '../format.js';
import { position } from '../geo.js';
import { t } from '../i18n.js';
import { now, state, titleOf } from '../live.js';
import { lineBadge } from '../pages/now.js';
import { linkTo } from '../shell.js';
import { declaredPlace, receipts } from '../words.js';
import { categoryName } from './acts.js';
import { readReads, readsPart } from './reads.js';

/** Data that are older are to be asked for anew: src/ops/site.h, OPS_SITE_OLD_S. */
const OLD_MS = 90 * 86400000;
const isOld = (body) => Boolean(body.data_at) && now() - Date.parse(body.data_at) > OLD_MS;

const lineOf = (one) => state.lines.find((line) => line.id === one.line);
const partyOf = (one) => titleOf(lineOf(one)?.peer ?? one.line);
const nameOf = (body) => (body.category ? categoryName(body.category) : t('class.site'));

/** What waits for our acknowledgement first, what is withdrawn last. */
export function inOrder(list, told) {
  const rank = (one) => (told.isSeen(one) === false ? 0 : one.withdrawn ? 2 : 1);
  return [...list].sort((a, b) => rank(a) - rank(b) || b.at.localeCompare(a.at));
}

/** What is searched in. */
export const wordsOf = (one, told) => `${nameOf(told.body(one))} ${partyOf(one)} ${one.id}`;

const notTold = () => h('span', { class: 'quiet' }, t('case.unknown'));

function verification(body) {
  if (!body.verification) return notTold();
  return body.verification?.state === 'verified'
    ? h('span', { class: 'badge good' }, '✓ ', t('site.is.verified'))
    : h('span', { class: 'badge warn' }, '! ', t('site.unverified'));
}

const withdrawn = () => h('span', { class: 'badge bad' }, '✕ ', t('site.is.withdrawn'));

function ourWord(one, told) {
  const seen = told.isSeen(one);
  if (seen === null) return h('span', { class: 'quiet' }, t('time.none'));
  return h('span', { class: ['badge', seen ? 'good' : 'warn'] }, seen ? '✓ ' : '! ', t(seen ? 'site.known' : 'site.unknown'));
}

export const heads = ['site.category', 'site.owner', 'site.state', 'site.age', 'seen.position', 'site.our.word'];

export function row(one, told, isChosen) {
  const body = told.body(one);
  const place = declaredPlace(body);
  const line = lineOf(one);
  return h(
    'tr',
    { 'data-key': `${one.line} ${one.id}`, 'aria-current': isChosen ? 'true' : null },
    h('th', { scope: 'row' }, h('a', { href: linkTo('sites', one.line, one.id) }, nameOf(body))),
    h(
      'td',
      null,
      h('bdi', null, partyOf(one)),
      line && line.state !== 'open' && [' ', lineBadge(line)],
    ),
    h('td', null, one.withdrawn ? withdrawn() : verification(body)),
    h('td', null, body.data_at ? [isOld(body) && h('span', { class: 'flag warn' }, '! '), ago(body.data_at, now())] : notTold()),
    h('td', null, place ? code(position(place.lat, place.lng)) : notTold()),
    h('td', null, ourWord(one, told)),
  );
}

function placePart(one, body) {
  const place = declaredPlace(body);
  const radius = body.area?.radius_m ?? body.feature?.properties?.radius_m;
  return [
    h(
      'p',
      null,
      place ? code(position(place.lat, place.lng)) : notTold(),
      radius > 0 && [' · ', t('site.extent', { metres: number(radius) })],
      one.disclosure !== 'full' && [' · ', t(`told.${one.disclosure}`)],
    ),
    place?.start &&
      place.start !== 'open' &&
      h('p', null, timeOf(place.start, { seconds: false }), ' – ', timeOf(place.end, { seconds: false })),
  ];
}

/** What is to be known besides. @returns {Promise<{id: string, reads: any}>} */
export const readMore = async (one, told) => ({
  id: one.id,
  reads: told.body(one).sensitive ? await readReads(one.id, one.line).catch(() => null) : null,
});

/** @param {any} one @param {any} told @param {any} more of readMore */
export function detail(one, told, more) {
  const body = told.body(one);
  const line = lineOf(one);
  const message = told.message(one);
  const check = body.verification ?? {};
  return h(
    'section',
    { class: 'card', 'data-key': `d${one.line}${one.id}` },
    h(
      'div',
      { class: 'head' },
      h('h2', null, nameOf(body)),
      h('a', { class: 'button plain', href: linkTo('sites') }, t('do.close')),
    ),
    h('p', null, t('site.declared.by', { party: partyOf(one) }), ' · ', t('site.version', { n: one.version })),
    line && h('p', null, lineBadge(line), ' ', t(`line.means.${line.state}`)),
    one.withdrawn &&
      h('p', { class: 'flag bad' }, '✕ ', t('site.their.withdrawn'), ' ', timeOf(one.at, { local: false })),
    placePart(one, body),
    h(
      'p',
      null,
      !body.verification && [t('site.verification'), ' '],
      verification(body),
      check.by && [' ', t('site.by', { by: check.by }), ' ', timeOf(check.at, { local: false, seconds: false })],
      check.note && [' ', h('q', { dir: 'auto' }, check.note)],
    ),
    h(
      'p',
      { class: ['flag', isOld(body) && 'warn'] },
      body.data_at
        ? t('site.data', { age: ago(body.data_at, now()) })
        : one.disclosure === 'full'
          ? t('site.data.none')
          : [t('site.age'), ': ', notTold(), '.'],
      isOld(body) && [' ', t('site.old')],
      ' ',
      t('site.told', { age: ago(one.at, now()) }),
    ),
    one.growth_m > 0 && h('p', { class: 'flag warn' }, '! ', t('case.other.old', { metres: number(one.growth_m) })),
    body.sensitive && h('p', { class: 'flag warn' }, t('site.recorded')),
    h('h3', null, t('site.our.word')),
    h('p', { class: 'quiet' }, t('site.our.word.means')),
    message && receipts(message),
    h(
      'div',
      { class: 'actions' },
      message && line && actionsFor(message, line),
      !one.withdrawn &&
        state.serves.has('operations') &&
        h(
          'a',
          { class: 'button', href: `${linkTo('map')}?sel=${encodeURIComponent(`declaration:${one.line}:${one.id}`)}` },
          t('page.map'),
        ),
      h('a', { class: 'button', href: `${linkTo('line', one.line)}?m=p${one.seq}` }, t('map.message')),
    ),
    body.sensitive && readsPart(more?.reads),
  );
}
