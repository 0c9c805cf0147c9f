/**
 * compose.js - what can be said on a line: words, phrases that the other side reads in its own
 * language, warnings. What is written and not sent is kept.
 */
import { maySpeak, readTime, say } from './acts.js';
import { refused, toast, field } from './dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from './draft.js';
import { h } from './dom.js';
import { current, t } from './i18n.js';
import { readPosition } from './geo.js';
import { SAMPLES } from './samples.js';
import { state } from './live.js';
import { phraseText, secondLanguage, spoken, typeName } from './words.js';

const ORDINARY = ['text', 'phrase', 'question'];
const FLOOR = ['danger', 'distress', 'incident'];

export function compose() {
  let problem = null;
  let busy = false;

  const names = (line) => `say.${line.id}`;
  const typesFor = (line) =>
    ['open', 'degraded'].includes(line.state) && line.own_stance === 'open' ? [...ORDINARY, ...FLOOR] : FLOOR;

  function place(line, redraw) {
    const at = readPosition(draft(`${names(line)}.place`));
    return [
      field(
        t('compose.place'),
        h('input', {
          name: 'place',
          dir: 'ltr',
          autocomplete: 'off',
          ...drafted(`${names(line)}.place`, '', redraw),
        }),
        draft(`${names(line)}.place`) && !at
          ? t('input.position.wrong', SAMPLES)
          : t('input.position.ways', SAMPLES),
      ),
      field(
        t('compose.at'),
        h('input', {
          name: 'at',
          dir: 'ltr',
          autocomplete: 'off',
          placeholder: '00:00',
          ...drafted(`${names(line)}.at`),
        }),
        t('input.time.way', SAMPLES),
      ),
    ];
  }

  function phrasePart(line, redraw) {
    const name = names(line);
    const id = draft(`${name}.phrase`, state.phrases[0]?.id ?? '');
    const phrase = state.phrases.find((one) => one.id === id);
    const args = Object.fromEntries((phrase?.args ?? []).map((arg) => [arg, draft(`${name}.arg.${arg}`)]));
    return [
      field(
        t('compose.phrase'),
        h(
          'select',
          {
            name: 'phrase',
            value: id,
            onChange: (event) => {
              keepDraft(`${name}.phrase`, event.target.value);
              redraw();
            },
          },
          state.phrases.map((one) => h('option', { value: one.id }, `${one.id} · ${phraseText(one.id, {})}`)),
        ),
      ),
      phrase?.args.length
        ? h(
            'div',
            { class: 'row' },
            phrase.args.map((arg) =>
              field(
                t(`arg.${arg}`),
                h('input', {
                  name: `arg-${arg}`,
                  required: true,
                  dir: 'ltr',
                  autocomplete: 'off',
                  ...drafted(`${name}.arg.${arg}`, '', redraw),
                }),
              ),
            ),
          )
        : '',
      h(
        'div',
        { class: 'two preview', 'aria-live': 'polite' },
        [current(), secondLanguage()].map((lang) => spoken(phraseText(id, args, lang), lang)),
      ),
    ];
  }

  /** The body of the message; throws what is wrong. */
  function bodyOf(line, type) {
    const name = names(line);
    if (type === 'phrase') {
      const id = draft(`${name}.phrase`, state.phrases[0]?.id);
      const phrase = state.phrases.find((one) => one.id === id);
      const args = Object.fromEntries(phrase.args.map((arg) => [arg, draft(`${name}.arg.${arg}`)]));
      return phrase.args.length ? { phrase: id, args } : { phrase: id };
    }
    const body = { text: draft(`${name}.text`).trim(), lang: current() };
    if (!body.text) throw new Error(t('compose.empty'));
    if (!FLOOR.includes(type)) return body;
    const [where, at] = [draft(`${name}.place`), draft(`${name}.at`)];
    if (where) {
      const found = readPosition(where);
      if (!found) throw new Error(t('input.position.wrong', SAMPLES));
      Object.assign(body, { lat_deg: found.lat, lng_deg: found.lng });
    }
    if (at) {
      body.at = readTime(at);
      if (!body.at) throw new Error(t('input.time.wrong', SAMPLES));
    }
    return body;
  }

  async function send(event, line, type, redraw) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    problem = null;
    redraw();
    try {
      await say(line, type, bodyOf(line, type));
      dropDrafts(names(line));
      toast(t('compose.sent'));
    } catch (error) {
      problem = error.status === undefined ? [error.message] : refused(error);
    }
    busy = false;
    redraw();
  }

  return {
    view(line, redraw) {
      if (!maySpeak()) return h('p', { class: 'empty composer' }, t('compose.viewer'));
      if (line.state === 'closed') return h('p', { class: 'empty composer' }, t('compose.closed'));
      if (line.own_stance === 'none') return h('p', { class: 'empty composer' }, t('compose.none'));
      const types = typesFor(line);
      const kept = draft(`${names(line)}.type`, types[0]);
      const type = types.includes(kept) ? kept : types[0];
      const urgent = FLOOR.includes(type);
      return h(
        'form',
        {
          class: ['composer', urgent && 'urgent'],
          'data-key': 'composer',
          onSubmit: (event) => send(event, line, type, redraw),
          onKeydown: (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
              event.currentTarget.requestSubmit();
          },
        },
        types === FLOOR || types.length === FLOOR.length
          ? h('p', { class: 'flag warn' }, t('compose.floor'))
          : '',
        h(
          'div',
          { class: 'compose-row' },
          field(
            t('compose.type'),
            h(
              'select',
              {
                name: 'type',
                value: type,
                onChange: (event) => {
                  keepDraft(`${names(line)}.type`, event.target.value);
                  redraw();
                },
              },
              types.map((one) => h('option', { value: one }, typeName(one))),
            ),
          ),
          h(
            'div',
            null,
            type === 'phrase'
              ? phrasePart(line, redraw)
              : field(
                  t('compose.text'),
                  h('textarea', {
                    name: 'text',
                    rows: 2,
                    dir: 'auto',
                    maxlength: 4000,
                    ...drafted(`${names(line)}.text`),
                  }),
                ),
          ),
        ),
        urgent && h('p', { class: 'note' }, t(`compose.means.${type}`)),
        urgent && h('div', { class: 'row' }, place(line, redraw)),
        problem && h('p', { class: 'problem', role: 'alert' }, problem),
        h(
          'div',
          { class: 'actions end' },
          h('span', { class: 'quiet grow' }, t('compose.signed')),
          h(
            'button',
            { class: urgent ? 'danger' : 'main', type: 'submit', disabled: busy },
            t('compose.send'),
          ),
        ),
      );
    },
  };
}
