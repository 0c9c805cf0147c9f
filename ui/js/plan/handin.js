/**
 * handin.js - a plan kept at the node, handed in, accepted, activated; and what the rules leave to somebody.
 */
import { call, hasRole, post } from '../api.js';
import { ask, field, saidBy } from '../dialog.js';
import { drafted, dropDrafts } from '../draft.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { conflictItem } from '../verdict.js';
import { roleName } from '../words.js';

const path = (id) => `/api/v1/operations/${encodeURIComponent(id)}`;
const match = (etag) => ({ headers: { 'If-Match': `"${etag}"` } });

/** Keeps a plan at the node; its record. */
export const save = (plan, feature) =>
  plan.id
    ? call('PUT', path(plan.id), { feature }, match(plan.etag))
    : post('/api/v1/operations', { feature });

/** @param {string} name "submit", "accept", "activate" @returns {Promise<{operation: any, check: any}>} */
const act = (record, name, extra = {}) =>
  call('POST', `${path(record.id)}/acts`, { act: name, ...extra }, match(record.etag));

/**
 * Asks for what the rules leave to somebody: with the reason, under one's name.
 * @returns {Promise<any>} the node's answer; null: it was left
 */
async function decide(record, name, refusal) {
  const open = refusal.conflicts.filter((one) => one.outcome === 'decide' && !one.allowed);
  const never = refusal.conflicts.some((one) => one.outcome === 'refuse');
  const may = !never && open.every((one) => hasRole(one.role));
  let answer = null;
  const done = await ask({
    title: t(never ? 'plan.refused' : 'plan.decide.title'),
    act: may ? t('plan.decide.do') : undefined,
    wide: true,
    danger: true,
    body: [
      h(
        'p',
        null,
        t(never ? 'plan.refused.means' : may ? 'plan.decide.means' : 'plan.decide.others', {
          role: roleName(open[0]?.role ?? ''),
        }),
      ),
      h(
        'ul',
        { class: 'list' },
        refusal.conflicts.map((one) => conflictItem(one)),
      ),
      may &&
        field(
          t('act.reason'),
          h('textarea', { name: 'reason', rows: 3, required: true, dir: 'auto', ...drafted('plan.reason') }),
          t('plan.decide.note'),
        ),
    ],
    submit: may
      ? async (form) => {
          answer = await act(record, name, {
            allow: open.map((one) => one.key),
            reason: form.get('reason').trim(),
          });
          dropDrafts('plan.reason');
        }
      : undefined,
  });
  return done ? answer : null;
}

/** Whether somebody here can decide, or has to know that nobody can. */
const isDecidable = ({ conflicts }) =>
  conflicts.some((one) => one.outcome === 'refuse' || (one.outcome === 'decide' && !one.allowed));

/**
 * What became of an operation at the DSS, where that is not what was asked for. @param {any} record
 */
export function intentPart({ intent }) {
  if (!intent) return null;
  const words = intent.why && saidBy(intent.why);
  if (intent.pending) return h('p', { class: 'flag warn' }, '… ', t('intent.waits'), words && [h('br'), words]);
  if (!['refused', 'failed'].includes(intent.result)) return null;
  return h('p', { class: 'flag bad' }, '! ', t(`intent.${intent.result}`), words && [h('br'), words]);
}

/**
 * Does an act, with the decision that it may take.
 * @returns {Promise<{operation: any, check: any, done: boolean}>} operation: as it is now
 */
export async function doAct(record, name) {
  try {
    return { ...(await act(record, name)), done: true };
  } catch (error) {
    if (error.status !== 409 || !error.body.check || !isDecidable(error.body.check)) throw error;
    const answer = await decide(record, name, error.body.check);
    return answer
      ? { ...answer, done: true }
      : { operation: record, check: error.body.check, done: false };
  }
}
