/**
 * shapes.js - where an entity is, as outlines to draw: GeoJSON for the few that are highlighted, and
 * Mercator coordinates, made once for each entity, for the thousands that are painted.
 */
import { ring } from '../geodesic.js';
import { closed, corridor, dense, unwrap } from './edges.js';
import { around, latOf, lngOf, project } from './mercator.js';

function lineWidth(p) {
  if (!p.times) return p.width_m ?? 100;
  return 2 * (Array.isArray(p.accuracy_h_m) ? Math.max(...p.accuracy_h_m) : (p.accuracy_h_m ?? 50));
}

const grown = (line, half) => ({
  isLine: true,
  rings: [closed(corridor(line, half))],
  place: line[line.length >> 1],
});

/** [{rings, isLine, place}] of a geometry with its properties; place: where the name of a line stands. */
function parts(geometry, p, growth) {
  const again = (type) => (coordinates) => parts({ type, coordinates }, p, growth);
  const isGeodesic = p.edges === 'geodesic' || Boolean(p.times);
  switch (geometry?.type) {
    case 'Point': {
      const [lng, lat] = geometry.coordinates;
      return [{ isLine: false, rings: [closed(unwrap(ring({ lat, lng }, (p.radius_m ?? 500) + growth)))] }];
    }
    case 'LineString':
      return [grown(dense(geometry.coordinates, isGeodesic), lineWidth(p) / 2 + growth)];
    case 'Polygon': {
      const rings = geometry.coordinates.map((one) => dense(one, isGeodesic));
      const radius = (p.radius_m ?? 0) + growth;
      const area = { isLine: false, rings: rings.map(closed) };
      return radius ? [area, grown(rings[0], radius)] : [area];
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

/** GeoJSON features of an entity. */
export const featuresOf = (one) =>
  partsOf(one).map(({ rings }) => ({
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: rings },
    properties: { key: one.key },
  }));

/**
 * @typedef {{isLine: boolean, points: Float64Array, starts: Uint32Array, box: number[], place: number[]}} Outline
 *   points: x, y, x, y ...; starts: where each ring begins, counted in points, and where the last ends; box: west,
 *   north, east, south; place: where its name stands; all in Mercator units. A line may wind around its inside more
 *   than once.
 */

/** @returns {Outline} */
function outline({ isLine, rings, place }) {
  const { points, starts, boxes } = project(rings);
  const box = around(boxes);
  return {
    isLine,
    points,
    starts,
    box,
    place: place ? [...project([[place]]).points] : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
  };
}

/** An entity's outlines; it keeps them, as it is replaced and never changed. @returns {Outline[]} */
export function outlinesOf(one) {
  one.outlines ??= partsOf(one).map(outline);
  return one.outlines;
}

/** [west, east] of the shortest stretch of the world that has all of them in it. */
function stretchOf(boxes) {
  const spans = boxes.map(([west, , east]) => [west - Math.floor(west), east - Math.floor(west)]);
  spans.sort(([a], [b]) => a - b);
  let reach = spans.reduce((most, [, east]) => Math.max(most, east), 0) - 1; // over the seam
  let [begin, gap] = [0, -Infinity];
  for (const [west, east] of spans) {
    if (west - reach > gap) [begin, gap] = [west, west - reach];
    reach = Math.max(reach, east);
  }
  return [begin, begin + 1 - Math.max(0, gap)];
}

/** [[west, south], [east, north]] of what has a shape, the shorter way around the world; null: nothing has. */
export function boundsOf(entities) {
  const boxes = [...entities].flatMap((one) => outlinesOf(one).map(({ box }) => box));
  if (!boxes.length) return null;
  const [, north, , south] = around(boxes.flat());
  const [west, east] = stretchOf(boxes);
  return [
    [lngOf(west), latOf(south)],
    [lngOf(east), latOf(north)],
  ];
}

/* --- what lies at a point ------------------------------------------------------------------------ */

const near = ({ box }, x, y, slack) =>
  x >= box[0] - slack && x <= box[2] + slack && y >= box[1] - slack && y <= box[3] + slack;

/** Calls back with the ends of each piece of an outline's border. */
function everyPiece({ points, starts }, seen) {
  for (let r = 0; r < starts.length - 1; r++)
    for (let i = starts[r]; i < starts[r + 1]; i++) {
      const j = i + 1 < starts[r + 1] ? i + 1 : starts[r];
      seen(points[2 * i], points[2 * i + 1], points[2 * j], points[2 * j + 1]);
    }
}

/** The least distance of a point from the border, in Mercator units. */
function distanceTo(shape, x, y) {
  let least = Infinity;
  everyPiece(shape, (ax, ay, bx, by) => {
    const [dx, dy] = [bx - ax, by - ay];
    const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(ax + share * dx - x, ay + share * dy - y));
  });
  return least;
}

function isInside(shape, x, y) {
  let winding = 0;
  everyPiece(shape, (ax, ay, bx, by) => {
    if (ay > y === by > y || x >= ((bx - ax) * (y - ay)) / (by - ay) + ax) return;
    winding += by > ay ? 1 : -1;
  });
  return shape.isLine ? winding !== 0 : winding % 2 !== 0;
}

/** Whether an entity lies at a point, or within `slack` of it; Mercator units. */
export const liesAt = (one, x, y, slack) =>
  outlinesOf(one).some(
    (shape) => near(shape, x, y, slack) && (isInside(shape, x, y) || distanceTo(shape, x, y) <= slack),
  );
