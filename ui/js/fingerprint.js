/**
 * fingerprint.js - comparing keys by voice: each side reads its own aloud, the other follows here.
 */
import { h } from './dom.js';
import { LANGUAGES, current, t } from './i18n.js';
import { state, titleOf } from './live.js';
import { code } from './format.js';

function words(party, language) {
  return h(
    'ol',
    { class: 'words', lang: language, dir: language === 'ar' ? 'rtl' : 'ltr' },
    (party.words?.[language] ?? []).map((word) => h('li', null, word)),
  );
}

function card(title, party, language, way) {
  return h(
    'section',
    { class: 'card' },
    h('h3', null, title),
    h('p', null, h('bdi', null, party.title || party.id), ' ', code(party.id)),
    way === 'digits' ? h('p', { class: 'digits', dir: 'ltr' }, party.digits) : words(party, language),
    h(
      'details',
      null,
      h('summary', null, t('keys.whole')),
      h('p', { class: 'code wrap', dir: 'ltr' }, party.fingerprint),
    ),
  );
}

export function fingerprints() {
  let language = current();
  let way = 'words';
  return {
    view(peerId, redraw) {
      const peer = state.parties.find((one) => one.id === peerId);
      if (!peer || !state.party) return h('p', { class: 'empty' }, t('keys.none'));
      return [
        h('p', null, t('keys.how', { party: titleOf(peerId) })),
        h(
          'div',
          { class: 'bar' },
          h(
            'label',
            { class: 'check' },
            t('keys.way'),
            ' ',
            h(
              'select',
              {
                value: way,
                onChange: (event) => {
                  way = event.target.value;
                  redraw();
                },
              },
              h('option', { value: 'words' }, t('keys.words')),
              h('option', { value: 'digits' }, t('keys.digits')),
            ),
          ),
          way === 'words' &&
            h(
              'label',
              { class: 'check' },
              t('keys.language'),
              ' ',
              h(
                'select',
                {
                  value: language,
                  onChange: (event) => {
                    language = event.target.value;
                    redraw();
                  },
                },
                Object.entries(LANGUAGES).map(([name, title]) =>
                  h('option', { value: name, lang: name }, title),
                ),
              ),
            ),
        ),
        h(
          'div',
          { class: 'pair' },
          card(t('keys.own'), state.party, language, way),
          card(t('keys.peer'), peer, language, way),
        ),
        h('p', { class: 'flag warn' }, t('keys.differ')),
      ];
    },
  };
}
