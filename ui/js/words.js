/**
 * words.js - what a message says and what became of it, in plain words.
 */
import { current, has, leftToRight, t } from './i18n.js';
import { h } from './dom.js';
import { ago, code, listOf, timeOf } from './format.js';
import { position } from './geo.js';
import { cellRing } from './map/cells.js';
import { caseOfAlarm, noteWords, turnOf } from './cases.js';
import { now, owed, state, titleOf } from './live.js';

export const typeName = (type) => t(has(`type.${type}`) ? `type.${type}` : 'type.unknown');
export const roleName = (role) => (has(`role.${role}`) ? t(`role.${role}`) : role);
export const stateName = (name) => (has(`line.state.${name}`) ? t(`line.state.${name}`) : name);

/** The languages that a phrase is shown in: this screen's, and a second one. */
export const secondLanguage = () => {
  const chosen = localStorage.getItem('tafadi.second');
  return chosen && chosen !== current() ? chosen : current() === 'ar' ? 'en' : 'ar';
};

/** A phrase's sentence, with its arguments. */
export function phraseText(id, args, language = current()) {
  const phrase = state.phrases.find((one) => one.id === id);
  if (!phrase) return id;
  return phrase[language].replace(/%([1-3])/g, (whole, n) => {
    const value = args?.[phrase.args[Number(n) - 1]];
    return value === undefined || value === '' ? '…' : leftToRight(value);
  });
}

const RTL = new Set(['ar', 'fa', 'he', 'ur']);
/** A text in the language that its author named. */
export const spoken = (text, lang) =>
  h('p', { class: 'said', lang: lang ?? null, dir: lang ? (RTL.has(lang) ? 'rtl' : 'ltr') : 'auto' }, text);

/** Where a message is about: what the node has read back, or the middle of what is declared. */
export function placeOf(message) {
  const { body } = message.message;
  if (message.place) {
    const { lat_deg: lat, lng_deg: lng, start, end } = message.place;
    return { lat, lng, start, end };
  }
  if (message.type === 'notice' && body.volume) {
    const { outline_circle: circle, outline_polygon: polygon } = body.volume.volume ?? {};
    const times = { start: body.volume.time_start?.value, end: body.volume.time_end?.value };
    if (circle) return { lat: circle.center.lat, lng: circle.center.lng, ...times };
    if (polygon?.vertices?.length) return { ...meanOf(polygon.vertices), ...times };
    return null;
  }
  if (/^(op|site)\./.test(message.type)) return declaredPlace(body);
  return typeof body.lat_deg === 'number' ? { lat: body.lat_deg, lng: body.lng_deg, start: body.at } : null;
}

/** About where a declaration is. */
export function declaredPlace(body) {
  const p = body.feature?.properties ?? {};
  const times = { start: body.start ?? p.start, end: body.end ?? p.end };
  if (body.area) return { lat: body.area.lat_deg, lng: body.area.lng_deg, ...times };
  const geometry = body.feature?.geometry;
  if (geometry?.type === 'Point')
    return { lat: geometry.coordinates[1], lng: geometry.coordinates[0], ...times };
  const pairs = [];
  const take = (c) => (typeof c[0] === 'number' ? pairs.push({ lat: c[1], lng: c[0] }) : c.forEach(take));
  if (geometry?.coordinates) take(geometry.coordinates);
  for (const token of body.cells ?? []) take(cellRing(token).slice(0, 4));
  return pairs.length ? { ...meanOf(pairs), ...times } : null;
}

function meanOf(points) {
  const RAD = Math.PI / 180;
  let [x, y, z] = [0, 0, 0];
  for (const { lat, lng } of points) {
    x += Math.cos(lat * RAD) * Math.cos(lng * RAD);
    y += Math.cos(lat * RAD) * Math.sin(lng * RAD);
    z += Math.sin(lat * RAD);
  }
  return { lat: Math.atan2(z, Math.hypot(x, y)) / RAD, lng: Math.atan2(y, x) / RAD };
}

function band(volume) {
  const { altitude_lower: low, altitude_upper: high } = volume ?? {};
  if (!low || !high) return null;
  return h('span', null, t('words.altitude', { low: Math.round(low.value), high: Math.round(high.value) }));
}

/** Why a declaration was withdrawn: a state's word, `lost`, or what somebody wrote. */
const withdrawnWords = (reason) =>
  reason === 'lost'
    ? h('p', null, t('words.lost'))
    : has(`state.${reason}`)
      ? h('p', null, t(`state.${reason}`))
      : spoken(reason);

/** What is shown of a message, without who and when. */
export function contents(message) {
  const { body } = message.message;
  const place = placeOf(message);
  const where =
    place &&
    h(
      'p',
      { class: 'where' },
      code(position(place.lat, place.lng)),
      place.start && [' ', timeOf(place.start)],
      place.end && [' – ', timeOf(place.end)],
    );
  switch (message.type) {
    case 'phrase':
      return h(
        'div',
        { class: 'two' },
        [current(), secondLanguage()].map((lang) => spoken(phraseText(body.phrase, body.args, lang), lang)),
      );
    case 'notice':
      return [
        body.text && spoken(body.text, body.lang),
        where,
        h('p', { class: 'quiet' }, band(body.volume?.volume)),
      ];
    case 'memo.propose':
      return h('p', null, t('words.memo.propose'));
    case 'memo.accept':
      return h('p', null, t('words.memo.accept'));
    case 'memo.decline':
      return [h('p', null, t('words.memo.decline')), spoken(body.reason)];
    case 'withdraw':
      return [h('p', null, t('words.withdraw', { n: body.of })), spoken(body.reason)];
    case 'answer':
      return [h('p', { class: 'quiet' }, t('words.answer', { n: body.of })), spoken(body.text, body.lang)];
    case 'drill':
      return h('p', null, t('words.drill'));
    case 'line.open':
      return h('p', null, t('words.open', { n: body.round ?? 1 }));
    case 'key.rotate':
      return h('p', null, t('words.rotate'));
    case 'ack.seen':
    case 'ack.forwarded':
    case 'ack.answered':
      return acknowledgement(message);
    case 'op.declare':
    case 'op.update':
    case 'site.declare':
    case 'site.update':
      return [
        h(
          'p',
          null,
          has(`kind.${body.kind}`) ? t(`kind.${body.kind}`) : body.kind,
          message.type.startsWith('op.') && has(`state.${body.state}`) && [' · ', t(`state.${body.state}`)],
          body.disclosure && [' · ', t(`told.${body.disclosure}`)],
        ),
        where,
      ];
    case 'case.propose':
    case 'case.verdict':
    case 'case.agree':
    case 'case.decline':
    case 'case.void':
    case 'case.clear':
      return h('p', null, noteWords(message.type.slice(5), message.own, body), ' ', caseLink(body.case));
    case 'op.withdraw':
    case 'site.withdraw':
      return [
        h('p', null, code(body.id)),
        body.reason && withdrawnWords(body.reason),
      ];
    default:
      return [
        body.text && spoken(body.text, body.lang),
        body.reason && spoken(body.reason),
        where,
        !(`type.${message.type}` in known()) && h('p', { class: 'quiet' }, t('words.unknown')),
      ];
  }
}
const caseLink = (id) =>
  state.serves.has('cases') && h('a', { href: `#/cases/${encodeURIComponent(id)}` }, t('case.open'));

const known = () => ({
  [`type.${'text'}`]: 1,
  'type.danger': 1,
  'type.distress': 1,
  'type.incident': 1,
  'type.question': 1,
  'type.line.suspend': 1,
  'type.line.resume': 1,
  'type.line.close': 1,
});

function acknowledgement(message) {
  const { body } = message.message;
  if (message.type === 'ack.seen') return h('p', null, t('words.ack.seen', { n: body.of }));
  if (message.type === 'ack.forwarded')
    return h('p', null, t('words.ack.forwarded', { n: body.of, to: listOf(body.to ?? []) }));
  return [
    h('p', null, t('words.ack.answered', { n: body.of, what: t(`assessment.${body.assessment}`) })),
    body.reason && spoken(body.reason),
  ];
}

/** One step of the way of a message: done, waiting, late. */
function step(key, at, by, values = {}) {
  const late = !at && by && new Date(by).getTime() < now();
  const kind = at ? 'done' : late ? 'late' : 'open';
  const sign = { done: '✓', late: '!', open: '○' }[kind];
  return h(
    'li',
    { class: ['step', kind] },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
    h(
      'span',
      null,
      t(`step.${key}.${kind}`, values),
      at
        ? [' ', timeOf(at, { local: false })]
        : by
          ? [
              late ? ' · ' : ' ',
              h(
                'span',
                { class: 'by' },
                t(late ? 'step.was' : 'step.by'),
                ' ',
                timeOf(by, { local: false }),
                ' ',
                h('span', { class: 'quiet' }, `(${ago(by, now())})`),
              ),
            ]
          : '',
    ),
  );
}

/** The receipts of a message as a list of sentences. */
export function receipts(message) {
  const { acknowledged: done, deadlines } = message;
  const asks = new Set([...owed(message), ...['seen', 'answered'].filter((one) => done[one])]);
  const steps = [
    message.own && step('delivered', done.delivered, deadlines.deliver_by),
    asks.has('seen') &&
      step(message.own ? 'seen' : 'seen.own', done.seen, deadlines.seen_by, {
        role: roleName(done.seen_role ?? ''),
      }),
    done.forwarded && step('forwarded', done.forwarded),
    asks.has('answered') &&
      step(message.own ? 'answered' : 'answered.own', done.answered, deadlines.answer_by, {
        what: done.assessment ? t(`assessment.${done.assessment}`) : '',
      }),
  ].filter(Boolean);
  if (!steps.length) return null;
  return [h('ul', { class: 'steps' }, steps), done.reason && spoken(done.reason)];
}

/** What is strange about a message, if anything is. */
export const oddities = (message) => [
  message.void && h('p', { class: 'flag bad' }, t('words.void')),
  message.late && h('p', { class: 'flag warn' }, t('words.late')),
  message.superseded_by > 0 && h('p', { class: 'flag' }, t('words.superseded', { n: message.superseded_by })),
];

/** What happened, what it means, what to do. */
export function alarmWords(alarm) {
  const line = state.lines.find((one) => one.id === alarm.line);
  const values = { n: alarm.seq, party: titleOf(line?.peer ?? ''), role: roleName(alarm.role ?? '') };
  const key = `alarm.${alarm.kind}${alarm.own && has(`alarm.${alarm.kind}.own.what`) ? '.own' : ''}`;
  if (alarm.kind.startsWith('case.')) {
    const about = caseOfAlarm(alarm);
    if (!about || turnOf(about).what !== 'held')
      return { what: t('alarm.case.what', values), act: t('alarm.case.do') };
    return { what: t('alarm.held.what', { ...values, own: about.own.name }), act: t('alarm.held.do') };
  }
  for (const kind of ['overtime', 'outside', 'unheard', 'hook'])
    if (alarm.kind.startsWith(`${kind}.`))
      return { what: t(`alarm.${kind}.what`), act: t(`alarm.${kind}.do`), words: alarm.text };
  if (has(`${key}.what`)) return { what: t(`${key}.what`, values), act: t(`${key}.do`, values) };
  return { what: t('alarm.other.what'), act: t('alarm.other.do'), words: alarm.text };
}
