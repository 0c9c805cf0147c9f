/**
 * operations.mjs - invented operations, zones, sites and declarations for the double of a node, and a check
 * that is only good enough for a test: boxes that touch. See world.mjs.
 */
import { casesOf } from './cases.mjs';
import { incidentsOf } from './incidents.mjs';
import { declaredSites } from './sites.mjs';

const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

/** The same numbers every time. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const KINDS = ['crewed', 'rotorcraft', 'uncrewed', 'ground', 'sea'];
const STATES = ['draft', 'accepted', 'accepted', 'accepted', 'activated', 'activated', 'nonconforming'];

/** An operation in one of four shapes. */
export function featureOf(id, next, index) {
  const lng = 33.2 + next() * 4.2;
  const lat = 34.0 + next() * 2.6;
  const start = Math.floor((next() - 0.35) * 20 * 3600);
  const kind = KINDS[index % KINDS.length];
  const low = Math.floor(next() * 30) * 100;
  const properties = {
    class: 'operation',
    kind,
    name: `${kind} ${index}`,
    party: 'north.example',
    start: at(start),
    end: at(start + 1800 + next() * 9000),
    altitude_lower: kind === 'ground' || kind === 'sea' ? 'GND' : low,
    altitude_upper: low + 300 + Math.floor(next() * 10) * 100,
    altitude_reference: 'AMSL',
    altitude_unit: 'M',
  };
  const shape = index % 4;
  let geometry = { type: 'Point', coordinates: [lng, lat] };
  if (shape === 0) properties.radius_m = 1500 + next() * 6000;
  if (shape === 1) {
    const corners = Array.from({ length: 6 }, (_, i) => [
      lng + 0.09 * Math.cos(i * 1.047) * (0.6 + next()),
      lat + 0.07 * Math.sin(i * 1.047) * (0.6 + next()),
    ]);
    geometry = { type: 'Polygon', coordinates: [[...corners, corners[0]]] };
  }
  if (shape >= 2) {
    geometry = {
      type: 'LineString',
      coordinates: [
        [lng, lat],
        [lng + next() * 0.5, lat + (next() - 0.5) * 0.4],
        [lng + 0.5 + next() * 0.3, lat + (next() - 0.5) * 0.6],
      ],
    };
    properties.width_m = 1000 + Math.floor(next() * 4) * 1000;
  }
  return { type: 'Feature', id, properties, geometry };
}

function record(feature, number, more = {}) {
  const { properties: p } = feature;
  return {
    id: feature.id,
    class: p.class,
    owner: '',
    version: 1,
    etag: `${feature.id}-1`,
    change: number,
    number,
    state: 'accepted',
    kind: p.kind ?? p.class,
    priority: 0,
    name: p.name,
    source: 'operator',
    template: false,
    start: p.start ?? null,
    end: p.end ?? null,
    made: { at: at(-9000), by: 'planner' },
    changed: { at: at(-4000), by: 'duty' },
    act: 'accept',
    acts: ['activate', 'end', 'withdraw'],
    decisions: [],
    extra: {},
    feature,
    ...more,
  };
}

function box({ geometry, properties: p }) {
  const flat = JSON.stringify(geometry.coordinates)
    .match(/-?\d+\.?\d*(?:e-?\d+)?/g)
    .map(Number);
  const [xs, ys] = [flat.filter((_, i) => i % 2 === 0), flat.filter((_, i) => i % 2 === 1)];
  const grow = ((p.radius_m ?? 0) + (p.width_m ?? 0) / 2 + 2000) / 90000;
  const low = typeof p.altitude_lower === 'number' ? p.altitude_lower : 0;
  const high = typeof p.altitude_upper === 'number' ? p.altitude_upper : 30000;
  return [
    Math.min(...xs) - grow,
    Math.max(...xs) + grow,
    Math.min(...ys) - grow,
    Math.max(...ys) + grow,
    low - 150,
    high + 150,
    p.start ? Date.parse(p.start) : -Infinity,
    p.end ? Date.parse(p.end) : Infinity,
  ];
}
const touch = (a, b) => [0, 2, 4, 6].every((i) => a[i] <= b[i + 1] && b[i] <= a[i + 1]);

export function operationsOf(count) {
  const next = random(7);
  const records = Array.from({ length: count }, (_, i) =>
    record(featureOf(`N-${String(i + 1).padStart(4, '0')}`, next, i), i + 1, {
      state: STATES[i % STATES.length],
    }),
  );
  const zones = [
    record(
      {
        type: 'Feature',
        id: 'Z-1',
        properties: {
          class: 'zone',
          restriction: 'prohibited',
          name: 'Border strip',
          altitude_lower: 'GND',
          altitude_upper: 'unlimited',
        },
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [36.6, 35.2],
              [37.3, 35.2],
              [37.3, 35.5],
              [36.6, 35.5],
              [36.6, 35.2],
            ],
          ],
        },
      },
      1,
      { state: 'activated' },
    ),
  ];
  const sites = [
    [35.75, 34.43, 'hospital', 'City hospital'],
    [36.62, 35.93, 'hospital', 'مستشفى المدينة'],
    [36.1, 36.2, 'camp', 'Лагерь «Север»'],
    [36.72, 34.74, 'water', 'Water works'],
  ].map(([lng, lat, category, name], i) =>
    record(
      {
        type: 'Feature',
        id: `S-${i + 1}`,
        properties: { class: 'site', category, name, radius_m: 500 },
        geometry: { type: 'Point', coordinates: [lng, lat] },
      },
      i + 1,
      {
        state: 'activated',
        category,
        sensitive: i === 2,
        place: { lat, lng },
        extent_m: 500,
        verification: {
          state: i % 2 ? 'unverified' : 'verified',
          by: i % 2 ? null : 'relief.example',
          at: i % 2 ? null : at(-86400 * 3),
          note: null,
        },
        data_at: at(-86400 * (i + 1) * 20),
        age_s: 86400 * (i + 1) * 20,
        old: i === 3,
        contact: null,
        acts: ['verify', 'withdraw'],
      },
    ),
  );
  const declarations = [
    {
      line: 'a1'.repeat(16),
      own: false,
      id: 'd-1',
      own_id: null,
      class: 'operation',
      version: 1,
      seq: 3,
      at: at(-3600),
      disclosure: 'window',
      notice_breach_s: 0,
      withdrawn: false,
      old: false,
      growth_m: 0,
      body: {
        id: 'd-1',
        version: 1,
        kind: 'rotorcraft',
        state: 'accepted',
        disclosure: 'window',
        area: { lat_deg: 35.52, lng_deg: 35.8, radius_m: 9000 },
        start: at(-1800),
        end: at(9000),
      },
    },
    {
      line: 'b2'.repeat(16),
      own: false,
      id: 'd-2',
      own_id: null,
      class: 'operation',
      version: 2,
      seq: 1,
      at: at(-9000),
      disclosure: 'full',
      notice_breach_s: 600,
      withdrawn: false,
      old: true,
      growth_m: 2400,
      body: {
        id: 'd-2',
        version: 2,
        kind: 'ground',
        state: 'activated',
        disclosure: 'full',
        feature: {
          type: 'Feature',
          properties: {
            kind: 'ground',
            width_m: 400,
            start: at(-3600),
            end: at(14400),
            altitude_lower: 'GND',
            altitude_upper: 100,
            altitude_reference: 'AGL',
            altitude_unit: 'M',
          },
          geometry: {
            type: 'LineString',
            coordinates: [
              [36.3, 36.05],
              [36.45, 35.98],
              [36.63, 35.93],
            ],
          },
        },
      },
    },
    {
      line: 'a1'.repeat(16),
      own: false,
      id: 'd-3',
      own_id: null,
      class: 'operation',
      version: 1,
      seq: 8,
      at: at(-600),
      disclosure: 'existence',
      notice_breach_s: 0,
      withdrawn: false,
      old: false,
      growth_m: 0,
      body: { id: 'd-3', version: 1, kind: 'uncrewed', state: 'accepted', disclosure: 'existence' },
    },
  ];

  function verdict(feature, id, withOptions) {
    const mine = box(feature);
    const conflicts = records
      .filter((r) => r.id !== id && r.state !== 'draft' && touch(mine, box(r.feature)))
      .slice(0, 12)
      .map((r) => conflict(feature, r, 'decide'));
    for (const zone of zones)
      if (touch(mine, box(zone.feature))) conflicts.push(conflict(feature, zone, 'refuse'));
    for (const site of sites)
      if (touch(mine, box(site.feature))) conflicts.push(conflict(feature, site, 'decide'));
    const outcome = conflicts.some((c) => c.outcome === 'refuse')
      ? 'refuse'
      : conflicts.length
        ? 'decide'
        : 'clear';
    return {
      checked: at(0),
      outcome,
      against: {
        operations: records.length,
        declarations: declarations.length,
        sites: sites.length,
        zones: zones.length,
        foreign: 0,
      },
      conflicts,
      more: 0,
      options: withOptions && conflicts.length ? options(feature) : null,
      blocked: null,
    };
  }
  function conflict(feature, other, outcome) {
    const b = box(other.feature);
    return {
      key: `k-${other.id}`,
      outcome,
      role: outcome === 'decide' ? 'duty-officer' : null,
      rule: 2,
      allowed: null,
      other: {
        is: other.class,
        owner: '',
        id: other.id,
        version: 1,
        name: other.name,
        party: null,
        kind: other.kind,
        state: other.state,
        priority: 0,
        restriction: other.feature.properties.restriction ?? 'none',
        category: other.category ?? null,
        sensitive: Boolean(other.sensitive),
        old: false,
        age_s: null,
      },
      from: feature.properties.start,
      until: feature.properties.end,
      at: feature.properties.start,
      place: { lat: (b[2] + b[3]) / 2, lng: (b[0] + b[1]) / 2 },
      other_place: null,
      distance_m: 820,
      vertical_gap_m: 0,
      separation: { horizontal_m: 5556, vertical_m: 305, time_s: 300 },
      decided_by: ['horizontal', 'vertical'],
      altitude_uncertain: true,
      outline_uncertain: false,
      pairs: 1,
    };
  }
  function options(feature) {
    const later = (time, seconds) => new Date(Date.parse(time) + seconds * 1000).toISOString();
    const moved = (seconds) => {
      const { start, end, times } = feature.properties; // times: of a trajectory
      const when = times
        ? { times: times.map((one) => later(one, seconds)) }
        : { start: later(start, seconds), end: later(end, seconds) };
      return { ...feature, properties: { ...feature.properties, ...when } };
    };
    const higher = {
      ...feature,
      properties: { ...feature.properties, altitude_lower: 4200, altitude_upper: 4800 },
    };
    return [
      {
        rank: 1,
        moves: ['time'],
        shift_s: 5400,
        start: later(feature.properties.start ?? feature.properties.times[0], 5400),
        cost: 1.2,
        feature: moved(5400),
      },
      { rank: 2, moves: ['level'], level_m: 900, cost: 2.1, feature: higher },
    ];
  }
  const page = (list, query) =>
    list
      .filter(
        (r) =>
          r.number > Number(query.get('after') ?? 0) && r.change > Number(query.get('changed_after') ?? 0),
      )
      .slice(0, Number(query.get('limit') ?? 1000));

  declarations.push(...declaredSites());
  const cases = casesOf({ record, records, declarations, conflict });
  const incidents = incidentsOf({ records, sites });
  return {
    cases,
    incidents,
    records,
    sites,
    zones,
    declarations,
    answer({ method, parts: [name, id, sub], query, body, who, emit, Refusal }) {
      if (name === 'check' || name === 'options') {
        if (body.id && !body.feature) body.feature = records.find((r) => r.id === body.id)?.feature;
        if (!body.feature?.geometry) throw new Refusal(400, 'this member is needed', 'feature');
        return verdict(body.feature, body.id ?? body.feature.id, body.options || name === 'options');
      }
      if (name === 'declarations' && sub === 'disown') {
        if (!who.roles.some((role) => ['duty-officer', 'head-of-cell'].includes(role)))
          throw new Refusal(403, 'your roles do not allow this');
        const lost = declarations.find((one) => one.id === id && one.own && one.own_id === '' && !one.withdrawn);
        if (!lost) throw new Refusal(404, 'Nothing declared as that is unknown to the register.', 'id');
        if (!body.reason) throw new Refusal(400, 'A reason is needed: nothing disappears silently.', 'reason');
        Object.assign(lost, { withdrawn: true, reason: body.reason });
      }
      if (name === 'declarations') {
        const line = query.get('line');
        return {
          declarations: declarations.filter(
            (one) => (!line || one.line === line) && (!one.withdrawn || query.get('withdrawn') === '1'),
          ),
        };
      }
      if (name === 'cases') return cases.answer({ method, id, sub, query, body, who, emit, Refusal });
      if (name === 'incidents') return incidents.answer({ method, id, body, who, emit, Refusal });
      if (name === 'evidence') return incidents.bundle({ body, who, Refusal });
      const list = { operations: records, sites, zones }[name];
      if (!list) return undefined;
      if (!id && method === 'GET')
        return { [name]: page(list, query), change: Math.max(0, ...list.map((r) => r.change)) };
      if (!id && method === 'POST') {
        const feature = { ...body.feature, id: body.feature.id ?? `N-NEW-${records.length}` };
        const made = record(feature, list.length + 1, {
          change: Math.max(...list.map((r) => r.change)) + 1,
          state: name === 'operations' ? 'draft' : 'activated',
          category: body.category,
          place: body.read_back && { lat: body.read_back.lat_deg, lng: body.read_back.lng_deg },
          verification: { state: 'unverified' },
          sensitive: body.sensitive,
          acts: name === 'operations' ? ['submit', 'withdraw'] : ['verify', 'withdraw'],
        });
        list.push(made);
        emit('op', { id: made.id });
        return made;
      }
      if (id === 'import')
        return {
          rows: [
            {
              feature: 1,
              line: 1,
              id: 'S-9',
              class: 'site',
              outcome: 'added',
              message: null,
              field: null,
            },
            {
              feature: 2,
              line: 2,
              id: null,
              class: 'site',
              outcome: 'refused',
              message: 'latitude and longitude are swapped',
              field: 'lat',
            },
          ],
          added: 1,
          updated: 0,
          unchanged: 0,
          refused: 1,
          notes: [],
        };
      const found = list.find((r) => r.id === id);
      if (!found) throw new Refusal(404, 'not found');
      if (sub === 'acknowledgements') {
        if (method === 'POST')
          return {
            acknowledgements: [
              {
                version: 1,
                at: at(0),
                by: 'duty',
                role: 'duty-officer',
                peer: false,
                current: true,
              },
            ],
          };
        return {
          acknowledgements: [
            {
              version: 1,
              at: at(-4000),
              by: 'relief.example',
              role: 'duty-officer',
              peer: true,
              current: true,
            },
          ],
        };
      }
      if (sub === 'affected') return { conflicts: [] };
      if (sub === 'history') return { versions: [found] };
      if (sub === 'acts' || sub === 'verify' || sub === 'withdraw') {
        const check =
          body.act === 'submit' || body.act === 'accept' ? verdict(found.feature, found.id, true) : null;
        if (check?.outcome === 'refuse') throw new Refusal(409, 'the rules refuse this', null, { check });
        if (check?.outcome === 'decide' && !(body.allow ?? []).length)
          throw new Refusal(409, 'somebody has to decide', null, { check });
        found.state =
          {
            submit: 'submitted',
            accept: 'accepted',
            activate: 'activated',
            end: 'ended',
            withdraw: 'withdrawn',
          }[body.act ?? sub] ?? found.state;
        if (sub === 'verify')
          found.verification = { state: 'verified', by: body.by ?? 'duty', at: at(0), note: null };
        found.version++;
        found.etag = `${found.id}-${found.version}`;
        found.change = Math.max(...list.map((r) => r.change)) + 1;
        emit('op', { id: found.id });
        return sub === 'acts' ? { operation: found, check } : found;
      }
      if (method === 'PUT')
        Object.assign(found, {
          feature: body.feature,
          version: found.version + 1,
          change: found.change + 1000,
        });
      return found;
    },
  };
}
