/**
 * mercator.js - places as Mercator coordinates: the world is 1 wide, from 180° W; y grows to the south.
 */
const MOST_LAT = 85.0511;
/** The world's circumference at the equator. */
export const WORLD_M = 40075016.686;

export const mercatorX = (lng) => lng / 360 + 0.5;
/** Beyond the ends of the map, too. */
export const steepY = (lat) => 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
export const mercatorY = (lat) => steepY(Math.max(-MOST_LAT, Math.min(MOST_LAT, lat)));
export const lngOf = (x) => (x - 0.5) * 360;
export const latOf = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

/**
 * Lists of [lng, lat] as arrays for the painter.
 * @param {[number, number][][]} lists
 * @returns {{points: Float64Array, starts: Uint32Array, boxes: Float64Array}} points: x, y, x, y ...; starts: where
 *   each list begins, counted in points, and where the last ends; boxes: west, north, east, south of each
 */
export function project(lists) {
  const points = new Float64Array(2 * lists.reduce((sum, list) => sum + list.length, 0));
  const starts = new Uint32Array(lists.length + 1);
  const boxes = new Float64Array(4 * lists.length);
  let n = 0;
  lists.forEach((list, i) => {
    let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [lng, lat] of list) {
      const x = mercatorX(lng);
      const y = mercatorY(lat);
      points[n++] = x;
      points[n++] = y;
      west = Math.min(west, x);
      north = Math.min(north, y);
      east = Math.max(east, x);
      south = Math.max(south, y);
    }
    starts[i + 1] = n / 2;
    boxes.set([west, north, east, south], 4 * i);
  });
  return { points, starts, boxes };
}

/** [west, north, east, south] around all of them. @param {number[][]} boxes */
export function around(boxes) {
  const all = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    all[0] = Math.min(all[0], box[0]);
    all[1] = Math.min(all[1], box[1]);
    all[2] = Math.max(all[2], box[2]);
    all[3] = Math.max(all[3], box[3]);
  }
  return all;
}
