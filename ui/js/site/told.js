/**
 * told.js - sites as lines carry them: what other parties have declared to us, what they were told of ours, and
 * what became of each message about them.
 */
import { get } from '../api.js';
import { owed, state } from '../live.js';

const PAGE = 500;
const keyOf = (line, own, seq) => `${line} ${own} ${seq}`;

export class Told {
  constructor() {
    /** Declarations of sites. @type {any[]} */ this.ours = [];
    /** @type {any[]} */ this.theirs = [];
    /** Messages that are older than those that every page has. @type {Map<string, any>} */ this.older = new Map();
  }

  async load() {
    const list = (await get('/api/v1/declarations?withdrawn=1')).declarations.filter((one) => one.class === 'site');
    this.ours = list.filter((one) => one.own);
    this.theirs = list.filter((one) => !one.own);
    await Promise.all(state.lines.flatMap(({ id }) => [this.reach(id, this.ours), this.reach(id, this.theirs)]));
  }

  /** Reads the messages about one side's sites of a line, unless they are there. */
  async reach(line, list) {
    const missing = list.filter((one) => one.line === line && !this.message(one));
    if (!missing.length) return;
    const { own } = missing[0];
    // What was withdrawn is described by what was said before.
    const first = Math.min(...missing.map((one) => one.seq - (one.withdrawn ? PAGE : 1)));
    const last = Math.max(...missing.map((one) => one.seq));
    for (let after = Math.max(0, first); after < last; after += PAGE) {
      const path = `/api/v1/lines/${line}/messages?own=${own ? 1 : 0}&after=${after}&limit=${PAGE}`;
      for (const message of (await get(path)).messages) this.older.set(keyOf(line, own, message.seq), message);
    }
  }

  /** The message that a declaration came with, as it is now. */
  message({ line, own, seq }) {
    const near = state.messages.get(line)?.find((one) => one.own === own && one.seq === seq);
    return near ?? this.older.get(keyOf(line, own, seq));
  }

  /** What was last said of one: of what is withdrawn, before that. */
  body(one) {
    if (!one.withdrawn) return one.body;
    const all = [...this.older.values(), ...(state.messages.get(one.line) ?? [])].filter(
      (message) =>
        message.line === one.line &&
        message.own === one.own &&
        /^site\.(declare|update)$/.test(message.type) &&
        message.message.body.id === one.id,
    );
    all.sort((a, b) => a.seq - b.seq);
    return all.at(-1)?.message.body ?? one.body;
  }

  /** Whether a person has said that they have seen it; null: it is not known here. */
  isSeen(one) {
    const message = this.message(one);
    if (!message) return null;
    return !owed(message).includes('seen');
  }
}
