/**
 * acts.js - what one can do about a site of our own: register it with a read-back, correct it, say that it was
 * verified, withdraw it with a reason, say that we know of it.
 */
import { readTime } from '../acts.js';
import { call, get, post } from '../api.js';
import { ask, field, toast } from '../dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from '../draft.js';
import { h } from '../dom.js';
import { position, readPosition } from '../geo.js';
import { distance } from '../geodesic.js';
import { has, t } from '../i18n.js';
import { SAMPLES } from '../samples.js';
import { kindOf, linesOf, outlineOf } from './outline.js';

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
export const categoryName = (name) => (has(`category.${name}`) ? t(`category.${name}`) : name);
const matching = (site) => ({ headers: { 'If-Match': `"${site.etag}"` } });
export const pathOf = (site, act) => `/api/v1/sites/${encodeURIComponent(site.id)}${act ? `/${act}` : ''}`;

/** A day as it is written, as a time of the API; the time that it was, if the day is the same. */
function dayOf(text, before) {
  if (!text) return {};
  if (before?.startsWith(text)) return { data_at: before };
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  if (!date || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text)) // 30 February
    throw new Error(t('site.gathered.wrong'));
  return { data_at: date.toISOString() };
}

/* --- where it is ------------------------------------------------------------------------------- */

/** A place is typed twice: as it was given, and as it was read back. @param {(key: string, absent: string, more?: any) => any} input */
const placePart = (site, input) =>
  h(
    'div',
    { class: 'row' },
    field(
      t('seen.position'),
      input('place', site ? position(site.place.lat, site.place.lng) : '', { required: true, dir: 'ltr' }),
      t('input.position.ways', SAMPLES),
    ),
    field(
      t('site.readback'),
      h('input', { name: 'readback', required: true, dir: 'ltr', autocomplete: 'off' }),
      t('site.readback.note'),
    ),
  );

/** So are the points of an area or a route, if they are others. */
function outlinePart(feature, name) {
  const lines = linesOf(feature);
  const rows = Math.min(10, lines.split('\n').length + 1);
  return h(
    'div',
    { class: 'row' },
    field(
      t('plan.points'),
      h('textarea', { name: 'outline', rows, required: true, dir: 'ltr', ...drafted(`${name}.outline`, lines) }),
      t(feature.properties?.times ? 'site.outline.timed' : 'site.outline.lines', SAMPLES),
    ),
    field(
      t('site.outline.readback'),
      h('textarea', { name: 'outlineback', rows, dir: 'ltr' }),
      t('site.outline.note'),
    ),
  );
}

/** How far around it; the property that has it, and whether it may be none. */
function sizeOf(kind, feature) {
  if (kind === 'point') return { key: 'radius_m', label: 'site.radius', absent: 500, least: 1 };
  if (kind === 'area') return { key: 'radius_m', label: 'site.radius', absent: 0, least: 0 };
  if (kind !== 'route') return null;
  return feature.properties?.times
    ? { key: 'accuracy_h_m', label: 'site.radius', absent: 50, least: 0 }
    : { key: 'width_m', label: 'plan.width', absent: 100, least: 1 };
}

function readPlace(form) {
  const [place, again] = [readPosition(form.get('place')), readPosition(form.get('readback'))];
  if (!place || !again) throw new Error(t('input.position.wrong', SAMPLES));
  const metres = distance(place, again);
  if (metres > 50) throw new Error(t('seen.differs', { metres: Math.round(metres) }));
  return {
    geometry: { type: 'Point', coordinates: [place.lng, place.lat] },
    read_back: { lat_deg: again.lat, lng_deg: again.lng },
  };
}

/** From when until when it is there; empty: always. */
function readValidity(form) {
  const read = (key) => {
    const text = form.get(key).trim();
    const time = text ? readTime(text) : 'open';
    if (!time) throw new Error(t('input.time.wrong', SAMPLES));
    return time;
  };
  const [start, end] = [read('start'), read('end')];
  if (start !== 'open' && end !== 'open' && end <= start) throw new Error(t('plan.time.order'));
  return { start, end };
}

function readSize(form, { key, least, label }) {
  const size = Number(form.get('radius').replace(',', '.'));
  if (!(size >= least && form.get('radius').trim()))
    throw new Error(t(label === 'plan.width' ? 'plan.width.wrong' : 'plan.radius.wrong'));
  return { [key]: size };
}

const clock = (time) =>
  time && time !== 'open' ? time.replace('T', ' ').replace(/(?::00)?(?:\.0+)?Z$/, '') : '';

/* --- all of it --------------------------------------------------------------------------------- */

/** What was typed, as the node takes it. @param {any} record null: a new one */
function bodyOf(form, record, kind) {
  const before = record?.feature;
  const size = sizeOf(kind, before);
  const place =
    kind === 'point'
      ? readPlace(form)
      : kind === 'other'
        ? null
        : outlineOf(before, form.get('outline'), form.get('outlineback'));
  const contact = form.get('contact').trim();
  return {
    feature: {
      type: 'Feature',
      properties: {
        ...before?.properties,
        class: 'site',
        name: form.get('name').trim(),
        category: form.get('category'),
        ...(size ? readSize(form, size) : {}),
        ...(form.has('start') ? readValidity(form) : {}),
        ...(place?.times ? { times: place.times } : {}),
      },
      geometry: place?.geometry ?? before.geometry,
    },
    category: form.get('category'),
    sensitive: Boolean(form.get('sensitive')),
    ...(place ? { read_back: place.read_back } : {}),
    ...dayOf(form.get('gathered').trim(), record?.data_at),
    ...(contact ? { contact } : {}),
    ...(record?.extra?.disclosure ? { disclosure: record.extra.disclosure } : {}),
  };
}

/**
 * Registers one, or says how one really is: the place is typed, and a second time as it was read back by who gave
 * it. A new one is a place with its radius; areas and routes come from files, and can be corrected here.
 * @param {any} site null: a new one @param {() => void} done
 */
export async function edit(site, done) {
  const record = site && (await get(pathOf(site)));
  const kind = site ? kindOf(record.feature) : 'point';
  const properties = record?.feature.properties ?? {};
  const size = sizeOf(kind, record?.feature);
  const name = site ? `site.${site.id}` : 'site.new';
  const input = (key, absent, more) =>
    h('input', { name: key, autocomplete: 'off', ...more, ...drafted(`${name}.${key}`, absent) });
  await ask({
    title: site ? t('site.correct.title', { name: site.name ?? site.id }) : t('site.new'),
    act: t(site ? 'site.correct.do' : 'site.register'),
    wide: true,
    body: [
      h('p', null, t('site.means')),
      site && h('p', { class: 'flag warn' }, t('site.correct.means')),
      h(
        'div',
        { class: 'row' },
        field(t('site.name'), input('name', site?.name ?? '', { required: true, maxlength: 60, dir: 'auto' })),
        field(
          t('site.category'),
          h(
            'select',
            {
              name: 'category',
              value: draft(`${name}.category`, site?.category ?? 'hospital'),
              onChange: (event) => keepDraft(`${name}.category`, event.target.value),
            },
            CATEGORIES.map((one) => h('option', { value: one }, categoryName(one))),
          ),
        ),
      ),
      kind === 'point' && placePart(site, input),
      (kind === 'area' || kind === 'route') && outlinePart(record.feature, name),
      kind === 'other' && h('p', { class: 'flag' }, t('site.outline.other')),
      h(
        'div',
        { class: 'row' },
        size &&
          field(
            t(size.label),
            input('radius', String(properties[size.key] ?? size.absent), {
              required: true,
              inputmode: 'decimal',
              dir: 'ltr',
            }),
          ),
        field(
          t('site.gathered'),
          input('gathered', site?.data_at?.slice(0, 10) ?? '', { dir: 'ltr', placeholder: '0000-00-00' }),
          t('site.gathered.note'),
        ),
      ),
      site &&
        kind !== 'other' &&
        !properties.times && [
          h(
            'div',
            { class: 'row' },
            field(t('plan.start'), input('start', clock(properties.start), { dir: 'ltr' })),
            field(t('plan.end'), input('end', clock(properties.end), { dir: 'ltr' })),
          ),
          h('p', { class: 'note' }, t('site.validity.note'), ' ', t('input.time.way', SAMPLES)),
        ],
      field(t('site.contact'), input('contact', site?.contact ?? '', { maxlength: 100, dir: 'auto' })),
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', name: 'sensitive', checked: site?.sensitive }),
        ' ',
        t('site.sensitive'),
        h('span', { class: 'note' }, ' ', t('site.sensitive.note')),
      ),
    ],
    submit: async (form) => {
      const body = bodyOf(form, record, kind);
      if (site) await call('PUT', pathOf(site), body, matching(record));
      else await post('/api/v1/sites', body);
      dropDrafts(`${name}.`);
      toast(t(site ? 'site.corrected' : 'site.registered'));
      done();
    },
  });
}

export async function verify(site, done) {
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
        pathOf(site, 'verify'),
        { note: `${form.get('by').trim()}: ${form.get('note').trim()}` }, // the node notes who says it, not who went there
        matching(site),
      );
      toast(t('site.verified'));
      done();
    },
  });
}

export async function withdraw(site, done) {
  await ask({
    title: t('site.withdraw.title', { name: site.name ?? site.id }),
    act: t('site.withdraw.do'),
    danger: true,
    body: [
      h('p', null, t('site.withdraw.means')),
      field(t('act.reason'), h('textarea', { name: 'reason', rows: 3, required: true, dir: 'auto' })),
    ],
    submit: async (form) => {
      await call('POST', pathOf(site, 'withdraw'), { reason: form.get('reason').trim() }, matching(site));
      toast(t('site.withdrawn'));
      done();
    },
  });
}

export async function acknowledge(site, done) {
  await post(pathOf(site, 'acknowledgements'), { version: site.version });
  toast(t('site.acknowledged'));
  done();
}
