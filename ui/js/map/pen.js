/**
 * pen.js - outlines as Mercator coordinates, written number by number into long arrays that many of them share.
 */
import { mercatorY } from './mercator.js';

const BLOCK = 16384; // numbers
const [TOP, BOTTOM] = [mercatorY(90), mercatorY(-90)];

export class Pen {
  constructor() {
    /** x, y, x, y ... */ this.points = new Float64Array(BLOCK);
    /** So many numbers of it are written; where what is being written begins, and its ring that is. */
    this.length = 0;
    this.from = 0;
    this.ring = 0;
    /** Where each ring begins, in points, and where the last that is closed ends. @type {number[]} */
    this.starts = [0];
  }

  /** Goes on in another array: what was written before stays where it is. */
  turnOver() {
    const { points, from } = this;
    const begun = points.subarray(from, this.length);
    this.points = new Float64Array(Math.max(BLOCK, 2 * begun.length));
    this.points.set(begun);
    this.starts = this.starts.map((start) => start - from / 2);
    this.length -= from;
    this.ring -= from;
    this.from = 0;
  }

  write(x, y) {
    if (this.length === this.points.length) this.turnOver();
    this.points[this.length++] = x;
    this.points[this.length++] = y;
  }

  /** A point, in the world in which it is nearest to the one before, so that nothing goes around the world. */
  put(x, y) {
    const step = this.length > this.from ? x - this.points[this.length - 2] : 0;
    const isFar = step > 0.5 || step < -0.5;
    this.write(isFar ? x - Math.sign(step) * Math.ceil(Math.abs(step) - 0.5) : x, y);
  }

  /** Ends a ring; one that goes around a pole, along the edge of the map. Its first point need not be its last. */
  close() {
    const x = this.points[this.ring];
    const y = this.points[this.ring + 1];
    const lastX = this.points[this.length - 2];
    const lastY = this.points[this.length - 1];
    const worlds = Math.round(lastX - x);
    if (worlds) {
      const pole = y < 0.5 ? TOP : BOTTOM;
      this.write(x + worlds, y);
      this.write(x + worlds, pole);
      this.write(x, pole);
    } else if (lastX === x && lastY === y) this.length -= 2;
    this.ring = this.length;
    this.starts.push(this.length / 2);
  }

  /**
   * What was written since the last time, cut off at the ends of the map.
   * @returns {{points: Float64Array, starts: number[], box: number[]}} box: west, north, east, south
   */
  cut() {
    const { points, starts } = this;
    let west = Infinity;
    let north = Infinity;
    let east = -Infinity;
    let south = -Infinity;
    for (let i = this.from; i < this.length; i += 2) {
      const x = points[i];
      const y = Math.max(TOP, Math.min(BOTTOM, points[i + 1]));
      points[i + 1] = y;
      west = Math.min(west, x);
      north = Math.min(north, y);
      east = Math.max(east, x);
      south = Math.max(south, y);
    }
    this.from = this.length;
    this.starts = [this.length / 2];
    return { points, starts, box: [west, north, east, south] };
  }

  /** Leaves the array to what is written next. */
  wipe() {
    this.length = 0;
    this.from = 0;
    this.ring = 0;
    this.starts = [0];
  }
}
