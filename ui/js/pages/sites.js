/**
 * sites.js - places under protection: registered with a read-back, verified, acknowledged by each party;
 * nothing disappears from the list.
 */
import { call, get, hasRole, post } from '../api.js';
import { ask, field, refused, toast, toastRefusal } from '../dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from '../draft.js';
import { draw, h } from '../dom.js';
import { ago, code, number, timeOf } from '../format.js';
import { position, readPosition } from '../geo.js';
import { distance } from '../geodesic.js';
import { has, t } from '../i18n.js';
import { now, titleOf } from '../live.js';
import { linkTo } from '../shell.js';
import { SAMPLES } from '../samples.js';
import { table } from '../table.js';
import { conflictItem } from '../verdict.js';
import { roleName } from '../words.js';
import { importFile } from '../import.js';

const CATEGORIES = [
  'hospital',
  'clinic',
  'school',
  'camp',
  'shelter',
  'warehouse',
  'office',
  'residence',
  'convoy',
  'water',
  'power',
  'dam',
  'heritage',
  'religious',
  'other',
];
const PAGE = 500;
const categoryName = (name) => (has(`category.${name}`) ? t(`category.${name}`) : name);
const matching = (site) => ({ headers: { 'If-Match': `"${site.etag}"` } });
const path = (site, act) => `/api/v1/sites/${encodeURIComponent(site.id)}/${act}`;

/** Registers one: the place is typed twice, the second time as it was read back by who gave it. */
async function register(done) {
  const name = 'site';
  await ask({
    title: t('site.new'),
    act: t('site.register'),
    wide: true,
    body: [
      h('p', null, t('site.means')),
      h(
        'div',
        { class: 'row' },
        field(
          t('site.name'),
          h('input', {
            name: 'name',
            required: true,
            maxlength: 60,
            dir: 'auto',
            ...drafted(`${name}.name`),
          }),
        ),
        field(
          t('site.category'),
          h(
            'select',
            {
              name: 'category',
              value: draft(`${name}.category`, 'hospital'),
              onChange: (event) => keepDraft(`${name}.category`, event.target.value),
            },
            CATEGORIES.map((one) => h('option', { value: one }, categoryName(one))),
          ),
        ),
      ),
      h(
        'div',
        { class: 'row' },
        field(
          t('seen.position'),
          h('input', {
            name: 'place',
            required: true,
            dir: 'ltr',
            autocomplete: 'off',
            ...drafted(`${name}.place`),
          }),
          t('input.position.ways', SAMPLES),
        ),
        field(
          t('site.readback'),
          h('input', { name: 'readback', required: true, dir: 'ltr', autocomplete: 'off' }),
          t('site.readback.note'),
        ),
      ),
      field(
        t('site.radius'),
        h('input', {
          name: 'radius',
          required: true,
          inputmode: 'decimal',
          dir: 'ltr',
          ...drafted(`${name}.radius`, '500'),
        }),
      ),
      field(
        t('site.contact'),
        h('input', { name: 'contact', maxlength: 100, dir: 'auto', ...drafted(`${name}.contact`) }),
      ),
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', name: 'sensitive' }),
        ' ',
        t('site.sensitive'),
        h('span', { class: 'note' }, ' ', t('site.sensitive.note')),
      ),
    ],
    submit: async (form) => {
      const [place, again] = [readPosition(form.get('place')), readPosition(form.get('readback'))];
      if (!place || !again) throw new Error(t('input.position.wrong', SAMPLES));
      const metres = distance(place, again);
      if (metres > 50) throw new Error(t('seen.differs', { metres: Math.round(metres) }));
      const radius = Number(form.get('radius'));
      if (!(radius > 0)) throw new Error(t('plan.radius.wrong'));
      await post('/api/v1/sites', {
        feature: {
          type: 'Feature',
          properties: {
            class: 'site',
            name: form.get('name').trim(),
            category: form.get('category'),
            radius_m: radius,
          },
          geometry: { type: 'Point', coordinates: [place.lng, place.lat] },
        },
        category: form.get('category'),
        sensitive: Boolean(form.get('sensitive')),
        radius_m: radius,
        read_back: { lat_deg: again.lat, lng_deg: again.lng },
        ...(form.get('contact').trim() ? { contact: form.get('contact').trim() } : {}),
      });
      dropDrafts(name);
      toast(t('site.registered'));
      done();
    },
  });
}

async function verify(site, done) {
  await ask({
    title: t('site.verify.title', { name: site.name ?? site.id }),
    act: t('site.verify.do'),
    body: [
      h('p', null, t('site.verify.means')),
      field(t('site.verify.by'), h('input', { name: 'by', required: true, maxlength: 100, dir: 'auto' })),
      field(t('site.verify.note'), h('input', { name: 'note', required: true, maxlength: 200, dir: 'auto' })),
    ],
    submit: async (form) => {
      await call(
        'POST',
        path(site, 'verify'),
        { note: `${form.get('by').trim()}: ${form.get('note').trim()}` }, // the node notes who says it, not who went there
        matching(site),
      );
      toast(t('site.verified'));
      done();
    },
  });
}

async function withdraw(site, done) {
  await ask({
    title: t('site.withdraw.title', { name: site.name ?? site.id }),
    act: t('site.withdraw.do'),
    danger: true,
    body: [
      h('p', null, t('site.withdraw.means')),
      field(t('act.reason'), h('textarea', { name: 'reason', rows: 3, required: true, dir: 'auto' })),
    ],
    submit: async (form) => {
      await call('POST', path(site, 'withdraw'), { reason: form.get('reason').trim() }, matching(site));
      toast(t('site.withdrawn'));
      done();
    },
  });
}

export function show(root, where) {
  let chosen = where.parts[0] ?? '';
  let list = null;
  let problem = null;
  let query = '';
  let more = null; // of the chosen one: {id, acks, affected, problem}

  async function load() {
    try {
      const found = [];
      for (let after = 0; ;) {
        const answer = await get(`/api/v1/sites?limit=${PAGE}&after=${after}`);
        found.push(...answer.sites);
        if (answer.sites.length < PAGE) break;
        after = answer.sites.at(-1).number;
      }
      list = found;
      problem = null;
    } catch (error) {
      problem = error;
      list ??= [];
    }
    more = null;
    update();
  }

  async function loadMore(id) {
    more = { id };
    try {
      const [acks, affected] = await Promise.all([
        get(path({ id }, 'acknowledgements')),
        get(path({ id }, 'affected')),
      ]);
      more = { id, acks: acks.acknowledgements, affected: affected.conflicts };
    } catch (error) {
      more = { id, problem: error };
    }
    update();
  }

  async function acknowledge(site) {
    try {
      await post(path(site, 'acknowledgements'), { version: site.version });
      toast(t('site.acknowledged'));
      loadMore(site.id);
    } catch (error) {
      toastRefusal(error);
    }
  }

  const verified = (site) =>
    site.verification?.state === 'verified'
      ? h('span', { class: 'badge good' }, '✓ ', t('site.is.verified'))
      : h('span', { class: 'badge warn' }, '! ', t('site.unverified'));

  function detail() {
    const site = list?.find((one) => one.id === chosen);
    if (!site) return null;
    if (more?.id !== site.id) loadMore(site.id);
    const speaks = hasRole('duty-officer', 'head-of-cell');
    const mine =
      hasRole('planner', 'duty-officer', 'head-of-cell') && !site.owner && site.state !== 'withdrawn';
    const check = site.verification ?? {};
    return h(
      'section',
      { class: 'card', 'data-key': `d${site.id}` },
      h(
        'div',
        { class: 'head' },
        h('h2', null, h('bdi', null, site.name ?? site.id)),
        h('a', { class: 'button plain', href: linkTo('sites') }, t('do.close')),
      ),
      h(
        'p',
        null,
        categoryName(site.category),
        ' · ',
        code(site.id),
        ' · ',
        t('site.version', { n: site.version }),
      ),
      site.place &&
        h(
          'p',
          null,
          code(position(site.place.lat, site.place.lng)),
          ' · ',
          t('site.extent', { metres: number(site.extent_m) }),
        ),
      h(
        'p',
        null,
        verified(site),
        check.by && [
          ' ',
          t('site.by', { by: check.by }),
          ' ',
          timeOf(check.at, { local: false, seconds: false }),
        ],
        check.note && [' ', h('q', { dir: 'auto' }, check.note)],
      ),
      site.data_at &&
        h(
          'p',
          { class: ['flag', site.old && 'warn'] },
          t('site.data', { age: ago(site.data_at, now()) }),
          site.old && [' ', t('site.old')],
        ),
      site.sensitive && h('p', { class: 'flag warn' }, t('site.recorded')),
      site.contact && h('p', null, t('site.contact'), ': ', h('bdi', null, site.contact)),
      h('h3', null, t('site.acks')),
      h('p', { class: 'quiet' }, t('site.acks.mean')),
      more?.problem
        ? h('p', { class: 'problem', role: 'alert' }, refused(more.problem))
        : !more?.acks
          ? h('p', { class: 'empty' }, t('loading'))
          : more.acks.length
            ? h(
                'ul',
                { class: 'steps' },
                more.acks.map((ack) =>
                  h(
                    'li',
                    { class: ['step', ack.current ? 'done' : 'late'] },
                    h('span', { class: 'sign', 'aria-hidden': 'true' }, ack.current ? '✓' : '!'),
                    h(
                      'span',
                      null,
                      h('bdi', null, ack.peer ? titleOf(ack.by) : ack.by),
                      ack.role && [' · ', roleName(ack.role)],
                      ' · ',
                      t(ack.current ? 'site.version' : 'site.version.old', { n: ack.version }),
                      ' · ',
                      timeOf(ack.at, { local: false }),
                    ),
                  ),
                ),
              )
            : h('p', { class: 'empty' }, t('site.acks.none')),
      more?.affected?.length > 0 && [
        h('h3', null, t('site.affected')),
        h(
          'ul',
          { class: 'list' },
          more.affected.map((one) => conflictItem(one)),
        ),
      ],
      more?.affected?.length === 0 && h('p', { class: 'flag good' }, '✓ ', t('site.affected.none')),
      h(
        'div',
        { class: 'actions' },
        speaks &&
          site.state !== 'withdrawn' &&
          h(
            'button',
            { type: 'button', class: 'main', onClick: () => acknowledge(site) },
            t('site.acknowledge'),
          ),
        speaks &&
          mine &&
          check.state !== 'verified' &&
          h('button', { type: 'button', onClick: () => verify(site, load) }, t('site.verify')),
        mine &&
          h(
            'button',
            { type: 'button', class: 'danger', onClick: () => withdraw(site, load) },
            t('site.withdraw'),
          ),
      ),
    );
  }

  function row(site) {
    return h(
      'tr',
      { 'data-key': `${site.owner}${site.id}`, 'aria-current': site.id === chosen ? 'true' : null },
      h(
        'th',
        { scope: 'row' },
        h('a', { href: linkTo('sites', site.id) }, h('bdi', null, site.name ?? site.id)),
      ),
      h('td', null, categoryName(site.category)),
      h(
        'td',
        null,
        site.state === 'withdrawn'
          ? h('span', { class: 'badge bad' }, '✕ ', t('site.is.withdrawn'))
          : verified(site),
      ),
      h(
        'td',
        null,
        site.data_at
          ? [site.old && h('span', { class: 'flag warn' }, '! '), ago(site.data_at, now())]
          : t('time.none'),
      ),
      h('td', null, site.place ? code(position(site.place.lat, site.place.lng)) : ''),
      h('td', null, site.owner ? h('bdi', null, site.owner) : t('line.we')),
    );
  }

  function update() {
    if (!root.isConnected) return;
    const words = query.toLowerCase();
    const shown = (list ?? []).filter((site) =>
      `${site.name} ${site.id} ${categoryName(site.category)}`.toLowerCase().includes(words),
    );
    draw(
      root,
      h(
        'div',
        { class: 'head' },
        h('h1', null, t('page.sites'), list ? h('span', { class: 'count' }, number(list.length)) : ''),
        hasRole('planner', 'duty-officer', 'head-of-cell') &&
          h(
            'div',
            { class: 'actions' },
            h(
              'button',
              {
                type: 'button',
                onClick: () =>
                  importFile({
                    means: t('site.import'),
                    path: '/api/v1/sites/import',
                    kinds: [],
                    done: load,
                  }),
              },
              t('import.short'),
            ),
            h('button', { type: 'button', class: 'main', onClick: () => register(load) }, t('site.add')),
          ),
      ),
      h('p', { class: 'quiet' }, t('site.about')),
      problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
      h(
        'div',
        { class: chosen ? 'columns' : '' },
        h(
          'div',
          null,
          h('input', {
            type: 'search',
            id: 'site-search',
            'aria-label': t('map.search'),
            placeholder: t('map.search'),
            value: query,
            onInput: (event) => {
              query = event.target.value;
              update();
            },
          }),
          list === null
            ? h('p', { class: 'empty' }, t('loading'))
            : shown.length
              ? table(
                  t('page.sites'),
                  ['site.name', 'site.category', 'site.state', 'site.age', 'seen.position', 'site.owner'],
                  shown.map(row),
                )
              : h('p', { class: 'empty' }, t('site.none')),
        ),
        h('div', null, detail()),
      ),
    );
  }
  load();
  return {
    update,
    changed(what) {
      if (what === 'ops') load();
    },
    move({ parts }) {
      chosen = parts[0] ?? '';
    },
    keys: [{ key: '/', text: 'map.search', run: () => root.querySelector('#site-search')?.focus() }],
  };
}
