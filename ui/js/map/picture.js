/**
 * picture.js - what is planned, declared and to be protected, as the node has it: loaded in pages, kept
 * fresh by the register's change numbers; and what of it the node has found to be in conflict.
 */
import { get, hasRole, post } from '../api.js';
import { state } from '../live.js';
import { declared, entityOf } from './entity.js';

const PAGE = 2000;
/** Of most, only what is drawn; of sites also who has verified them, and their place. */
const WHOLE = { sites: 'full=1' };
const CHECKED = 40;
const ENDED = new Set(['ended', 'withdrawn']);

export const picture = {
  /** @type {Map<string, import('./entity.js').Entity>} */ entities: new Map(),
  /** Conflicts of those that were checked, by key. @type {Map<string, any[]>} */
  conflicts: new Map(),
  /** Keys of everything in a conflict. @type {Set<string>} */
  inConflict: new Set(),
  /** How many of the own operations were checked, and how many there are to check; -1: not for this role. */
  checked: 0,
  toCheck: 0,
  loading: false,
  failed: null,
  /** When it was last read. */ read: 0,
  /** Another number whenever there are other things to show. */ edition: 0,
  /** Another number whenever other things are in conflict. */ marks: 0,
};
const changes = { operations: 0, sites: 0, zones: 0 };
let declarations = ''; // as they were read
/** @type {Promise<void>|null} */ let reading = null;
let again = false;
/** @type {Set<() => void>} */ const listeners = new Set();
const tell = () => {
  for (const listener of listeners) listener();
};

/* --- reading --------------------------------------------------------------------------------- */

/** Takes in one page of records. */
function takeIn(records, cls) {
  if (records.length) picture.edition++;
  for (const record of records) {
    const one = entityOf(record.class ? record : { class: cls, ...record }, cls);
    if (ENDED.has(record.state)) picture.entities.delete(one.key);
    else picture.entities.set(one.key, one);
  }
}

/** Reads pages until there are no more; after each, what is there can be shown, while the next is on its way. */
async function readAll(name, cls) {
  if (!state.serves.has('operations')) return;
  const since = changes[name];
  const order = since ? 'change' : 'number';
  const page = async (after) => {
    const query = since ? `changed_after=${after}` : `after=${after}`;
    const answer = await get(`/api/v1/${name}?${WHOLE[name] ?? 'shapes=1'}&limit=${PAGE}&${query}`);
    const records = answer[name];
    const last = records.reduce((most, record) => Math.max(most, record[order]), after);
    const next = records.length < PAGE ? null : page(last);
    next?.catch(() => {}); // it fails where it is waited for
    return { records, last, next, change: answer.change };
  };
  let reached = -1; // as of the first page: what changes while the others are read is read again
  for (let read = page(since); read; ) {
    const { records, last, next, change } = await read;
    takeIn(records, cls);
    if (reached < 0) reached = change ?? Math.max(0, ...records.map((one) => one.change ?? 0));
    if (next) tell();
    else changes[name] = Math.max(since ? last : 0, reached);
    read = next;
  }
}

async function readDeclarations() {
  const list = (await get('/api/v1/declarations')).declarations;
  const text = JSON.stringify(list);
  if (text === declarations) return;
  declarations = text;
  picture.edition++;
  for (const key of [...picture.entities.keys()])
    if (key.startsWith('declaration:')) picture.entities.delete(key);
  for (const one of list)
    if (!one.own && !one.withdrawn) {
      const entity = declared(one);
      picture.entities.set(entity.key, entity);
    }
}

const quietly = (promise) =>
  promise.catch((error) => {
    if (error.status !== 404) throw error;
  });

async function readOnce() {
  try {
    await Promise.all([
      quietly(readAll('zones', 'zone')),
      quietly(readAll('sites', 'site')),
      quietly(readDeclarations()),
      readAll('operations', 'operation'),
    ]);
    picture.read = Date.now();
    gather();
    picture.failed = null;
  } catch (error) {
    picture.failed = error;
  }
}

async function readNews() {
  picture.loading = true;
  do {
    again = false;
    await readOnce();
  } while (again && !picture.failed);
  picture.loading = false;
  tell();
  if (!picture.failed) checkOwn();
}

/** Reads what is new. @param {() => void} changed called when there is something to show, until the next */
export async function refresh(changed) {
  listeners.add(changed);
  if (reading) {
    again = true; // what is new may be so since it was asked for
    changed();
  } else
    reading = readNews().finally(() => {
      reading = null;
    });
  return reading;
}

/** Whoever is gone is told no more. @param {() => void} changed */
export const forget = (changed) => listeners.delete(changed);

/* --- conflicts: the node's word, for the next own operations ----------------------------------- */

export const keyOfOther = (other) =>
  `${other.is === 'foreign' ? 'operation' : other.is}:${other.owner ?? ''}:${other.id}`;

export function noteVerdict(key, verdict) {
  picture.conflicts.set(key, verdict.conflicts);
  gather();
}

/** Everything in a conflict: what was checked, and what the node found across lines. */
function gather() {
  const found = new Set();
  for (const one of state.cases) {
    found.add(`${one.own.class}::${one.own.id}`);
    found.add(`declaration:${one.line}:${one.other.id}`);
  }
  for (const [own, list] of picture.conflicts)
    for (const conflict of list) {
      found.add(own);
      found.add(keyOfOther(conflict.other));
    }
  const before = picture.inConflict;
  if (found.size === before.size && [...found].every((key) => before.has(key))) return;
  picture.inConflict = found;
  picture.marks++;
}

/** The own operations that come next, as many as are checked; all of them, counted. */
function toCheck() {
  const now = Date.now();
  const own = [...picture.entities.values()].filter(
    (one) => one.cls === 'operation' && one.own && one.end > now && one.state !== 'draft',
  );
  own.sort((a, b) => a.start - b.start);
  picture.toCheck = own.length;
  return own.slice(0, CHECKED);
}

let checking = false;
let lastChecked = '';

async function checkOwn() {
  if (!hasRole('planner', 'duty-officer', 'head-of-cell')) {
    picture.toCheck = -1;
    return;
  }
  const list = toCheck();
  const mark = `${JSON.stringify(changes)} ${list.map((one) => one.key).join()}`;
  if (checking || mark === lastChecked) return;
  checking = true;
  picture.conflicts = new Map();
  picture.checked = 0;
  try {
    for (const one of list) {
      const verdict = await post('/api/v1/check', { id: one.id });
      picture.conflicts.set(one.key, verdict.conflicts);
      picture.checked++;
    }
    lastChecked = mark;
  } catch {
    /* shown as not checked */
  }
  gather();
  checking = false;
  tell();
}
