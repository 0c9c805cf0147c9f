/**
 * waiting.js - what waits for somebody here: messages that are owed a word, most urgent first.
 */
import { waitingCases } from './cases.js';
import { owed, state, titleOf } from './live.js';

const URGENCY = { danger: 0, distress: 0, incident: 1 };

/** @returns {{message: any, line: any, peer: string, what: string, by: string|null}[]} */
export function waiting() {
  const list = [];
  for (const line of state.lines)
    for (const message of state.messages.get(line.id) ?? []) {
      if (message.own) continue;
      const [what] = owed(message);
      if (what)
        list.push({
          message,
          line,
          peer: titleOf(line.peer),
          what,
          by: what === 'seen' ? message.deadlines.seen_by : message.deadlines.answer_by,
        });
    }
  const rank = (one) => URGENCY[one.message.type] ?? 2;
  return list.sort(
    (a, b) => rank(a) - rank(b) || (a.by ?? '9').localeCompare(b.by ?? '9') || a.message.seq - b.message.seq,
  );
}

/** Messages and conflict cases. */
export const waitingCount = () => waiting().length + waitingCases().length;

/** Ours that the other side owes a word, with the next deadline. */
export function awaited() {
  const list = [];
  for (const line of state.lines)
    for (const message of state.messages.get(line.id) ?? []) {
      if (!message.own) continue;
      const delivered = message.acknowledged.delivered;
      const what = delivered ? owed(message)[0] : message.void ? null : 'delivered';
      if (!what) continue;
      const by = { delivered: 'deliver_by', seen: 'seen_by', answered: 'answer_by' }[what];
      list.push({ message, line, peer: titleOf(line.peer), what, by: message.deadlines[by] });
    }
  return list.sort((a, b) => (a.by ?? '9').localeCompare(b.by ?? '9'));
}
