/**
 * shell.js - the frame: where one is, what time it is, whether the node is there, what rings; and
 * the way from an address to a page.
 */
import { hasRole, logOut, who } from './api.js';
import { hearAll, unheard, update as updateAlarms } from './alarms.js';
import { ask } from './dialog.js';
import { $, draw, h } from './dom.js';
import { ago, localText, number } from './format.js';
import { t } from './i18n.js';
import * as keys from './keys.js';
import { isStale, now, onChange, state } from './live.js';
import { languageMenu, setTheme, theme, themeButton } from './menus.js';
import * as sound from './sound.js';
import { waitingCases } from './cases.js';
import { waitingCount } from './waiting.js';
import * as nowPage from './pages/now.js';
import * as linePage from './pages/line.js';
import * as ledgerPage from './pages/ledger.js';
import * as adminPage from './pages/admin.js';

/** What the screen is made with, and its licences. */
const PARTS = [
  ['MapLibre GL JS', '/ui/lib/maplibre-gl-6.17.0/LICENSE.txt'],
  ['PMTiles', '/ui/licences/pmtiles.txt'],
  ['fflate', '/ui/lib/fflate-0.8.3/LICENSE'],
  ['TopoJSON', '/ui/lib/topojson-client-3.1.0/LICENSE'],
  ['World Atlas (Natural Earth)', '/ui/lib/world-atlas-2.0.2/LICENSE'],
];

const always = () => true;
/** In the order of the menu. `needs`: what the node must serve; `count`: what waits there for us. */
const PAGES = [
  { name: 'now', sign: '◉', page: nowPage, needs: always, count: waitingCount },
  {
    name: 'map',
    sign: '◫',
    load: () => import('./pages/map.js'),
    needs: () => state.serves.has('operations'),
  },
  {
    name: 'plan',
    sign: '✎',
    load: () => import('./pages/plan.js'),
    needs: () => state.serves.has('operations') && hasRole('planner', 'duty-officer', 'head-of-cell'),
  },
  {
    name: 'cases',
    sign: '⋈',
    load: () => import('./pages/cases.js'),
    needs: () => state.serves.has('cases'),
    count: () => waitingCases().length,
  },
  { name: 'line', sign: '⇄', page: linePage, needs: always },
  {
    name: 'sites',
    sign: '⛨',
    load: () => import('./pages/sites.js'),
    needs: () => state.serves.has('sites'),
  },
  {
    name: 'incidents',
    sign: '⚠',
    load: () => import('./pages/incidents.js'),
    needs: () => state.serves.has('operations') && hasRole('duty-officer', 'head-of-cell'),
  },
  { name: 'ledger', sign: '☰', page: ledgerPage, needs: always },
  { name: 'admin', sign: '⚙', page: adminPage, needs: always },
];

let root = null;
let view = null; // {name, update, leave}
let leaveAll = () => {};
let stopListening = () => {};
let clock = 0;

/** {name, parts, query} of the address. */
export function address() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...parts] = path.split('/').map(decodeURIComponent);
  return { name: name || 'now', parts, query: new URLSearchParams(query) };
}
export const linkTo = (name, ...parts) => `#/${[name, ...parts].map(encodeURIComponent).join('/')}`;
/** Changes what stands after "?" without a new entry of the history. */
export function setQuery(query) {
  const [path] = location.hash.split('?');
  const text = query.toString();
  history.replaceState(null, '', `${path || '#/now'}${text ? `?${text}` : ''}`);
}

const pages = () => PAGES.filter((page) => page.needs());

function linkBadge() {
  if (!state.connected) return h('span', { class: 'badge bad', role: 'status' }, '✕ ', t('link.lost'));
  if (isStale()) return h('span', { class: 'badge warn', role: 'status' }, '! ', t('link.stale'));
  return h(
    'span',
    { class: 'badge good', role: 'status' },
    '✓ ',
    t(state.streaming ? 'link.live' : 'link.asked'),
  );
}

function clockPart() {
  const date = new Date(now());
  const local = localText(date);
  return h(
    'div',
    { class: 'clock', role: 'timer', 'aria-label': t('clock.utc') },
    h('bdi', { dir: 'ltr', class: 'utc' }, `${date.toISOString().slice(11, 19)} UTC`),
    h('bdi', { dir: 'ltr', class: 'date' }, date.toISOString().slice(0, 10)),
    local && h('span', { class: 'local' }, t('time.local', { time: local })),
  );
}

function alarmPart() {
  const count = state.alarms.length;
  const ringing = unheard().length;
  if (!count) return h('span', { class: 'badge good' }, '✓ ', t('alarms.none'));
  return [
    h(
      'a',
      { class: ['badge', 'bad', ringing && 'ringing'], href: linkTo('now') },
      '▲ ',
      t('alarms.count', { n: count }),
    ),
    ringing > 0 &&
      h(
        'button',
        { class: 'danger', type: 'button', onClick: hearAll, 'aria-keyshortcuts': 'a' },
        t('alarms.hear'),
        ' ',
        h('kbd', { 'aria-hidden': 'true' }, 'A'),
      ),
  ];
}

function staleBanner() {
  if (state.connected && !isStale()) return null;
  const since = state.heard ? new Date(state.heard).toISOString() : null;
  return h(
    'div',
    { class: 'banner bad', role: 'alert', 'data-key': 'stale' },
    h('strong', null, '✕ ', t('stale.what')),
    ' ',
    since ? t('stale.since', { time: `${since.slice(11, 19)} UTC`, age: ago(since) }) : '',
    ' ',
    t('stale.do'),
  );
}

function quietBanner() {
  if (!unheard().length || sound.isAudible()) return null;
  return h(
    'div',
    { class: 'banner warn', 'data-key': 'quiet' },
    '! ',
    t('sound.off'),
    ' ',
    h(
      'button',
      {
        type: 'button',
        onClick: () => {
          sound.mute(false);
          sound.arm();
          setTimeout(redraw, 100);
        },
      },
      t('sound.on'),
    ),
  );
}

function userMenu() {
  return h(
    'details',
    { class: 'user', 'data-key': 'user' },
    h('summary', null, h('bdi', null, who()?.name ?? '')),
    h(
      'div',
      { class: 'card' },
      h('p', { class: 'quiet' }, (who()?.roles ?? []).map((role) => t(`role.${role}`)).join(' · ')),
      languageMenu(redraw),
      themeButton(redraw),
      h(
        'button',
        {
          type: 'button',
          class: 'plain',
          onClick: () => {
            sound.mute(!sound.isMuted());
            redraw();
          },
        },
        t(sound.isMuted() ? 'sound.unmute' : 'sound.mute'),
      ),
      h(
        'button',
        { type: 'button', class: 'plain', onClick: showHelp },
        t('help.title'),
        ' ',
        h('kbd', { 'aria-hidden': 'true' }, '?'),
      ),
      h(
        'button',
        { type: 'button', class: 'plain', onClick: () => logOut().finally(leaveAll) },
        t('login.out'),
      ),
    ),
  );
}

function menu() {
  const here = address().name;
  return h(
    'nav',
    { class: 'menu', 'aria-label': t('menu.title') },
    h(
      'ul',
      null,
      pages().map(({ name, sign, count }, i) =>
        h(
          'li',
          null,
          h(
            'a',
            {
              href: linkTo(name),
              'aria-current': name === here ? 'page' : null,
              'aria-keyshortcuts': String(i + 1),
            },
            h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
            h('span', { class: 'word' }, t(`page.${name}`)),
            count?.() > 0 &&
              h('span', { class: 'count', title: t('now.waiting.count', { n: count() }) }, number(count())),
          ),
        ),
      ),
    ),
  );
}

export function redraw() {
  if (!root || !who()) return;
  draw(
    $('#top', root),
    h('a', { class: 'skip', href: '#main', onClick: toMain }, t('menu.skip')),
    h(
      'div',
      { class: 'brand' },
      h('span', { class: 'mark', 'aria-hidden': 'true' }),
      h('bdi', { class: 'title' }, state.party?.title || state.party?.id || 'Tafadi'),
    ),
    clockPart(),
    h('div', { class: 'states' }, linkBadge(), alarmPart()),
    userMenu(),
  );
  draw($('#menu', root), menu());
  draw($('#banners', root), staleBanner(), quietBanner());
  root.classList.toggle('is-stale', !state.connected || isStale());
  view?.update?.('draw');
}

function toMain(event) {
  event.preventDefault();
  $('#main', root).focus();
}

async function showHelp() {
  await ask({
    title: t('help.title'),
    body: [
      h(
        'dl',
        { class: 'keys' },
        keys
          .list()
          .map(({ key, text }) => [h('dt', null, h('kbd', null, key.toUpperCase())), h('dd', null, text)]),
      ),
      h(
        'label',
        { class: 'check' },
        h('input', {
          type: 'checkbox',
          checked: keys.areOn(),
          onChange: (event) => keys.switchKeys(event.target.checked),
        }),
        ' ',
        t('help.keys'),
      ),
      h('h3', null, t('help.meaning')),
      h('p', null, t('help.ack')),
      h('p', null, t('help.notify')),
      h('h3', null, t('help.parts')),
      h(
        'ul',
        null,
        PARTS.map(([name, path]) =>
          h('li', null, h('a', { href: path, target: '_blank', rel: 'noopener' }, name)),
        ),
      ),
    ],
  });
}

async function go() {
  const where = address();
  const found = pages().find((page) => page.name === where.name) ?? pages()[0];
  if (view?.name === found.name && view.move) {
    view.move(where);
    redraw();
    return;
  }
  view?.leave?.();
  const main = h('main', { id: 'main', class: `page ${found.name}`, tabindex: '-1' });
  $('#main', root).replaceWith(main);
  keys.setPageKeys([]);
  view = { name: found.name };
  const module = found.page ?? (await found.load());
  if (view.name !== found.name || !main.isConnected) return;
  view = { name: found.name, ...module.show(main, where) };
  keys.setPageKeys(view.keys);
  document.title = `${t(`page.${found.name}`)} · ${state.party?.title || 'Tafadi'}`;
  redraw();
  $('#menu [aria-current]', root)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** @param {HTMLElement} element @param {{leave: () => void}} what */
export function showShell(element, { leave }) {
  leaveShell();
  leaveAll = leave;
  root = element;
  root.replaceChildren(
    h('header', { id: 'top' }),
    h('div', { id: 'menu' }),
    h('div', { id: 'banners' }),
    h('main', { id: 'main' }),
  );
  stopListening = onChange((what) => {
    if (what === 'alarms' || what === 'link') updateAlarms();
    redraw();
    view?.changed?.(what);
  });
  addEventListener('hashchange', go);
  clock = setInterval(redraw, 1000);
  keys.setCommonKeys([
    ...pages().map(({ name }, i) => ({
      key: String(i + 1),
      text: `page.${name}`,
      run: () => {
        location.hash = linkTo(name);
      },
    })),
    { key: 'a', text: 'alarms.hear', run: hearAll },
    {
      key: 't',
      text: 'menu.theme',
      run: () => {
        setTheme(theme() === 'night' ? 'day' : 'night');
        redraw();
      },
    },
    { key: '?', text: 'help.title', run: showHelp },
  ]);
  updateAlarms();
  go();
}

export function leaveShell() {
  view?.leave?.();
  view = null;
  stopListening();
  removeEventListener('hashchange', go);
  clearInterval(clock);
  sound.ring(false);
  keys.setPageKeys([]);
  keys.setCommonKeys([]);
  root = null;
}
