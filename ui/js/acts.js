/**
 * acts.js - what one can do about a message: say that it was seen (reading back its place), pass it
 * on, answer it.
 */
import { hasRole, post } from './api.js';
import { ask, field, toast } from './dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from './draft.js';
import { h } from './dom.js';
import { numero, timeOf, utcText } from './format.js';
import { current, t } from './i18n.js';
import { position, readPosition } from './geo.js';
import { distance } from './geodesic.js';
import { SAMPLES } from './samples.js';
import { owed, refreshLines, refreshMessages } from './live.js';
import { contents, placeOf, typeName } from './words.js';

export async function say(line, type, body) {
  const answer = await post(`/api/v1/lines/${line.id}/messages`, { type, body });
  await refreshLines();
  await refreshMessages(line.id);
  return answer.messages[0];
}

export const maySpeak = () => hasRole('duty-officer', 'head-of-cell');

const heading = (message) =>
  h(
    'div',
    { class: 'quoted' },
    h(
      'p',
      { class: 'quiet' },
      typeName(message.type),
      ' · ',
      numero(message.seq),
      ' · ',
      timeOf(message.sent),
    ),
    contents(message),
  );

/** "14:03", "14:03:05", with or without a date, in UTC. */
export function readTime(text, like = new Date()) {
  const match =
    /^(?:(\d{4}-\d{2}-\d{2})[T\s]+)?(\d{1,2}):?(\d{2})(?::?(\d{2}(?:\.\d{1,6})?))?\s*(?:Z|UTC)?$/i.exec(
      text.trim(),
    );
  if (!match) return null;
  const date = new Date(
    `${match[1] ?? like.toISOString().slice(0, 10)}T${match[2].padStart(2, '0')}:${match[3]}:${match[4] ?? '00'}Z`,
  );
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function readTimeOr(text, like) {
  const found = text ? readTime(text, like) : null;
  if (text && !found) throw new Error(t('input.time.wrong', SAMPLES));
  return found;
}

/** Seen; with a place, it is read back in one's own typing, so that a wrong one is noticed now. */
export async function seen(message, line) {
  const place = message.place && placeOf(message);
  const at = draft(`readback.${line.id}.${message.seq}`);
  const start = place?.start && new Date(place.start);
  const end = place?.end && new Date(place.end);
  await ask({
    title: t('seen.title', { n: message.seq }),
    act: t('seen.do'),
    body: [
      heading(message),
      h('p', null, t('seen.means')),
      place && [
        h('p', null, t('seen.readback')),
        field(
          t('seen.position'),
          h('input', {
            name: 'readback',
            required: true,
            dir: 'ltr',
            autocomplete: 'off',
            value: at,
            placeholder: position(0, 0).replace(/[0-9]/g, '0'),
            onInput: (event) => keepDraft(`readback.${line.id}.${message.seq}`, event.target.value),
          }),
          t('input.position.ways', SAMPLES),
        ),
        start &&
          field(
            t('seen.start'),
            h('input', {
              name: 'start',
              dir: 'ltr',
              autocomplete: 'off',
              required: true,
              placeholder: utcText(start, start, false).replace(/\d/g, '0'),
            }),
            t('input.time.way', SAMPLES),
          ),
        end &&
          field(
            t('seen.end'),
            h('input', {
              name: 'end',
              dir: 'ltr',
              autocomplete: 'off',
              required: true,
              placeholder: '00:00',
            }),
            t('input.time.way', SAMPLES),
          ),
      ],
    ],
    submit: async (form) => {
      const body = { of: message.seq };
      if (place) {
        const read = readPosition(form.get('readback'));
        if (!read) throw new Error(t('input.position.wrong', SAMPLES));
        const metres = distance(read, place);
        if (metres > 50) throw new Error(t('seen.differs', { metres: Math.round(metres) }));
        body.readback = { lat_deg: read.lat, lng_deg: read.lng };
        if (start) body.readback.start = readTimeOr(form.get('start'), start);
        if (end) body.readback.end = readTimeOr(form.get('end'), end);
      }
      await say(line, 'ack.seen', body);
      dropDrafts(`readback.${line.id}.${message.seq}`);
      toast(t('seen.done', { n: message.seq }));
    },
  });
}

export async function forward(message, line) {
  await ask({
    title: t('forward.title', { n: message.seq }),
    act: t('forward.do'),
    body: [
      heading(message),
      h('p', null, t('forward.means')),
      field(
        t('forward.to'),
        h('textarea', {
          name: 'to',
          rows: 3,
          required: true,
          ...drafted(`forward.${line.id}.${message.seq}`),
        }),
        t('forward.each'),
      ),
    ],
    submit: async (form) => {
      const to = form
        .get('to')
        .split('\n')
        .map((one) => one.trim())
        .filter(Boolean);
      await say(line, 'ack.forwarded', { of: message.seq, to });
      dropDrafts(`forward.${line.id}.${message.seq}`);
      toast(t('forward.done'));
    },
  });
}

const ASSESSMENTS = ['no-conflict', 'conflict', 'objection', 'noted'];

export async function answer(message, line) {
  const name = `answer.${line.id}.${message.seq}`;
  await ask({
    title: t('answer.title', { n: message.seq }),
    act: t('answer.do'),
    body: [
      heading(message),
      h('p', { class: 'flag' }, t('answer.means')),
      h(
        'fieldset',
        null,
        h('legend', null, t('answer.assessment')),
        ASSESSMENTS.map((one) =>
          h(
            'label',
            { class: 'check' },
            h('input', {
              type: 'radio',
              name: 'assessment',
              value: one,
              required: true,
              checked: draft(`${name}.a`) === one,
              onChange: () => keepDraft(`${name}.a`, one),
            }),
            ' ',
            t(`assessment.${one}`),
          ),
        ),
      ),
      field(
        t('answer.reason'),
        h('textarea', { name: 'reason', rows: 3, dir: 'auto', ...drafted(`${name}.r`) }),
        t('answer.reason.note'),
      ),
    ],
    submit: async (form) => {
      const assessment = form.get('assessment');
      const reason = form.get('reason').trim();
      if (['conflict', 'objection'].includes(assessment) && !reason)
        throw new Error(t('answer.reason.needed'));
      await say(line, 'ack.answered', { of: message.seq, assessment, ...(reason ? { reason } : {}) });
      dropDrafts(name);
      toast(t('answer.done'));
    },
  });
}

/** A question is answered in words. */
export async function reply(message, line) {
  const name = `reply.${line.id}.${message.seq}`;
  await ask({
    title: t('reply.title', { n: message.seq }),
    act: t('compose.send'),
    body: [
      heading(message),
      field(
        t('reply.text'),
        h('textarea', { name: 'text', rows: 5, required: true, dir: 'auto', ...drafted(name) }),
      ),
    ],
    submit: async (form) => {
      await say(line, 'answer', { of: message.seq, text: form.get('text').trim(), lang: current() });
      dropDrafts(name);
      toast(t('compose.sent'));
    },
  });
}

/** The buttons for a message of the other side. */
export function actionsFor(message, line) {
  if (message.own || !maySpeak() || message.void || line.state === 'closed') return null;
  const owes = owed(message);
  const asked = message.type === 'question' && line.state !== 'suspended';
  return [
    owes.includes('seen') &&
      h('button', { type: 'button', class: 'main', onClick: () => seen(message, line) }, t('seen.short')),
    owes.includes('answered') &&
      h(
        'button',
        { type: 'button', class: !owes.includes('seen') && 'main', onClick: () => answer(message, line) },
        t('answer.short'),
      ),
    asked && h('button', { type: 'button', onClick: () => reply(message, line) }, t('reply.short')),
    !message.acknowledged.forwarded &&
      owes.length > 0 &&
      h('button', { type: 'button', onClick: () => forward(message, line) }, t('forward.short')),
  ];
}
