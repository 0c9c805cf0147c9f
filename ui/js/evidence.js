/**
 * evidence.js - an evidence bundle of an incident, a case, or entries of the ledger: made by the node,
 * saved as a file, with what it is and how anybody can check it.
 */
import { call, hasRole } from './api.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { code } from './format.js';
import { t } from './i18n.js';

export const mayMakeBundles = () => hasRole('duty-officer', 'head-of-cell');

const nameIn = (response) =>
  /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'tafadi.evidence';

function save(name, bytes) {
  const url = URL.createObjectURL(bytes);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** The first line has the digest, what follows it is one JSON document. */
async function read(bytes) {
  const text = await bytes.text();
  const end = text.indexOf('\n');
  const { messages, ledgers } = JSON.parse(text.slice(end + 1));
  return {
    digest: text.slice(0, end).split(' ')[1],
    messages: messages.length,
    receipts: messages.filter((one) => one.receipt).length,
    entries: ledgers.reduce((sum, one) => sum + one.entries.length, 0),
  };
}

/** @param {{incident?: string, case?: string, line?: string, entries?: number[]}} about */
export async function makeBundle(about) {
  const response = await call('POST', '/api/v1/evidence', about, { full: true });
  const name = nameIn(response);
  const bytes = await response.blob();
  const what = await read(bytes);
  save(name, bytes);
  await ask({
    title: t('evidence.made'),
    body: [
      h('p', null, t('evidence.saved'), ' ', code(name)),
      h(
        'ul',
        { class: 'steps' },
        [
          t('evidence.messages', { n: what.messages }),
          t('evidence.receipts', { n: what.receipts }),
          t('evidence.entries', { n: what.entries }),
        ].map((text) =>
          h(
            'li',
            { class: 'step done' },
            h('span', { class: 'sign', 'aria-hidden': 'true' }, '✓'),
            h('span', null, text),
          ),
        ),
      ),
      h('p', { class: 'quiet wrap' }, 'SHA-256 ', code(what.digest)),
      h('p', null, t('evidence.verify')),
      h('pre', { class: 'code wrap', dir: 'ltr', tabindex: '0' }, `tafadi evidence verify ${name}`),
      h('p', { class: 'note' }, t('evidence.logged')),
    ],
  });
}
