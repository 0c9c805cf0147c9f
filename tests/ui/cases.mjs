/**
 * cases.mjs - invented conflict cases for the double of a node: one where we move first, one whose proposal
 * waits for our answer, one that was agreed, one that only the other side sees, one whose operation is held. The other side of the double agrees to what it is proposed when a
 * test tells it to. See operations.mjs.
 */
import { createHash } from 'node:crypto';

const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const hash = (text) => createHash('sha256').update(text).digest('hex');
const SOUTH = 'a1'.repeat(16);
const RELIEF = 'b2'.repeat(16);

/** Ours, made so that it clashes with what is declared. */
function ownRecord(record, id, name, lng, lat, [low, high], [start, end], number) {
  return record(
    {
      type: 'Feature',
      id,
      properties: {
        class: 'operation',
        kind: 'crewed',
        name,
        party: 'north.example',
        start: at(start),
        end: at(end),
        altitude_lower: low,
        altitude_upper: high,
        altitude_reference: 'AMSL',
        altitude_unit: 'M',
        width_m: 3000,
      },
      geometry: {
        type: 'LineString',
        coordinates: [
          [lng - 0.25, lat - 0.06],
          [lng, lat],
          [lng + 0.3, lat + 0.05],
        ],
      },
    },
    number,
    { kind: 'crewed', priority: 2 },
  );
}

function moved(feature, seconds) {
  const shift = (text) => new Date(Date.parse(text) + seconds * 1000).toISOString();
  const { start, end } = feature.properties;
  return { ...feature, properties: { ...feature.properties, start: shift(start), end: shift(end) } };
}

function optionsOf(feature) {
  const later = moved(feature, 6300);
  const higher = {
    ...feature,
    properties: { ...feature.properties, altitude_lower: 4200, altitude_upper: 4800 },
  };
  const aside = {
    ...feature,
    geometry: {
      ...feature.geometry,
      coordinates: feature.geometry.coordinates.map(([x, y]) => [x, y + 0.16]),
    },
  };
  return [
    { rank: 1, moves: ['time'], shift_s: 6300, start: later.properties.start, cost: 1.2, feature: later },
    {
      rank: 2,
      moves: ['level'],
      level_m: 900,
      start: feature.properties.start,
      cost: 2.1,
      feature: higher,
    },
    {
      rank: 3,
      moves: ['lateral'],
      offset_m: 17700,
      offset_azimuth_deg: 0,
      start: feature.properties.start,
      cost: 3.4,
      feature: aside,
    },
  ];
}

export function casesOf({ record, records, declarations, conflict }) {
  const transport = ownRecord(record, 'N-7001', 'Transport 12', 35.8, 35.52, [600, 1500], [-600, 7200], 7001);
  const survey = ownRecord(record, 'N-7002', 'Survey east', 36.45, 35.98, [0, 600], [600, 9000], 7002);
  const relay = ownRecord(record, 'N-7004', 'Relay flight', 36.0, 35.3, [900, 1200], [1200, 9600], 7004);
  const night = ownRecord(record, 'N-7005', 'Night watch', 35.6, 35.7, [300, 900], [3000, 16000], 7005);
  Object.assign(night, { state: 'submitted', act: 'hold', acts: ['accept', 'withdraw'] });
  records.push(transport, survey, relay, night);
  for (const [own, line] of [
    [transport, SOUTH],
    [survey, RELIEF],
    [relay, SOUTH],
  ])
    declarations.push({
      line,
      own: true,
      id: `o-${own.id}`,
      own_id: own.id,
      class: 'operation',
      version: 1,
      seq: 4,
      at: at(-3000),
      disclosure: 'full',
      notice_breach_s: 0,
      withdrawn: false,
      old: false,
      growth_m: 0,
      body: {
        id: `o-${own.id}`,
        version: 1,
        kind: own.kind,
        state: own.state,
        disclosure: 'full',
        feature: own.feature,
      },
    });
  const clash = (own, id, kind, place) => ({
    ...conflict(
      own.feature,
      { ...own, class: 'declaration', id, name: null, kind, feature: own.feature },
      'decide',
    ),
    place,
    other_place: { lat: place.lat + 0.03, lng: place.lng + 0.02 },
  });
  const proposal = (id, own, seq, body, more = {}) => ({
    type: 'propose',
    own,
    seq,
    at: at(-200),
    hash: hash(`${id}${own}${seq}`),
    stands: true,
    body: { case: id, number: 1, expires: at(1500), ...body },
    ...more,
  });
  const made = (id, line, own, other, conflictHere, more) => ({
    id,
    line,
    state: 'open',
    stage: 'open',
    seen_by: 'own',
    held: false,
    own: { class: 'operation', id: own.id, version: own.version },
    other: { class: 'operation', id: other, version: 1 },
    opened: at(-420),
    changed: at(-200),
    conflict: conflictHere,
    moves_first: 'own',
    agree_by: at(1380),
    own_declared_version: 1,
    other_declared_version: 1,
    agreement: null,
    said: [],
    ...more,
  });
  const [first, second, third, fourth, fifth] = ['c1', 'c2', 'c3', 'c4', 'c5'].map((one) => one.repeat(16));
  const theirs = proposal(second, false, 2, {
    change: { moves: ['time'], shift_s: 5400 },
    cost: 1.5,
    declared: {
      id: 'd-2',
      version: 3,
      kind: 'ground',
      state: 'activated',
      disclosure: 'full',
      feature: moved(declarations.find((d) => d.id === 'd-2').body.feature, 5400),
    },
  });
  const kept = proposal(
    third,
    true,
    5,
    {
      change: { moves: ['time'], shift_s: 2700 },
      declared: {
        disclosure: 'window',
        area: { lat_deg: 35.5, lng_deg: 35.8, radius_m: 9000 },
        start: at(-9000),
        end: at(-3000),
      },
    },
    { at: at(-12000), stands: false },
  );
  const cases = [
    made(first, SOUTH, transport, 'd-1', clash(transport, 'd-1', 'rotorcraft', { lat: 35.52, lng: 35.8 })),
    made(second, RELIEF, survey, 'd-2', clash(survey, 'd-2', 'ground', { lat: 35.98, lng: 36.45 }), {
      stage: 'proposed',
      seen_by: 'both',
      moves_first: 'other',
      agree_by: at(400),
      said: [
        theirs,
        {
          type: 'verdict',
          own: true,
          seq: 3,
          at: at(-195),
          hash: hash('verdict'),
          body: { case: second, of: theirs.hash, acceptable: true },
        },
      ],
    }),
    made(third, SOUTH, transport, 'd-9', null, {
      state: 'over',
      stage: 'resolved',
      seen_by: null,
      agree_by: null,
      opened: at(-14000),
      changed: at(-11000),
      said: [
        kept,
        {
          type: 'agree',
          own: false,
          seq: 4,
          at: at(-11500),
          hash: hash('agree'),
          body: { case: third, of: kept.hash },
        },
      ],
    }),
    made(fourth, SOUTH, relay, 'd-1', null, {
      stage: 'proposed',
      seen_by: 'other',
      moves_first: 'other',
      agree_by: at(1700),
      said: [
        proposal(fourth, false, 9, {
          change: { moves: ['time'], shift_s: 3600 },
          declared: {
            disclosure: 'window',
            area: { lat_deg: 35.52, lng_deg: 35.8, radius_m: 9000 },
            start: at(1800),
            end: at(12600),
          },
        }),
      ],
    }),
    made(fifth, SOUTH, night, 'd-1', null, {
      state: 'over',
      stage: 'resolved',
      seen_by: null,
      held: true,
      agree_by: null,
      opened: at(-2400),
      changed: at(-500),
    }),
  ];

  const find = (id, Refusal) =>
    cases.find((one) => one.id === id) ??
    (() => {
      throw new Refusal(404, 'not found');
    })();

  function say(one, emit, note) {
    one.said.push({
      own: true,
      seq: one.said.length + 20,
      at: at(0),
      hash: hash(`${one.id}${one.said.length}`),
      ...note,
    });
    one.changed = at(0);
    emit('case', { act: 'stage', id: one.id });
    return one;
  }

  function act(one, sub, body, emit, Refusal) {
    const theirs = one.said.filter((note) => note.type === 'propose' && !note.own && note.stands).at(-1);
    if (one.state === 'over') throw new Refusal(409, 'This case is over.', 'id');
    if (sub === 'propose' || sub === 'counter') {
      const option = optionsOf(records.find((r) => r.id === one.own.id).feature)[(body.option ?? 1) - 1];
      if (!option) throw new Refusal(404, 'There is no such option. Ask for the options again.', 'option');
      one.stage = sub === 'counter' ? 'countered' : 'proposed';
      return say(one, emit, {
        type: 'propose',
        stands: true,
        body: {
          case: one.id,
          number: body.option,
          change: { moves: option.moves, shift_s: option.shift_s, level_m: option.level_m },
          cost: option.cost,
          declared: { disclosure: 'full', feature: option.feature },
          expires: at(1800),
          ...(body.of ? { counters: body.of } : {}),
        },
      });
    }
    if (!theirs) throw new Refusal(404, 'There is no such proposal of the other side.', 'of');
    theirs.stands = sub !== 'decline';
    if (sub === 'agree')
      Object.assign(one, { stage: 'resolved', state: 'over', agreement: theirs.hash, agree_by: null });
    else one.stage = 'open';
    return say(one, emit, { type: sub, body: { case: one.id, of: theirs.hash } });
  }

  return {
    cases,
    /** The other side agrees to our latest proposal. */
    agreeThere(id, emit) {
      const one = cases.find((c) => c.id === id);
      const ours = one.said.filter((note) => note.type === 'propose' && note.own && note.stands).at(-1);
      Object.assign(one, { stage: 'agreed', agreement: ours.hash });
      return say(one, emit, { type: 'agree', own: false, body: { case: id, of: ours.hash } });
    },
    answer({ method, id, sub, query, body, who, emit, Refusal }) {
      if (!id) {
        const list = cases.filter((one) => one.state === 'open' || query.get('over') === '1');
        return {
          cases:
            query.get('full') === '1'
              ? list
              : list.map(({ said, moves_first, agree_by, agreement, ...one }) => one),
        };
      }
      const one = find(id, Refusal);
      if (!sub) return one;
      if (sub === 'options') {
        if (one.state === 'over') throw new Refusal(409, 'This case is over.', 'id');
        return {
          conflicts: [one.conflict],
          options: optionsOf(records.find((r) => r.id === one.own.id).feature),
          blocked: {},
        };
      }
      if (method !== 'POST') return undefined;
      if (!who.roles.some((role) => ['duty-officer', 'head-of-cell'].includes(role)))
        throw new Refusal(403, 'your roles do not allow this');
      return act(one, sub, body, emit, Refusal);
    },
  };
}
