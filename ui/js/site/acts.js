/**
 * acts.js - what one can do about a site of our own: register it with a read-back, correct it, say that it was
 * verified, withdraw it with a reason, say that we know of it.
 */
import { call, get, post } from '../api.js';
import { ask, field, toast } from '../dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from '../draft.js';
import { h } from '../dom.js';
import { position, readPosition } from '../geo.js';
import { distance } from '../geodesic.js';
import { has, t } from '../i18n.js';
import { SAMPLES } from '../samples.js';

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

/**
 * Registers one, or says how one really is: the place is typed, and a second time as it was read back by who gave
 * it. Of one that is there only a place with its radius can be corrected here.
 * @param {any} site null: a new one @param {() => void} done
 */
export async function edit(site, done) {
  const record = site && (await get(pathOf(site)));
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
      ),
      h(
        'div',
        { class: 'row' },
        field(
          t('site.radius'),
          input('radius', String(record?.feature.properties.radius_m ?? 500), {
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
      const [place, again] = [readPosition(form.get('place')), readPosition(form.get('readback'))];
      if (!place || !again) throw new Error(t('input.position.wrong', SAMPLES));
      const metres = distance(place, again);
      if (metres > 50) throw new Error(t('seen.differs', { metres: Math.round(metres) }));
      const radius = Number(form.get('radius'));
      if (!(radius > 0)) throw new Error(t('plan.radius.wrong'));
      const body = {
        feature: {
          type: 'Feature',
          properties: {
            ...record?.feature.properties,
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
        ...dayOf(form.get('gathered').trim(), site?.data_at),
        ...(form.get('contact').trim() ? { contact: form.get('contact').trim() } : {}),
        ...(record?.extra?.disclosure ? { disclosure: record.extra.disclosure } : {}),
      };
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
