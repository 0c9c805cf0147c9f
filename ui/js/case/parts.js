/**
 * parts.js - the parts of a case's page: ways out, both sides, what was said, and what the other side sees.
 */
import { refused } from '../dialog.js';
import { h } from '../dom.js';
import { ago, code, languageName, number, numero, span, timeOf } from '../format.js';
import { position } from '../geo.js';
import { LANGUAGES, current, has, ownSpeaker, speaker, t } from '../i18n.js';
import { now, state } from '../live.js';
import { linkTo } from '../shell.js';
import { noteWords, partyOf, standing, turnOf } from '../cases.js';
import { conflictItem, optionWords } from '../verdict.js';
import { receipts, secondLanguage } from '../words.js';

const kindName = (kind, say = { has, t }) => (say.has(`kind.${kind}`) ? say.t(`kind.${kind}`) : kind);

/* --- ways out ------------------------------------------------------------------------------ */

function optionItem(option, { preview, look }) {
  const on = preview?.kind === 'option' && preview.at === option.rank;
  return h(
    'li',
    { 'data-key': `o${option.rank}` },
    h(
      'button',
      {
        type: 'button',
        class: 'thing option-choice',
        'aria-pressed': String(on),
        onClick: () => look('option', option.rank),
      },
      h(
        'span',
        { class: 'grow' },
        h('strong', null, optionWords(option)),
        h(
          'span',
          { class: 'quiet' },
          option.start && [timeOf(option.start, { seconds: false }), ' · '],
          t('option.cost', { cost: number(option.cost, 1) }),
        ),
      ),
    ),
  );
}

function waysOut({ found, preview, look }) {
  const { one, options } = found;
  if (one.own.class === 'site') return h('p', { class: 'quiet' }, t('case.site'));
  if (!options) return h('p', { class: 'quiet' }, t('case.no.role'));
  if (options.failed) return h('p', { class: 'flag warn' }, refused(options.failed));
  if (!options.list.length) return h('p', { class: 'empty' }, t('option.none'));
  return [
    h(
      'ul',
      { class: 'things' },
      options.list.map((option) => optionItem(option, { preview, look })),
    ),
    h('p', { class: 'note' }, t('option.verified')),
  ];
}

/** What stands on the table, by whom. */
function standingPart({ found, preview, look, about }) {
  const list = [...standing(found.one, false), ...standing(found.one, true)];
  return list.map((note) => {
    const verdict = about(found.one, note, 'verdict');
    const on = preview?.kind === 'proposal' && preview.at === note.hash;
    return h(
      'div',
      { class: ['proposal', note.own && 'own'], 'data-key': note.hash },
      h('p', null, h('strong', null, noteWords('propose', note.own, note.body))),
      note.body.cost !== undefined &&
        h('p', { class: 'quiet' }, t('option.cost', { cost: number(note.body.cost, 1) })),
      verdict &&
        h(
          'p',
          { class: ['flag', verdict.body.acceptable ? 'good' : 'bad'] },
          verdict.body.acceptable ? '✓ ' : '! ',
          noteWords('verdict', verdict.own, verdict.body),
        ),
      h(
        'p',
        { class: 'quiet' },
        t('case.stands.until'),
        ' ',
        timeOf(note.body.expires, { local: false }),
        ' (',
        ago(note.body.expires, now()),
        ')',
      ),
      found.shapes.has(note.hash) &&
        h(
          'button',
          { type: 'button', 'aria-pressed': String(on), onClick: () => look('proposal', note.hash) },
          t('case.look'),
        ),
    );
  });
}

export function optionsPart(mine, acts) {
  const { one } = mine.found;
  const stands = standingPart(mine);
  return h(
    'div',
    { class: 'case-options', 'data-key': 'options' },
    one.conflict && h('ul', { class: 'list' }, conflictItem(one.conflict)),
    stands.length > 0 && [h('h2', null, t('case.on.table')), stands],
    one.state === 'open' && !one.agreement
      ? [
          h('h2', null, t('case.ways'), ' ', h('kbd', { 'aria-hidden': 'true' }, 'O')),
          waysOut(mine),
          h('div', { class: 'actions' }, acts.proposeButton(mine.found)),
        ]
      : one.agreement && h('p', { class: 'flag good' }, '✓ ', t('case.turn.agreed')),
  );
}

/* --- both sides -------------------------------------------------------------------------------- */

const row = (key, value) => value && h('div', { class: 'fact' }, h('dt', null, t(key)), h('dd', null, value));

const timesIn = ({ start, end }) =>
  Number.isFinite(start) && Number.isFinite(end)
    ? [
        timeOf(new Date(start).toISOString(), { seconds: false }),
        ' – ',
        timeOf(new Date(end).toISOString(), { seconds: false, local: false }),
      ]
    : null;

function placeIn(entity) {
  const { geometry, properties } = entity.feature ?? {};
  if (geometry?.type !== 'Point')
    return geometry ? t(`case.shape.${geometry.type === 'LineString' ? 'line' : 'area'}`) : null;
  const [lng, lat] = geometry.coordinates;
  return [
    code(position(lat, lng)),
    properties?.radius_m > 0 && [' · ', t('site.extent', { metres: number(properties.radius_m) })],
  ];
}

function ownSide({ one, own, told }) {
  return h(
    'section',
    { class: 'card', 'data-key': 'own' },
    h('h2', null, t('case.ours'), h('span', { class: 'quiet' }, ' ', t('case.exactly'))),
    own
      ? h(
          'dl',
          { class: 'facts' },
          row(
            'case.name',
            h('a', { href: linkTo(own.cls === 'site' ? 'sites' : 'plan', own.id) }, h('bdi', null, own.name)),
          ),
          row('case.what', [kindName(own.kind), ' · ', t(`state.${own.state}`)]),
          row('case.when', timesIn(own)),
          row('case.heights', own.band && code(own.band)),
          row('case.where', placeIn(own)),
          row('case.priority', own.record.priority !== undefined && number(own.record.priority)),
        )
      : h('p', { class: 'flag warn' }, t('case.own.gone', { id: one.own.id })),
    h('h3', null, t('case.told')),
    told
      ? h(
          'p',
          null,
          t(`told.${told.disclosure}`),
          ' · ',
          timeOf(told.record.at, { local: false }),
          told.record.withdrawn && [' · ', h('span', { class: 'flag warn' }, t('case.withdrawn'))],
        )
      : h('p', { class: 'flag warn' }, t('case.told.nothing')),
  );
}

function otherSide({ one, other }) {
  const party = partyOf(one);
  return h(
    'section',
    { class: 'card', 'data-key': 'other' },
    h('h2', null, t('case.theirs', { party }), h('span', { class: 'quiet' }, ' ', t('case.as.told'))),
    other
      ? [
          h(
            'dl',
            { class: 'facts' },
            row('case.what', [kindName(other.kind), other.state && [' · ', t(`state.${other.state}`)]]),
            row('case.when', timesIn(other) ?? h('span', { class: 'flag warn' }, t('case.unknown'))),
            row(
              'case.heights',
              other.disclosure === 'full'
                ? code(other.band)
                : h('span', { class: 'flag warn' }, t('case.unknown')),
            ),
            row('case.where', placeIn(other) ?? h('span', { class: 'flag warn' }, t('case.unknown'))),
          ),
          h(
            'p',
            { class: 'quiet' },
            t(`told.${other.disclosure}`),
            ' · ',
            t('case.told.when', { age: ago(other.record.at, now()) }),
          ),
          other.old &&
            h('p', { class: 'flag warn' }, '! ', t('case.other.old', { metres: number(other.growth) })),
          other.record.withdrawn && h('p', { class: 'flag warn' }, t('case.withdrawn')),
          other.record.notice_breach_s > 0 &&
            h('p', { class: 'flag warn' }, t('case.notice', { span: span(other.record.notice_breach_s) })),
        ]
      : h('p', { class: 'flag warn' }, t('case.other.gone')),
  );
}

export const sidesPart = (found) =>
  h('div', { class: 'pair', 'data-key': 'sides' }, ownSide(found), otherSide(found));

/* --- what was said ------------------------------------------------------------------------------- */

const messageOf = (one, note) =>
  state.messages.get(one.line)?.find((message) => message.own === note.own && message.seq === note.seq);

function said({ found, preview, look }, note) {
  const { one } = found;
  const message = messageOf(one, note);
  const on = preview?.kind === 'proposal' && preview.at === note.hash;
  return h(
    'li',
    { class: ['message', note.own ? 'own' : 'peer'], 'data-key': `${note.own}${note.seq}` },
    h(
      'div',
      { class: 'bubble' },
      h(
        'p',
        { class: 'quiet' },
        h('bdi', null, note.own ? t('line.we') : partyOf(one)),
        ' · ',
        h(
          'a',
          { href: `${linkTo('line', one.line)}?m=${note.own ? 'o' : 'p'}${note.seq}` },
          numero(note.seq),
        ),
        ' · ',
        timeOf(note.at, { local: false }),
      ),
      h('p', null, noteWords(note.type, note.own, note.body)),
      note.type === 'propose' && !note.stands && h('p', { class: 'flag' }, t('case.stands.no')),
      message && receipts(message),
      note.type === 'propose' &&
        found.shapes.has(note.hash) &&
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            'aria-pressed': String(on),
            onClick: () => look('proposal', note.hash),
          },
          t('case.look'),
        ),
    ),
  );
}

export function historyPart(mine) {
  const notes = [...mine.found.one.said].sort((a, b) => a.at.localeCompare(b.at) || a.seq - b.seq);
  return h(
    'section',
    { class: 'case-history', 'data-key': 'history' },
    h('h2', null, t('case.history')),
    notes.length
      ? h(
          'ul',
          { class: 'messages' },
          notes.map((note) => said(mine, note)),
        )
      : h('p', { class: 'empty' }, t('case.history.none')),
  );
}

/* --- what the other side sees ----------------------------------------------------------------------- */

const speakers = new Map();
const wanted = () => localStorage.getItem('tafadi.mirror') ?? secondLanguage();

function speakerOf(language, update) {
  if (language === current()) return ownSpeaker();
  if (!speakers.has(language)) {
    speakers.set(language, null);
    speaker(language)
      .then((made) => speakers.set(language, made))
      .catch(() => speakers.delete(language)) // asked for again at the next drawing
      .then(update);
  }
  return speakers.get(language);
}

const utc = (ms) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Sentences as they are true for the other side: their "we" is our "they". */
function mirrored({ one, told, other }, say) {
  const lines = [];
  const own = state.party?.title || state.party?.id || '';
  const theirs = other ? kindName(other.kind, say) : one.other.id;
  lines.push(say.t('case.mirror.clash', { kind: theirs, party: own }));
  if (told) {
    lines.push(`${kindName(told.kind, say)} · ${say.t(`told.${told.disclosure}`)}`);
    if (Number.isFinite(told.start) && Number.isFinite(told.end))
      lines.push(say.t('case.from.until', { from: utc(told.start), until: utc(told.end) }));
    if (told.disclosure === 'full' && told.band)
      lines.push(say.t('case.mirror.heights', { band: told.band }));
  } else lines.push(say.t('case.mirror.nothing'));
  const turn = turnOf(one);
  if (turn.who && turn.what !== 'held')
    lines.push(
      say.t(`case.turn.${turn.what}.${turn.who === 'own' && turn.what !== 'talk' ? 'other' : 'own'}`, {
        party: own,
      }),
    );
  else lines.push(say.t(`case.turn.${turn.what === 'held' ? 'over' : turn.what}`));
  for (const note of [...standing(one, true), ...standing(one, false)])
    lines.push([noteWords('propose', !note.own, note.body, say)].flat().join(''));
  return lines;
}

export function mirrorPart(found, update) {
  const language = wanted();
  const say = speakerOf(language, update);
  return h(
    'section',
    { class: 'card mirror', 'data-key': 'mirror' },
    h('h2', null, t('case.mirror', { party: partyOf(found.one) })),
    h(
      'label',
      { class: 'check' },
      t('menu.language'),
      ' ',
      h(
        'select',
        {
          value: language,
          onChange: (event) => {
            localStorage.setItem('tafadi.mirror', event.target.value);
            update();
          },
        },
        Object.keys(LANGUAGES).map((name) => h('option', { value: name }, languageName(name))),
      ),
    ),
    say
      ? h(
          'ul',
          { class: 'mirrored', lang: say.language, dir: say.dir },
          mirrored(found, say).map((text) => h('li', null, text)),
        )
      : h('p', { class: 'empty' }, t('loading')),
    h('p', { class: 'note' }, t('case.mirror.note')),
  );
}
