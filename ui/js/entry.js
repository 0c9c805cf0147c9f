/**
 * entry.js - an entry of the ledger in plain words: who, what, about what. What only programs read (hashes, ids of
 * lines) is left to the entry itself, which is shown whole beside its proof.
 */
import { h } from './dom.js';
import { code, numero } from './format.js';
import { has, t } from './i18n.js';
import { state, titleOf } from './live.js';
import { categoryName } from './site/acts.js';
import { roleName, stateName, typeName } from './words.js';

const SHORT = 24; // what is longer is an id that nobody says aloud: its beginning has to do
const ID = 8;

/** A text, if there is one. */
const word = (key) => (has(key) ? t(key) : null);
const actWord = (value) => word(`ledger.act.${value.split(' ')[0]}`);
const idOf = (value) => code(value.length > SHORT ? `${value.slice(0, ID)}…` : value, value);
const lineParty = (id) => state.lines.find((line) => line.id === id)?.peer;
const quoted = (value) => h('q', { dir: 'auto' }, value);

/** What each member says, in the order in which it is said. */
const MEMBERS = {
  type: typeName,
  act: (value) => actWord(value) ?? (has(`type.${value}`) ? typeName(value) : code(value)),
  change: actWord,
  alarm: (value) => code(value),
  seq: numero,
  of: numero,
  number: numero,
  name: (value) => h('bdi', null, value),
  own_id: idOf,
  id: idOf,
  other_id: idOf,
  version: (value) => t('site.version', { n: value }),
  category: categoryName,
  stage: (value) => word(`case.stage.${value}`),
  outcome: actWord,
  purpose: (value) => word(`site.read.${value}`),
  state: (value) => word(`state.${value}`) ?? stateName(value),
  role: (value) => roleName(value),
  actor: (value) => h('bdi', null, titleOf(value)),
  reason: quoted,
  detail: (value) => h('bdi', null, value),
};

/** @param {any} entry @returns {any[]} */
export function entryWords(entry) {
  const peer = entry.peer ?? entry.party ?? lineParty(entry.line);
  const parts = Object.keys(MEMBERS)
    .filter((name) => !['', undefined, null].includes(entry[name]) && typeof entry[name] !== 'object')
    .map((name) => MEMBERS[name](entry[name]))
    .filter(Boolean);
  if (peer) parts.push(h('bdi', null, titleOf(peer)));
  if (Array.isArray(entry.sites)) parts.push(t('ledger.sites', { n: entry.sites.length }));
  return parts.flatMap((part, i) => (i ? [' · ', part] : [part]));
}
