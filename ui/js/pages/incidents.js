/**
 * incidents.js - something happened at a place and a time: the report, what was declared, sent and acknowledged
 * around it as this node knew it then, and the evidence bundle of it.
 */
import { get, post } from '../api.js';
import { field, refused, toast } from '../dialog.js';
import { draft, drafted, dropDrafts, keepDraft } from '../draft.js';
import { $, draw, h } from '../dom.js';
import { ago, code, numero, number, span, timeOf } from '../format.js';
import { position, readPosition } from '../geo.js';
import { has, t } from '../i18n.js';
import { now, state, titleOf } from '../live.js';
import { linkTo } from '../shell.js';
import { readTime } from '../acts.js';
import { SAMPLES } from '../samples.js';
import { makeBundle } from '../evidence.js';
import { incidentMap } from '../incident/map.js';
import { positionsPart } from '../incident/positions.js';
import { roleName, typeName } from '../words.js';

const LISTED = 50;
const MINUTE_S = 60;
const name = 'incident';
const peerOf = (id) => titleOf(state.lines.find((line) => line.id === id)?.peer ?? id);

/* --- what was found ------------------------------------------------------------------------- */

const step = (isDone, text, at) =>
  h(
    'li',
    { class: ['step', isDone ? 'done' : 'late'] },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, isDone ? '✓' : '!'),
    h('span', null, text, at && [' ', timeOf(at, { local: false })]),
  );

/** One message, and what had become of it then. */
function messageItem(message) {
  return h(
    'li',
    { 'data-key': `${message.line}${message.own}${message.seq}` },
    h(
      'p',
      null,
      h(
        'a',
        { href: `${linkTo('line', message.line)}?m=${message.own ? 'o' : 'p'}${message.seq}` },
        typeName(message.type),
        ' ',
        numero(message.seq),
      ),
      ' · ',
      message.own ? t('incident.to') : t('incident.by'),
      ' ',
      h('bdi', null, peerOf(message.line)),
      ' · ',
      t('incident.sent'),
      ' ',
      timeOf(message.sent, { local: false }),
    ),
    h(
      'ul',
      { class: 'steps' },
      message.own &&
        step(
          message.delivered,
          t(message.delivered ? 'incident.delivered' : 'incident.not'),
          message.delivered,
        ),
      message.seen
        ? step(true, t('incident.seen', { role: roleName(message.seen_role ?? '') }), message.seen)
        : message.type.startsWith('site.') && step(false, t('incident.seen.not')),
      message.answered &&
        step(
          true,
          t('incident.answered', { what: message.assessment ? t(`assessment.${message.assessment}`) : '' }),
          message.answered,
        ),
    ),
  );
}

const messagesOf = (messages) =>
  messages.length
    ? h('ul', { class: 'incident-messages' }, messages.map(messageItem))
    : h('p', { class: 'flag warn' }, t('incident.untold'));

function kindOf(record) {
  if (record.class === 'site')
    return has(`category.${record.category}`) ? t(`category.${record.category}`) : t('class.site');
  if (record.class === 'zone') return t('class.zone');
  return has(`kind.${record.kind}`) ? t(`kind.${record.kind}`) : t('class.operation');
}

function foundItem({ record, distance_m: metres, messages }) {
  return h(
    'li',
    { class: 'card', 'data-key': `${record.class}${record.owner}${record.id}` },
    h(
      'h3',
      null,
      h('bdi', null, record.name || (record.owner ? kindOf(record) : record.id)),
      ' ',
      h('span', { class: 'badge' }, record.owner ? peerOf(record.owner) : t('line.we')),
    ),
    h(
      'p',
      null,
      record.owner && !record.name ? code(record.id) : kindOf(record),
      ' · ',
      has(`state.${record.state}`) ? t(`state.${record.state}`) : record.state,
      ' · ',
      code(`v${record.version}`),
      ' · ',
      metres > 0 ? t('incident.away', { metres: number(metres) }) : t('incident.inside'),
      record.start &&
        record.start !== 'open' && [
          ' · ',
          timeOf(record.start, { local: false, seconds: false }),
          ' – ',
          timeOf(record.end, { local: false, seconds: false }),
        ],
    ),
    messagesOf(messages),
  );
}

/* --- the page ---------------------------------------------------------------------------------- */

export function show(root, where) {
  let chosen = where.parts[0] ?? '';
  let list = null;
  let found = null; // the report that is shown
  let problem = null;
  let busy = false;
  let gone = false;
  const map = incidentMap({
    picked: ({ lat, lng }) => {
      if (chosen) return;
      keepDraft(`${name}.place`, position(lat, ((lng + 540) % 360) - 180));
      update();
    },
  });

  async function load() {
    try {
      list = (await get(`/api/v1/incidents?limit=${LISTED}`)).incidents;
      problem = null;
    } catch (error) {
      problem = error;
    }
    update();
  }

  async function loadOne() {
    found = null;
    update();
    if (!chosen) return;
    try {
      found = await get(`/api/v1/incidents/${encodeURIComponent(chosen)}`);
      problem = null;
    } catch (error) {
      problem = error;
    }
    update();
  }

  /** What is typed, as the node takes it. */
  function reportOf(form) {
    const place = readPosition(form.get('place'));
    if (!place) throw new Error(t('input.position.wrong', SAMPLES));
    const typed = form.get('at').trim();
    const at = typed ? readTime(typed, new Date(now())) : null;
    if (typed && !at) throw new Error(t('input.time.wrong', SAMPLES));
    const [radius, before, after] = ['radius', 'before', 'after'].map((one) => Number(form.get(one)));
    if (!(radius >= 0 && before >= 0 && after >= 0)) throw new Error(t('incident.number.wrong'));
    return {
      lat_deg: place.lat,
      lng_deg: place.lng,
      radius_m: radius,
      before_s: Math.round(before * MINUTE_S),
      after_s: Math.round(after * MINUTE_S),
      text: form.get('text').trim(),
      ...(at ? { at } : {}),
    };
  }

  async function report(event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    problem = null;
    update();
    try {
      const made = await post('/api/v1/incidents', reportOf(new FormData(event.target)));
      dropDrafts(name);
      toast(t('incident.reported'));
      location.hash = linkTo('incidents', made.id);
      load();
    } catch (error) {
      problem = error;
    }
    busy = false;
    update();
  }

  async function bundle(line) {
    try {
      await makeBundle({ incident: chosen, line });
    } catch (error) {
      problem = error;
      update();
    }
  }

  function reports() {
    return h(
      'section',
      { class: 'case-list', 'data-key': 'list' },
      h('h1', null, t('page.incidents'), list ? h('span', { class: 'count' }, number(list.length)) : ''),
      chosen && h('a', { class: 'button main', href: linkTo('incidents') }, t('incident.new')),
      list === null
        ? h('p', { class: 'empty' }, t('loading'))
        : list.length
          ? h(
              'ul',
              { class: 'cards' },
              list.map((one) =>
                h(
                  'li',
                  { 'data-key': one.id },
                  h(
                    'a',
                    {
                      class: 'case-link',
                      href: linkTo('incidents', one.id),
                      'aria-current': one.id === chosen ? 'true' : null,
                    },
                    h('span', { class: 'what' }, timeOf(one.at, { local: false })),
                    h('span', { class: 'said', dir: 'auto' }, one.text || t('incident.no.text')),
                    h('span', { class: 'quiet' }, t('incident.found', { n: one.found.length + one.more })),
                  ),
                ),
              ),
            )
          : h('p', { class: 'empty' }, t('incident.none')),
    );
  }

  const numberField = (key, absent) =>
    field(
      t(`incident.${key}`),
      h('input', {
        name: key,
        required: true,
        inputmode: 'decimal',
        dir: 'ltr',
        ...drafted(`${name}.${key}`, absent, update),
      }),
    );

  function form() {
    return h(
      'form',
      { class: 'card', onSubmit: report, 'data-key': 'form' },
      h('h2', null, t('incident.new')),
      h('p', { class: 'quiet' }, t('incident.means')),
      field(
        t('seen.position'),
        h('input', {
          name: 'place',
          id: 'incident-place',
          required: true,
          dir: 'ltr',
          autocomplete: 'off',
          ...drafted(`${name}.place`, '', update),
        }),
        [t('input.position.ways', SAMPLES), ' ', t('incident.pick')],
      ),
      field(
        t('incident.at'),
        h('input', { name: 'at', dir: 'ltr', autocomplete: 'off', ...drafted(`${name}.at`) }),
        [t('input.time.way', SAMPLES), ' ', t('incident.at.now')],
      ),
      h(
        'div',
        { class: 'row tight' },
        numberField('radius', '10000'),
        numberField('before', '60'),
        numberField('after', '60'),
      ),
      field(
        t('incident.text'),
        h('textarea', { name: 'text', rows: 3, maxlength: 4000, dir: 'auto', ...drafted(`${name}.text`) }),
      ),
      problem &&
        h(
          'p',
          { class: 'problem', role: 'alert' },
          problem.status === undefined ? problem.message : refused(problem),
        ),
      h(
        'div',
        { class: 'actions end' },
        h('button', { type: 'submit', class: 'main', disabled: busy }, t('incident.do')),
      ),
    );
  }

  /** Lines that messages about it are of; any, if there is none. */
  function bundles() {
    const named = [...new Set(found.found.flatMap((one) => one.messages.map((message) => message.line)))];
    const lines = named.length ? named : state.lines.map((line) => line.id);
    return h(
      'div',
      { class: 'actions' },
      lines.map((line) =>
        h(
          'button',
          { type: 'button', class: named.length && 'main', 'data-key': line, onClick: () => bundle(line) },
          t('incident.bundle', { party: peerOf(line) }),
        ),
      ),
    );
  }

  function one() {
    if (!found)
      return problem
        ? h('p', { class: 'problem', role: 'alert' }, refused(problem))
        : h('p', { class: 'empty' }, t('loading'));
    return [
      h(
        'section',
        { class: 'card', 'data-key': found.id },
        h('a', { class: 'back', href: linkTo('incidents') }, t('incident.all')),
        h('h2', null, timeOf(found.at)),
        h('p', null, code(position(found.lat_deg, found.lng_deg))),
        found.text && h('p', { class: 'said', dir: 'auto' }, found.text),
        h(
          'p',
          { class: 'quiet' },
          t('incident.searched', {
            metres: number(found.radius_m),
            before: span(found.before_s),
            after: span(found.after_s),
          }),
        ),
        h(
          'p',
          { class: 'quiet' },
          t('incident.reported.by', { by: found.by, role: roleName(found.role) }),
          ' ',
          timeOf(found.reported, { local: false }),
          ' (',
          ago(found.reported, now()),
          ') · ',
          code(found.id),
        ),
        problem && h('p', { class: 'problem', role: 'alert' }, refused(problem)),
        bundles(),
        h('p', { class: 'note' }, t('incident.kept')),
      ),
      h(
        'section',
        { 'data-key': 'found' },
        h(
          'h2',
          null,
          t('incident.known'),
          h('span', { class: 'count' }, number(found.found.length + found.more)),
        ),
        found.more > 0 && h('p', { class: 'flag warn' }, t('incident.more', { n: found.more })),
        found.found.length
          ? h('ul', { class: 'cards' }, found.found.map(foundItem))
          : h('p', { class: 'empty' }, t('incident.nothing')),
      ),
      positionsPart(found),
    ];
  }

  function drafts() {
    const place = readPosition(draft(`${name}.place`));
    return place ? { place, radius: Number(draft(`${name}.radius`, '10000')) || 0 } : null;
  }

  function update() {
    if (gone || !root.isConnected) return;
    draw(
      root,
      h(
        'div',
        { class: ['cases-page', 'has-one', 'incidents-page', chosen && 'has-chosen'] },
        reports(),
        h(
          'div',
          { class: 'case-main', 'data-key': 'main' },
          h(
            'div',
            { class: 'case-work', 'data-key': 'work' },
            chosen ? h('div', { class: 'case-main', 'data-key': 'one' }, one()) : form(),
            h(
              'div',
              { class: 'map-main', 'data-key': 'map' },
              h('div', { class: 'map-box case-map', 'data-keep': 'incident-map', dir: 'ltr' }),
              h('p', { class: 'map-note quiet' }, t(chosen ? 'incident.map.note' : 'incident.map.pick')),
            ),
          ),
        ),
      ),
    );
    const box = $('.map-box', root);
    map
      .show(
        box,
        chosen
          ? found && {
              place: { lat: found.lat_deg, lng: found.lng_deg },
              radius: found.radius_m,
              found: found.found,
              positions: found.positions ?? [],
            }
          : drafts(),
      )
      .catch((error) => {
        console.error(error);
        toast(t('map.failed'), 'bad');
      });
  }

  update();
  load();
  if (chosen) loadOne();
  return {
    update,
    changed(what) {
      if (what === 'event incident' || what === 'link') load();
    },
    move({ parts }) {
      if (chosen === (parts[0] ?? '')) return;
      chosen = parts[0] ?? '';
      problem = null;
      loadOne();
    },
    leave() {
      gone = true;
      map.leave();
    },
    keys: [
      {
        key: 'r',
        text: 'incident.key.new',
        run: () => {
          location.hash = linkTo('incidents');
          setTimeout(() => $('#incident-place', root)?.focus(), 50);
        },
      },
    ],
  };
}
