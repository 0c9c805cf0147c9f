/**
 * own.js - a site of this party's register: what it is, which party and who of this cell knows of it, who has read
 * it, and what comes too near to it.
 */
import { get, hasRole } from '../api.js';
import { refused, toastRefusal } from '../dialog.js';
import { h } from '../dom.js';
import { ago, code, number, numero, timeOf } from '../format.js';
import { position } from '../geo.js';
import { t } from '../i18n.js';
import { now, state, titleOf } from '../live.js';
import { linkTo } from '../shell.js';
import { conflictItem } from '../verdict.js';
import { receipts, roleName } from '../words.js';
import { readReads, readsPart } from './reads.js';
import { acknowledge, categoryName, edit, pathOf, verify, withdraw } from './acts.js';

const verification = (site) =>
  site.verification?.state === 'verified'
    ? h('span', { class: 'badge good' }, '✓ ', t('site.is.verified'))
    : h('span', { class: 'badge warn' }, '! ', t('site.unverified'));

/** What the other parties were told of it. */
const toldOf = (site, told) => told.ours.filter((one) => one.own_id === site.id);

/** How many of the parties that were told know of it. */
function known(site, told) {
  const list = toldOf(site, told).filter((one) => !one.withdrawn);
  if (!list.length) return h('span', { class: 'quiet' }, t('site.told.nobody'));
  const n = list.filter((one) => told.isSeen(one)).length;
  const all = n === list.length;
  return h(
    'span',
    { class: ['badge', all ? 'good' : 'warn'] },
    all ? '✓ ' : '! ',
    t('site.known.of', { n: number(n), all: number(list.length) }),
  );
}

export const heads = ['site.name', 'site.category', 'site.state', 'site.age', 'seen.position', 'site.acks.head'];

export function row(site, told, isChosen) {
  return h(
    'tr',
    { 'data-key': site.id, 'aria-current': isChosen ? 'true' : null },
    h(
      'th',
      { scope: 'row' },
      h('a', { href: linkTo('sites', site.id) }, h('bdi', null, site.name ?? site.id)),
    ),
    h('td', null, categoryName(site.category)),
    h(
      'td',
      null,
      site.state === 'withdrawn'
        ? h('span', { class: 'badge bad' }, '✕ ', t('site.is.withdrawn'))
        : verification(site),
    ),
    h(
      'td',
      null,
      site.data_at
        ? [site.old && h('span', { class: 'flag warn' }, '! '), ago(site.data_at, now())]
        : t('time.none'),
    ),
    h('td', null, site.place ? code(position(site.place.lat, site.place.lng)) : ''),
    h('td', null, known(site, told)),
  );
}

/* --- who knows of it ---------------------------------------------------------------------------- */

const acknowledged = (ack, who) =>
  h(
    'li',
    { class: ['step', ack.current ? 'done' : 'late'] },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, ack.current ? '✓' : '!'),
    h(
      'span',
      null,
      who,
      ack.role && [' · ', roleName(ack.role)],
      ' · ',
      t(ack.current ? 'site.version' : 'site.version.old', { n: ack.version }),
      ' · ',
      timeOf(ack.at, { local: false }),
    ),
  );

/** One party: what it was told, and what became of that; what it has seen is its acknowledgement. */
function partyItem(line, site, told) {
  const one = toldOf(site, told).find((d) => d.line === line.id);
  const message = one && told.message(one);
  return h(
    'li',
    { 'data-key': line.id },
    h(
      'div',
      { class: 'grow' },
      h('p', null, h('strong', null, h('bdi', null, titleOf(line.peer)))),
      one
        ? h(
            'p',
            { class: 'quiet' },
            one.withdrawn ? t('case.withdrawn') : t(`told.${one.disclosure}`),
            ' · ',
            h('a', { href: `${linkTo('line', line.id)}?m=o${one.seq}` }, numero(one.seq)),
          )
        : h('p', { class: 'flag warn' }, '! ', t('site.told.nothing')),
      message && receipts(message),
    ),
  );
}

function acksPart(site, told, more) {
  if (more?.problem) return h('p', { class: 'problem', role: 'alert' }, refused(more.problem));
  if (!more?.acks) return h('p', { class: 'empty' }, t('loading'));
  const lines = state.lines.filter(
    (line) => line.state !== 'closed' || toldOf(site, told).some((one) => one.line === line.id),
  );
  const cell = more.acks.filter((ack) => !ack.peer);
  return [
    lines.length > 0 && h('ul', { class: 'list parties' }, lines.map((line) => partyItem(line, site, told))),
    h('h4', null, t('site.acks.cell')),
    cell.length
      ? h(
          'ul',
          { class: 'steps' },
          cell.map((ack) => acknowledged(ack, h('bdi', null, ack.by))),
        )
      : h('p', { class: 'empty' }, t('site.acks.none')),
  ];
}

/* --- the whole ------------------------------------------------------------------------------------ */

/** What is to be known besides. @returns {Promise<{id: string, acks?: any[], affected?: any[], reads?: any, problem?: any}>} */
export async function readMore(site) {
  const { id } = site;
  try {
    const [acks, affected] = await Promise.all([get(pathOf(site, 'acknowledgements')), get(pathOf(site, 'affected'))]);
    const reads = site.sensitive ? await readReads(id) : null;
    return { id, acks: acks.acknowledgements, affected: affected.conflicts, reads };
  } catch (problem) {
    return { id, problem };
  }
}

function actions(site, { again, reload }) {
  const speaks = hasRole('duty-officer', 'head-of-cell');
  const isThere = site.state !== 'withdrawn';
  const mine = hasRole('planner', 'duty-officer', 'head-of-cell') && isThere;
  const button = (text, act, kind) => h('button', { type: 'button', class: kind, onClick: act }, t(text));
  return h(
    'div',
    { class: 'actions' },
    speaks && isThere && button('site.acknowledge', () => acknowledge(site, again).catch(toastRefusal), 'main'),
    speaks && mine && site.verification?.state !== 'verified' && button('site.verify', () => verify(site, reload)),
    mine && button('site.correct', () => edit(site, reload)),
    mine && button('site.withdraw', () => withdraw(site, reload), 'danger'),
    isThere &&
      state.serves.has('operations') &&
      h('a', { class: 'button', href: `${linkTo('map')}?sel=${encodeURIComponent(`site::${site.id}`)}` }, t('page.map')),
  );
}

/** @param {any} site @param {any} told @param {any} more of readMore @param {{again: () => void, reload: () => void}} acts */
export function detail(site, told, more, acts) {
  const check = site.verification ?? {};
  return h(
    'section',
    { class: 'card', 'data-key': `d${site.id}` },
    h(
      'div',
      { class: 'head' },
      h('h2', null, h('bdi', null, site.name ?? site.id)),
      h('a', { class: 'button plain', href: linkTo('sites') }, t('do.close')),
    ),
    h(
      'p',
      null,
      categoryName(site.category),
      ' · ',
      code(site.id),
      ' · ',
      t('site.version', { n: site.version }),
    ),
    site.state === 'withdrawn' && [
      h('p', { class: 'flag bad' }, '✕ ', t('site.is.withdrawn'), ' ', timeOf(site.changed?.at, { local: false })),
      site.reason && h('p', null, h('q', { dir: 'auto' }, site.reason)),
    ],
    site.place &&
      h(
        'p',
        null,
        code(position(site.place.lat, site.place.lng)),
        ' · ',
        t('site.extent', { metres: number(site.extent_m) }),
      ),
    h(
      'p',
      null,
      verification(site),
      check.by && [
        ' ',
        t('site.by', { by: check.by }),
        ' ',
        timeOf(check.at, { local: false, seconds: false }),
      ],
      check.note && [' ', h('q', { dir: 'auto' }, check.note)],
    ),
    h(
      'p',
      { class: ['flag', site.old && 'warn'] },
      site.data_at ? t('site.data', { age: ago(site.data_at, now()) }) : t('site.data.none'),
      site.old && [' ', t('site.old')],
    ),
    site.sensitive && h('p', { class: 'flag warn' }, t('site.recorded')),
    site.contact && h('p', null, t('site.contact'), ': ', h('bdi', null, site.contact)),
    actions(site, acts),
    h('h3', null, t('site.acks')),
    h('p', { class: 'quiet' }, t('site.acks.mean')),
    acksPart(site, told, more),
    site.sensitive && readsPart(more?.reads),
    more?.affected?.length > 0 && [
      h('h3', null, t('site.affected')),
      h(
        'ul',
        { class: 'list' },
        more.affected.map((one) => conflictItem(one)),
      ),
    ],
    more?.affected?.length === 0 && h('p', { class: 'flag good' }, '✓ ', t('site.affected.none')),
  );
}
