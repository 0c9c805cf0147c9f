/**
 * picture.js - what is planned, declared and to be protected, as the node has it: loaded in pages, kept
 * fresh by the register's change numbers, and made into shapes for a map.
 */
import { get, hasRole, post } from '../api.js';
import { ring } from '../geo.js';
import { cellRing } from './cells.js';
import { has, t } from '../i18n.js';
import { state, titleOf } from '../live.js';

const PAGE = 1000;
const CHECKED = 40;
const ENDED = new Set(['ended', 'withdrawn']);
const FEET = 0.3048;

/**
 * @typedef {{key: string, cls: string, id: string, name: string, kind: string, state: string, party: string,
 *   own: boolean, start: number, end: number, low: number|null, high: number|null, band: string, old: boolean,
 *   growth: number, feature: any, record: any, disclosure: string}} Entity
 */

export const picture = {
  /** @type {Map<string, Entity>} */ entities: new Map(),
  /** Conflicts of those that were checked, by key. @type {Map<string, any[]>} */
  conflicts: new Map(),
  /** Keys of everything in a conflict. @type {Set<string>} */
  inConflict: new Set(),
  /** How many of the own operations were checked, and how many there are to check; -1: not for this role. */
  checked: 0,
  toCheck: 0,
  loading: false,
  failed: null,
  /** When it was last read. */ read: 0,
};
const changes = { operations: 0, sites: 0, zones: 0 };

const timeOf = (text, open) => (!text || text === 'open' ? open : Date.parse(text));

/** A limit as metres of whatever its reference is; null: unlimited. */
function limit(value, unit = 'M') {
  if (value === undefined || value === null || value === 'unlimited') return null;
  if (typeof value === 'object') return limit(value.value, value.units ?? value.unit);
  if (value === 'GND') return 0;
  const level = /^FL(\d+)$/.exec(value);
  if (level) return Number(level[1]) * 100 * FEET;
  const n = Number(value);
  return Number.isFinite(n) ? n * (unit === 'FT' ? FEET : unit === 'FL' ? 100 * FEET : 1) : null;
}

/** Heights as they were written, with their reference. */
function bandText(p) {
  const one = (value, reference, unit) => {
    if (value === undefined || value === null || value === 'unlimited') return '∞';
    if (typeof value === 'object')
      return `${value.value} ${String(value.units ?? 'M').toLowerCase()} ${value.reference ?? ''}`;
    return typeof value === 'string'
      ? value
      : `${Math.round(value)} ${(unit ?? 'M').toLowerCase()} ${reference ?? 'W84'}`;
  };
  return `${one(p.altitude_lower, p.altitude_lower_reference ?? p.altitude_reference, p.altitude_lower_unit ?? p.altitude_unit)} – ${one(p.altitude_upper, p.altitude_upper_reference ?? p.altitude_reference, p.altitude_upper_unit ?? p.altitude_unit)}`;
}

function heights(feature) {
  const p = feature?.properties ?? {};
  if (p.times && feature.geometry?.type === 'LineString') {
    const z = feature.geometry.coordinates.map((c) => limit(c[2] ?? 0, p.z_unit)).filter((v) => v !== null);
    return {
      low: Math.min(...z),
      high: Math.max(...z),
      band: `${Math.round(Math.min(...z))} – ${Math.round(Math.max(...z))} m ${Array.isArray(p.z_reference) ? '' : (p.z_reference ?? 'W84')}`,
    };
  }
  const list = p.volumes?.length ? p.volumes.map((v) => ({ ...p, ...v })) : [p];
  const lows = list.map((v) => limit(v.altitude_lower, v.altitude_lower_unit ?? v.altitude_unit) ?? 0);
  const highs = list.map((v) => limit(v.altitude_upper, v.altitude_upper_unit ?? v.altitude_unit));
  return {
    low: Math.min(...lows),
    high: highs.includes(null) ? null : Math.max(...highs),
    band: bandText(list[0]),
  };
}

/** @returns {Entity} */
export function entityOf(record, cls) {
  const p = record.feature?.properties ?? {};
  const times = p.times ? [p.times[0], p.times.at(-1)] : [record.start ?? p.start, record.end ?? p.end];
  return {
    key: `${record.class ?? cls}:${record.owner ?? ''}:${record.id}`,
    cls: record.class ?? cls,
    id: record.id,
    name: record.name || p.name || record.id,
    kind:
      record.class === 'site'
        ? (record.category ?? 'site')
        : record.class === 'zone'
          ? (p.restriction ?? 'restricted')
          : (record.kind ?? p.kind ?? 'other'),
    state: record.state,
    party: record.owner ? titleOf(lineParty(record.owner)) : state.party?.title || '',
    own: !record.owner,
    start: timeOf(times[0], -Infinity),
    end: timeOf(times[1], Infinity),
    old: Boolean(record.old),
    growth: 0,
    disclosure: '',
    feature: record.feature,
    record,
    ...heights(record.feature),
  };
}

const lineParty = (id) => state.lines.find((line) => line.id === id)?.peer ?? id;

/** What was declared over a line, as much of it as was disclosed. */
export function declared(one) {
  const { body } = one;
  const growth = one.growth_m ?? 0;
  const feature =
    body.feature ??
    (body.area
      ? {
          type: 'Feature',
          properties: { radius_m: body.area.radius_m, start: body.start, end: body.end },
          geometry: { type: 'Point', coordinates: [body.area.lng_deg, body.area.lat_deg] },
        }
      : body.cells
        ? { type: 'Feature', properties: { start: body.start, end: body.end }, geometry: cellsOf(body.cells) }
        : null);
  return {
    ...entityOf(
      {
        id: one.id,
        class: 'declaration',
        owner: one.line,
        name: null,
        kind: body.kind,
        state: body.state,
        start: body.start,
        end: body.end,
        feature,
        old: one.old,
        version: one.version,
      },
      'declaration',
    ),
    name: `${titleOf(lineParty(one.line))} · ${has(`kind.${body.kind}`) ? t(`kind.${body.kind}`) : one.id}`,
    growth,
    disclosure: one.disclosure,
    record: one,
    ...(one.disclosure === 'full' ? {} : { low: 0, high: null, band: '' }),
  };
}

const cellsOf = (cells) => ({ type: 'MultiPolygon', coordinates: cells.map((token) => [cellRing(token)]) });

/* --- reading --------------------------------------------------------------------------------- */

async function readAll(name, cls) {
  if (!state.serves.has('operations')) return;
  let after = 0;
  let full = true;
  const since = changes[name];
  while (full) {
    const query = since ? `changed_after=${after || since}` : `after=${after}`;
    const answer = await get(`/api/v1/${name}?full=1&limit=${PAGE}&${query}`);
    for (const record of answer[name]) {
      const one = entityOf({ class: cls, ...record }, cls);
      if (ENDED.has(record.state)) picture.entities.delete(one.key);
      else picture.entities.set(one.key, one);
      after = Math.max(after, since ? record.change : record.number);
    }
    full = answer[name].length === PAGE;
    changes[name] = Math.max(
      changes[name],
      answer.change ?? Math.max(0, ...answer[name].map((r) => r.change ?? 0)),
    );
  }
}

async function readDeclarations() {
  const list = (await get('/api/v1/declarations')).declarations;
  for (const key of [...picture.entities.keys()])
    if (key.startsWith('declaration:')) picture.entities.delete(key);
  for (const one of list)
    if (!one.own && !one.withdrawn) {
      const entity = declared(one);
      picture.entities.set(entity.key, entity);
    }
}

const quietly = (promise) =>
  promise.catch((error) => {
    if (error.status !== 404) throw error;
  });

/** Reads what is new. @param {() => void} changed */
export async function refresh(changed) {
  if (picture.loading) return;
  picture.loading = true;
  try {
    await readAll('operations', 'operation');
    await quietly(readAll('zones', 'zone'));
    await quietly(readAll('sites', 'site'));
    await quietly(readDeclarations());
    picture.read = Date.now();
    gather();
    picture.failed = null;
  } catch (error) {
    picture.failed = error;
  }
  picture.loading = false;
  changed();
  if (!picture.failed) checkOwn(changed);
}

/* --- conflicts: the node's word, for the next own operations ----------------------------------- */

export const keyOfOther = (other) =>
  `${other.is === 'foreign' ? 'operation' : other.is}:${other.owner ?? ''}:${other.id}`;

export function noteVerdict(key, verdict) {
  picture.conflicts.set(key, verdict.conflicts);
  gather();
}

/** Everything in a conflict: what was checked, and what the node found across lines. */
function gather() {
  picture.inConflict = new Set();
  for (const one of state.cases) {
    picture.inConflict.add(`${one.own.class}::${one.own.id}`);
    picture.inConflict.add(`declaration:${one.line}:${one.other.id}`);
  }
  for (const [own, list] of picture.conflicts)
    for (const conflict of list) {
      picture.inConflict.add(own);
      picture.inConflict.add(keyOfOther(conflict.other));
    }
}

let checking = false;
let lastChecked = '';

async function checkOwn(changed) {
  if (!hasRole('planner', 'duty-officer', 'head-of-cell')) {
    picture.toCheck = -1;
    return;
  }
  const now = Date.now();
  const own = [...picture.entities.values()].filter(
    (one) => one.cls === 'operation' && one.own && one.end > now && one.state !== 'draft',
  );
  own.sort((a, b) => a.start - b.start);
  picture.toCheck = own.length;
  const list = own.slice(0, CHECKED);
  const mark = `${JSON.stringify(changes)} ${list.map((one) => one.key).join()}`;
  if (checking || mark === lastChecked) return;
  checking = true;
  picture.conflicts = new Map();
  picture.checked = 0;
  try {
    for (const one of list) {
      noteVerdict(one.key, await post('/api/v1/check', { id: one.id }));
      picture.checked++;
      if (picture.checked % 10 === 0) changed();
    }
    lastChecked = mark;
  } catch {
    /* shown as not checked */
  }
  checking = false;
  changed();
}

/* --- shapes ------------------------------------------------------------------------------------- */

/** Longitudes that go the shorter way, so that nothing is drawn around the world. */
function unwrap(points) {
  let before = points[0]?.[0] ?? 0;
  return points.map(([lng, lat]) => {
    let x = lng;
    while (x - before > 180) x -= 360;
    while (before - x > 180) x += 360;
    before = x;
    return [x, lat];
  });
}

/** Pixels at zoom 0 (tiles of 512) of so many metres at a latitude. */
const pixels = (metres, lat) => metres / ((40075016.686 / 512) * Math.cos((lat * Math.PI) / 180));

function shapes(geometry, p, growth) {
  if (!geometry) return [];
  const radius = (p.radius_m ?? 0) + growth;
  switch (geometry.type) {
    case 'Point': {
      const [lng, lat] = geometry.coordinates;
      return [
        {
          geometry: {
            type: 'Polygon',
            coordinates: [
              unwrap(ring({ lat, lng }, (p.radius_m ?? 500) + growth, p.radius_m > 10000 ? 48 : 24)),
            ],
          },
          w: 0,
        },
      ];
    }
    case 'MultiPoint':
      return geometry.coordinates.flatMap((c) => shapes({ type: 'Point', coordinates: c }, p, growth));
    case 'LineString': {
      const lat = geometry.coordinates[0][1];
      const width = p.times
        ? 2 * (Array.isArray(p.accuracy_h_m) ? Math.max(...p.accuracy_h_m) : (p.accuracy_h_m ?? 50))
        : (p.width_m ?? 100);
      return [
        {
          geometry: { type: 'LineString', coordinates: unwrap(geometry.coordinates) },
          w: pixels(width + 2 * growth, lat),
        },
      ];
    }
    case 'MultiLineString':
      return geometry.coordinates.flatMap((c) => shapes({ type: 'LineString', coordinates: c }, p, growth));
    case 'Polygon': {
      const polygon = { geometry: { type: 'Polygon', coordinates: geometry.coordinates.map(unwrap) }, w: 0 };
      return radius
        ? [
            polygon,
            {
              geometry: { type: 'LineString', coordinates: polygon.geometry.coordinates[0] },
              w: pixels(2 * radius, geometry.coordinates[0][0][1]),
            },
          ]
        : [polygon];
    }
    case 'MultiPolygon':
      return geometry.coordinates.flatMap((c) => shapes({ type: 'Polygon', coordinates: c }, p, growth));
    case 'GeometryCollection':
      return geometry.geometries.flatMap((one, i) => shapes(one, { ...p, ...p.volumes?.[i] }, growth));
    default:
      return [];
  }
}

const FAR = 4e9;
const seconds = (ms) => (Number.isFinite(ms) ? Math.floor(ms / 1000) : ms < 0 ? -FAR : FAR);

/** GeoJSON features of an entity. */
export function featuresOf(one, extra = {}) {
  return shapes(one.feature?.geometry, one.feature?.properties ?? {}, one.growth).map(({ geometry, w }) => ({
    type: 'Feature',
    geometry,
    properties: {
      key: one.key,
      cls: one.cls,
      kind: one.kind,
      st: one.state,
      name: one.name,
      party: one.party,
      s: seconds(one.start),
      e: seconds(one.end),
      w,
      own: one.own ? 1 : 0,
      old: one.old ? 1 : 0,
      c: picture.inConflict.has(one.key) ? 1 : 0,
      ...extra,
    },
  }));
}

/** [[west, south], [east, north]] of what has a shape; null: nothing has. */
export function boundsOf(entities) {
  let box = null;
  const take = (c) => {
    if (typeof c[0] !== 'number') {
      for (const inner of c) take(inner);
      return;
    }
    box = box
      ? [
          [Math.min(box[0][0], c[0]), Math.min(box[0][1], c[1])],
          [Math.max(box[1][0], c[0]), Math.max(box[1][1], c[1])],
        ]
      : [
          [c[0], c[1]],
          [c[0], c[1]],
        ];
  };
  for (const one of entities) for (const { geometry } of featuresOf(one)) take(geometry.coordinates);
  return box;
}
