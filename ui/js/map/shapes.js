/**
 * shapes.js - where an entity is, as outlines to draw: GeoJSON for the few that are highlighted, and
 * Mercator coordinates, made once for each entity, for the thousands that are painted.
 */
import { ring } from '../geo.js';

/** The world's circumference at the equator, in metres: one Mercator unit. */
const WORLD_M = 40075016.686;
/** maplibre's tiles are 512 pixels wide. */
const TILE_PX = 512;

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

/** So many metres at a latitude, in Mercator units (the world is 1 wide). */
const units = (metres, lat) => metres / (WORLD_M * Math.cos((lat * Math.PI) / 180));

const circle = ([lng, lat], metres) => ({
  type: 'Polygon',
  coordinates: [unwrap(ring({ lat, lng }, metres, metres > 10000 ? 48 : 24))],
});

function lineWidth(p) {
  if (!p.times) return p.width_m ?? 100;
  return 2 * (Array.isArray(p.accuracy_h_m) ? Math.max(...p.accuracy_h_m) : (p.accuracy_h_m ?? 50));
}

/** [{geometry: Polygon or LineString, width: Mercator units}] of a geometry with its properties. */
function parts(geometry, p, growth) {
  const again = (type) => (coordinates) => parts({ type, coordinates }, p, growth);
  switch (geometry?.type) {
    case 'Point':
      return [{ geometry: circle(geometry.coordinates, (p.radius_m ?? 500) + growth), width: 0 }];
    case 'LineString':
      return [
        {
          geometry: { type: 'LineString', coordinates: unwrap(geometry.coordinates) },
          width: units(lineWidth(p) + 2 * growth, geometry.coordinates[0][1]),
        },
      ];
    case 'Polygon': {
      const area = { type: 'Polygon', coordinates: geometry.coordinates.map(unwrap) };
      const radius = (p.radius_m ?? 0) + growth;
      const rim = {
        geometry: { type: 'LineString', coordinates: area.coordinates[0] },
        width: units(2 * radius, geometry.coordinates[0][0][1]),
      };
      return radius ? [{ geometry: area, width: 0 }, rim] : [{ geometry: area, width: 0 }];
    }
    case 'MultiPoint':
      return geometry.coordinates.flatMap(again('Point'));
    case 'MultiLineString':
      return geometry.coordinates.flatMap(again('LineString'));
    case 'MultiPolygon':
      return geometry.coordinates.flatMap(again('Polygon'));
    case 'GeometryCollection':
      return geometry.geometries.flatMap((one, i) => parts(one, { ...p, ...p.volumes?.[i] }, growth));
    default:
      return [];
  }
}

const partsOf = (one) => parts(one.feature?.geometry, one.feature?.properties ?? {}, one.growth);

/** GeoJSON features of an entity; `w` is a line's width in pixels at zoom 0. */
export function featuresOf(one) {
  return partsOf(one).map(({ geometry, width }) => ({
    type: 'Feature',
    geometry,
    properties: { key: one.key, w: width * TILE_PX },
  }));
}

/* --- Mercator ---------------------------------------------------------------------------------- */

export const mercatorX = (lng) => lng / 360 + 0.5;
export function mercatorY(lat) {
  const clipped = Math.max(-85.0511, Math.min(85.0511, lat));
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (clipped * Math.PI) / 360)) / (2 * Math.PI);
}
const lngOf = (x) => (x - 0.5) * 360;
const latOf = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

/**
 * @typedef {{isLine: boolean, width: number, points: Float64Array, rings: number[],
 *   box: [number, number, number, number]}} Outline
 *   points: x, y, x, y ...; rings: where each ring begins, counted in points; box: west, north, east,
 *   south, with the width; all in Mercator units.
 */

/** @returns {Outline} */
function outline({ geometry, width }) {
  const isLine = geometry.type === 'LineString';
  const lists = isLine ? [geometry.coordinates] : geometry.coordinates;
  const rings = [];
  const points = new Float64Array(2 * lists.reduce((sum, list) => sum + list.length, 0));
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let n = 0;
  for (const list of lists) {
    rings.push(n / 2);
    for (const [lng, lat] of list) {
      const [x, y] = [mercatorX(lng), mercatorY(lat)];
      points[n++] = x;
      points[n++] = y;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  const half = width / 2;
  return {
    isLine,
    width,
    points,
    rings,
    box: [box[0] - half, box[1] - half, box[2] + half, box[3] + half],
  };
}

/** An entity's outlines; it keeps them, as it is replaced and never changed. @returns {Outline[]} */
export function outlinesOf(one) {
  one.outlines ??= partsOf(one).map(outline);
  return one.outlines;
}

/** [[west, south], [east, north]] of what has a shape; null: nothing has. */
export function boundsOf(entities) {
  const all = [Infinity, Infinity, -Infinity, -Infinity];
  for (const one of entities)
    for (const { box } of outlinesOf(one)) {
      all[0] = Math.min(all[0], box[0]);
      all[1] = Math.min(all[1], box[1]);
      all[2] = Math.max(all[2], box[2]);
      all[3] = Math.max(all[3], box[3]);
    }
  if (all[0] > all[2]) return null;
  return [
    [lngOf(all[0]), latOf(all[3])],
    [lngOf(all[2]), latOf(all[1])],
  ];
}

/* --- what lies at a point ------------------------------------------------------------------------ */

const near = ({ box }, x, y, slack) =>
  x >= box[0] - slack && x <= box[2] + slack && y >= box[1] - slack && y <= box[3] + slack;

/** The least distance of a point from a line's pieces, in Mercator units. */
function distanceTo(points, from, until, x, y) {
  let least = Infinity;
  for (let i = from; i < until - 1; i++) {
    const [ax, ay, bx, by] = points.subarray(2 * i, 2 * i + 4);
    const [dx, dy] = [bx - ax, by - ay];
    const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(ax + share * dx - x, ay + share * dy - y));
  }
  return least;
}

function isInside({ points, rings }, x, y) {
  let inside = false;
  rings.forEach((from, k) => {
    const until = rings[k + 1] ?? points.length / 2;
    for (let i = from, j = until - 1; i < until; j = i++) {
      const [xi, yi, xj, yj] = [points[2 * i], points[2 * i + 1], points[2 * j], points[2 * j + 1]];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  });
  return inside;
}

/** Whether an entity lies at a point, or within `slack` of it; Mercator units. */
export function liesAt(one, x, y, slack) {
  return outlinesOf(one).some((shape) => {
    if (!near(shape, x, y, slack)) return false;
    if (!shape.isLine && isInside(shape, x, y)) return true;
    return shape.rings.some(
      (from, k) =>
        distanceTo(shape.points, from, shape.rings[k + 1] ?? shape.points.length / 2, x, y) <=
        shape.width / 2 + slack,
    );
  });
}
