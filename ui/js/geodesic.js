/**
 * geodesic.js - distances, bearings and places along the shortest lines on WGS84, for what is drawn and measured;
 * what decides is the node's.
 *
 * T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid", Survey Review 176 (1975); right to a
 * millimetre. Its iteration for the inverse does not end where two places are nearly antipodal.
 */
export const A = 6378137;
const F = 1 / 298.257223563;
/** The square of the first eccentricity. */
export const E2 = F * (2 - F);
const B = A * (1 - F);
const EP2 = (A * A) / (B * B) - 1;
const RAD = Math.PI / 180;
const QUARTER_M = 1e7;
const CLOSE = 1e-12;
const MOST_STEPS = 40;

/** @typedef {{lat: number, lng: number}} Place */

/** Between -180 and 180. @param {number} lng */
export const wrapLng = (lng) => (lng >= -180 && lng <= 180 ? lng : ((((lng + 180) % 360) + 360) % 360) - 180);

/** Sine and cosine of the reduced latitude. */
function reduced(lat) {
  if (Math.abs(lat) === 90) return [Math.sign(lat), 0];
  const tan = (1 - F) * Math.tan(lat * RAD);
  const cos = 1 / Math.hypot(1, tan);
  return [tan * cos, cos];
}

/** How an arc on the auxiliary sphere becomes a distance; u2: by the azimuth at the equator. */
function series(u2) {
  return {
    a: 1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))),
    b: (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2))),
  };
}
const correction = (b, sin, cos, mid) =>
  b *
  sin *
  (mid +
    (b / 4) * (cos * (2 * mid * mid - 1) - (b / 6) * mid * (4 * sin * sin - 3) * (4 * mid * mid - 3)));

/** What the longitude on the ellipsoid falls short of that on the auxiliary sphere. */
function shortfall(sinAlpha, cos2Alpha, sigma, sin, cos, mid) {
  const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
  return (1 - c) * F * sinAlpha * (sigma + c * sin * (mid + c * cos * (2 * mid * mid - 1)));
}

/** The line from a place by its bearing there: the place at each distance. @param {Place} from */
export function way(from, degrees) {
  const [sinU, cosU] = reduced(from.lat);
  const [sinA, cosA] = [Math.sin(degrees * RAD), Math.cos(degrees * RAD)];
  const sigma1 = Math.atan2(sinU, cosU * cosA);
  const sinAlpha = cosU * sinA;
  const cos2Alpha = 1 - sinAlpha * sinAlpha;
  const { a, b } = series(cos2Alpha * EP2);
  /** @param {number} metres @returns {Place} */
  return (metres) => {
    const first = metres / (B * a);
    let [sigma, before] = [first, Infinity];
    let [sin, cos, mid] = [0, 1, 1];
    for (let i = 0; i < MOST_STEPS && Math.abs(sigma - before) > CLOSE; i++) {
      before = sigma;
      [sin, cos, mid] = [Math.sin(sigma), Math.cos(sigma), Math.cos(2 * sigma1 + sigma)];
      sigma = first + correction(b, sin, cos, mid);
    }
    [sin, cos, mid] = [Math.sin(sigma), Math.cos(sigma), Math.cos(2 * sigma1 + sigma)];
    const lat = Math.atan2(
      sinU * cos + cosU * sin * cosA,
      (1 - F) * Math.hypot(sinAlpha, sinU * sin - cosU * cos * cosA),
    );
    const lambda = Math.atan2(sin * sinA, cosU * cos - sinU * sin * cosA);
    const lng = lambda - shortfall(sinAlpha, cos2Alpha, sigma, sin, cos, mid);
    return { lat: lat / RAD, lng: wrapLng(from.lng + lng / RAD) };
  };
}

/** The place at a distance and bearing. @param {Place} from @returns {Place} */
export const along = (from, metres, degrees) => way(from, degrees)(metres);

/** {metres, degrees: the bearing at the first}; null: the iteration does not end. */
function vincenty(from, to) {
  const [sinU1, cosU1] = reduced(from.lat);
  const [sinU2, cosU2] = reduced(to.lat);
  const l = wrapLng(to.lng - from.lng) * RAD;
  let [lambda, before] = [l, Infinity];
  for (let i = 0; i < MOST_STEPS; i++) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const [east, north] = [cosU2 * sinL, cosU1 * sinU2 - sinU1 * cosU2 * cosL];
    const sin = Math.hypot(east, north);
    const cos = sinU1 * sinU2 + cosU1 * cosU2 * cosL;
    if (sin === 0) return cos > 0 ? { metres: 0, degrees: 0 } : null;
    const sigma = Math.atan2(sin, cos);
    const sinAlpha = (cosU1 * cosU2 * sinL) / sin;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    const mid = cos2Alpha > CLOSE ? cos - (2 * sinU1 * sinU2) / cos2Alpha : 0;
    if (Math.abs(lambda - before) < CLOSE) {
      const { a, b } = series(cos2Alpha * EP2);
      return {
        metres: B * a * (sigma - correction(b, sin, cos, mid)),
        degrees: (Math.atan2(east, north) / RAD + 360) % 360,
      };
    }
    before = lambda;
    lambda = l + shortfall(sinAlpha, cos2Alpha, sigma, sin, cos, mid);
    if (Math.abs(lambda) > Math.PI) return null;
  }
  return null;
}

/** Nearly antipodal: the shortest of the ways that go a quarter of the world, and on from there. */
function aroundTheWorld(from, to) {
  const way = (degrees) => {
    const rest = vincenty(along(from, QUARTER_M, degrees), to);
    return { metres: QUARTER_M + (rest?.metres ?? Infinity), degrees: (degrees + 360) % 360 };
  };
  let best = way(0);
  for (let step = 5; step > 1e-7; step /= 2)
    for (const degrees of step === 5
      ? Array.from({ length: 72 }, (_, i) => 5 * i)
      : [best.degrees - step, best.degrees + step]) {
      const other = way(degrees);
      if (other.metres < best.metres) best = other;
    }
  return best;
}

/** The shortest line: {metres, degrees: its bearing at the first}. @param {Place} from @param {Place} to */
export const geodesic = (from, to) => vincenty(from, to) ?? aroundTheWorld(from, to);
/** @param {Place} from @param {Place} to */
export const distance = (from, to) => geodesic(from, to).metres;

/** How far an arc's corners lie outside of it, so that its chords lie as much inside. @param {number} step in radians */
export const bulge = (step) => 2 / (1 + Math.cos(step / 2));

/** A circle as a closed ring of [lng, lat]. @param {Place} centre */
export function ring(centre, metres, corners) {
  const radius = metres * bulge((2 * Math.PI) / corners);
  const points = Array.from({ length: corners }, (_, i) => {
    const { lng, lat } = along(centre, radius, (i * 360) / corners);
    return [lng, lat];
  });
  return [...points, points[0]];
}
