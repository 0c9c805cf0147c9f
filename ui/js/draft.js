/**
 * draft.js - work that is not sent yet: kept in this browser, by operator, until it is sent or
 * thrown away; so a session that ends, or a browser that is closed, loses nothing.
 */
import { who } from './api.js';

const prefix = 'tafadi.draft.';
/** The operator whose drafts these are, also while the session is over. */
let owner = '';

const place = (name) => {
  owner = who()?.name ?? owner;
  return `${prefix}${owner}.${name}`;
};

/** @param {string} name @param {any} [absent] */
export function draft(name, absent = '') {
  try {
    const text = localStorage.getItem(place(name));
    return text === null ? absent : JSON.parse(text);
  } catch {
    return absent;
  }
}

/** @param {string} name @param {any} value "" or null: thrown away */
export function keepDraft(name, value) {
  if (value === '' || value === null || value === undefined) localStorage.removeItem(place(name));
  else localStorage.setItem(place(name), JSON.stringify(value));
}

/** All drafts of this operator whose name begins so. */
export function dropDrafts(start) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(place(start))) localStorage.removeItem(key);
}

/** Attributes of an input whose text is a draft. @param {string} name */
export const drafted = (name, absent = '', changed = undefined) => ({
  value: draft(name, absent),
  onInput: (event) => {
    keepDraft(name, event.target.value);
    changed?.(event.target.value);
  },
});
