/**
 * filters.js - which classes, kinds, states and which party are shown.
 */
import { field } from '../dialog.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { CLASSES, KINDS, STATES } from './view.js';

/** @param {import('./view.js').View} view @param {string[]} parties @param {() => void} changed */
export function filterPart(view, parties, changed) {
  const box = (name, text) =>
    h(
      'label',
      { class: 'check' },
      h('input', {
        type: 'checkbox',
        checked: !view.hidden.has(name),
        onChange: (event) => {
          if (event.target.checked) view.hidden.delete(name);
          else view.hidden.add(name);
          changed();
        },
      }),
      ' ',
      text,
    );
  const boxes = (title, names, text) =>
    h('fieldset', null, h('legend', null, t(title)), names.map(([name, word]) => box(name, text(word))));
  return h(
    'details',
    { class: 'filters', 'data-key': 'filters' },
    h('summary', null, t('map.filters'), view.filters ? h('span', { class: 'count' }, view.filters) : ''),
    boxes(
      'map.classes',
      CLASSES.map((cls) => [cls, cls]),
      (cls) => [h('span', { class: ['swatch', cls], 'aria-hidden': 'true' }), ' ', t(`class.${cls}`)],
    ),
    boxes(
      'map.kinds',
      KINDS.map((kind) => [`k-${kind}`, kind]),
      (kind) => t(`kind.${kind}`),
    ),
    boxes(
      'map.states',
      STATES.map((state) => [`s-${state}`, state]),
      (state) => t(`state.${state}`),
    ),
    field(
      t('map.party'),
      h(
        'select',
        {
          value: view.party,
          onChange: (event) => {
            view.party = event.target.value;
            changed();
          },
        },
        h('option', { value: '' }, t('map.party.all')),
        parties.map((party) => h('option', { value: party }, party)),
      ),
    ),
  );
}
