/**
 * load.js - all that there is to know here about one case: itself, the own record exactly, the other side's as
 * it was disclosed, what they were told of ours, ways out, and the shapes of proposals.
 */
import { get, hasRole } from '../api.js';
import { lineOf } from '../cases.js';
import { declared, entityOf } from '../map/entity.js';

const mayAsk = () => hasRole('planner', 'duty-officer', 'head-of-cell');

async function readOwn({ own }) {
  try {
    const record = await get(
      `/api/v1/${own.class === 'site' ? 'sites' : 'operations'}/${encodeURIComponent(own.id)}`,
    );
    return entityOf({ class: own.class, ...record }, own.class);
  } catch (error) {
    if (error.status === 404) return null; // it is gone; the case says so soon
    throw error;
  }
}

/** Ours as they were told, theirs as we were told. */
async function readDeclared(one) {
  const list = (await get(`/api/v1/declarations?line=${one.line}&withdrawn=1`)).declarations;
  const mine = list.find((d) => d.own && d.own_id === one.own.id && d.class === one.own.class);
  const theirs = list.find((d) => !d.own && d.id === one.other.id && d.class === one.other.class);
  return { told: mine ? declared(mine) : null, other: theirs ? declared(theirs) : null };
}

/** Ways out for what is ours; none where nothing can be proposed, and then why. */
async function readOptions(one) {
  if (one.state === 'over' || one.own.class !== 'operation' || !mayAsk()) return null;
  try {
    const answer = await get(`/api/v1/cases/${one.id}/options`);
    return { list: answer.options ?? [], blocked: answer.blocked, failed: null };
  } catch (error) {
    if (error.status === 0 || error.status === 401 || error.status >= 500) throw error;
    return { list: [], blocked: null, failed: error };
  }
}

/** Shapes of what was proposed, by the proposals' hashes. */
function shapesOf(one) {
  const shapes = new Map();
  for (const note of one.said)
    if (note.type === 'propose') {
      const { declared: body } = note.body;
      const { feature } = declared({
        line: one.line,
        id: note.hash,
        version: 0,
        disclosure: body.disclosure,
        body,
      });
      if (feature) shapes.set(note.hash, feature);
    }
  return shapes;
}

/** What ways out depend on; they are not asked for again while it stays. */
const markOf = (one) =>
  [
    one.id,
    one.state,
    one.stage,
    one.own_declared_version,
    one.other_declared_version,
    one.own.version,
    one.said.length,
  ].join();

/** @param {string} id @param {any} before what was read before, or null: everything is read again */
export async function loadCase(id, before) {
  const one = await get(`/api/v1/cases/${encodeURIComponent(id)}`);
  const [own, { told, other }] = await Promise.all([readOwn(one), readDeclared(one)]);
  const mark = markOf(one);
  const options = before?.mark === mark && before.options ? before.options : await readOptions(one);
  return {
    one,
    own,
    told,
    other,
    options,
    mark,
    shapes: shapesOf(one),
    line: lineOf(one),
    read: new Date().toISOString(),
  };
}

/** The ways out as they are at this moment, for what is about to be proposed. */
export const optionsNow = readOptions;
