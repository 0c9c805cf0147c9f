/**
 * parties.js - our own card, the other parties, their fingerprints, and lines to them.
 */
import { hasRole, post } from '../api.js';
import { ask, copy, download, field, toast } from '../dialog.js';
import { drafted, dropDrafts } from '../draft.js';
import { h } from '../dom.js';
import { code } from '../format.js';
import { t } from '../i18n.js';
import { refreshLines, refreshParty, state } from '../live.js';
import { lineBadge } from '../pages/now.js';
import { linkTo } from '../shell.js';

async function addParty() {
  await ask({
    title: t('admin.party.add'),
    act: t('admin.party.add.do'),
    wide: true,
    body: [
      h('p', null, t('admin.party.add.means')),
      field(
        t('admin.card'),
        h('textarea', {
          name: 'card',
          rows: 10,
          required: true,
          class: 'code',
          dir: 'ltr',
          spellcheck: 'false',
          ...drafted('party.card'),
        }),
        t('admin.card.note'),
      ),
    ],
    submit: async (form) => {
      await post('/api/v1/parties', { card: `${form.get('card').replace(/\r\n?/g, '\n').trim()}\n` });
      dropDrafts('party.card');
      await refreshParty();
      toast(t('admin.party.added'));
    },
  });
}

async function openLine(party) {
  await ask({
    title: t('admin.line.open', { party: party.title || party.id }),
    act: t('admin.line.open.do'),
    body: [
      h('p', null, t('admin.line.open.means')),
      h('p', { class: 'flag warn' }, t('admin.line.open.compare')),
    ],
    submit: async () => {
      await post('/api/v1/lines', { peer: party.id });
      await refreshLines();
      toast(t('admin.line.opened'));
    },
  });
}

function partyItem(party, keys, open, toggle) {
  const line = state.lines.find((one) => one.peer === party.id && one.state !== 'closed');
  return h(
    'li',
    { class: 'card', 'data-key': party.id },
    h('h3', null, h('bdi', null, party.title || party.id)),
    h('p', { class: 'quiet' }, code(party.id), party.url && [' · ', code(party.url)]),
    line
      ? h('p', null, lineBadge(line), ' ', h('a', { href: linkTo('line', line.id) }, t('admin.to.line')))
      : h('p', { class: 'quiet' }, t('admin.no.line')),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', onClick: toggle, 'aria-expanded': String(open) }, t('admin.compare')),
      h(
        'button',
        { type: 'button', class: 'plain', onClick: () => copy(party.card, t('admin.card.copied')) },
        t('admin.card.copy'),
      ),
      hasRole('head-of-cell') &&
        (!line || line.own_stance === 'none') &&
        h(
          'button',
          { type: 'button', class: 'main', onClick: () => openLine(party) },
          t('admin.line.open.do'),
        ),
    ),
    open &&
      h(
        'div',
        { class: 'compare' },
        keys.view(party.id, () => toggle(true)),
      ),
  );
}

/**
 * @param {string|null} opened the party whose fingerprints are shown @param {any} keys of fingerprint.js
 * @param {(id: string|null) => void} open
 */
export function partiesPart(opened, keys, open) {
  return [
    h(
      'section',
      { class: 'card', 'data-key': 'own' },
      h('h2', null, t('admin.own')),
      h('p', null, h('bdi', null, state.party?.title ?? ''), ' ', code(state.party?.id ?? '')),
      h('p', { class: 'quiet' }, t('admin.own.means')),
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          { type: 'button', onClick: () => copy(state.party.card, t('admin.card.copied')) },
          t('admin.card.copy'),
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            onClick: () => download(`${state.party.id}.card`, state.party.card),
          },
          t('admin.card.save'),
        ),
      ),
    ),
    h(
      'div',
      { class: 'head' },
      h('h2', null, t('admin.parties')),
      hasRole('head-of-cell', 'admin') &&
        h('button', { type: 'button', class: 'main', onClick: addParty }, t('admin.party.add')),
    ),
    state.parties.length
      ? h(
          'ul',
          { class: 'cards' },
          state.parties.map((party) =>
            partyItem(party, keys, opened === party.id, (keep) =>
              open(keep !== true && opened === party.id ? null : party.id),
            ),
          ),
        )
      : h('p', { class: 'empty' }, t('admin.parties.none')),
  ];
}
