/**
 * geo.js - positions as people write them: decimal, degrees-minutes-seconds, MGRS; read and written.
 *
 * UTM by the Krüger series to n^4 (Karney 2011, "Transverse Mercator with an accuracy of a few
 * nanometers", eq. 7-17 and 35-36); MGRS letters as in NGA.SIG.0012.
 */
import { wrapLng } from './geodesic.js';

const A = 6378137;
const F = 1 / 298.257223563;
const K0 = 0.9996;
const N = F / (2 - F);
const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  0,
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440,
  (61 * N ** 3) / 240 - (103 * N ** 4) / 140,
  (49561 * N ** 4) / 161280,
];
const BETA = [
  0,
  N / 2 - (2 * N ** 2) / 3 + (37 * N ** 3) / 96 - N ** 4 / 360,
  N ** 2 / 48 + N ** 3 / 15 - (437 * N ** 4) / 1440,
  (17 * N ** 3) / 480 - (37 * N ** 4) / 840,
  (4397 * N ** 4) / 161280,
];
const E1 = Math.sqrt(F * (2 - F));
const RAD = Math.PI / 180;
const BANDS = 'CDEFGHJKLMNPQRSTUVWX';
const COLUMNS = ['ABCDEFGH', 'JKLMNPQR', 'STUVWXYZ'];
const ROWS = ['ABCDEFGHJKLMNPQRSTUV', 'FGHJKLMNPQRSTUVABCDE'];

/** @param {number} lat @param {number} lng */
export function zoneOf(lat, lng) {
  const zone = Math.min(60, Math.floor((lng + 180) / 6) + 1);
  if (lat >= 56 && lat < 64 && lng >= 3 && lng < 12) return 32;
  if (lat >= 72 && lng >= 0 && lng < 42) return lng < 9 ? 31 : lng < 21 ? 33 : lng < 33 ? 35 : 37;
  return zone;
}

/** @returns {{zone: number, easting: number, northing: number}} */
export function toUtm(lat, lng, zone = zoneOf(lat, lng)) {
  const lambda = (lng - (zone * 6 - 183)) * RAD;
  const sin = Math.sin(lat * RAD);
  const tau = Math.sinh(Math.atanh(sin) - E1 * Math.atanh(E1 * sin));
  const xi = Math.atan2(tau, Math.cos(lambda));
  const eta = Math.asinh(Math.sin(lambda) / Math.hypot(tau, Math.cos(lambda)));
  let x = eta;
  let y = xi;
  for (let j = 1; j <= 4; j++) {
    x += ALPHA[j] * Math.cos(2 * j * xi) * Math.sinh(2 * j * eta);
    y += ALPHA[j] * Math.sin(2 * j * xi) * Math.cosh(2 * j * eta);
  }
  return { zone, easting: 500000 + K0 * RECTIFYING * x, northing: (lat < 0 ? 1e7 : 0) + K0 * RECTIFYING * y };
}

export function fromUtm(zone, easting, northing, south) {
  const xi = (northing - (south ? 1e7 : 0)) / (K0 * RECTIFYING);
  const eta = (easting - 500000) / (K0 * RECTIFYING);
  let x = xi;
  let y = eta;
  for (let j = 1; j <= 4; j++) {
    x -= BETA[j] * Math.sin(2 * j * xi) * Math.cosh(2 * j * eta);
    y -= BETA[j] * Math.cos(2 * j * xi) * Math.sinh(2 * j * eta);
  }
  const tauPrime = Math.sin(x) / Math.hypot(Math.sinh(y), Math.cos(x));
  let tau = tauPrime;
  for (let i = 0; i < 6; i++) {
    // Newton, from the conformal to the geographic latitude
    const sigma = Math.sinh(E1 * Math.atanh((E1 * tau) / Math.hypot(1, tau)));
    const guess = tau * Math.hypot(1, sigma) - sigma * Math.hypot(1, tau);
    tau +=
      ((tauPrime - guess) * (1 + (1 - E1 ** 2) * tau ** 2)) /
      ((1 - E1 ** 2) * Math.hypot(1, tau) * Math.hypot(1, guess));
  }
  const lng = Math.atan2(Math.sinh(y), Math.cos(x)) / RAD + zone * 6 - 183;
  return { lat: Math.atan(tau) / RAD, lng: wrapLng(lng) };
}

/** "37S BV 12345 67890"; "" beyond 84° N and 80° S. */
export function toMgrs(lat, lng, digits = 5) {
  if (lat < -80 || lat >= 84) return '';
  const { zone, easting, northing } = toUtm(lat, lng);
  const band = BANDS[Math.min(19, Math.floor(lat / 8) + 10)];
  const column = COLUMNS[(zone - 1) % 3][Math.floor(easting / 1e5) - 1];
  const row = ROWS[(zone - 1) % 2][Math.floor(northing / 1e5) % 20];
  const part = (metres) => String(Math.floor((metres % 1e5) / 10 ** (5 - digits))).padStart(digits, '0');
  return `${zone}${band} ${column}${row} ${part(easting)} ${part(northing)}`;
}

/** The middle of the square that is named; null: not MGRS. */
export function fromMgrs(text) {
  const match = /^(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])(\d*)$/.exec(
    text.replace(/\s+/g, '').toUpperCase(),
  );
  if (!match || match[5].length % 2 || match[5].length > 10) return null;
  const zone = Number(match[1]);
  const column = COLUMNS[(zone - 1) % 3]?.indexOf(match[3]);
  const row = ROWS[(zone - 1) % 2].indexOf(match[4]);
  if (zone < 1 || zone > 60 || column < 0) return null;
  const digits = match[5].length / 2;
  const size = 10 ** (5 - digits);
  const part = (figures) => Number(figures || 0) * size + size / 2;
  const easting = (column + 1) * 1e5 + part(match[5].slice(0, digits));
  const within = row * 1e5 + part(match[5].slice(digits));
  const bottom = (BANDS.indexOf(match[2]) - 10) * 8;
  const least = toUtm(bottom + 1e-9, zone * 6 - 183, zone).northing;
  let northing = within + Math.floor((least - 1e5) / 2e6) * 2e6;
  while (northing < least - 1e5) northing += 2e6;
  return fromUtm(zone, easting, northing, bottom < 0);
}

const sexagesimal = (value, letters, width) => {
  const tenths = Math.round(Math.abs(value) * 36000);
  const degrees = String(Math.floor(tenths / 36000)).padStart(width, '0');
  const minutes = String(Math.floor(tenths / 600) % 60).padStart(2, '0');
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${degrees}°${minutes}′${seconds}″${letters[value < 0 ? 1 : 0]}`;
};
export const toDms = (lat, lng) => `${sexagesimal(lat, 'NS', 2)} ${sexagesimal(lng, 'EW', 3)}`;
export const toDecimal = (lat, lng) => `${lat.toFixed(5)}, ${lng.toFixed(5)}`;

/** In the way that was chosen: "decimal", "dms", "mgrs". */
export function position(lat, lng, way = coordinateWay()) {
  return (way === 'mgrs' && toMgrs(lat, lng)) || (way === 'dms' ? toDms(lat, lng) : toDecimal(lat, lng));
}
export const WAYS = ['decimal', 'dms', 'mgrs'];
export const coordinateWay = () => localStorage.getItem('tafadi.coordinates') ?? 'decimal';
export const setCoordinateWay = (way) => localStorage.setItem('tafadi.coordinates', way);

function readAngle(text) {
  const match =
    /^([NSEW])?\s*([+-]?\d+(?:\.\d+)?)(?:[°\s:]+(\d+(?:\.\d+)?)(?:['′\s:]+(\d+(?:\.\d+)?))?)?\s*["″'′°]*\s*([NSEW])?$/i.exec(
      text.trim(),
    );
  if (!match || (match[1] && match[5])) return null;
  const [minutes, seconds] = [Number(match[3] ?? 0), Number(match[4] ?? 0)];
  if (minutes > 60 || seconds > 60) return null;
  const letter = (match[1] ?? match[5] ?? '').toUpperCase();
  const size = Math.abs(Number(match[2])) + minutes / 60 + seconds / 3600;
  return { letter, value: match[2].startsWith('-') || ('SW'.includes(letter) && letter) ? -size : size };
}

/** A position from what somebody typed, in any of the three ways; null if it is none. */
export function readPosition(text) {
  const mgrs = fromMgrs(text);
  if (mgrs) return mgrs;
  const clean = text.trim().replace(/[،;]/g, ',');
  let parts = clean.split(',');
  if (parts.length !== 2) parts = /^(.*?[NS])\s*(.*)$/i.exec(clean)?.slice(1) ?? clean.split(/\s+/);
  if (parts.length !== 2) return null;
  let [first, second] = parts.map(readAngle);
  if (!first || !second) return null;
  if ('EW'.includes(first.letter) && first.letter) [first, second] = [second, first];
  if (Math.abs(first.value) > 90 || Math.abs(second.value) > 180) return null;
  return { lat: first.value, lng: second.value };
}
