/**
 * cells.js - S2 cells, by token, as outlines: the quadratic projection and the Hilbert curve of the S2
 * library (s2coords.h, s2cell_id.h).
 */
const IJ = [
  [0, 1, 3, 2],
  [0, 2, 3, 1],
  [3, 2, 0, 1],
  [3, 1, 0, 2],
];
const TURN = [1, 0, 0, 3];

/** A closed ring of [lng, lat]. @param {string} token */
export function cellRing(token) {
  const id = BigInt(`0x${token.padEnd(16, '0')}`);
  const face = Number(id >> 61n);
  let lowest = 0;
  while (lowest < 60 && !((id >> BigInt(lowest)) & 1n)) lowest++;
  const level = 30 - lowest / 2;
  let [i, j, turn] = [0, 0, face & 1];
  for (let k = 1; k <= level; k++) {
    const bits = Number((id >> BigInt(61 - 2 * k)) & 3n);
    const ij = IJ[turn][bits];
    i = 2 * i + (ij >> 1);
    j = 2 * j + (ij & 1);
    turn ^= TURN[bits];
  }
  const n = 2 ** level;
  const st = (x) => (x >= 0.5 ? (4 * x * x - 1) / 3 : (1 - 4 * (1 - x) * (1 - x)) / 3);
  const corner = (a, b) => {
    const [u, v] = [st(a / n), st(b / n)];
    const [x, y, z] = [
      [1, u, v],
      [-u, 1, v],
      [-u, -v, 1],
      [-1, -v, -u],
      [v, -1, -u],
      [v, u, -1],
    ][face];
    return [(Math.atan2(y, x) * 180) / Math.PI, (Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI];
  };
  return [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1), corner(i, j)];
}
