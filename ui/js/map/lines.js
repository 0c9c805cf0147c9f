/**
 * lines.js - coasts and borders as Mercator coordinates for the painter.
 */
import { mercatorX, mercatorY } from './shapes.js';

/**
 * @param {[number, number][][]} list lines of [lng, lat]
 * @returns {{points: Float64Array, starts: Uint32Array, boxes: Float64Array}} starts: where each begins,
 *   counted in points, and where the last ends; boxes: west, north, east, south of each
 */
export function packLines(list) {
  const points = new Float64Array(2 * list.reduce((sum, line) => sum + line.length, 0));
  const starts = new Uint32Array(list.length + 1);
  const boxes = new Float64Array(4 * list.length);
  let n = 0;
  list.forEach((line, i) => {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    starts[i] = n / 2;
    for (const [lng, lat] of line) {
      const [x, y] = [mercatorX(lng), mercatorY(lat)];
      points[n++] = x;
      points[n++] = y;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
    boxes.set(box, 4 * i);
  });
  starts[list.length] = n / 2;
  return { points, starts, boxes };
}
