/**
 * outline.js - the outline of a site as text that people write and read back: one point in a line, of a convoy with
 * its time; and the geometry that comes of it.
 */
import { readTime } from '../acts.js';
import { readPosition } from '../geo.js';
import { distance } from '../geodesic.js';
import { t } from '../i18n.js';
import { SAMPLES } from '../samples.js';

const READ_BACK_M = 50;
const READ_BACK_MS = 60000;
const exactly = (lat, lng) => `${Number(lat.toFixed(9))}, ${Number(lng.toFixed(9))}`;
const clock = (iso) => iso.replace('T', ' ').replace(/(?::00)?(?:\.0+)?Z$/, '');
/** A position, and behind it a time with its day. */
const TIMED = /^(.*\S)\s+(\d{4}-\d{2}-\d{2}[T ]+\d{1,2}:?\d{2}\S*(?:\s*UTC)?)$/i;

/** @returns {'point'|'area'|'route'|'other'} other: it is corrected by a file */
export function kindOf(feature) {
  const { type, coordinates } = feature?.geometry ?? {};
  if (type === 'Point') return 'point';
  if (type === 'LineString') return 'route';
  return type === 'Polygon' && coordinates.length === 1 ? 'area' : 'other';
}

/** The points of an area or a route, one in a line. */
export function linesOf(feature) {
  const { type, coordinates } = feature.geometry;
  const times = feature.properties?.times;
  const points = type === 'Polygon' ? coordinates[0].slice(0, -1) : coordinates;
  return points
    .map(([lng, lat], i) => `${exactly(lat, lng)}${times ? `  ${clock(times[i])}` : ''}`)
    .join('\n');
}

/** @returns {{lat: number, lng: number, time: string|null}[]} throws which line is none */
function readLines(text) {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.map((line, i) => {
    const [, place, when] = TIMED.exec(line) ?? [null, line, null];
    const found = readPosition(place);
    const time = when && readTime(when);
    if (!found) throw new Error(t('plan.point.wrong', { n: i + 1, sample: SAMPLES.decimal }));
    if (when && !time) throw new Error(t('input.time.wrong', SAMPLES));
    return { ...found, time };
  });
}

/** Each within 50 m and a minute of what was given. */
function compare(points, again) {
  if (again.length !== points.length)
    throw new Error(t('site.outline.count', { n: again.length, all: points.length }));
  again.forEach((one, i) => {
    const metres = distance(one, points[i]);
    if (metres > READ_BACK_M) throw new Error(t('site.outline.differs', { n: i + 1, metres: Math.round(metres) }));
    const late = one.time && Math.abs(Date.parse(one.time) - Date.parse(points[i].time));
    if (late > READ_BACK_MS || (one.time && !points[i].time)) throw new Error(t('site.outline.time', { n: i + 1 }));
  });
}

/**
 * What was typed, as the node takes it. Throws what is missing or wrong, for a person.
 * @param {any} before the feature as it is @param {string} text @param {string} readback
 * @returns {{geometry: any, times?: string[], read_back: any}|null} null: it is where it was
 */
export function outlineOf(before, text, readback) {
  if (text.trim() === linesOf(before)) return null;
  const points = readLines(text);
  const isArea = before.geometry.type === 'Polygon';
  if (points.length < (isArea ? 3 : 2)) throw new Error(t(isArea ? 'plan.points.polygon' : 'plan.points.corridor'));
  const isTimed = Boolean(before.properties?.times);
  if (points.some((one) => Boolean(one.time) !== isTimed))
    throw new Error(t(isTimed ? 'site.outline.times.needed' : 'site.outline.times.none'));
  const again = readLines(readback);
  compare(points, again);
  const heights = isArea ? [] : before.geometry.coordinates.map(([, , z]) => z);
  const xy = points.map(({ lat, lng }, i) => {
    const z = heights.length === points.length ? heights[i] : heights[0];
    return [Number(lng.toFixed(9)), Number(lat.toFixed(9)), ...(z === undefined ? [] : [z])];
  });
  return {
    geometry: isArea ? { type: 'Polygon', coordinates: [[...xy, xy[0]]] } : { type: 'LineString', coordinates: xy },
    ...(isTimed ? { times: points.map(({ time }) => time) } : {}),
    read_back: { points: again.map(({ lat, lng }) => ({ lat_deg: lat, lng_deg: lng })) },
  };
}
