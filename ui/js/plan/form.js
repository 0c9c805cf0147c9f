/**
 * form.js - what one types of a plan: its shape, its time, its height.
 */
import { hasRole } from '../api.js';
import { field, refused } from '../dialog.js';
import { h } from '../dom.js';
import { code } from '../format.js';
import { t } from '../i18n.js';
import { SAMPLES } from '../samples.js';
import { intentPart } from './handin.js';
import { REFERENCES, SHAPES, UNITS, dropPoint } from './model.js';

export const KINDS = ['crewed', 'rotorcraft', 'uncrewed', 'ground', 'sea', 'hazard', 'balloon', 'other'];

/**
 * @typedef {{plan: any, record: any, wrong: string|null, failed: any, busy: boolean, isUnknown: boolean,
 *   changed: (plan: any) => void, handIn: (act: string) => void, anew: () => void, imports: () => void}} Of
 */

const edit = ({ plan, changed }, name) => ({
  value: plan[name],
  onInput: (event) => changed({ ...plan, [name]: event.target.value }),
});

const input = (of, name, more = {}) =>
  h('input', { id: `plan-${name}`, dir: 'ltr', ...more, ...edit(of, name) });

const choice = ({ plan, changed }, name, list, words) =>
  h(
    'select',
    { name, value: plan[name], onChange: (event) => changed({ ...plan, [name]: event.target.value }) },
    list.map((one) => h('option', { value: one }, words(one))),
  );

function head({ plan, record, imports, anew }) {
  return [
    h(
      'div',
      { class: 'head' },
      h('h1', null, plan.id ? t('plan.edit', { id: plan.id }) : t('plan.new')),
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'plain', onClick: imports }, t('import.short')),
        h('button', { type: 'button', class: 'plain', onClick: anew }, t('plan.anew')),
      ),
    ),
    record &&
      h(
        'p',
        null,
        t('plan.state'),
        ' ',
        h('strong', null, t(`state.${record.state}`)),
        ' · ',
        code(`v${record.version}`),
      ),
    record && intentPart(record),
  ];
}

function shapePart(of) {
  const { plan, changed } = of;
  if (plan.kept) return h('p', { class: 'flag warn' }, t('plan.kept'));
  return [
    h(
      'fieldset',
      { class: 'shapes' },
      h('legend', null, t('plan.shape')),
      SHAPES.map((shape) =>
        h(
          'label',
          { class: 'check' },
          h('input', {
            type: 'radio',
            name: 'shape',
            value: shape,
            checked: plan.shape === shape,
            onChange: () => changed({ ...plan, shape }),
          }),
          ' ',
          t(`shape.${shape}`),
        ),
      ),
    ),
    field(
      t('plan.points'),
      h('textarea', {
        id: 'plan-points',
        name: 'points',
        rows: 5,
        dir: 'ltr',
        spellcheck: 'false',
        class: 'code',
        ...edit(of, 'points'),
      }),
      t('plan.points.how', SAMPLES),
    ),
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        { type: 'button', disabled: !plan.points.trim(), onClick: () => changed(dropPoint(plan)) },
        t('plan.undo'),
      ),
    ),
    plan.shape === 'circle' && field(t('plan.radius'), input(of, 'radius', { inputmode: 'decimal' })),
    plan.shape === 'corridor' && field(t('plan.width'), input(of, 'width', { inputmode: 'decimal' })),
    plan.shape === 'trajectory' && h('p', { class: 'note' }, t('plan.trajectory')),
  ];
}

function whatAndWhen(of) {
  const isFlown = of.plan.shape === 'trajectory' && !of.plan.kept;
  return [
    h(
      'div',
      { class: 'row' },
      field(t('plan.name'), input(of, 'name', { maxlength: 60, dir: 'auto' })),
      field(
        t('plan.kind'),
        choice(of, 'kind', KINDS, (kind) => t(`kind.${kind}`)),
      ),
    ),
    h(
      'div',
      { class: 'row' },
      field(t('plan.start'), input(of, 'start', { required: true })),
      field(t('plan.end'), input(of, 'end', { required: true })),
    ),
    h('p', { class: 'note' }, t('input.time.way', SAMPLES)),
    h(
      'div',
      { class: 'row tight' },
      field(t(isFlown ? 'plan.level' : 'plan.low'), input(of, 'low')),
      !isFlown && field(t('plan.high'), input(of, 'high')),
      field(
        t('plan.reference'),
        choice(of, 'reference', REFERENCES, (one) => t(`reference.${one}`)),
      ),
      field(
        t('plan.unit'),
        choice(of, 'unit', UNITS, (one) => t(`unit.${one}`)),
      ),
    ),
    h('p', { class: 'note' }, t(isFlown ? 'plan.level.note' : 'plan.height.note')),
    field(t('plan.priority'), input(of, 'priority', { type: 'number', min: 0, max: 100 })),
  ];
}

function acts({ record, wrong, busy, handIn }) {
  const officer = hasRole('duty-officer', 'head-of-cell');
  const later = (name, main) =>
    record?.acts?.includes(name) &&
    officer &&
    h(
      'button',
      { type: 'button', class: main && 'main', disabled: busy, onClick: () => handIn(name) },
      t(`plan.${name}`),
    );
  const bad = busy || Boolean(wrong);
  return h(
    'div',
    { class: 'actions end' },
    h('button', { type: 'button', disabled: bad, onClick: () => handIn('save') }, t('plan.save')),
    h(
      'button',
      { type: 'submit', class: record?.state === 'submitted' ? '' : 'main', disabled: bad },
      t('plan.submit'),
    ),
    later('accept', true),
    later('activate', false),
  );
}

/** @param {Of} of */
export function planForm(of) {
  return h(
    'form',
    {
      class: 'plan-form',
      onSubmit: (event) => {
        event.preventDefault();
        of.handIn('submit');
      },
    },
    head(of),
    !of.isUnknown && [shapePart(of), whatAndWhen(of)],
    of.failed && h('p', { class: 'problem', role: 'alert' }, refused(of.failed)),
    of.isUnknown
      ? !of.failed && h('p', { class: 'empty' }, t('loading'))
      : [acts(of), h('p', { class: 'note' }, t('plan.notified'))],
  );
}
