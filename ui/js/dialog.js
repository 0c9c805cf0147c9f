/**
 * dialog.js - one question at a time, by <dialog>: focus stays inside, Escape closes it.
 */
import { h } from './dom.js';
import { explain } from './api.js';
import { t } from './i18n.js';
import { code } from './format.js';

/**
 * @param {{title: string, body: any, act?: string, danger?: boolean, wide?: boolean,
 *   submit?: (form: FormData, element: HTMLFormElement) => Promise<any>|any}} what
 * @returns {Promise<any>} what submit returned; null if it was closed
 */
export function ask({ title, body, act, danger = false, wide = false, submit }) {
  return new Promise((resolve) => {
    let result = null;
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const close = () => dialog.close();
    const form = h(
      'form',
      { method: 'dialog', onSubmit: onSubmit },
      h('h2', { id: 'dialog-title' }, title),
      h('div', { class: 'dialog-body' }, body),
      problem,
      h(
        'div',
        { class: 'actions end' },
        h(
          'button',
          { type: 'button', class: 'plain', onClick: close },
          submit ? t('do.cancel') : t('do.close'),
        ),
        submit && h('button', { type: 'submit', class: danger ? 'danger' : 'main' }, act),
      ),
    );
    const dialog = h(
      'dialog',
      {
        'aria-labelledby': 'dialog-title',
        class: wide && 'wide',
        onClose: () => {
          dialog.remove();
          resolve(result);
        },
      },
      form,
    );

    async function onSubmit(event) {
      event.preventDefault();
      const button = form.querySelector('[type=submit]');
      if (!submit || button.disabled) return;
      button.disabled = true;
      problem.hidden = true;
      try {
        result = (await submit(new FormData(form), form)) ?? true;
        close();
      } catch (error) {
        problem.replaceChildren(...refused(error));
        problem.hidden = false;
        if (error.field) form.elements[error.field]?.focus?.();
      } finally {
        button.disabled = false;
      }
    }
    document.body.append(dialog);
    dialog.showModal();
    (
      dialog.querySelector('[autofocus], input:not([type=hidden]), textarea, select') ??
      dialog.querySelector('[type=submit], button')
    )?.focus();
  });
}

/** An error for a person, with the node's own words beneath. */
export function refused(error) {
  return [
    h('strong', null, explain(error)),
    error.status && error.message
      ? h(
          'span',
          { class: 'detail' },
          t('error.words'),
          ' ',
          h(
            'bdi',
            { lang: error.language, dir: error.language === 'ar' ? 'rtl' : 'ltr' },
            error.field ? `${error.field}: ${error.message}` : error.message,
          ),
        )
      : '',
    error.body?.said?.text && saidBy(error.body.said.text, error.body.said.lang),
  ].filter(Boolean);
}

/** What a DSS or another system answered: in its words, which nobody here translates. */
export const saidBy = (text, lang = 'en') =>
  h('span', { class: 'detail' }, t('error.said'), ' ', h('bdi', { lang, dir: 'ltr' }, text));

let counter = 0;
/** A labelled control. */
export function field(label, control, note) {
  const id = control.id || `f${++counter}`;
  control.id = id;
  const noteId = `${id}n`;
  if (note) control.setAttribute('aria-describedby', noteId);
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    control,
    note && h('p', { class: 'note', id: noteId }, note),
  );
}

/** A short word at the bottom of the screen that goes by itself. */
export function toast(text, kind = 'good') {
  const place =
    document.getElementById('toasts') ??
    document.body.appendChild(h('div', { id: 'toasts', role: 'status', 'aria-live': 'polite' }));
  const item = h('div', { class: ['toast', kind] }, text);
  place.append(item);
  while (place.children.length > 3) place.firstChild.remove();
  setTimeout(() => item.remove(), 6000);
}

/** What was refused, as a toast: where no dialog is open to say it in. */
export function toastRefusal(error) {
  toast(
    refused(error)
      .map((node) => node.textContent)
      .join(' '),
    'bad',
  );
}

/** @param {string} text @param {string} said */
export async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    await ask({
      title: t('do.copy'),
      body: h('textarea', { readonly: true, rows: 8, class: 'code', dir: 'ltr' }, text),
    });
  }
}

/** A file of this browser's making. */
export function download(name, text, type = 'text/plain') {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export { code };
