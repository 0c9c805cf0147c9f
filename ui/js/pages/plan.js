/**
 * plan.js - a plan: drawn or typed, checked by the node as one draws, changed by an option if one likes,
 * handed in with the answer of the rules.
 */
import { call, get, hasRole, post } from '../api.js';
import { ask, field, refused, toast } from '../dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from '../draft.js';
import { $, draw, h } from '../dom.js';
import { code, number, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { linkTo, setQuery } from '../shell.js';
import { openMap, THING_LAYERS } from '../map/base.js';
import { boundsOf, entityOf, featuresOf, noteVerdict, picture, refresh } from '../map/picture.js';
import { profile } from '../map/timeline.js';
import {
  SHAPES,
  REFERENCES,
  UNITS,
  addPoint,
  dropPoint,
  featureOf,
  fresh,
  movePoint,
  planOf,
  pointsOf,
} from '../plan/model.js';
import { importFile } from '../import.js';
import { SAMPLES } from '../samples.js';
import { conflictItem, optionWords, outcomeBadge } from '../verdict.js';
import { roleName } from '../words.js';

const KINDS = ['crewed', 'rotorcraft', 'uncrewed', 'ground', 'sea', 'hazard', 'balloon', 'other'];
const CHECK_MS = 120;
const OPTIONS_MS = 500;

export function show(root, where) {
  let plan = draft('plan', null) ?? fresh();
  /** @type {any} */ let record = null;
  let verdict = null;
  let wrong = null; // what keeps it from being checked
  let failed = null; // what kept the node from it
  let took = 0;
  let options = null;
  let shown = null; // the option that is previewed
  let busy = false;
  let opened = null;
  let gone = false;
  let turn = 0;
  let timer = 0;
  let optionTimer = 0;

  /* --- checking ----------------------------------------------------------------------- */

  function changed(next) {
    plan = next;
    keepDraft('plan', plan);
    shown = null;
    later();
    applyDraft();
    update();
  }
  const edit = (name) => ({
    value: plan[name],
    onInput: (event) => changed({ ...plan, [name]: event.target.value }),
  });
  const choice = (name, list, words) =>
    h(
      'select',
      { name, value: plan[name], onChange: (event) => changed({ ...plan, [name]: event.target.value }) },
      list.map((one) => h('option', { value: one }, words(one))),
    );

  function later() {
    clearTimeout(timer);
    clearTimeout(optionTimer);
    timer = setTimeout(check, CHECK_MS);
  }

  function feature() {
    try {
      wrong = null;
      return featureOf(plan);
    } catch (error) {
      wrong = plan.points.trim() || plan.kept ? error.message : t('plan.begin');
      return null;
    }
  }

  async function check() {
    const made = feature();
    const mine = ++turn;
    options = null;
    if (!made) {
      verdict = null;
      update();
      return;
    }
    const began = performance.now();
    try {
      const answer = await post('/api/v1/check', { feature: made, ...(plan.id ? { id: plan.id } : {}) });
      if (mine !== turn || gone) return;
      took = performance.now() - began;
      verdict = answer;
      failed = null;
      noteVerdict('plan', answer);
      applyThings();
      if (answer.conflicts.length) optionTimer = setTimeout(() => findOptions(made, mine), OPTIONS_MS);
    } catch (error) {
      if (mine !== turn) return;
      failed = error;
      verdict = null;
    }
    update();
  }

  async function findOptions(made, mine) {
    try {
      const answer = await post('/api/v1/options', {
        feature: made,
        options: true,
        ...(plan.id ? { id: plan.id } : {}),
      });
      if (mine !== turn || gone) return;
      options = { list: answer.options ?? [], blocked: answer.blocked };
    } catch (error) {
      if (mine === turn) options = { list: [], failed: error };
    }
    update();
  }

  function take(option) {
    const next = planOf({
      ...option.feature,
      id: plan.id,
      etag: plan.etag,
      feature: option.feature,
      name: plan.name,
      kind: plan.kind,
      priority: Number(plan.priority),
      start: option.feature.properties.start ?? option.feature.properties.times?.[0],
      end: option.feature.properties.end ?? option.feature.properties.times?.at(-1),
    });
    toast(t('plan.taken', { what: optionWords(option) }));
    changed(next);
  }

  /* --- the map --------------------------------------------------------------------------- */

  function entity(of, key) {
    return {
      ...entityOf({ id: key, class: 'operation', owner: '', state: 'draft', feature: of }, 'operation'),
      key,
    };
  }

  function applyDraft() {
    if (!opened?.map.getSource('draft')) return;
    let features = [];
    try {
      const points = pointsOf(plan);
      features = points.map(({ lat, lng }, i) => ({
        type: 'Feature',
        properties: { i },
        geometry: { type: 'Point', coordinates: [lng, lat] },
      }));
      if (points.length > 1)
        features.push({
          type: 'Feature',
          properties: { w: 0 },
          geometry: { type: 'LineString', coordinates: points.map((p) => [p.lng, p.lat]) },
        });
    } catch {
      /* the form says which point is wrong */
    }
    const made = feature();
    if (made)
      features = [
        ...featuresOf(entity(made, 'plan')),
        ...features.filter((one) => one.geometry.type === 'Point'),
      ];
    opened.map.getSource('draft').setData({ type: 'FeatureCollection', features });
  }

  function applyWays() {
    opened?.map.getSource('ways')?.setData({
      type: 'FeatureCollection',
      features: shown ? featuresOf(entity(shown.feature, 'way')) : [],
    });
  }

  function applyThings() {
    if (!opened?.map.getSource('things')) return;
    opened.map.getSource('things').setData({
      type: 'FeatureCollection',
      features: [...picture.entities.values()]
        .filter((one) => one.id !== plan.id)
        .flatMap((one) => featuresOf(one)),
    });
    opened.map.getSource('spots').setData({
      type: 'FeatureCollection',
      features: [...picture.entities.values()]
        .filter((one) => one.cls === 'site' && one.record.place)
        .map((one) => ({
          type: 'Feature',
          properties: { key: one.key, name: one.name },
          geometry: { type: 'Point', coordinates: [one.record.place.lng, one.record.place.lat] },
        })),
    });
    let made = null;
    try {
      made = featureOf(plan);
    } catch {
      /* no time yet: show everything */
    }
    const times = made
      ? [
          made.properties.start ?? made.properties.times?.[0],
          made.properties.end ?? made.properties.times?.at(-1),
        ].map((text) => Date.parse(text) / 1000)
      : null;
    for (const id of THING_LAYERS) {
      const own = opened.own.get(id);
      const inTime = times ? ['all', ['<', ['get', 's'], times[1]], ['>', ['get', 'e'], times[0]]] : null;
      opened.map.setFilter(id, own && inTime ? ['all', own, inTime] : (inTime ?? own));
    }
  }

  async function begin(element) {
    opened = await openMap(element, {
      centre: [37, 35],
      zoom: 6,
      label: t('map.label'),
      ready: (map) => {
        if (!opened) opened = { map };
        opened.own = new Map(THING_LAYERS.map((id) => [id, map.getFilter(id) ?? null]));
        applyThings();
        applyDraft();
        element.dataset.ready = 'yes';
      },
    });
    if (gone) {
      opened.leave();
      return;
    }
    const { map } = opened;
    let dragged = null;
    const pointAt = (point) =>
      map.queryRenderedFeatures(
        [
          [point.x - 8, point.y - 8],
          [point.x + 8, point.y + 8],
        ],
        { layers: ['draft-points'] },
      )[0];
    map.on('click', ({ lngLat, point }) => {
      if (!plan.kept && !pointAt(point))
        changed(
          plan.shape === 'circle' ? { ...addPoint({ ...plan, points: '' }, lngLat) } : addPoint(plan, lngLat),
        );
    });
    map.on('mousedown', (event) => {
      const found = pointAt(event.point);
      if (!found) return;
      event.preventDefault();
      dragged = found.properties.i;
    });
    map.on('mousemove', (event) => {
      if (dragged !== null) changed(movePoint(plan, dragged, event.lngLat));
      else map.getCanvas().style.cursor = pointAt(event.point) ? 'grab' : 'crosshair';
    });
    addEventListener('mouseup', () => {
      dragged = null;
    });
    await refresh(() => {
      applyThings();
      update();
    });
    const made = feature();
    const box = made ? boundsOf([entity(made, 'plan')]) : boundsOf(picture.entities.values());
    if (box) map.fitBounds(box, { padding: 60, maxZoom: 10, animate: false });
  }

  /* --- handing in --------------------------------------------------------------------------- */

  async function save() {
    const made = featureOf(plan);
    if (!plan.id) record = await post('/api/v1/operations', { feature: made });
    else
      record = await call(
        'PUT',
        `/api/v1/operations/${encodeURIComponent(plan.id)}`,
        { feature: made },
        { headers: { 'If-Match': `"${plan.etag}"` } },
      );
    plan = { ...plan, id: record.id, etag: record.etag };
    keepDraft('plan', plan);
    return record;
  }

  async function act(name, extra = {}) {
    const answer = await call(
      'POST',
      `/api/v1/operations/${encodeURIComponent(record.id)}/acts`,
      { act: name, ...extra },
      { headers: { 'If-Match': `"${record.etag}"` } },
    );
    record = answer.operation;
    plan = { ...plan, etag: record.etag };
    keepDraft('plan', plan);
    if (answer.check) verdict = answer.check;
    return answer;
  }

  /** What the rules leave to somebody: with the reason, under one's name. */
  async function decide(name, refusal) {
    const open = refusal.conflicts.filter((one) => one.outcome === 'decide' && !one.allowed);
    const never = refusal.conflicts.some((one) => one.outcome === 'refuse');
    const may = !never && open.every((one) => hasRole(one.role));
    return ask({
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
            h('textarea', {
              name: 'reason',
              rows: 3,
              required: true,
              dir: 'auto',
              ...drafted('plan.reason'),
            }),
            t('plan.decide.note'),
          ),
      ],
      submit: may
        ? async (form) => {
            await act(name, { allow: open.map((one) => one.key), reason: form.get('reason').trim() });
            dropDrafts('plan.reason');
          }
        : undefined,
    });
  }

  async function handIn(name) {
    if (busy) return;
    busy = true;
    failed = null;
    update();
    try {
      if (!record || !plan.id || name === 'save' || name === 'submit') await save();
      if (name !== 'save') {
        try {
          await act(name);
        } catch (error) {
          if (error.status !== 409 || !error.body.check) throw error;
          verdict = error.body.check;
          if (!(await decide(name, error.body.check))) name = 'not';
        }
      }
      if (name !== 'not') toast(t(`plan.done.${name}`, { name: record.name || record.id }));
      refresh(() => {
        applyThings();
        update();
      });
    } catch (error) {
      failed = error;
    }
    busy = false;
    update();
  }

  function anew() {
    plan = fresh();
    record = null;
    verdict = null;
    options = null;
    dropDrafts('plan');
    location.hash = linkTo('plan');
    later();
    applyDraft();
    update();
  }

  async function load(id) {
    try {
      record = await get(`/api/v1/operations/${encodeURIComponent(id)}`);
      changed(planOf(record));
    } catch (error) {
      failed = error;
      update();
    }
  }

  const importOperations = () =>
    importFile({
      means: t('import.means'),
      path: '/api/v1/operations/import',
      kinds: KINDS,
      done: () =>
        refresh(() => {
          applyThings();
          update();
        }),
    });

  /* --- what is shown ------------------------------------------------------------------------- */

  function form() {
    const line = plan.kept;
    return h(
      'form',
      {
        class: 'plan-form',
        onSubmit: (event) => {
          event.preventDefault();
          handIn('submit');
        },
      },
      h(
        'div',
        { class: 'head' },
        h('h1', null, plan.id ? t('plan.edit', { id: plan.id }) : t('plan.new')),
        h(
          'div',
          { class: 'actions' },
          h('button', { type: 'button', class: 'plain', onClick: importOperations }, t('import.short')),
          (plan.id || plan.points) &&
            h('button', { type: 'button', class: 'plain', onClick: anew }, t('plan.anew')),
        ),
      ),
      record &&
        h(
          'p',
          null,
          t('plan.state'),
          ' ',
          h('strong', null, t(`state.${record.state}`)),
          ' · ',
          code(`v${record.version}`),
        ),
      line
        ? h('p', { class: 'flag warn' }, t('plan.kept'))
        : [
            h(
              'fieldset',
              { class: 'shapes' },
              h('legend', null, t('plan.shape')),
              SHAPES.map((shape) =>
                h(
                  'label',
                  { class: 'check' },
                  h('input', {
                    type: 'radio',
                    name: 'shape',
                    value: shape,
                    checked: plan.shape === shape,
                    onChange: () => changed({ ...plan, shape }),
                  }),
                  ' ',
                  t(`shape.${shape}`),
                ),
              ),
            ),
            field(
              t('plan.points'),
              h('textarea', {
                id: 'plan-points',
                name: 'points',
                rows: 5,
                dir: 'ltr',
                spellcheck: 'false',
                class: 'code',
                ...edit('points'),
              }),
              t('plan.points.how', SAMPLES),
            ),
            h(
              'div',
              { class: 'actions' },
              h(
                'button',
                { type: 'button', disabled: !plan.points.trim(), onClick: () => changed(dropPoint(plan)) },
                t('plan.undo'),
              ),
            ),
            plan.shape === 'circle' &&
              field(
                t('plan.radius'),
                h('input', { id: 'plan-radius', inputmode: 'decimal', dir: 'ltr', ...edit('radius') }),
              ),
            plan.shape === 'corridor' &&
              field(
                t('plan.width'),
                h('input', { id: 'plan-width', inputmode: 'decimal', dir: 'ltr', ...edit('width') }),
              ),
            plan.shape === 'trajectory' && h('p', { class: 'note' }, t('plan.trajectory')),
          ],
      h(
        'div',
        { class: 'row' },
        field(t('plan.name'), h('input', { id: 'plan-name', maxlength: 60, dir: 'auto', ...edit('name') })),
        field(
          t('plan.kind'),
          choice('kind', KINDS, (kind) => t(`kind.${kind}`)),
        ),
      ),
      h(
        'div',
        { class: 'row' },
        field(
          t('plan.start'),
          h('input', { id: 'plan-start', dir: 'ltr', required: true, ...edit('start') }),
        ),
        field(t('plan.end'), h('input', { id: 'plan-end', dir: 'ltr', required: true, ...edit('end') })),
      ),
      h('p', { class: 'note' }, t('input.time.way', SAMPLES)),
      h(
        'div',
        { class: 'row tight' },
        field(t('plan.low'), h('input', { id: 'plan-low', dir: 'ltr', ...edit('low') })),
        field(t('plan.high'), h('input', { id: 'plan-high', dir: 'ltr', ...edit('high') })),
        field(
          t('plan.reference'),
          choice('reference', REFERENCES, (one) => t(`reference.${one}`)),
        ),
        field(
          t('plan.unit'),
          choice('unit', UNITS, (one) => t(`unit.${one}`)),
        ),
      ),
      h('p', { class: 'note' }, t('plan.height.note')),
      field(
        t('plan.priority'),
        h('input', {
          id: 'plan-priority',
          type: 'number',
          min: 0,
          max: 100,
          dir: 'ltr',
          ...edit('priority'),
        }),
      ),
      failed && h('p', { class: 'problem', role: 'alert' }, refused(failed)),
      h(
        'div',
        { class: 'actions end' },
        h(
          'button',
          { type: 'button', disabled: busy || Boolean(wrong), onClick: () => handIn('save') },
          t('plan.save'),
        ),
        h(
          'button',
          {
            type: 'submit',
            class: record?.state === 'submitted' ? '' : 'main',
            disabled: busy || Boolean(wrong),
          },
          t('plan.submit'),
        ),
        record?.acts?.includes('accept') &&
          hasRole('duty-officer', 'head-of-cell') &&
          h(
            'button',
            { type: 'button', class: 'main', disabled: busy, onClick: () => handIn('accept') },
            t('plan.accept'),
          ),
        record?.acts?.includes('activate') &&
          hasRole('duty-officer', 'head-of-cell') &&
          h(
            'button',
            { type: 'button', disabled: busy, onClick: () => handIn('activate') },
            t('plan.activate'),
          ),
      ),
      h('p', { class: 'note' }, t('plan.notified')),
    );
  }

  function optionItem(option, i) {
    const preview = (on) => {
      shown = on ? option : null;
      applyWays();
    };
    return h(
      'li',
      { class: 'option', 'data-key': `o${option.rank}` },
      h(
        'div',
        { class: 'grow' },
        h(
          'p',
          null,
          h('strong', null, optionWords(option)),
          i === 0 && h('kbd', { 'aria-hidden': 'true' }, 'O'),
        ),
        h(
          'p',
          { class: 'quiet' },
          option.start && timeOf(option.start, { seconds: false }),
          option.start ? ' · ' : '',
          t('option.cost', { cost: number(option.cost, 1) }),
        ),
      ),
      h(
        'button',
        {
          type: 'button',
          class: i === 0 && 'main',
          onClick: () => take(option),
          onFocus: () => preview(true),
          onBlur: () => preview(false),
          onMouseenter: () => preview(true),
          onMouseleave: () => preview(false),
        },
        t('option.take'),
      ),
    );
  }

  function optionsPart() {
    if (!verdict?.conflicts.length) return null;
    if (!options) return h('p', { class: 'quiet' }, t('option.looking'));
    return [
      h('h3', null, t('option.title')),
      options.failed && h('p', { class: 'problem' }, refused(options.failed)),
      options.list.length
        ? h('ul', { class: 'list' }, options.list.map(optionItem))
        : h('p', { class: 'empty' }, t('option.none')),
      options.list.length > 0 && h('p', { class: 'note' }, t('option.verified')),
    ];
  }

  function result() {
    if (!verdict)
      return h(
        'section',
        { class: 'card', 'aria-live': 'polite', 'data-key': 'result' },
        h('h2', null, t('plan.result')),
        h('p', { class: 'quiet' }, wrong ?? t('loading')),
      );
    const { against, conflicts } = verdict;
    const made = feature();
    return h(
      'section',
      { class: 'card', 'data-key': 'result' },
      h('h2', null, t('plan.result'), ' ', outcomeBadge(verdict.outcome)),
      h(
        'p',
        { role: 'status' },
        t(`outcome.${verdict.outcome}.means`),
        ' ',
        conflicts.length > 0 && t('plan.count', { n: conflicts.length + (verdict.more ?? 0) }),
      ),
      h(
        'p',
        { class: 'quiet' },
        t('plan.against', {
          operations: number(against.operations),
          declarations: number(against.declarations),
          sites: number(against.sites),
          zones: number(against.zones),
        }),
        ' · ',
        t('plan.took', { ms: Math.max(1, Math.round(took)) }),
      ),
      wrong && h('p', { class: 'flag warn' }, wrong),
      optionsPart(),
      conflicts.length > 0 && [
        h('h3', null, t('plan.conflicts')),
        h(
          'ul',
          { class: 'list' },
          conflicts.map((one) =>
            conflictItem(
              one,
              one.place
                ? () => opened?.map.jumpTo({ center: [one.place.lng, one.place.lat], zoom: 9 })
                : undefined,
            ),
          ),
        ),
      ],
      made &&
        profile(
          [
            entity(made, 'plan'),
            ...conflicts
              .map((one) => picture.entities.get(`${one.other.is}:${one.other.owner}:${one.other.id}`))
              .filter(Boolean),
          ],
          'plan',
        ),
    );
  }

  function update() {
    if (gone) return;
    draw(
      root,
      h(
        'div',
        { class: 'plan-page' },
        form(),
        h(
          'div',
          { class: 'map-main' },
          h('div', { class: 'map-box', 'data-keep': 'plan-map', dir: 'ltr' }),
          h('p', { class: 'map-note quiet' }, t('map.note')),
        ),
        result(),
      ),
    );
  }

  setQuery(new URLSearchParams());
  update();
  if (where.parts[0]) load(where.parts[0]);
  else later();
  begin($('.map-box', root)).catch((error) => {
    console.error(error);
    toast(t('map.failed'), 'bad');
  });
  return {
    update,
    move({ parts }) {
      if (parts[0] && parts[0] !== plan.id) load(parts[0]);
    },
    leave() {
      gone = true;
      clearTimeout(timer);
      clearTimeout(optionTimer);
      picture.conflicts.delete('plan');
      picture.inConflict.delete('plan');
      opened?.leave();
    },
    keys: [
      {
        key: 'o',
        text: 'option.take.first',
        run: () => {
          if (options?.list[0]) take(options.list[0]);
        },
      },
      { key: 'z', text: 'plan.undo', run: () => changed(dropPoint(plan)) },
    ],
  };
}
