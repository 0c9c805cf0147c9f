/**
 * roles.js - what one may be here.
 */
import { h } from '../dom.js';
import { t } from '../i18n.js';

const ROLES = ['viewer', 'planner', 'duty-officer', 'head-of-cell', 'admin'];

export const roleList = (roles) => roles.map((role) => t(`role.${role}`)).join(' · ');

export function roleBoxes(roles) {
  return h(
    'fieldset',
    null,
    h('legend', null, t('admin.roles')),
    ROLES.map((role) =>
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', name: 'roles', value: role, checked: roles.includes(role) }),
        ' ',
        t(`role.${role}`),
        h('span', { class: 'note' }, ' ', t(`role.${role}.may`)),
      ),
    ),
  );
}
