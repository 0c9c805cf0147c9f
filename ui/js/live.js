/**
 * live.js - what the screen knows of the node, and how old that is: kept fresh by the event stream,
 * by looking again while there is none, and never shown as newer than it is.
 */
import { ApiError, get, who } from './api.js';
import { Stream } from './sse.js';

/** Without a sign of life for so long, what is shown is called old; a node gives one every 15 s. */
export const STALE_MS = 35000;
const LOOK_MS = 5000;
const WINDOW = 200;
const CASES = 200;
/** Names that are asked for at a time. */
const NAMES = 50;

/** What is still owed for a message: "seen", "answered". */
export function owed(message) {
  if (message.void || message.superseded_by) return [];
  const done = message.acknowledged;
  return message.asks.filter(
    (what) => what !== 'readback' && !done[what] && !(what === 'seen' && done.answered),
  );
}

export const state = {
  /** @type {any} */ party: null,
  /** @type {any[]} */ parties: [],
  /** @type {any[]} */ lines: [],
  /** @type {any[]} */ alarms: [],
  /** Messages of each line, both sides', by time. @type {Map<string, any[]>} */
  messages: new Map(),
  /** @type {any[]} */ phrases: [],
  /** Conflicts across lines that are open, with what was said about them. @type {any[]} */ cases: [],
  /** Those that are over, and of which an alarm spoke when they were read: see heldCases. @type {any[]} */ held: [],
  /** What this node serves beyond lines: "operations", "sites", "cases", ... @type {Set<string>} */
  serves: new Set(),
  /** Last sign of life of the node, by this computer's clock; 0: none yet. */
  heard: 0,
  connected: false,
  streaming: false,
  /** The node's clock less this computer's, in ms. */
  skew: 0,
};

/** @type {Set<(what: string) => void>} */
const listeners = new Set();
/** Called after a change; `what` is "lines", "messages", "alarms", "ops", "link", ... */
export const onChange = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const tell = (what) => {
  for (const listener of listeners) listener(what);
};

/** The node's time. */
export const now = () => Date.now() + state.skew;
export const isStale = () => !state.heard || Date.now() - state.heard > STALE_MS;
export const titleOf = (id) =>
  state.parties.find((party) => party.id === id)?.title ||
  (state.party?.id === id ? state.party.title : '') ||
  id;

function heard() {
  const before = isStale();
  state.heard = Date.now();
  if (before || !state.connected) {
    state.connected = true;
    tell('link');
  }
}

async function fetched(path) {
  const answer = await get(path);
  heard();
  return answer;
}

export async function refreshParty() {
  const began = Date.now();
  state.party = await fetched('/api/v1/party');
  state.skew = Math.round(new Date(state.party.now).getTime() - (began + Date.now()) / 2);
  if (Math.abs(state.skew) < 1000) state.skew = 0;
  state.parties = (await fetched('/api/v1/parties')).parties;
  tell('party');
}

export async function refreshLines() {
  state.lines = (await fetched('/api/v1/lines')).lines;
  tell('lines');
}

export async function refreshAlarms() {
  state.alarms = (await fetched('/api/v1/alarms')).alarms;
  tell('alarms');
}

const byTime = (a, b) =>
  (a.own ? a.sent : (a.received ?? a.sent)).localeCompare(b.own ? b.sent : (b.received ?? b.sent)) ||
  Number(a.own) - Number(b.own) ||
  a.seq - b.seq;

async function side(line, own, last, waiting) {
  let after = Math.max(0, last - WINDOW);
  let list = [];
  for (;;) {
    const path = `/api/v1/lines/${line.id}/messages?own=${own ? 1 : 0}&after=${after}&limit=500`;
    list = [...(await fetched(path)).messages, ...list.filter((m) => m.seq > after + 500)];
    if (own || after === 0 || list.filter((m) => owed(m).length).length >= waiting) return list;
    after = Math.max(0, after - 500);
  }
}

/** Names of what is ours in cases: a case has ids only. @type {Map<string, string>} */
const names = new Map();

async function nameOwn(cases) {
  const pathOf = ({ own }) =>
    `/api/v1/${own.class === 'site' ? 'sites' : 'operations'}/${encodeURIComponent(own.id)}`;
  const keyOf = (one) => `${pathOf(one)}@${one.own.version}`;
  const unknown = new Map(cases.filter((one) => !names.has(keyOf(one))).map((one) => [keyOf(one), one]));
  for (const [key, one] of [...unknown].slice(0, NAMES)) {
    const record = await fetched(pathOf(one)).catch((error) => {
      if (error.status === 404) return {}; // it is gone: its id has to do
      throw error;
    });
    names.set(key, record.name ?? '');
  }
  for (const one of cases) one.own.name = names.get(keyOf(one)) || one.own.id;
}

export async function refreshCases() {
  if (!state.serves.has('cases')) return;
  const cases = (await fetched(`/api/v1/cases?full=1&limit=${CASES}`)).cases;
  const held = await readHeld(cases);
  await nameOwn([...cases, ...held]);
  Object.assign(state, { cases, held });
  tell('cases');
}

/** Whether an alarm speaks of a case: it has the beginning of its id. */
export const isAlarmOf = (alarm, one) => alarm.kind === `case.${one.id.slice(0, 8)}`;

/** Cases that are over and ring: an acceptance of ours was taken back, and nobody has decided since. */
export const heldCases = () => state.held.filter((one) => state.alarms.some((alarm) => isAlarmOf(alarm, one)));

async function readHeld(cases) {
  const alarms = state.alarms.filter(
    (alarm) => alarm.kind.startsWith('case.') && !cases.some((one) => isAlarmOf(alarm, one)),
  );
  if (!alarms.length) return [];
  const all = (await fetched('/api/v1/cases?over=1&limit=10000')).cases;
  const held = all.filter((one) => one.held && alarms.some((alarm) => isAlarmOf(alarm, one)));
  return Promise.all(held.map((one) => fetched(`/api/v1/cases/${one.id}`)));
}

export async function refreshMessages(id) {
  const line = state.lines.find((one) => one.id === id);
  if (!line) return;
  const [mine, theirs] = [
    await side(line, true, line.own_seq, 0),
    await side(line, false, line.peer_seq, line.waiting),
  ];
  state.messages.set(id, [...mine, ...theirs].sort(byTime));
  tell('messages');
}

export async function refreshAll() {
  await refreshParty();
  await Promise.all([refreshLines(), refreshAlarms()]);
  for (const line of state.lines) await refreshMessages(line.id);
  await refreshCases();
  if (!state.phrases.length) state.phrases = (await fetched('/api/v1/phrases')).phrases;
}

/** Whether a path of the API is there: pages without an API are not in the menu. */
async function probe(name, path) {
  try {
    await get(path);
    state.serves.add(name);
  } catch (error) {
    if (error.status === 404) state.serves.delete(name);
    else if (error.status && error.status !== 401) state.serves.add(name);
  }
}

export async function learn() {
  await Promise.all([
    probe('operations', '/api/v1/operations?limit=1'),
    probe('sites', '/api/v1/sites?limit=1'),
    probe('cases', '/api/v1/cases?limit=1'),
    probe('picture', '/api/v1/picture?limit=1'),
  ]);
}

/* --- what an event makes old ----------------------------------------------------------- */

const wanted = new Set();
let timer = 0;
let working = false;

function want(what) {
  wanted.add(what);
  if (!timer && !working) timer = setTimeout(work, 60);
}

async function work() {
  timer = 0;
  working = true;
  const now = [...wanted];
  wanted.clear();
  try {
    if (now.includes('party')) await refreshParty();
    if (now.some((one) => one === 'lines' || one.startsWith('messages '))) await refreshLines();
    if (now.includes('alarms')) await refreshAlarms();
    const ids = now.filter((one) => one.startsWith('messages ')).map((one) => one.slice(9));
    for (const id of ids.includes('') ? state.lines.map((line) => line.id) : ids) await refreshMessages(id);
    if (now.includes('ops') || now.includes('alarms')) await refreshCases(); // an alarm may name one
    if (now.includes('ops')) tell('ops');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0 || error.status >= 500) {
      lost();
      for (const one of now) wanted.add(one); // asked again when the node is back
    }
  } finally {
    working = false;
    if (wanted.size && state.connected) want('lines');
  }
}

function lost() {
  if (!state.connected) return;
  state.connected = false;
  tell('link');
}

const LINE_KINDS = new Set(['message', 'receipt', 'ack', 'state', 'alarm', 'memorandum']);

function onEvent(event) {
  let data = {};
  try {
    data = JSON.parse(event.data);
  } catch {
    /* something changed, whatever it was */
  }
  if (event.type === 'party') want('party');
  else if (event.type === 'gone') lookAgain();
  else if (LINE_KINDS.has(event.type)) {
    want('lines');
    want('alarms');
    if (event.type !== 'alarm') want(`messages ${data.data?.line ?? ''}`);
    if (event.type === 'memorandum') tell('memoranda');
  } else want('ops');
  tell(`event ${event.type}`);
}

function lookAgain() {
  want('party');
  want('alarms');
  want('messages ');
  want('ops');
}

const stream = new Stream('/api/v1/events', {
  event: onEvent,
  alive: heard,
  state(open) {
    state.streaming = open;
    if (open)
      lookAgain(); // what was missed before the stream stood
    else lost();
    tell('link');
  },
});

let looker = 0;

/** After a log-in. */
export async function start() {
  await learn();
  await refreshAll();
  stream.start();
  clearInterval(looker);
  looker = setInterval(() => {
    if (who() && (!state.streaming || isStale())) look();
  }, LOOK_MS);
}

async function look() {
  try {
    await refreshLines();
    lookAgain();
  } catch (error) {
    if (error.status === 0 || error.status >= 500) lost();
  }
}

export function stop() {
  stream.stop();
  clearInterval(looker);
}
