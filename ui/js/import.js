/**
 * import.js - a file of plans or places, handed to the node as it is, and what became of each row.
 */
import { call } from './api.js';
import { ask, field } from './dialog.js';
import { h } from './dom.js';
import { code, number } from './format.js';
import { t } from './i18n.js';

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
    ],
    submit: async (form) => {
      const file = form.get('file');
      const query = new URLSearchParams({ name: file.name, kind: form.get('kind') ?? 'site' });
      await importReport(await call('POST', `${path}?${query}`, file.slice()));
      done();
    },
  });
}

/** What became of each row of a file. */
async function importReport(answer) {
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
      h(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('import.report') },
        h(
          'table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              ['import.line', 'import.id', 'import.outcome', 'import.why'].map((key) =>
                h('th', { scope: 'col' }, t(key)),
              ),
            ),
          ),
          h(
            'tbody',
            null,
            answer.rows.map((row) =>
              h(
                'tr',
                null,
                h('td', null, code(String(row.line || row.feature + 1))),
                h('td', null, code(row.id ?? '–')),
                h(
                  'td',
                  null,
                  h(
                    'span',
                    { class: ['badge', row.outcome === 'refused' ? 'bad' : 'good'] },
                    row.outcome === 'refused' ? '✕ ' : '✓ ',
                    t(`import.${row.outcome}`),
                  ),
                ),
                h(
                  'td',
                  null,
                  row.message &&
                    h(
                      'bdi',
                      { lang: 'en', dir: 'ltr' },
                      row.field ? `${row.field}: ${row.message}` : row.message,
                    ),
                ),
              ),
            ),
          ),
        ),
      ),
      answer.notes?.length > 0 &&
        h(
          'details',
          null,
          h('summary', null, t('import.notes')),
          h(
            'ul',
            null,
            answer.notes.map((note) => h('li', { lang: 'en', dir: 'ltr' }, note.message)),
          ),
        ),
    ],
  });
}
