/**
 * cases.js - conflict cases: whose turn it is, what waits for us and until when, and what was said about
 * one, in plain words of any of the screen's languages.
 */
import { h } from './dom.js';
import { ago, timeOf } from './format.js';
import { heldCases, isAlarmOf, now, state, titleOf } from './live.js';
import { ownSpeaker, t } from './i18n.js';
import { optionWords } from './verdict.js';

const SIGNS = {
  open: ['!', 'warn'],
  proposed: ['…', 'warn'],
  countered: ['⇄', 'warn'],
  agreed: ['✓', 'good'],
  resolved: ['✓', 'good'],
  overtaken: ['–', ''],
  escalated: ['▲', 'bad'],
  held: ['‖', 'warn'],
};
export const stageBadge = (one) => {
  const stage = turnOf(one).what === 'held' ? 'held' : one.stage; // over, but not for us
  const [sign, kind] = SIGNS[stage] ?? ['?', 'warn'];
  return h('span', { class: ['badge', kind] }, `${sign} `, t(`case.stage.${stage}`));
};

export const lineOf = (one) => state.lines.find((line) => line.id === one.line);
export const partyOf = (one) => titleOf(lineOf(one)?.peer ?? '');

/** Proposals of one side that stand, the latest last. */
export const standing = (one, own) =>
  (one.said ?? []).filter((note) => note.type === 'propose' && note.own === own && note.stands);

/** What the other notes say about a proposal. */
export const about = (one, proposal, type) =>
  (one.said ?? []).find((note) => note.type === type && note.body.of === proposal.hash);

/**
 * Whose turn it is, and to do what: to answer, to move, to talk, to decide about what is held; nobody's when it
 * is over, or agreed and under way.
 * @returns {{who: 'own'|'other'|null, what: 'answer'|'move'|'talk'|'held'|'agreed'|'over'}}
 */
export function turnOf(one) {
  if (one.state === 'over')
    return heldCases().some(({ id }) => id === one.id) ? { who: 'own', what: 'held' } : { who: null, what: 'over' };
  if (one.stage === 'agreed') return { who: null, what: 'agreed' };
  if (one.agreement) return { who: 'own', what: 'talk' }; // it could not be kept
  if (standing(one, false).length) return { who: 'own', what: 'answer' };
  if (standing(one, true).length) return { who: 'other', what: 'answer' };
  if (one.stage === 'escalated') return { who: 'own', what: 'talk' };
  return { who: one.moves_first === 'other' ? 'other' : 'own', what: 'move' };
}

export const waitsForUs = (one) => turnOf(one).who === 'own';

/** What waits for us first, by its deadline; then what is open; then what is over, the latest first. */
export function inOrder(cases) {
  const rank = (one) => (waitsForUs(one) ? 0 : one.state === 'over' ? 2 : 1);
  const when = (one) => one.agree_by ?? '9';
  return [...cases].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.state === 'over' ? b.changed.localeCompare(a.changed) : when(a).localeCompare(when(b))),
  );
}

export const waitingCases = () => inOrder([...state.cases, ...heldCases()].filter(waitsForUs));

/** The case that an alarm is about. */
export const caseOfAlarm = (alarm) =>
  [...state.cases, ...heldCases()].find((one) => isAlarmOf(alarm, one)) ?? null;

/** "by 14:05 UTC, in 12 minutes", or how late it is. */
export function deadline(by) {
  if (!by) return null;
  const late = new Date(by).getTime() < now();
  return h(
    'span',
    { class: late ? 'flag bad' : 'flag' },
    late ? '! ' : '',
    t(late ? 'case.late' : 'case.due'),
    ' ',
    timeOf(by, { local: false }),
    ' (',
    ago(by, now()),
    ')',
  );
}

export function turnWords(one) {
  const { who, what } = turnOf(one);
  if (!who) return t(`case.turn.${what}`);
  return t(`case.turn.${what}.${who}`, { party: partyOf(one) });
}

/** By whose picture they clash; a side that has proposed nothing may see it as well. "" when it is over. */
export const seenWords = (one) => (one.seen_by ? t(`case.seen.${one.seen_by}`, { party: partyOf(one) }) : '');

const UNDER_WAY = new Set(['activated', 'nonconforming', 'contingent']);
/**
 * What the memorandum's rule for "no agreement in time" did to our own. "": nothing.
 * @param {any} one @param {{state: string, name: string}|null} own its record as it is now
 */
export function heldWords(one, own) {
  if (!one.held) return '';
  const which = turnOf(one).what === 'held' ? 'waits' : UNDER_WAY.has(own?.state) ? 'flies' : 'past';
  return t(`case.held.${which}`, { own: own?.name ?? one.own.name ?? one.own.id });
}

/** Cases that something on the map is in, by its key there. */
export const casesWith = (key) =>
  state.cases.filter(
    (one) => key === `${one.own.class}::${one.own.id}` || key === `declaration:${one.line}:${one.other.id}`,
  );

const clock = (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** When the operation would begin and end, as a proposal tells it. */
export function timesOf(declared) {
  const p = declared?.feature?.properties ?? {};
  return {
    start: declared?.start ?? p.start ?? p.times?.[0],
    end: declared?.end ?? p.end ?? p.times?.at(-1),
  };
}

/**
 * What a proposal says, in one sentence.
 * @param {any} body of case.propose @param {import('./i18n.js').Speaker} [speaker]
 */
export function proposalWords(body, speaker = ownSpeaker()) {
  const change = optionWords(body.change ?? {}, speaker);
  const { start, end } = timesOf(body.declared);
  const times = start && end ? speaker.t('case.from.until', { from: clock(start), until: clock(end) }) : '';
  return [change || speaker.t('case.changed.plan'), times].filter(Boolean).join(' · ');
}

const VOID_REASONS = new Set(['changed', 'conflict', 'dss', 'restored']);

/** What a note says, by whom it is said: "We propose", "They agree". */
export function noteWords(type, own, body, speaker = ownSpeaker()) {
  const side = own ? 'own' : 'other';
  const words = {
    propose: () => [
      speaker.t(`case.said.${body.counters ? 'counter' : 'propose'}.${side}`),
      ' ',
      proposalWords(body, speaker),
    ],
    verdict: () => speaker.t(`case.said.${body.acceptable ? 'acceptable' : 'unacceptable'}.${side}`),
    agree: () => speaker.t(`case.said.agree.${side}`),
    decline: () => speaker.t(`case.said.decline.${side}`),
    clear: () => speaker.t(`case.said.clear.${side}`),
    void: () => speaker.t(`case.said.void.${VOID_REASONS.has(body.why) ? body.why : 'changed'}.${side}`),
  }[type];
  return words ? words() : type;
}
