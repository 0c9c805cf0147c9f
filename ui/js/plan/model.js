/**
 * model.js - a plan as it is edited, and the GeoJSON feature that the node takes: no more than what
 * `tafadi check` reads (docs/formats.md).
 */
import { readTime } from '../acts.js';
import { position, readPosition } from '../geo.js';
import { distance } from '../geodesic.js';
import { t } from '../i18n.js';
import { now } from '../live.js';
import { SAMPLES } from '../samples.js';

export const SHAPES = ['polygon', 'circle', 'corridor', 'trajectory'];
export const LEAST = { polygon: 3, circle: 1, corridor: 2, trajectory: 2 };
export const REFERENCES = ['AMSL', 'AGL', 'W84', 'STD'];
export const UNITS = ['M', 'FT', 'FL'];

/** "2026-11-28 14:05", with seconds and their parts only where there are some: nothing is rounded. */
const clock = (ms) =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/(?::00)?\.000Z$|0*Z$/, '');
const exactly = (lat, lng) => `${Number(lat.toFixed(9))}, ${Number(lng.toFixed(9))}`;

/** What an empty form has. */
export function fresh() {
  const begin = Math.ceil((now() + 3600e3) / 900e3) * 900e3;
  return {
    id: null,
    etag: null,
    shape: 'corridor',
    points: '',
    name: '',
    kind: 'rotorcraft',
    priority: '0',
    start: clock(begin),
    end: clock(begin + 5400e3),
    low: '300',
    high: '900',
    reference: 'AMSL',
    unit: 'M',
    radius: '2000',
    width: '2000',
    edges: 'lonlat',
    kept: null,
  };
}

/** The points that were typed or clicked: one in a line. Throws which line is none. */
export function pointsOf(plan) {
  return plan.points
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line, i) => {
      const place = readPosition(line);
      if (!place) throw new Error(t('plan.point.wrong', { n: i + 1, sample: SAMPLES.decimal }));
      return place;
    });
}

export const addPoint = (plan, { lat, lng }) => ({
  ...plan,
  points: `${plan.points.trimEnd()}${plan.points.trim() ? '\n' : ''}${position(lat, lng)}`,
});
export const dropPoint = (plan) => ({
  ...plan,
  points: plan.points.trimEnd().split('\n').slice(0, -1).join('\n'),
});
export const movePoint = (plan, index, { lat, lng }) => ({
  ...plan,
  points: plan.points
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line, i) => (i === index ? position(lat, lng) : line))
    .join('\n'),
});

function height(text) {
  const clean = text.trim();
  if (clean === '' || clean === '∞') return 'unlimited';
  if (/^gnd$/i.test(clean)) return 'GND';
  const level = /^fl\s*(\d{1,3})$/i.exec(clean);
  if (level) return `FL${level[1].padStart(3, '0')}`;
  const n = Number(clean.replace(',', '.'));
  if (!Number.isFinite(n)) throw new Error(t('plan.height.wrong'));
  return n;
}

/** The one height of a trajectory. */
function levelOf(plan) {
  const level = height(plan.low);
  if (level === 'unlimited') throw new Error(t('plan.level.wrong'));
  if (level === 'GND') return { z: 0, z_reference: 'AGL', z_unit: 'M' };
  return typeof level === 'string'
    ? { z: Number(level.slice(2)), z_reference: 'STD', z_unit: 'FL' }
    : { z: level, z_reference: plan.reference, z_unit: plan.unit };
}

function positive(text, key) {
  const n = Number(String(text).replace(',', '.'));
  if (!(n > 0)) throw new Error(t(key));
  return n;
}

/** When something that begins and ends at these times is at each of the points, at one speed. */
function timesAlong(points, start, end) {
  const lengths = points.map((point, i) => (i ? distance(points[i - 1], point) : 0));
  const whole = lengths.reduce((a, b) => a + b, 0) || 1;
  let gone = 0;
  return lengths.map((length) =>
    new Date(
      Date.parse(start) + ((Date.parse(end) - Date.parse(start)) * (gone += length)) / whole,
    ).toISOString(),
  );
}

function geometryOf(plan, points, start, end) {
  const xy = points.map(({ lat, lng }) => [Number(lng.toFixed(9)), Number(lat.toFixed(9))]);
  if (plan.shape === 'polygon') return [{ type: 'Polygon', coordinates: [[...xy, xy[0]]] }, {}];
  if (plan.shape === 'circle')
    return [{ type: 'Point', coordinates: xy[0] }, { radius_m: positive(plan.radius, 'plan.radius.wrong') }];
  if (plan.shape === 'corridor')
    return [{ type: 'LineString', coordinates: xy }, { width_m: positive(plan.width, 'plan.width.wrong') }];
  const { z, ...level } = levelOf(plan);
  return [
    { type: 'LineString', coordinates: xy.map((c) => [...c, z]) },
    { times: timesAlong(points, start, end), ...level },
  ];
}

const bandOf = (plan) => ({
  altitude_lower: height(plan.low),
  altitude_upper: height(plan.high),
  altitude_reference: plan.reference,
  altitude_unit: plan.unit,
});

/** The feature; throws what is missing or wrong, for a person. */
export function featureOf(plan) {
  const start = readTime(plan.start);
  const end = readTime(plan.end, start ? new Date(start) : undefined);
  if (!start || !end) throw new Error(t('input.time.wrong', SAMPLES));
  if (end <= start) throw new Error(t('plan.time.order'));
  const common = {
    class: 'operation',
    kind: plan.kind,
    ...(plan.name.trim() ? { name: plan.name.trim() } : {}),
    priority: Number(plan.priority) || 0,
  };
  if (plan.kept) return { ...plan.kept, properties: { ...plan.kept.properties, ...common } };
  const points = pointsOf(plan);
  if (points.length < LEAST[plan.shape]) throw new Error(t(`plan.points.${plan.shape}`));
  const [geometry, own] = geometryOf(plan, points, start, end);
  const properties = {
    ...common,
    edges: plan.edges,
    ...own,
    ...(plan.shape === 'trajectory' ? {} : { start, end, ...bandOf(plan) }),
  };
  return { type: 'Feature', ...(plan.id ? { id: plan.id } : {}), properties, geometry };
}

/** Whether a trajectory is one that this form draws: at one height and one speed, as exact as the node assumes. */
function isOneSpeed({ geometry, properties: p }) {
  if (geometry?.type !== 'LineString' || !p.times) return false;
  const { accuracy_h_m: across = 50, accuracy_v_m: up = 30, accuracy_t_s: time = 0 } = p;
  const points = geometry.coordinates.map(([lng, lat]) => ({ lat, lng }));
  const level = geometry.coordinates[0][2];
  const times = timesAlong(points, p.times[0], p.times.at(-1));
  return (
    across === 50 &&
    up === 30 &&
    time === 0 &&
    REFERENCES.includes(p.z_reference ?? 'W84') &&
    geometry.coordinates.every(([, , z]) => z === level) &&
    times.every((one, i) => Math.abs(Date.parse(one) - Date.parse(p.times[i])) < 1000)
  );
}

/** A plan to edit from a record; shapes that this form does not draw are kept as they are. */
export function planOf(record) {
  const { feature } = record;
  const p = feature.properties ?? {};
  const [lower, upper] = ['lower', 'upper'].map((end) => ({
    reference: p[`altitude_${end}_reference`] ?? p.altitude_reference ?? 'W84',
    unit: p[`altitude_${end}_unit`] ?? p.altitude_unit ?? 'M',
  }));
  const text = (value) =>
    typeof value === 'object' && value
      ? String(value.value)
      : value === undefined || value === null || value === 'unlimited'
        ? ''
        : String(value);
  const plan = {
    ...fresh(),
    id: record.id,
    etag: record.etag,
    name: record.name ?? p.name ?? '',
    kind: record.kind ?? p.kind ?? 'other',
    priority: String(record.priority ?? 0),
    low: text(p.altitude_lower),
    high: text(p.altitude_upper),
    reference: lower.reference,
    unit: lower.unit,
    edges: p.edges ?? 'lonlat',
    ...(record.start ? { start: clock(Date.parse(record.start)) } : {}),
    ...(record.end ? { end: clock(Date.parse(record.end)) } : {}),
  };
  const lines = (list) => list.map(([lng, lat]) => exactly(lat, lng)).join('\n');
  const { type, coordinates } = feature.geometry ?? {};
  const isNumber = typeof p.altitude_lower === 'number' && typeof p.altitude_upper === 'number';
  const isPlain =
    !p.times &&
    !p.volumes &&
    (!isNumber || (lower.reference === upper.reference && lower.unit === upper.unit));
  if (isOneSpeed(feature))
    return {
      ...plan,
      shape: 'trajectory',
      points: lines(coordinates),
      low: String(coordinates[0][2] ?? 0),
      reference: p.z_reference ?? 'W84',
      unit: p.z_unit ?? 'M',
    };
  if (!isPlain) return { ...plan, shape: 'polygon', points: '', kept: feature };
  if (type === 'Point')
    return { ...plan, shape: 'circle', points: lines([coordinates]), radius: String(p.radius_m ?? 500) };
  if (type === 'LineString')
    return { ...plan, shape: 'corridor', points: lines(coordinates), width: String(p.width_m ?? 100) };
  if (type === 'Polygon' && coordinates.length === 1 && !p.radius_m)
    return { ...plan, shape: 'polygon', points: lines(coordinates[0].slice(0, -1)) };
  return { ...plan, shape: 'polygon', points: '', kept: feature };
}
