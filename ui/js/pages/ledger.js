/**
 * ledger.js - what this node has on record: entries, the proof of one, the checkpoint and who has
 * witnessed it.
 */
import { get } from '../api.js';
import { copy, download, field, refused } from '../dialog.js';
import { draw, h } from '../dom.js';
import { code, listOf, number, timeOf } from '../format.js';
import { entryWords } from '../entry.js';
import { makeBundle, mayMakeBundles } from '../evidence.js';
import { has, t } from '../i18n.js';
import { titleOf } from '../live.js';
import { linkTo } from '../shell.js';
import { table } from '../table.js';

const PAGE = 100;
const SEARCH_MAX = 5000;

/** A signed note: text, empty line, signatures (C2SP signed-note, tlog-checkpoint). */
export function readCheckpoint(text) {
  const split = text.lastIndexOf('\n\n');
  const [origin, size, root] = text.slice(0, split).split('\n');
  const signatures = text
    .slice(split + 2)
    .split('\n')
    .filter((line) => line.startsWith('— '))
    .map((line) => line.slice(2).split(' '))
    .map(([name, blob]) => ({ name, time: cosignedAt(blob) }));
  return { origin, size: Number(size), root, signatures };
}

/** A cosignature begins with its key's id and 8 bytes of time; a log's own signature has 68 bytes. */
function cosignedAt(blob) {
  const bytes = Uint8Array.from(atob(blob ?? ''), (c) => c.charCodeAt(0));
  if (bytes.length !== 76) return null;
  const seconds = Number(new DataView(bytes.buffer).getBigUint64(4));
  return new Date(seconds * 1000).toISOString();
}

const kindName = (kind) => (has(`entry.${kind}`) ? t(`entry.${kind}`) : kind);
const timeIn = (entry) => entry.at ?? entry.time ?? entry.received_at ?? entry.sent_at ?? null;

/** Entries that note a message can be in an evidence bundle. */
const isMessage = (entry) => ['sent', 'received', 'returned'].includes(entry?.kind);

export function show(root, where) {
  let index = where.parts[0] === undefined ? null : Number(where.parts[0]);
  let entries = [];
  let size = 0;
  let first = null;
  let query = '';
  let kind = '';
  let problem = null;
  let loading = false;
  let searched = 0;
  let checkpoint = null;
  let checkpointText = '';
  let witnessedNow = null;
  let proof = null;

  async function fetchPage(from) {
    const path =
      from === null
        ? `/api/v1/ledger?limit=${PAGE}`
        : `/api/v1/ledger?first=${Math.max(0, from)}&limit=${PAGE}`;
    const answer = await get(path);
    size = answer.size;
    return answer.entries;
  }

  /** What is searched in: the entry as it is kept, and as it is shown. */
  const textOf = (at, entry) =>
    `${at} ${JSON.stringify(entry)} ${kindName(entry.kind)} ${h('p', null, entryWords(entry)).textContent}`.toLowerCase();

  const matches = ({ index: at, entry }) =>
    (!kind || entry.kind === kind) &&
    (!query || textOf(at, entry).includes(query.toLowerCase()));

  async function load(older = false) {
    loading = true;
    update();
    try {
      if (!older) {
        entries = (await fetchPage(null)).reverse();
        searched = entries.length;
      } else {
        do {
          const from = first - PAGE;
          const more = (await fetchPage(from)).filter((one) => one.index < first).reverse();
          if (!more.length) break;
          entries = [...entries, ...more];
          searched += more.length;
          first = entries.at(-1).index;
        } while (
          first > 0 &&
          (query || kind) &&
          searched < SEARCH_MAX &&
          entries.filter(matches).length < 20
        );
      }
      first = entries.length ? entries.at(-1).index : 0;
      problem = null;
    } catch (error) {
      problem = error;
    }
    loading = false;
    update();
  }

  async function loadCheckpoint() {
    try {
      checkpointText = await get('/ledger/checkpoint', { text: true });
      checkpoint = readCheckpoint(checkpointText);
      // A proof of the first entry has the latest checkpoint that others have signed, too.
      const first = await get('/api/v1/ledger/0/proof', { text: true });
      witnessedNow = readCheckpoint(first.slice(first.indexOf('\n\n') + 2));
    } catch {
      checkpoint = null;
    }
    update();
  }

  async function loadProof(at) {
    proof = { at, text: null, error: null };
    update();
    try {
      proof.text = await get(`/api/v1/ledger/${at}/proof`, { text: true });
      if (!entries.some((one) => one.index === at))
        entries = [...entries, ...(await get(`/api/v1/ledger?first=${at}&limit=1`)).entries];
    } catch (error) {
      proof.error = error;
    }
    update();
  }

  function checkpointPart() {
    if (!checkpoint)
      return h(
        'section',
        { class: 'card' },
        h('h2', null, t('ledger.checkpoint')),
        h('p', { class: 'empty' }, t('ledger.checkpoint.none')),
      );
    const others = (witnessedNow ?? checkpoint).signatures.filter((one) => one.time);
    return h(
      'section',
      { class: 'card', 'data-key': 'checkpoint' },
      h('h2', null, t('ledger.checkpoint')),
      h('p', null, t('ledger.size', { n: checkpoint.size }), ' · ', code(checkpoint.origin)),
      h('p', { class: 'quiet wrap' }, t('ledger.root'), ' ', code(checkpoint.root)),
      h('h3', null, t('ledger.witnesses')),
      others.length > 0 && h('p', null, t('ledger.witnessed', { n: (witnessedNow ?? checkpoint).size })),
      others.length
        ? h(
            'ul',
            { class: 'steps' },
            others.map(({ name, time }) =>
              h(
                'li',
                { class: 'step done' },
                h('span', { class: 'sign', 'aria-hidden': 'true' }, '✓'),
                h('span', null, h('bdi', null, titleOf(name)), ' ', timeOf(time)),
              ),
            ),
          )
        : h('p', { class: 'flag warn' }, t('ledger.witnesses.none')),
      h('p', { class: 'quiet' }, t('ledger.witnesses.mean')),
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          { type: 'button', onClick: () => copy(checkpointText, t('ledger.copied')) },
          t('ledger.copy'),
        ),
        h(
          'button',
          { type: 'button', class: 'plain', onClick: () => download('checkpoint.txt', checkpointText) },
          t('ledger.save'),
        ),
      ),
    );
  }

  /** Who has witnessed the checkpoint in a proof: what follows its first empty line. */
  function witnessed(text) {
    const names = readCheckpoint(text.slice(text.indexOf('\n\n') + 2))
      .signatures.filter((one) => one.time)
      .map((one) => titleOf(one.name));
    return names.length
      ? h('p', { class: 'flag good' }, '✓ ', t('ledger.proof.witnessed', { names: listOf(names) }))
      : h('p', { class: 'flag warn' }, t('ledger.proof.alone'));
  }

  async function bundle(at) {
    try {
      await makeBundle({ entries: [at] });
    } catch (error) {
      problem = error;
    }
    update();
  }

  function entryPart() {
    if (index === null) return null;
    const found = entries.find((one) => one.index === index);
    if (proof?.at !== index) loadProof(index);
    return h(
      'section',
      { class: 'card entry', 'data-key': `e${index}`, 'aria-live': 'polite' },
      h('h2', null, t('ledger.entry', { n: index }), found ? [' · ', kindName(found.entry.kind)] : ''),
      found && h('p', null, entryWords(found.entry)),
      found &&
        h('pre', { class: 'code wrap', dir: 'ltr', tabindex: '0' }, JSON.stringify(found.entry, null, 2)),
      h('h3', null, t('ledger.proof')),
      h('p', null, t('ledger.proof.means')),
      proof?.error
        ? h('p', { class: 'problem', role: 'alert' }, refused(proof.error))
        : proof?.text
          ? [
              witnessed(proof.text),
              h(
                'pre',
                {
                  class: 'code wrap',
                  dir: 'ltr',
                  tabindex: '0',
                  role: 'region',
                  'aria-label': t('ledger.proof'),
                },
                proof.text,
              ),
              h(
                'div',
                { class: 'actions' },
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'main',
                    onClick: () => download(`entry-${index}.tlog-proof`, proof.text),
                  },
                  t('ledger.proof.save'),
                ),
                h(
                  'button',
                  {
                    type: 'button',
                    onClick: () =>
                      download(
                        `entry-${index}.json`,
                        JSON.stringify(found?.entry ?? null),
                        'application/json',
                      ),
                  },
                  t('ledger.entry.save'),
                ),
                isMessage(found?.entry) &&
                  mayMakeBundles() &&
                  h('button', { type: 'button', onClick: () => bundle(index) }, t('ledger.bundle')),
                h('a', { class: 'button plain', href: linkTo('ledger') }, t('do.close')),
              ),
            ]
          : h('p', { class: 'empty' }, t('loading')),
    );
  }

  function row({ index: at, entry }) {
    return h(
      'tr',
      { 'data-key': `r${at}`, 'aria-current': at === index ? 'true' : null },
      h(
        'td',
        null,
        h(
          'a',
          { href: linkTo('ledger', String(at)), 'aria-label': t('ledger.entry', { n: at }) },
          code(String(at)),
        ),
      ),
      h('td', null, kindName(entry.kind)),
      h('td', null, timeIn(entry) ? timeOf(timeIn(entry), { local: false }) : ''),
      h('td', { class: 'grow' }, entryWords(entry)),
    );
  }

  function listPart() {
    const kinds = [...new Set(entries.map((one) => one.entry.kind))].filter(Boolean).sort();
    const shown = entries.filter(matches).sort((a, b) => b.index - a.index);
    return h(
      'section',
      { class: 'part', 'aria-labelledby': 's-entries', 'data-key': 'list' },
      h(
        'div',
        { class: 'head' },
        h(
          'h2',
          { id: 's-entries' },
          t('ledger.entries'),
          size ? h('span', { class: 'count' }, number(size)) : '',
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            onClick: () => {
              load();
              loadCheckpoint();
            },
          },
          t('ledger.again'),
        ),
      ),
      h(
        'div',
        { class: 'bar' },
        field(
          t('ledger.search'),
          h('input', {
            type: 'search',
            value: query,
            id: 'ledger-search',
            onInput: (event) => {
              query = event.target.value;
              update();
            },
          }),
        ),
        field(
          t('ledger.kind'),
          h(
            'select',
            {
              value: kind,
              id: 'ledger-kind',
              onChange: (event) => {
                kind = event.target.value;
                update();
              },
            },
            h('option', { value: '' }, t('ledger.kind.all')),
            kinds.map((one) => h('option', { value: one }, kindName(one))),
          ),
        ),
      ),
      problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
      shown.length
        ? table(
            t('ledger.entries'),
            ['ledger.number', 'ledger.kind', 'ledger.time', 'ledger.about'],
            shown.map(row),
            'entries',
          )
        : h('p', { class: 'empty' }, loading ? t('loading') : t('ledger.none')),
      h(
        'div',
        { class: 'actions' },
        h('span', { class: 'quiet grow' }, t('ledger.searched', { n: entries.length })),
        first > 0 &&
          h('button', { type: 'button', disabled: loading, onClick: () => load(true) }, t('ledger.older')),
      ),
    );
  }

  function update() {
    if (!root.isConnected) return;
    draw(
      root,
      h('h1', null, t('page.ledger')),
      h('p', { class: 'quiet' }, t('ledger.what')),
      h(
        'div',
        { class: 'columns wide-first' },
        h('div', null, entryPart(), listPart()),
        h('div', null, checkpointPart()),
      ),
    );
  }
  load();
  loadCheckpoint();
  const again = setInterval(loadCheckpoint, 8000); // cosignatures come with the next post
  return {
    update,
    leave: () => clearInterval(again),
    move({ parts }) {
      index = parts[0] === undefined ? null : Number(parts[0]);
    },
    keys: [{ key: '/', text: 'ledger.search', run: () => root.querySelector('#ledger-search')?.focus() }],
  };
}
