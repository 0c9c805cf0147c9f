/**
 * plan.js - a plan: drawn or typed, checked by the node as one draws, changed by an option if one likes,
 * handed in with the answer of the rules.
 */
import { get } from '../api.js';
import { toast } from '../dialog.js';
import { draft, keepDraft } from '../draft.js';
import { $, draw, h } from '../dom.js';
import { t } from '../i18n.js';
import { state } from '../live.js';
import { importFile } from '../import.js';
import { noteVerdict, picture } from '../map/picture.js';
import { positionPart } from '../map/tools.js';
import { Board, sketch } from '../plan/board.js';
import { Check } from '../plan/check.js';
import { KINDS, planForm } from '../plan/form.js';
import { doAct, save } from '../plan/handin.js';
import { dropPoint, featureOf, fresh, planOf } from '../plan/model.js';
import { resultPart } from '../plan/result.js';
import { linkTo, setQuery } from '../shell.js';
import { optionWords } from '../verdict.js';

/** Where what is not sent of a plan is kept: each by itself. */
const placeOf = (id) => (id ? `plan.of.${id}` : 'plan');

class PlanPage {
  constructor(root) {
    this.root = root;
    this.plan = fresh();
    /** What the node has of it. @type {any} */ this.record = null;
    /** The id of the plan that is to be here. @type {string|null} */ this.wanted = null;
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

  /** It is the node's, and not here yet: what was edited of nothing would take the place of all of it. */
  get isUnknown() {
    return Boolean(this.plan.id && !this.plan.etag);
  }

  /** It was edited here. */
  changed(next) {
    if (!this.isUnknown) this.takeUp({ ...next, edited: true });
  }

  takeUp(next) {
    this.plan = next;
    keepDraft(placeOf(next.id), next.edited ? next : null);
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
    keepDraft(placeOf(this.plan.id), null);
    keepDraft(placeOf(null), null);
    location.hash = linkTo('plan');
    this.open(null);
  }

  /** Another plan: as it was left here, or as the node has it. @param {string|null} id null: a new one */
  open(id) {
    this.record = null;
    this.failed = null;
    this.check.verdict = null;
    this.wanted = id;
    this.takeUp(draft(placeOf(id), null) ?? { ...fresh(), id });
    if (id) this.load(id);
  }

  /** What the node has of it; what was edited here and is not sent stays. */
  async load(id) {
    try {
      const record = await get(`/api/v1/operations/${encodeURIComponent(id)}`);
      if (this.gone || this.wanted !== id) return;
      this.record = record;
      const { plan } = this;
      if (plan.id === id && (plan.edited || plan.etag === this.record.etag)) this.update();
      else {
        this.takeUp(planOf(this.record));
        this.board.fit();
      }
    } catch (error) {
      if (this.wanted === id) this.failed = error;
      this.update();
    }
  }

  /* --- handing in --------------------------------------------------------------------------- */

  /** The record as the node has it by now; what was edited since it was sent is still to be sent. */
  noteRecord(record, sent = this.plan) {
    this.record = record;
    this.wanted = record.id;
    keepDraft(placeOf(this.plan.id), null);
    const edited = this.plan !== sent;
    this.plan = { ...this.plan, id: record.id, etag: record.etag, edited };
    if (edited) keepDraft(placeOf(record.id), this.plan);
    history.replaceState(null, '', linkTo('plan', record.id));
  }

  async act(name) {
    const { plan } = this;
    if (!this.record || !plan.id || name === 'save' || name === 'submit')
      this.noteRecord(await save(plan, featureOf(plan)), plan);
    if (name !== 'save') {
      const { plan: asked } = this;
      const { operation, check, done } = await doAct(this.record, name);
      this.noteRecord(operation, asked);
      if (check) this.check.verdict = check;
      if (!done) return;
    }
    toast(t(`plan.done.${name}`, { name: this.record.name || this.record.id }));
  }

  async handIn(name) {
    if (this.busy || this.isUnknown) return;
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
          isUnknown: this.isUnknown,
          changed: (plan) => this.changed(plan),
          handIn: (name) => this.handIn(name),
          anew: () => this.anew(),
          imports: () => this.imports(),
        }),
        h(
          'div',
          { class: 'map-main' },
          h('div', { class: 'map-box', 'data-keep': 'plan-map', dir: 'ltr' }),
          h(
            'div',
            { class: 'map-bar' },
            positionPart(this.board.opened, this.board.pointer, () => this.update()),
          ),
          h('p', { class: 'map-note quiet' }, t(state.party?.map_tiles ? 'map.note.tiles' : 'map.note')),
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
  page.open(where.parts[0] ?? null);
  page.board.begin($('.map-box', root)).catch((error) => {
    console.error(error);
    toast(t('map.failed'), 'bad');
  });
  return {
    update: () => page.update(),
    move({ parts }) {
      if ((parts[0] ?? null) !== page.plan.id) page.open(parts[0] ?? null);
    },
    changed(what) {
      if (what === 'link' && state.connected) page.check.again(); // what was said may be old
      if (what !== 'ops') return;
      page.board.load();
      if (page.record && !page.busy) page.load(page.record.id);
    },
    leave: () => page.leave(),
    keys: [
      { key: 'o', text: 'option.take.first', run: () => page.takeFirst() },
      { key: 'z', text: 'plan.undo', run: () => page.changed(dropPoint(page.plan)) },
    ],
  };
}
