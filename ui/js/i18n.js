/**
 * i18n.js - the languages of the screen: catalogues in /ui/i18n/, plural forms by
 * Intl.PluralRules, values isolated so that they keep their own direction.
 */

/** In its own script, for the menu. */
export const LANGUAGES = { en: 'English', ar: 'العربية', ru: 'Русский' };
const RIGHT_TO_LEFT = new Set(['ar']);
/** Digits are the same in all languages: coordinates, times and numbers are compared by voice. */
const LOCALES = { en: 'en-GB', ar: 'ar-u-nu-latn', ru: 'ru-RU' };

let language = 'en';
let catalogue = {};
let plural = new Intl.PluralRules('en');

export const current = () => language;
export const locale = () => LOCALES[language];
export const isRightToLeft = () => RIGHT_TO_LEFT.has(language);

/** The language that was chosen here before, or the browser's, if it is ours. */
export function preferred() {
  const wanted = [localStorage.getItem('tafadi.language'), ...(navigator.languages ?? [])];
  const known = wanted.map((one) => one?.slice(0, 2)).find((one) => one && one in LANGUAGES);
  return known ?? 'en';
}

/** @param {string} name */
export async function load(name) {
  const response = await fetch(`/ui/i18n/${name}.json`);
  if (!response.ok) throw new Error(`catalogue ${name}: ${response.status}`);
  catalogue = await response.json();
  language = name;
  plural = new Intl.PluralRules(LOCALES[name]);
  document.documentElement.lang = name;
  document.documentElement.dir = isRightToLeft() ? 'rtl' : 'ltr';
}

/** U+2068 … U+2069: what stands between is laid out by itself. */
export const isolate = (text) => `\u2068${text}\u2069`;
/** U+2066 … U+2069: from left to right, whatever stands around. */
export const leftToRight = (text) => `\u2066${text}\u2069`;

/** @param {string} key */
export const has = (key) => key in catalogue;

/** A text of a catalogue, with its plural form and its values. */
function textOf(texts, rules, key, values) {
  let text = texts[key];
  if (text === undefined) return key;
  if (typeof text === 'object') text = text[rules.select(Number(values?.n))] ?? text.other;
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    values[name] === undefined ? whole : isolate(String(values[name])),
  );
}

/**
 * The text of a key. `{name}` is replaced by a value; with plural forms, `n` chooses the form.
 * @param {string} key @param {Record<string, string|number>} [values]
 */
export const t = (key, values) => textOf(catalogue, plural, key, values);

/**
 * The same texts in another language than this screen's, for what is read to the other side.
 * @typedef {{language: string, dir: string, locale: string, has: (key: string) => boolean,
 *   t: (key: string, values?: Record<string, string|number>) => string}} Speaker
 * @param {string} name @returns {Promise<Speaker>}
 */
export async function speaker(name) {
  const response = await fetch(`/ui/i18n/${name}.json`);
  if (!response.ok) throw new Error(`catalogue ${name}: ${response.status}`);
  const texts = await response.json();
  const rules = new Intl.PluralRules(LOCALES[name]);
  return {
    language: name,
    dir: RIGHT_TO_LEFT.has(name) ? 'rtl' : 'ltr',
    locale: LOCALES[name],
    has: (key) => key in texts,
    t: (key, values) => textOf(texts, rules, key, values),
  };
}

/** This screen's own language, as a speaker. @returns {Speaker} */
export const ownSpeaker = () => ({
  language,
  dir: isRightToLeft() ? 'rtl' : 'ltr',
  locale: locale(),
  has,
  t,
});
