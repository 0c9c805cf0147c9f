/**
 * login.js - the first thing to see, and again, over the page, when a session has ended: what was
 * written there stays.
 */
import { h, draw } from '../dom.js';
import { ApiError, explain, logIn } from '../api.js';
import { field } from '../dialog.js';
import { t } from '../i18n.js';
import { languageMenu, themeButton } from '../menus.js';

/**
 * @param {HTMLElement} root @param {{again: boolean, done: () => void}} what
 */
export function showLogin(root, { again, done }) {
  let problem = '';
  let working = false;

  async function submit(event) {
    event.preventDefault();
    if (working) return;
    const form = new FormData(event.target);
    working = true;
    problem = '';
    show();
    try {
      await logIn(String(form.get('name')).trim(), form.get('password'));
      done();
      return;
    } catch (error) {
      problem = error instanceof ApiError && error.status === 401 ? t('login.wrong') : explain(error);
    }
    working = false;
    show();
    root.querySelector('[name=password]')?.select();
  }

  function show() {
    draw(
      root,
      h(
        'main',
        { class: 'login', id: 'main' },
        h('div', { class: 'login-top' }, languageMenu(show), themeButton(show)),
        h(
          'form',
          { class: 'card', onSubmit: submit },
          h('h1', null, again ? t('login.again') : t('login.title')),
          h('p', { class: 'quiet' }, again ? t('login.kept') : t('login.about')),
          field(
            t('login.name'),
            h('input', {
              id: 'login-name',
              name: 'name',
              autocomplete: 'username',
              required: true,
              autocapitalize: 'none',
              spellcheck: 'false',
              dir: 'ltr',
              'data-keep': 'name',
            }),
          ),
          field(
            t('login.password'),
            h('input', {
              id: 'login-password',
              name: 'password',
              type: 'password',
              autocomplete: 'current-password',
              required: true,
              dir: 'ltr',
              'data-keep': 'password',
            }),
          ),
          h('p', { class: 'problem', role: 'alert', hidden: !problem }, problem),
          h(
            'button',
            { class: 'main', type: 'submit', disabled: working },
            working ? t('login.working') : t('login.do'),
          ),
        ),
        h('p', { class: 'quiet foot' }, t('login.foot')),
      ),
    );
    document.title = `Tafadi · ${t('login.title')}`;
  }
  show();
  root.querySelector('[name=name]')?.focus();
}
