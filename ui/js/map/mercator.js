/**
 * mercator.js - places as Mercator coordinates: the world is 1 wide, from 180° W; y grows to the south.
 */
const MOST_LAT = 85.0511;

export const mercatorX = (lng) => lng / 360 + 0.5;
export function mercatorY(lat) {
  const clipped = Math.max(-MOST_LAT, Math.min(MOST_LAT, lat));
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (clipped * Math.PI) / 360)) / (2 * Math.PI);
}
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

/** [west, north, east, south] around all of them. @param {ArrayLike<number>} boxes */
export function around(boxes) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < boxes.length; i += 4) {
    box[0] = Math.min(box[0], boxes[i]);
    box[1] = Math.min(box[1], boxes[i + 1]);
    box[2] = Math.max(box[2], boxes[i + 2]);
    box[3] = Math.max(box[3], boxes[i + 3]);
  }
  return box;
}
