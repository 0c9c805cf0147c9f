/**
 * check.js - a plan held against the node's word as it is drawn: one question at a time, the latest plan
 * each time; and options once the plan rests.
 */
import { post } from '../api.js';
import { t } from '../i18n.js';
import { featureOf } from './model.js';

/** A plan that has rested for so long is worth looking for options. */
const REST_MS = 500;
/** What the node could not answer is asked again after so long. */
const RETRY_MS = 2000;

/** The node is away, or has too much to do: it says nothing of the plan. */
const mayPass = (error) => error && (error.status === 0 || error.status >= 500);

export class Check {
  /** @param {() => any} plan the plan as it is now @param {() => void} changed there is something to show */
  constructor(plan, changed) {
    Object.assign(this, { plan, changed });
    /** What the node said; null: nothing of this plan. */ this.verdict = null;
    /** What keeps it from being checked, for a person. */ this.wrong = null;
    /** What kept the node from it. */ this.failed = null;
    /** From the change to the answer, in ms. */ this.took = 0;
    /** {list, blocked, failed}; null: not known. */ this.options = null;
    this.turn = 0;
    this.busy = false;
    this.since = 0; // when the plan changed that is not checked yet
    this.rest = 0;
    this.gone = false;
  }

  /** The plan as a feature; null: it is none yet, and `wrong` says why. */
  feature() {
    const plan = this.plan();
    try {
      this.wrong = null;
      return featureOf(plan);
    } catch (error) {
      this.wrong = plan.points.trim() || plan.kept ? error.message : t('plan.begin');
      return null;
    }
  }

  /** The plan is another. */
  again() {
    this.turn++;
    this.options = null;
    clearTimeout(this.rest);
    this.since ||= performance.now();
    if (!this.busy) this.ask();
  }

  async ask() {
    const made = this.feature();
    const { turn, since } = this;
    this.since = 0;
    if (!made) {
      this.verdict = null;
      this.changed();
      return;
    }
    this.busy = true;
    const { id } = this.plan();
    const question = { feature: made, ...(id ? { id } : {}) };
    try {
      this.verdict = await post('/api/v1/check', question);
      this.took = performance.now() - since;
      this.failed = null;
    } catch (error) {
      this.failed = error;
      this.verdict = null;
    }
    this.busy = false;
    if (this.gone) return;
    this.changed();
    if (turn !== this.turn) this.ask();
    else if (mayPass(this.failed)) this.rest = setTimeout(() => this.again(), RETRY_MS);
    else if (this.verdict?.conflicts.length)
      this.rest = setTimeout(() => this.findOptions(question, turn), REST_MS);
  }

  async findOptions(question, turn) {
    let found;
    try {
      const answer = await post('/api/v1/options', { ...question, options: true });
      found = { list: answer.options ?? [], blocked: answer.blocked };
    } catch (error) {
      found = { list: [], failed: error };
    }
    if (turn !== this.turn || this.gone) return;
    this.options = found;
    if (mayPass(found.failed)) this.rest = setTimeout(() => this.findOptions(question, turn), RETRY_MS);
    this.changed();
  }

  leave() {
    this.gone = true;
    clearTimeout(this.rest);
  }
}
