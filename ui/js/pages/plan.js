/**
 * plan.js - a plan: drawn or typed, checked by the node as one draws, changed by an option if one likes,
 * handed in with the answer of the rules.
 */
import { get } from '../api.js';
import { toast } from '../dialog.js';
import { draft, dropDrafts, keepDraft } from '../draft.js';
import { $, draw, h } from '../dom.js';
import { t } from '../i18n.js';
import { importFile } from '../import.js';
import { noteVerdict, picture } from '../map/picture.js';
import { Board, sketch } from '../plan/board.js';
import { Check } from '../plan/check.js';
import { KINDS, planForm } from '../plan/form.js';
import { doAct, save } from '../plan/handin.js';
import { dropPoint, featureOf, fresh, planOf } from '../plan/model.js';
import { resultPart } from '../plan/result.js';
import { linkTo, setQuery } from '../shell.js';
import { optionWords } from '../verdict.js';

class PlanPage {
  constructor(root) {
    this.root = root;
    this.plan = draft('plan', null) ?? fresh();
    /** What the node has of it. @type {any} */ this.record = null;
    this.failed = null;
    this.busy = false;
    this.gone = false;
    this.check = new Check(
      () => this.plan,
      () => this.checked(),
    );
    this.board = new Board({
      plan: () => this.plan,
      feature: () => this.check.feature(),
      changed: (plan) => this.changed(plan),
      news: () => this.update(),
    });
  }

  /* --- changing ----------------------------------------------------------------------- */

  changed(next) {
    this.plan = next;
    keepDraft('plan', next);
    this.board.preview(null);
    this.board.showPlan();
    this.check.again();
    this.update();
  }

  checked() {
    if (this.check.verdict) noteVerdict('plan', this.check.verdict);
    this.board.showThings();
    this.update();
  }

  take(option) {
    const { plan } = this;
    const { feature } = option;
    const p = feature.properties;
    toast(t('plan.taken', { what: optionWords(option) }));
    this.changed(
      planOf({
        id: plan.id,
        etag: plan.etag,
        feature,
        name: plan.name,
        kind: plan.kind,
        priority: Number(plan.priority),
        start: p.start ?? p.times?.[0],
        end: p.end ?? p.times?.at(-1),
      }),
    );
  }

  takeFirst() {
    const first = this.check.options?.list[0];
    if (first) this.take(first);
  }

  anew() {
    this.record = null;
    this.check.verdict = null;
    location.hash = linkTo('plan');
    this.changed(fresh());
    dropDrafts('plan');
  }

  async load(id) {
    try {
      this.record = await get(`/api/v1/operations/${encodeURIComponent(id)}`);
      this.changed(planOf(this.record));
    } catch (error) {
      this.failed = error;
      this.update();
    }
  }

  /* --- handing in --------------------------------------------------------------------------- */

  /** The record as the node has it by now. */
  noteRecord(record) {
    this.record = record;
    this.plan = { ...this.plan, id: record.id, etag: record.etag };
    keepDraft('plan', this.plan);
  }

  async act(name) {
    if (!this.record || !this.plan.id || name === 'save' || name === 'submit')
      this.noteRecord(await save(this.plan, featureOf(this.plan)));
    if (name !== 'save') {
      const { operation, check, done } = await doAct(this.record, name);
      this.noteRecord(operation);
      if (check) this.check.verdict = check;
      if (!done) return;
    }
    toast(t(`plan.done.${name}`, { name: this.record.name || this.record.id }));
  }

  async handIn(name) {
    if (this.busy) return;
    this.busy = true;
    this.failed = null;
    this.update();
    try {
      await this.act(name);
      this.board.load();
    } catch (error) {
      this.failed = error;
    }
    this.busy = false;
    this.update();
  }

  imports() {
    return importFile({
      means: t('import.means'),
      path: '/api/v1/operations/import',
      kinds: KINDS,
      done: () => this.board.load(),
    });
  }

  /* --- what is shown ------------------------------------------------------------------------- */

  update() {
    if (this.gone) return;
    const made = this.check.feature();
    draw(
      this.root,
      h(
        'div',
        { class: 'plan-page' },
        planForm({
          plan: this.plan,
          record: this.record,
          wrong: this.check.wrong,
          failed: this.failed ?? this.check.failed,
          busy: this.busy,
          changed: (plan) => this.changed(plan),
          handIn: (name) => this.handIn(name),
          anew: () => this.anew(),
          imports: () => this.imports(),
        }),
        h(
          'div',
          { class: 'map-main' },
          h('div', { class: 'map-box', 'data-keep': 'plan-map', dir: 'ltr' }),
          h('p', { class: 'map-note quiet' }, t('map.note')),
        ),
        resultPart(this.check, made && sketch(made, 'plan'), {
          preview: (option) => this.board.preview(option),
          take: (option) => this.take(option),
          show: (place) => this.board.jump(place),
        }),
      ),
    );
  }

  leave() {
    this.gone = true;
    this.check.leave();
    this.board.leave();
    noteVerdict('plan', { conflicts: [] });
    picture.conflicts.delete('plan');
  }
}

export function show(root, where) {
  const page = new PlanPage(root);
  setQuery(new URLSearchParams());
  page.update();
  if (where.parts[0]) page.load(where.parts[0]);
  else page.check.again();
  page.board.begin($('.map-box', root)).catch((error) => {
    console.error(error);
    toast(t('map.failed'), 'bad');
  });
  return {
    update: () => page.update(),
    move({ parts }) {
      if (parts[0] && parts[0] !== page.plan.id) page.load(parts[0]);
    },
    leave: () => page.leave(),
    keys: [
      { key: 'o', text: 'option.take.first', run: () => page.takeFirst() },
      { key: 'z', text: 'plan.undo', run: () => page.changed(dropPoint(page.plan)) },
    ],
  };
}
