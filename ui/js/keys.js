/**
 * keys.js - single keys, where nobody is typing; one table, which the help shows. They can be
 * switched off (WCAG 2.1.4).
 */
import { t } from './i18n.js';

/** @type {{key: string, text: string, run: (event: KeyboardEvent) => void}[]} */
let common = [];
/** @type {typeof common} */
let ofPage = [];

export const areOn = () => localStorage.getItem('tafadi.keys') !== 'off';
export const switchKeys = (on) => localStorage.setItem('tafadi.keys', on ? 'on' : 'off');
export const setCommonKeys = (keys) => {
  common = keys;
};
export const setPageKeys = (keys) => {
  ofPage = keys ?? [];
};
export const list = () => [...common, ...ofPage].map(({ key, text }) => ({ key, text: t(text) }));

const isTyping = (element) =>
  element?.isContentEditable ||
  (/^(INPUT|TEXTAREA|SELECT)$/.test(element?.tagName ?? '') &&
    !['checkbox', 'radio', 'button', 'range'].includes(element.type));

/** What the space bar presses itself. */
const isPressed = (element) => Boolean(element?.closest?.('button, a, summary, [type=checkbox], [type=radio]'));

/** By position for letters: an Arabic or Russian keyboard has the same keys. */
const keyName = (event) =>
  /^Key[A-Z]$/.test(event.code)
    ? event.code.slice(3).toLowerCase()
    : /^Digit\d$/.test(event.code) && !event.shiftKey
      ? event.code.slice(5)
      : event.key;

export function listen() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!areOn() || isTyping(document.activeElement) || document.querySelector('dialog[open]')) return;
    if (event.key === ' ' && isPressed(document.activeElement)) return;
    const name = keyName(event);
    const found = [...ofPage, ...common].find(({ key }) => key === name || key === event.key);
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
}
