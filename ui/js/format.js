/**
 * format.js - times, ages and numbers as people read them: UTC first, local time beside it, digits
 * from left to right in every language.
 */
import { h } from './dom.js';
import { current, locale, t } from './i18n.js';

const two = (n) => String(n).padStart(2, '0');

/** "14:03:05", with the date before it unless it is today's. @param {Date} date */
export function utcText(date, now = new Date(), seconds = true) {
  const iso = date.toISOString();
  const clock = seconds ? iso.slice(11, 19) : iso.slice(11, 16);
  return iso.slice(0, 10) === now.toISOString().slice(0, 10) ? clock : `${iso.slice(0, 10)} ${clock}`;
}

/** "17:03" in the zone of this computer; "" if that is UTC. @param {Date} date */
export function localText(date) {
  if (date.getTimezoneOffset() === 0) return '';
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return date.getDate() === date.getUTCDate()
    ? clock
    : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** A time of the API as an element. @param {string|null} iso */
export function timeOf(iso, { seconds = true, local = true } = {}) {
  if (!iso) return h('span', { class: 'quiet' }, t('time.none'));
  const date = new Date(iso);
  const there = local ? localText(date) : '';
  return h(
    'time',
    { datetime: iso, class: 'time' },
    h('bdi', { dir: 'ltr' }, `${utcText(date, new Date(), seconds)} UTC`),
    there && h('span', { class: 'local' }, t('time.local', { time: there })),
  );
}

const STEPS = /** @type {[number, Intl.RelativeTimeFormatUnit][]} */ ([
  [60, 'second'],
  [3600, 'minute'],
  [86400, 'hour'],
  [Infinity, 'day'],
]);
const SIZES = { second: 1, minute: 60, hour: 3600, day: 86400 };

/** "12 seconds ago", "in 3 minutes". @param {number} seconds from now; negative: past */
export function relative(seconds) {
  const unit = STEPS.find(([limit]) => Math.abs(seconds) < limit)[1];
  const n = Math.trunc(seconds / SIZES[unit]);
  if (unit === 'second' && Math.abs(n) < 2) return t('time.now');
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'always' }).format(n, unit);
}

/** @param {string} iso @param {number} [now] */
export function ago(iso, now = Date.now()) {
  return relative((new Date(iso).getTime() - now) / 1000);
}

/** "90 s", "5 min", "2 h": with the language's unit. @param {number} seconds @param {string} [where] */
export function span(seconds, where = locale()) {
  const [unit, size] =
    seconds < 120
      ? ['second', 1]
      : seconds < 7200
        ? ['minute', 60]
        : seconds < 172800
          ? ['hour', 3600]
          : ['day', 86400];
  return new Intl.NumberFormat(where, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  }).format(seconds / size);
}

/** @param {number} n */
export const number = (n, digits = 0, where = locale()) =>
  new Intl.NumberFormat(where, { maximumFractionDigits: digits }).format(n);

/** Something that is read from left to right: an id, a coordinate, a hash. */
export const code = (text, title) => h('bdi', { dir: 'ltr', class: 'code', title }, text);

/** The number of a message. @param {number} seq */
export const numero = (seq) => h('bdi', { dir: 'ltr' }, `№ ${seq}`);

/** A list as the language joins it. @param {string[]} items */
export const listOf = (items) => new Intl.ListFormat(locale(), { type: 'conjunction' }).format(items);

export const languageName = (name) => new Intl.DisplayNames(current(), { type: 'language' }).of(name);
