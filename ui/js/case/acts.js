/**
 * acts.js - what one can do about a case: propose a way out, counter, agree, decline. What binds is read back
 * first: the start, and the height if that changes.
 */
import { hasRole, post } from '../api.js';
import { ask, field, toast, toastRefusal } from '../dialog.js';
import { h } from '../dom.js';
import { number, timeOf, utcText } from '../format.js';
import { t } from '../i18n.js';
import { isStale, refreshCases, state } from '../live.js';
import { readTime } from '../acts.js';
import { about, partyOf, proposalWords, standing, timesOf } from '../cases.js';
import { makeBundle, mayMakeBundles } from '../evidence.js';
import { SAMPLES } from '../samples.js';
import { optionWords } from '../verdict.js';
import { optionsNow } from './load.js';

const maySettle = () => hasRole('duty-officer', 'head-of-cell');
const MINUTE_MS = 60000;

/** Why nothing can be said about a case now; null: it can. */
function hindrance({ one, line }) {
  if (one.state === 'over') return 'case.no.over';
  if (!maySettle()) return 'case.no.role';
  if (!state.connected || isStale()) return 'case.no.node';
  if (!line || ['suspended', 'closed', 'proposed'].includes(line.state)) return 'case.no.line';
  if (one.agreement) return 'case.no.agreed';
  if (!one.own_declared_version || !one.other_declared_version) return 'case.no.told';
  return null;
}

/** Fields in which the officer types what he understood: the start, and the lower limit if heights change. */
function readBack({ start, low, unit }) {
  return [
    h('p', null, t('case.readback')),
    start &&
      field(
        t('case.readback.start'),
        h('input', {
          name: 'start',
          required: true,
          dir: 'ltr',
          autocomplete: 'off',
          placeholder: utcText(new Date(start), new Date(start), false).replace(/\d/g, '0'),
        }),
        t('input.time.way', SAMPLES),
      ),
    low !== null &&
      field(
        t('case.readback.low', { unit }),
        h('input', { name: 'low', required: true, dir: 'ltr', autocomplete: 'off', inputmode: 'decimal' }),
      ),
  ];
}

function checkReadBack(form, { start, low }) {
  if (start) {
    const read = readTime(form.get('start') ?? '', new Date(start));
    if (!read) throw new Error(t('input.time.wrong', SAMPLES));
    const off = Math.abs(Date.parse(read) - Math.floor(Date.parse(start) / MINUTE_MS) * MINUTE_MS);
    if (off >= MINUTE_MS) throw new Error(t('case.readback.differs'));
  }
  if (low !== null && !(Math.abs(Number(form.get('low')) - low) < 1))
    throw new Error(t('case.readback.differs'));
}

/** What is to be read back of a plan as it would be. */
function toReadBack(feature, moves, times) {
  const p = feature?.properties ?? {};
  const low = moves?.includes('level') && typeof p.altitude_lower === 'number' ? p.altitude_lower : null;
  return {
    start: times.start ?? null,
    low,
    unit: `${(p.altitude_lower_unit ?? p.altitude_unit ?? 'M').toLowerCase()} ${p.altitude_lower_reference ?? p.altitude_reference ?? 'W84'}`,
  };
}

const when = ({ start, end }) =>
  start && h('p', null, timeOf(start, { seconds: false }), ' – ', timeOf(end, { seconds: false }));

/** @param {{again: () => void, previewed: () => any}} page */
export function actsOf({ again, previewed }) {
  async function act(found, name, body, done) {
    await post(`/api/v1/cases/${found.one.id}/${name}`, body);
    toast(t(done, { party: partyOf(found.one) }));
    await refreshCases();
    again();
  }

  const blocked = (found) => {
    const why = hindrance(found);
    if (why) toast(t(why), 'bad');
    return why;
  };

  /** The option may be another one by now: what is proposed is what was looked at. */
  async function sameOption(found, option) {
    const fresh = await optionsNow(found.one);
    const same = fresh?.list.findIndex(
      (one) => JSON.stringify(one.feature) === JSON.stringify(option.feature),
    );
    if (same === undefined || same < 0) {
      again();
      throw new Error(t('case.option.gone'));
    }
    return same + 1;
  }

  async function propose(found) {
    if (blocked(found)) return;
    const option = previewed();
    if (!option) {
      toast(t('case.choose.first', { key: 'O' }), 'bad');
      return;
    }
    const theirs = standing(found.one, false).at(-1);
    const p = option.feature.properties;
    const times = { start: p.start ?? p.times?.[0], end: p.end ?? p.times?.at(-1) };
    const back = toReadBack(option.feature, option.moves, times);
    await ask({
      title: t(theirs ? 'case.counter.title' : 'case.propose.title', { party: partyOf(found.one) }),
      act: t(theirs ? 'case.counter.do' : 'case.propose.do'),
      body: [
        h(
          'div',
          { class: 'quoted' },
          h('p', null, h('strong', null, optionWords(option))),
          when(times),
          h('p', { class: 'quiet' }, t('option.cost', { cost: number(option.cost, 1) })),
        ),
        h('p', null, t('case.propose.means', { party: partyOf(found.one) })),
        readBack(back),
      ],
      submit: async (form) => {
        checkReadBack(form, back);
        const body = { option: await sameOption(found, option), ...(theirs ? { of: theirs.hash } : {}) };
        await act(found, theirs ? 'counter' : 'propose', body, 'case.proposed');
      },
    });
  }

  async function agree(found) {
    if (blocked(found)) return;
    const proposal = standing(found.one, false).at(-1);
    if (!proposal) {
      toast(t('case.nothing.theirs'), 'bad');
      return;
    }
    const { declared, change } = proposal.body;
    const back = toReadBack(declared.feature, change?.moves, timesOf(declared));
    const own = about(found.one, proposal, 'verdict');
    await ask({
      title: t('case.agree.title', { party: partyOf(found.one) }),
      act: t('case.agree.do'),
      body: [
        h(
          'div',
          { class: 'quoted' },
          h('p', null, h('strong', null, proposalWords(proposal.body))),
          when(timesOf(declared)),
        ),
        own && !own.body.acceptable && h('p', { class: 'flag bad' }, '! ', t('case.said.unacceptable.own')),
        h('p', { class: 'flag' }, t('case.agree.means', { party: partyOf(found.one) })),
        readBack(back),
      ],
      submit: async (form) => {
        checkReadBack(form, back);
        await act(found, 'agree', { of: proposal.hash }, 'case.agreed');
      },
    });
  }

  async function decline(found) {
    if (blocked(found)) return;
    const proposal = standing(found.one, false).at(-1);
    if (!proposal) {
      toast(t('case.nothing.theirs'), 'bad');
      return;
    }
    await ask({
      title: t('case.decline.title', { party: partyOf(found.one) }),
      act: t('case.decline.do'),
      danger: true,
      body: [
        h('div', { class: 'quoted' }, h('p', null, proposalWords(proposal.body))),
        h('p', null, t('case.decline.means')),
      ],
      submit: () => act(found, 'decline', { of: proposal.hash }, 'case.declined'),
    });
  }

  async function bundle(found) {
    try {
      await makeBundle({ case: found.one.id });
    } catch (error) {
      toastRefusal(error);
    }
  }

  function buttons(found) {
    const why = hindrance(found);
    const theirs = standing(found.one, false).length > 0;
    const key = (letter) => [' ', h('kbd', { 'aria-hidden': 'true' }, letter)];
    return h(
      'div',
      { class: 'actions', 'data-key': 'acts' },
      !why &&
        theirs && [
          h(
            'button',
            { type: 'button', class: 'main', 'aria-keyshortcuts': 'y', onClick: () => agree(found) },
            t('case.agree.do'),
            key('Y'),
          ),
          h(
            'button',
            { type: 'button', 'aria-keyshortcuts': 'n', onClick: () => decline(found) },
            t('case.decline.do'),
            key('N'),
          ),
        ],
      why && found.one.state !== 'over' && h('p', { class: 'note' }, t(why)),
      mayMakeBundles() &&
        h('button', { type: 'button', class: 'plain', onClick: () => bundle(found) }, t('evidence.make')),
    );
  }

  /** The button below the ways out. */
  function proposeButton(found) {
    if (hindrance(found)) return null;
    const theirs = standing(found.one, false).length > 0;
    return h(
      'button',
      {
        type: 'button',
        class: !theirs && 'main',
        disabled: !previewed(),
        'aria-keyshortcuts': 'p',
        onClick: () => propose(found),
      },
      t(theirs ? 'case.counter.short' : 'case.propose.short'),
      ' ',
      h('kbd', { 'aria-hidden': 'true' }, 'P'),
    );
  }

  return { propose, agree, decline, buttons, proposeButton };
}
