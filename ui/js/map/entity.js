/**
 * entity.js - records of the register and declarations of other parties as one kind of thing: what it is,
 * whose, when, how high, where.
 */
import { cellRing } from './cells.js';
import { has, t } from '../i18n.js';
import { state, titleOf } from '../live.js';

const FEET = 0.3048;

/**
 * @typedef {{key: string, cls: string, id: string, name: string, kind: string, state: string, party: string,
 *   own: boolean, start: number, end: number, low: number|null, high: number|null, band: string, old: boolean,
 *   growth: number, feature: any, record: any, disclosure: string, references: string[],
 *   outlines: import('./shapes.js').Outline[]|null}} Entity
 */

/** A time in ms; `open` if there is none. */
export const timeOf = (text, open) => (!text || text === 'open' ? open : Date.parse(text));

/** A limit as metres of whatever its reference is; null: unlimited. */
export function limit(value, unit = 'M') {
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

/** From what its limits are measured. */
function referencesOf(p) {
  const of = (value, reference) => {
    if (value === undefined || value === null || value === 'unlimited') return [];
    if (value === 'GND') return ['AGL'];
    if (typeof value === 'string') return ['STD'];
    return [value.reference ?? reference ?? p.altitude_reference ?? 'W84'];
  };
  return [
    ...of(p.altitude_lower, p.altitude_lower_reference),
    ...of(p.altitude_upper, p.altitude_upper_reference),
  ];
}

function heights(feature) {
  const p = feature?.properties ?? {};
  if (p.times && feature.geometry?.type === 'LineString') {
    const z = feature.geometry.coordinates.map((c) => limit(c[2] ?? 0, p.z_unit)).filter((v) => v !== null);
    return {
      low: Math.min(...z),
      high: Math.max(...z),
      references: [p.z_reference ?? 'W84'].flat(),
      band: `${Math.round(Math.min(...z))} – ${Math.round(Math.max(...z))} m ${Array.isArray(p.z_reference) ? '' : (p.z_reference ?? 'W84')}`,
    };
  }
  const list = p.volumes?.length ? p.volumes.map((v) => ({ ...p, ...v })) : [p];
  const lows = list.map((v) => limit(v.altitude_lower, v.altitude_lower_unit ?? v.altitude_unit) ?? 0);
  const highs = list.map((v) => limit(v.altitude_upper, v.altitude_upper_unit ?? v.altitude_unit));
  return {
    low: Math.min(...lows),
    high: highs.includes(null) ? null : Math.max(...highs),
    references: list.flatMap(referencesOf),
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
    outlines: null, // see shapes.js
    // Of the few that are looked at.
    get low() {
      return heights(record.feature).low;
    },
    get high() {
      return heights(record.feature).high;
    },
    get band() {
      return heights(record.feature).band;
    },
    get references() {
      return heights(record.feature).references;
    },
  };
}

const lineParty = (id) => state.lines.find((line) => line.id === id)?.peer ?? id;

/** A name in a text of another direction (first strong isolate). */
const isolated = (text) => `\u2068${text}\u2069`;

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
        ? {
            type: 'Feature',
            properties: { start: body.start, end: body.end, edges: 'geodesic' },
            geometry: cellsOf(body.cells),
          }
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
    name: `${isolated(titleOf(lineParty(one.line)))} · ${has(`kind.${body.kind}`) ? t(`kind.${body.kind}`) : one.id}`,
    growth,
    disclosure: one.disclosure,
    record: one,
    ...(one.disclosure === 'full' ? {} : { low: 0, high: null, band: '' }),
  };
}

const cellsOf = (cells) => ({ type: 'MultiPolygon', coordinates: cells.map((token) => [cellRing(token)]) });
