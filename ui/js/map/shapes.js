/**
 * shapes.js - where an entity is, as outlines in Mercator coordinates, made once for each; what they take up, and what
 * lies at a point.
 */
import { circle, corridor } from './border.js';
import { edges } from './edges.js';
import { around, latOf, lngOf, mercatorX, steepY } from './mercator.js';
import { Pen } from './pen.js';

/**
 * @typedef {{isLine: boolean, points: Float64Array, starts: number[], box: number[], place: number[]|null}} Outline
 *   points: x, y, x, y ... of this and others; starts: where in it each ring begins, counted in points, and where the
 *   last ends; box: west, north, east, south; place: where its name stands; null: in the middle of the box. A line may
 *   wind around its inside more than once.
 */

const pen = new Pen();
const line = new Pen();

function lineWidth(p) {
  if (!p.times) return p.width_m ?? 100;
  return 2 * (Array.isArray(p.accuracy_h_m) ? Math.max(...p.accuracy_h_m) : (p.accuracy_h_m ?? 50));
}

/** What was written. @returns {Outline} */
function outline(isLine, place) {
  const { points, starts, box } = pen.cut();
  return { isLine, points, starts, box, place };
}

function disc(at, radius) {
  circle(pen, mercatorX(at[0]), steepY(at[1]), radius);
  return outline(false, null);
}

function grown(corners, isGeodesic, half) {
  line.wipe();
  edges(line, corners, isGeodesic);
  const middle = line.length >> 2; // in points
  corridor(pen, line, half);
  return outline(true, [line.points[2 * middle], line.points[2 * middle + 1]]);
}

function area(rings, isGeodesic, growth) {
  for (const ring of rings) {
    edges(pen, ring, isGeodesic);
    pen.close();
  }
  const inside = outline(false, null);
  return growth ? [inside, ...rings.map((ring) => grown(ring, isGeodesic, growth))] : [inside];
}

const partsOfAll = (type, all, p, growth) => all.flatMap((coordinates) => parts({ type, coordinates }, p, growth));

/** Outlines of a geometry with its properties. */
function parts(geometry, p, growth) {
  const isGeodesic = p.edges === 'geodesic' || Boolean(p.times);
  switch (geometry?.type) {
    case 'Point':
      return [disc(geometry.coordinates, (p.radius_m ?? 500) + growth)];
    case 'LineString':
      return [grown(geometry.coordinates, isGeodesic, lineWidth(p) / 2 + growth)];
    case 'Polygon':
      return area(geometry.coordinates, isGeodesic, (p.radius_m ?? 0) + growth);
    case 'MultiPoint':
    case 'MultiLineString':
    case 'MultiPolygon':
      return partsOfAll(geometry.type.slice('Multi'.length), geometry.coordinates, p, growth);
    case 'GeometryCollection':
      return geometry.geometries.flatMap((one, i) => parts(one, { ...p, ...p.volumes?.[i] }, growth));
    default:
      return [];
  }
}

/** An entity's outlines; it keeps them, as it is replaced and never changed. @returns {Outline[]} */
export function outlinesOf(one) {
  one.outlines ??= parts(one.feature?.geometry, one.feature?.properties ?? {}, one.growth);
  return one.outlines;
}

/** GeoJSON features of an entity. */
export const featuresOf = (one) =>
  outlinesOf(one).map(({ points, starts }) => ({
    type: 'Feature',
    geometry: {
      type: 'Polygon',
      coordinates: starts.slice(0, -1).map((from, r) => {
        const at = (i) => [lngOf(points[2 * i]), latOf(points[2 * i + 1])];
        return [...Array.from({ length: starts[r + 1] - from }, (_, k) => at(from + k)), at(from)];
      }),
    },
    properties: { key: one.key },
  }));

/** [west, east] of the shortest stretch of the world that has all of them in it. @param {number[][]} boxes */
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
  const boxes = [];
  for (const one of entities) for (const { box } of outlinesOf(one)) boxes.push(box);
  if (!boxes.length) return null;
  let [west, north, east, south] = around(boxes);
  if (east - west > 0.5) [west, east] = stretchOf(boxes);
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
