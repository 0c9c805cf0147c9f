/**
 * menus.js - the choices that belong to this screen: language, theme.
 */
import { h } from './dom.js';
import { LANGUAGES, current, load, t } from './i18n.js';

/** @param {() => void} changed */
export function languageMenu(changed) {
  return h(
    'select',
    {
      'aria-label': t('menu.language'),
      value: current(),
      'data-key': 'language',
      onChange: async (event) => {
        await load(event.target.value);
        localStorage.setItem('tafadi.language', event.target.value);
        dispatchEvent(new Event('tafadi-language'));
        changed();
      },
    },
    Object.entries(LANGUAGES).map(([name, title]) => h('option', { value: name, lang: name }, title)),
  );
}

export const theme = () => document.documentElement.dataset.theme;

export function startTheme() {
  const chosen = localStorage.getItem('tafadi.theme');
  document.documentElement.dataset.theme =
    chosen ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'day' : 'night');
}

export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem('tafadi.theme', name);
  dispatchEvent(new Event('tafadi-theme'));
}

export function themeButton(changed) {
  const next = theme() === 'night' ? 'day' : 'night';
  return h(
    'button',
    {
      type: 'button',
      class: 'plain',
      'data-key': 'theme',
      onClick: () => {
        setTheme(next);
        changed();
      },
    },
    h('span', { 'aria-hidden': 'true' }, next === 'night' ? '☾' : '☀'),
    ' ',
    t(`menu.theme.${next}`),
  );
}
