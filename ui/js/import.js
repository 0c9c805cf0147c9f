/**
 * import.js - a file of plans or places, handed to the node as it is, and what became of each row.
 */
import { call } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';
import { code, number } from './format.js';
import { t } from './i18n.js';
import { table } from './table.js';

/** @param {{means: string, path: string, kinds: string[], done: () => void}} what */
export async function importFile({ means, path, kinds, done }) {
  await ask({
    title: t('import.title'),
    act: t('import.do'),
    body: [
      h('p', null, means),
      field(t('import.file'), h('input', { type: 'file', name: 'file', required: true })),
      kinds.length > 0 &&
        field(
          t('plan.kind'),
          h(
            'select',
            { name: 'kind' },
            kinds.map((kind) => h('option', { value: kind }, t(`kind.${kind}`))),
          ),
          t('import.kind'),
        ),
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', name: 'replace' }),
        ' ',
        t('import.replace'),
        h('span', { class: 'note' }, ' ', t('import.replace.note')),
      ),
    ],
    submit: async (form) => {
      const file = form.get('file');
      const query = new URLSearchParams({ name: file.name, kind: form.get('kind') ?? 'site' });
      if (form.get('replace')) query.set('replace', '1');
      const response = await call('POST', `${path}?${query}`, file.slice(), { full: true });
      await importReport(await response.json(), response.headers.get('content-language') ?? 'en');
      done();
    },
  });
}

/** What became of a row, in the language that the node says it in; of what is refused its line, or which feature. */
function rowOf(row, language) {
  const refused = row.outcome === 'refused';
  return h(
    'tr',
    null,
    h('td', null, refused && code(String(row.line || row.feature || '–'))),
    h('td', null, code(row.id ?? '–')),
    h(
      'td',
      null,
      h('span', { class: ['badge', refused ? 'bad' : 'good'] }, refused ? '✕ ' : '✓ ', t(`import.${row.outcome}`)),
    ),
    h('td', null, row.message && [h('bdi', { lang: language }, row.message), row.field && [' ', code(row.field)]]),
  );
}

/** What became of each row of a file. @param {any} answer @param {string} language of its messages */
async function importReport(answer, language) {
  await ask({
    title: t('import.report'),
    wide: true,
    body: [
      h(
        'p',
        null,
        t('import.counts', {
          added: number(answer.added),
          updated: number(answer.updated),
          unchanged: number(answer.unchanged),
          refused: number(answer.refused),
        }),
      ),
      table(
        t('import.report'),
        ['import.line', 'import.id', 'import.outcome', 'import.why'],
        answer.rows.map((row) => rowOf(row, language)),
      ),
      answer.notes?.length > 0 &&
        h(
          'details',
          null,
          h('summary', null, t('import.notes')),
          h(
            'ul',
            null,
            answer.notes.map((note) => h('li', { lang: language, dir: 'auto' }, note.message)),
          ),
        ),
    ],
  });
}
