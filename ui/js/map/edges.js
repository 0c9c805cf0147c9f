/**
 * edges.js - edges and corridors as what is drawn on a Mercator map has them: with so many points between that a
 * straight stroke from one to the next is right.
 */
import { along, bulge, geodesic, placesAround } from '../geodesic.js';
import { mercatorX, mercatorY } from './mercator.js';

/** What an edge may lie beside the true one, in Mercator units: a tenth of a pixel at zoom 13. */
const TOLERANCE = 2.4e-8;
const MOST_PIECES = 256;
const STEP_DEG = 15;
/** The world's circumference at the equator. */
const WORLD_M = 40075016.686;
const RAD = Math.PI / 180;
const STEEPEST_DEG = 85;

/** Longitudes that go the shorter way, so that nothing is drawn around the world. */
export function unwrap(points) {
  if (!points.some(([lng], i) => i && Math.abs(lng - points[i - 1][0]) > 180)) return points;
  let before = points[0][0];
  return points.map(([lng, lat]) => {
    let x = lng;
    while (x - before > 180) x -= 360;
    while (before - x > 180) x += 360;
    before = x;
    return [x, lat];
  });
}

/** A ring that goes around a pole is closed along the edge of the map. @param {[number, number][]} ring unwrapped */
export function closed(ring) {
  const [first, last] = [ring[0], ring.at(-1)];
  if (Math.abs(last[0] - first[0]) < 180) return ring;
  const pole = 90 * Math.sign(first[1]);
  return [...ring, [last[0], pole], [first[0], pole], first];
}

/** In how many pieces an edge is drawn. */
function piecesOf([lng1, lat1], [lng2, lat2], isGeodesic) {
  const lat = Math.min(STEEPEST_DEG, Math.max(Math.abs(lat1), Math.abs(lat2))) * RAD;
  const across = isGeodesic ? (lng2 - lng1) * Math.cos(((lat1 + lat2) / 2) * RAD) : 0;
  const length = Math.hypot(lat2 - lat1, across) * RAD;
  const bend = (length * length * Math.tan(lat)) / Math.cos(lat) / (16 * Math.PI);
  return Math.min(MOST_PIECES, Math.ceil(Math.sqrt(bend / TOLERANCE)) || 1);
}

/**
 * Points of [lng, lat] along edges that are straight in longitude and latitude, or geodesics.
 * @param {[number, number][]} corners
 */
export function dense(corners, isGeodesic) {
  const list = unwrap(corners);
  const points = list.slice(0, 1);
  for (let i = 1; i < list.length; i++) {
    const a = list[i - 1];
    const b = list[i];
    const n = piecesOf(a, b, isGeodesic);
    const from = { lng: a[0], lat: a[1] };
    const line = isGeodesic && n > 1 ? geodesic(from, { lng: b[0], lat: b[1] }) : null;
    for (let k = 1; k < n; k++) {
      const share = k / n;
      if (line) {
        const { lng, lat } = along(from, line.metres * share, line.degrees);
        points.push([lng, lat]);
      } else points.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
    }
    points.push(b);
  }
  return isGeodesic ? unwrap(points) : points;
}

/** The border beside a vertex on the left, from one direction to the next: an arc, or where its two sides meet. */
function turn(at, half, from, by, room) {
  const inner = by < 0;
  const reach = half * Math.tan((Math.min(Math.abs(by), 179) / 2) * RAD);
  if (Math.abs(by) <= STEP_DEG / 2 || (inner && reach <= room))
    return [at(half / Math.cos((by / 2) * RAD), from - 90 + by / 2)];
  const steps = Math.ceil(Math.abs(by) / STEP_DEG);
  const radius = half * bulge(by / steps);
  return Array.from({ length: steps + 1 }, (_, k) => at(radius, from - 90 + (by * k) / steps));
}

/**
 * The border of a line that is grown on all sides, as a closed ring. Where it meets itself it winds around its inside
 * more than once: what has a winding number other than 0 is inside.
 * @param {[number, number][]} line as dense() makes it
 */
export function corridor(line, half) {
  const points = line.filter(([x, y], i) => !i || x !== line[i - 1][0] || y !== line[i - 1][1]);
  const last = points.length - 1;
  const there = points.slice(1).map(([lng, lat], i) => {
    const [x, y] = points[i];
    const [east, north] = [mercatorX(lng) - mercatorX(x), mercatorY(y) - mercatorY(lat)];
    return {
      degrees: Math.atan2(east, north) / RAD,
      metres: Math.hypot(east, north) * WORLD_M * Math.cos(((y + lat) / 2) * RAD),
    };
  });
  if (!last) there.push({ degrees: 0, metres: 0 });
  const places = points.map(([lng, lat]) => placesAround({ lng, lat }));
  const back = there.map(({ degrees, metres }) => ({ degrees: degrees + 180, metres })).reverse();
  const legs = [...there, ...back];
  const ring = legs.flatMap(({ degrees, metres }, i) => {
    const next = legs[(i + 1) % legs.length];
    const vertex = i < last || !last ? Math.min(i + 1, last) : 2 * last - 1 - i;
    const isEnd = vertex === 0 || vertex === last;
    const by = isEnd ? 180 : 180 - ((540 + degrees - next.degrees) % 360);
    return turn(places[vertex], half, degrees, by, isEnd ? 0 : Math.min(metres, next.metres));
  });
  return unwrap([...ring, ring[0]]);
}
