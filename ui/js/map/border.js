/**
 * border.js - the borders of circles, and of lines that are grown on all sides, written as Mercator coordinates.
 */
import { A, E2, along, bulge } from '../geodesic.js';
import { WORLD_M, latOf, lngOf, mercatorX, steepY } from './mercator.js';

const TAU = 2 * Math.PI;
const RAD = Math.PI / 180;
/** Within so many metres, times the cotangent of a steep latitude, a series is right to 1/50000 of the distance. */
const SMALL_M = 20000;
const STEP = 15 * RAD; // of an arc, at most: its chords are right to 1/230 of the radius
const LEAST_COS = Math.cos(STEP / 2);
const CORNERS = 32; // of a circle: right to 1/400

/** A place, and what lies at small distances from it. */
class Spot {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.tan = 0; // of the latitude
    this.scale = 0; // Mercator units in a radian across
    this.meridian = 0; // curvatures: 1 / metres
    this.across = 0;
    this.most = 0; // the square of the distance within which the series are used
  }

  be(x, y) {
    const up = Math.exp((0.5 - y) * TAU);
    const tan = (up - 1 / up) / 2;
    const sec = (up + 1 / up) / 2;
    const w = 1 - E2 * (tan / sec) ** 2;
    this.x = x;
    this.y = y;
    this.tan = tan;
    this.scale = sec / TAU;
    this.across = Math.sqrt(w) / A;
    this.meridian = (w * this.across) / (1 - E2);
    this.most = SMALL_M ** 2 / Math.max(1, tan * tan);
  }

  /** Writes the point so many metres to the east and north. @param {import('./pen.js').Pen} pen */
  put(pen, east, north) {
    if (east * east + north * north > this.most) {
      this.putFar(pen, east, north);
      return;
    }
    // Legendre's series of the latitude and the longitude, then Mercator's of the latitude.
    const tan = this.tan;
    const square = tan * tan;
    const p = north * this.meridian;
    const q = east * this.across;
    const up = p - q * east * tan * this.meridian * 0.5 - (q * q * p * (1 + 3 * square)) / 6;
    const over = q * (1 + p * tan + (p * p * (1 + 3 * square) - q * q * square) / 3);
    const higher = up * (1 + up * (tan / 2 + (up * (1 + 2 * square)) / 6));
    pen.put(this.x + this.scale * over, this.y - this.scale * higher);
  }

  putFar(pen, east, north) {
    const from = { lat: latOf(this.y), lng: lngOf(this.x) };
    const { lat, lng } = along(from, Math.hypot(east, north), Math.atan2(east, north) / RAD);
    pen.put(mercatorX(lng), steepY(lat));
  }
}

const spot = new Spot();

/**
 * Writes an arc around the spot, from (east, north) clockwise, as chords that lie as much inside of it as outside.
 * @param {number} by radians; below 0: the other way
 */
function arc(pen, east, north, by) {
  const steps = Math.ceil(Math.abs(by) / STEP);
  const step = by / steps;
  const cos = Math.cos(step);
  const sin = Math.sin(step);
  let e = east * bulge(step);
  let n = north * bulge(step);
  for (let k = 0; k <= steps; k++) {
    spot.put(pen, e, n);
    const next = e * cos + n * sin;
    n = n * cos - e * sin;
    e = next;
  }
}

const AROUND = Array.from({ length: CORNERS }, (_, i) => (i * TAU) / CORNERS);
const [EASTS, NORTHS] = [AROUND.map(Math.sin), AROUND.map(Math.cos)];

/** @param {import('./pen.js').Pen} pen @param {number} x @param {number} y @param {number} metres */
export function circle(pen, x, y, metres) {
  const radius = metres * bulge(TAU / CORNERS);
  spot.be(x, y);
  for (let i = 0; i < CORNERS; i++) spot.put(pen, radius * EASTS[i], radius * NORTHS[i]);
  pen.close();
}

/** Of a line that is grown: its vertices, and between them its directions and lengths. */
class Spine {
  constructor() {
    for (const name of ['x', 'y', 'east', 'north', 'length']) this[name] = [];
    this.last = 0;
  }

  /** Without pieces that have no length. @param {import('./pen.js').Pen} line */
  be({ points, length }) {
    this.last = 0;
    this.x[0] = points[0];
    this.y[0] = points[1];
    for (let i = 2; i < length; i += 2) {
      const n = this.last;
      const east = points[i] - this.x[n];
      const north = this.y[n] - points[i + 1];
      const whole = Math.sqrt(east * east + north * north);
      if (!whole) continue;
      this.east[n] = east / whole;
      this.north[n] = north / whole;
      this.length[n] = whole;
      this.x[n + 1] = points[i];
      this.y[n + 1] = points[i + 1];
      this.last = n + 1;
    }
  }
}

const spine = new Spine();

/** The border to the left of a vertex, from piece a to piece b: an arc, or where its two sides meet. */
function turn(pen, half, a, b, sign) {
  const east = spine.east[a] * sign;
  const north = spine.north[a] * sign;
  const nextEast = spine.east[b] * sign;
  const nextNorth = spine.north[b] * sign;
  const cos = east * nextEast + north * nextNorth;
  const sin = nextEast * north - east * nextNorth;
  const isSmooth = cos >= LEAST_COS;
  const room = isSmooth ? 0 : (Math.min(spine.length[a], spine.length[b]) * WORLD_M) / (TAU * spot.scale);
  if (isSmooth || (sin < 0 && half * -sin <= room * (1 + cos))) {
    const out = half / (1 + cos);
    spot.put(pen, -(north + nextNorth) * out, (east + nextEast) * out);
  } else arc(pen, -north * half, east * half, Math.atan2(sin, cos));
}

/**
 * Writes the border of a line. Where it meets itself it winds around its inside more than once: what has a winding
 * number other than 0 is inside.
 * @param {import('./pen.js').Pen} pen @param {import('./pen.js').Pen} line as edges() writes it @param {number} half
 */
export function corridor(pen, line, half) {
  spine.be(line);
  const { x, y, east, north, last } = spine;
  if (!last) {
    circle(pen, x[0], y[0], half);
    return;
  }
  for (let i = 1; i < last; i++) {
    spot.be(x[i], y[i]);
    turn(pen, half, i - 1, i, 1);
  }
  spot.be(x[last], y[last]);
  arc(pen, -north[last - 1] * half, east[last - 1] * half, Math.PI);
  for (let i = last - 1; i > 0; i--) {
    spot.be(x[i], y[i]);
    turn(pen, half, i, i - 1, -1);
  }
  spot.be(x[0], y[0]);
  arc(pen, north[0] * half, -east[0] * half, Math.PI);
  pen.close();
}
