/**
 * cases.js - conflicts across lines: all of them, what waits for us first; and one, with both sides' view, the
 * ways out, what was said about it, and what one can do.
 */
import { get, hasRole } from '../api.js';
import { refused, toast } from '../dialog.js';
import { $, draw, h } from '../dom.js';
import { ago, code, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { heldCases, isStale, now, refreshCases, state } from '../live.js';
import { linkTo } from '../shell.js';
import {
  about,
  deadline,
  heldWords,
  inOrder,
  partyOf,
  seenWords,
  stageBadge,
  standing,
  turnOf,
  turnWords,
  waitsForUs,
} from '../cases.js';
import { actsOf } from '../case/acts.js';
import { caseMap } from '../case/map.js';
import { loadCase } from '../case/load.js';
import { historyPart, mirrorPart, optionsPart, sidesPart } from '../case/parts.js';

export function show(root, where) {
  let chosen = where.parts[0] ?? '';
  let over = null; // those that are over: read when they are asked for
  let problem = null;
  let found = null; // of the chosen one: see load.js
  let preview = null; // {kind: 'option'|'proposal', at: rank or hash}
  let asked = 0;
  let gone = false;
  const map = caseMap();
  const acts = actsOf({ again: () => load(true), previewed: () => previewedOption() });

  /* --- reading ---------------------------------------------------------------------------- */

  async function load(fresh = false) {
    if (!chosen) return;
    const mine = ++asked;
    try {
      const next = await loadCase(chosen, fresh ? null : found);
      if (mine !== asked || gone) return;
      if (found?.one.id !== next.one.id) preview = null;
      found = next;
      problem = null;
    } catch (error) {
      if (mine !== asked || gone) return;
      problem = error;
    }
    update();
  }

  async function loadOver() {
    try {
      over = (await get('/api/v1/cases?over=1&full=1&limit=200')).cases.filter((one) => one.state === 'over');
      problem = null;
    } catch (error) {
      problem = error;
    }
    update();
  }

  const previewedOption = () =>
    preview?.kind === 'option' ? found?.options?.list.find((one) => one.rank === preview.at) : null;

  /** The shape that is previewed: of an option, or of a proposal. */
  function way() {
    if (!found || !preview) return null;
    if (preview.kind === 'option') return previewedOption()?.feature ?? null;
    return found.shapes.get(preview.at) ?? null;
  }

  function look(kind, at) {
    preview = preview?.kind === kind && preview.at === at ? null : { kind, at };
    update();
  }

  function nextOption() {
    const list = found?.options?.list ?? [];
    if (!list.length) return;
    const i = list.findIndex((one) => one === previewedOption());
    preview = { kind: 'option', at: list[(i + 1) % list.length].rank };
    update();
  }

  /* --- the list ----------------------------------------------------------------------------- */

  function item(one) {
    return h(
      'li',
      { 'data-key': `c${one.id}` },
      h(
        'a',
        {
          class: ['case-link', waitsForUs(one) && 'waits'],
          href: linkTo('cases', one.id),
          'aria-current': one.id === chosen ? 'true' : null,
        },
        h('span', { class: 'what' }, h('bdi', null, one.own.name ?? one.own.id), ' ⇄ ', h('bdi', null, partyOf(one))),
        h('span', null, stageBadge(one)),
        h('span', { class: 'quiet' }, turnWords(one)),
        one.state === 'open' && h('span', { class: 'quiet' }, deadline(one.agree_by)),
      ),
    );
  }

  function list() {
    const open = inOrder([...state.cases, ...heldCases()]);
    return h(
      'section',
      { class: 'case-list', 'data-key': 'list' },
      h('h1', null, t('page.cases'), h('span', { class: 'count' }, String(open.length))),
      open.length
        ? h('ul', { class: 'cards' }, open.map(item))
        : h('p', { class: 'empty' }, t('now.cases.none')),
      over === null
        ? h('button', { type: 'button', class: 'plain', onClick: loadOver }, t('case.show.over'))
        : [
            h('h2', null, t('case.over'), h('span', { class: 'count' }, String(over.length))),
            over.length
              ? h('ul', { class: 'cards' }, inOrder(over.filter((one) => !waitsForUs(one))).map(item))
              : h('p', { class: 'empty' }, t('case.over.none')),
          ],
    );
  }

  /* --- one ------------------------------------------------------------------------------------ */

  function stale() {
    if (state.connected && !isStale()) return null;
    return h('p', { class: 'flag bad' }, '✕ ', t('case.stale'), ' ', timeOf(found.read));
  }

  function lineFlag() {
    const line = found.line;
    if (!line || line.state === 'open') return null;
    return h(
      'p',
      { class: 'flag warn' },
      '! ',
      t(`case.line.${line.state}`),
      ' ',
      line.heard && ['(', t('now.heard', { age: ago(line.heard, now()) }), ')'],
    );
  }

  /** What was taken back, and the way to decide about it. */
  function heldFlag() {
    const { one, own } = found;
    const words = heldWords(one, own && { state: own.state, name: own.name });
    const decides = turnOf(one).what === 'held' && hasRole('planner', 'duty-officer', 'head-of-cell');
    if (!words) return null;
    return h(
      'p',
      { class: 'flag warn held' },
      '‖ ',
      words,
      ' ',
      decides && h('a', { href: linkTo('plan', one.own.id) }, t('case.held.decide')),
    );
  }

  function head() {
    const { one } = found;
    return h(
      'header',
      { class: 'case-head', 'data-key': 'head' },
      h(
        'div',
        { class: 'grow' },
        h('a', { class: 'back', href: linkTo('cases') }, t('case.all')),
        h(
          'h1',
          null,
          t('case.title', { own: found.own?.name ?? one.own.id, party: partyOf(one) }),
          ' ',
          stageBadge(one),
        ),
        h(
          'p',
          { class: 'turn', role: 'status' },
          h('strong', null, turnWords(one)),
          one.state === 'open' && [' · ', deadline(one.agree_by)],
        ),
        stale(),
        heldFlag(),
        h('p', { class: ['flag', one.seen_by === 'other' && 'warn'] }, seenWords(one)),
        lineFlag(),
        problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
      ),
      acts.buttons(found),
    );
  }

  function page() {
    if (!found || found.one.id !== chosen)
      return h(
        'section',
        { class: 'case-main', 'data-key': 'waiting' },
        h('a', { class: 'back', href: linkTo('cases') }, t('case.all')),
        problem
          ? h('p', { class: 'problem', role: 'alert' }, refused(problem))
          : h('p', { class: 'empty' }, t('loading')),
      );
    const mine = { found, preview, look, about, standing };
    return h(
      'section',
      { class: 'case-main', 'data-key': `m${chosen}` },
      head(),
      h(
        'div',
        { class: 'case-work' },
        h(
          'div',
          { class: 'map-main' },
          map.box(chosen),
          h('p', { class: 'map-note quiet' }, t('case.map.note')),
          map.heights(found, way()),
        ),
        optionsPart(mine, acts),
      ),
      sidesPart(found),
      historyPart(mine),
      mirrorPart(found, update),
      h('p', { class: 'quiet' }, code(found.one.id), ' · ', t('case.opened'), ' ', timeOf(found.one.opened)),
    );
  }

  function update() {
    if (gone || !root.isConnected) return;
    draw(root, h('div', { class: ['cases-page', chosen && 'has-one'] }, list(), chosen && page()));
    const box = $('.map-box', root);
    if (box && found) map.show(box, found, way()).catch(() => toast(t('map.failed'), 'bad'));
  }

  update();
  load();
  refreshCases().catch(() => {}); // the banner says if the node is not there
  return {
    update,
    changed(what) {
      if (what !== 'ops' && what !== 'link') return;
      load();
      if (over !== null) loadOver();
    },
    move({ parts }) {
      if (chosen === (parts[0] ?? '')) return;
      chosen = parts[0] ?? '';
      preview = null;
      problem = null;
      if (!chosen) map.leave();
      load();
    },
    leave() {
      gone = true;
      map.leave();
    },
    keys: [
      { key: 'o', text: 'case.key.option', run: nextOption },
      { key: 'p', text: 'case.key.propose', run: () => found && acts.propose(found) },
      { key: 'y', text: 'case.key.agree', run: () => found && acts.agree(found) },
      { key: 'n', text: 'case.key.decline', run: () => found && acts.decline(found) },
    ],
  };
}
