/**
 * painter.js - a worker that paints everything on the map into one picture, which the map then moves about:
 * thousands of outlines cost nothing per frame, and a computer without a graphics card stays fluid.
 *
 * It is told coasts and borders once ("atlas"), the outlines ("shapes", see packed in layer.js), and for each
 * picture ("paint") which of them are to be seen, and where; it answers with a bitmap. Names are drawn here,
 * too, by the browser's own text layout: Arabic is joined and runs from right to left without a plugin or a
 * font of ours.
 */
import { coastsAndBorders } from './coarse.js';

const HATCH_PX = 8;
const SMALL_PX = 2.5;
const GRID_PX = 60;
const NAMES = 260;
const FONT = '12px system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif';

/** @type {any} */ let shapes = null;
/** Coasts and borders, see mercator.js. @type {any} */ let lines = null;
const broken = new Map(); // names in lines, and half of their width in pixels
let hatch = null; // {colour, pattern}

/** Diagonal stripes: what is in conflict is not known by its colour alone. */
function hatching(context, colour, ratio) {
  const mark = `${colour} ${ratio}`;
  if (hatch?.mark === mark) return hatch.pattern;
  const size = Math.round(HATCH_PX * ratio);
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext('2d');
  pen.strokeStyle = colour;
  pen.lineWidth = 1.1 * ratio;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - 2, size + 2);
    pen.lineTo(shift + size + 2, -2);
    pen.stroke();
  }
  hatch = { mark, pattern: context.createPattern(tile, 'repeat') };
  return hatch.pattern;
}

/** Points that fall together on the screen are drawn once. */
const TOGETHER_PX = 1;

/** Goes along points `from` to `to` of a list, shifted by whole worlds. */
function follow(context, view, points, from, to, shift) {
  let [px, py] = [NaN, NaN];
  for (let p = from; p < to; p++) {
    const x = (points[2 * p] + shift - view.x) * view.scale;
    const y = (points[2 * p + 1] - view.y) * view.scale;
    if (p === from) context.moveTo(x, y);
    else if (Math.abs(x - px) + Math.abs(y - py) > TOGETHER_PX || p === to - 1) context.lineTo(x, y);
    else continue;
    [px, py] = [x, y];
  }
}

/** Traces outline i. */
function trace(context, view, i, shift) {
  const { points, rings, ringAt } = shapes;
  context.beginPath();
  for (let r = ringAt[i]; r < ringAt[i + 1]; r++) {
    follow(context, view, points, rings[r], rings[r + 1], shift);
    context.closePath();
  }
}

/* --- beneath the things ------------------------------------------------------------------------- */

/** Lines at even degrees, or parts of one, that are not too close. */
function paintGrid(context, view, colour, ratio) {
  const degree = view.scale / 360 / ratio;
  const step = [0.1, 0.5, 1, 5].find((one) => one * degree >= GRID_PX) ?? 10;
  const x = (lng) => (lng / 360 + 0.5 - view.x) * view.scale;
  const y = (lat) =>
    (0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI) - view.y) * view.scale;
  context.beginPath();
  const west = Math.ceil(((view.x - 0.5) * 360) / step) * step;
  for (let lng = west; x(lng) < view.width; lng += step) {
    context.moveTo(x(lng), 0);
    context.lineTo(x(lng), view.height);
  }
  for (let lat = -85; lat <= 85; lat += step) {
    if (y(lat) < 0 || y(lat) > view.height) continue;
    context.moveTo(0, y(lat));
    context.lineTo(view.width, y(lat));
  }
  context.strokeStyle = colour;
  context.lineWidth = 0.7 * ratio;
  context.stroke();
}

/** Lines of a coarse map. */
function paintLines(context, view, { points, starts, boxes }, shift) {
  const [east, south] = [view.x + view.width / view.scale, view.y + view.height / view.scale];
  context.beginPath();
  for (let i = 0; i < starts.length - 1; i++) {
    if (boxes[4 * i] + shift > east || boxes[4 * i + 2] + shift < view.x) continue;
    if (boxes[4 * i + 1] > south || boxes[4 * i + 3] < view.y) continue;
    follow(context, view, points, starts[i], starts[i + 1], shift);
  }
  context.stroke();
}

/** Leaves out what another base map covers, in every world that is in view. */
function clipOut(context, view, [west, north, east, south]) {
  context.beginPath();
  context.rect(0, 0, view.width, view.height);
  const last = Math.floor(view.x + view.width / view.scale);
  for (let shift = Math.floor(view.x); shift <= last; shift++)
    context.rect(
      (west + shift - view.x) * view.scale,
      (north - view.y) * view.scale,
      (east - west) * view.scale,
      (south - north) * view.scale,
    );
  context.clip('evenodd');
}

function paintBase(context, view, look) {
  paintGrid(context, view, look.grid, look.ratio);
  if (!lines) return;
  context.save();
  if (look.covered) clipOut(context, view, look.covered);
  paintCoarse(context, view, look);
  context.restore();
}

/** Coasts and borders. */
function paintCoarse(context, view, look) {
  context.lineJoin = 'round';
  const east = view.x + view.width / view.scale;
  for (let shift = Math.floor(view.x) - 1; shift <= Math.floor(east) + 1; shift++) {
    context.lineWidth = look.ratio;
    context.strokeStyle = look.coast;
    paintLines(context, view, lines.coasts, shift);
    context.setLineDash([4 * look.ratio, 3 * look.ratio]);
    context.strokeStyle = look.border;
    paintLines(context, view, lines.borders, shift);
    context.setLineDash([]);
  }
}

/* --- the things ------------------------------------------------------------------------------------ */

/** The outlines that are to be seen and meet the view: [[index, shift]], those in conflict last. */
function meeting(view, shown) {
  const { boxes, conflicts, count } = shapes;
  const [east, south] = [view.x + view.width / view.scale, view.y + view.height / view.scale];
  const found = [[], []];
  for (let shift = Math.floor(view.x) - 1; shift <= Math.floor(east) + 1; shift++)
    for (let i = 0; i < count; i++)
      if (
        shown[i] &&
        boxes[4 * i] + shift <= east &&
        boxes[4 * i + 2] + shift >= view.x &&
        boxes[4 * i + 1] <= south &&
        boxes[4 * i + 3] >= view.y
      )
        found[conflicts[i]].push([i, shift]);
  return [...found[0], ...found[1]];
}

/** Smaller than can be seen as a shape: a dot. @returns {boolean} whether it was one */
function dot(context, view, i, shift, colour) {
  const { boxes } = shapes;
  const w = (boxes[4 * i + 2] - boxes[4 * i]) * view.scale;
  const h = (boxes[4 * i + 3] - boxes[4 * i + 1]) * view.scale;
  if (Math.max(w, h) > SMALL_PX) return false;
  context.fillStyle = colour;
  context.fillRect(
    (boxes[4 * i] + shift - view.x) * view.scale - 1,
    (boxes[4 * i + 1] - view.y) * view.scale - 1,
    3,
    3,
  );
  return true;
}

function fillOne(context, view, i, shift, paint) {
  trace(context, view, i, shift);
  context.fillStyle = paint;
  context.fill(shapes.lines[i] ? 'nonzero' : 'evenodd');
}

/**
 * Edges of so many shapes may be seen as they are; of more, fainter and no wider than a pixel of the screen, or nothing
 * but edges is seen. So thin a line is also drawn in a fourth of the time.
 */
const EDGES = 800;
const FAINT = 0.35;

/** The inside of each, then the stripes of those in conflict, then the edges. */
function paintShapes(context, view, list, look) {
  const { conflicts, styles } = shapes;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  const large = list.filter(([i, shift]) => {
    const colour = conflicts[i] ? look.conflict : look.styles[styles[i]].colour;
    return !dot(context, view, i, shift, colour);
  });
  for (const [i, shift] of large) {
    const style = look.styles[styles[i]];
    context.globalAlpha = style.alpha;
    fillOne(context, view, i, shift, style.colour);
  }
  context.globalAlpha = 1;
  const stripes = hatching(context, look.conflict, look.ratio);
  for (const [i, shift] of large) if (conflicts[i]) fillOne(context, view, i, shift, stripes);
  const faint = Math.max(FAINT, Math.min(1, EDGES / large.length));
  for (const [i, shift] of large) {
    const style = look.styles[styles[i]];
    const isConflict = conflicts[i];
    context.globalAlpha = isConflict ? 1 : faint;
    trace(context, view, i, shift);
    const width = (isConflict ? 2.2 : style.dash ? 1.8 : 1.3) * look.ratio;
    context.lineWidth = isConflict || faint === 1 ? width : 1;
    context.setLineDash(style.dash ? style.dash.map((n) => n * look.ratio) : []);
    context.strokeStyle = isConflict ? look.conflict : style.colour;
    context.stroke();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/* --- places and names ---------------------------------------------------------------------------- */

function paintSpots(context, view, spots, look) {
  for (const [x, y] of spots) {
    context.beginPath();
    context.arc((x - view.x) * view.scale, (y - view.y) * view.scale, 5 * look.ratio, 0, 7);
    context.fillStyle = look.site;
    context.strokeStyle = look.halo;
    context.lineWidth = 2 * look.ratio;
    context.fill();
    context.stroke();
  }
}

const LINE_PX = 13;
const WIDEST_PX = 150;

/** A name in lines that are not too wide, broken between words: what is long would leave the map. */
function linesOf(context, text) {
  const known = broken.get(text);
  if (known) return known;
  const found = [];
  for (const word of text.split(' ')) {
    const longer = found.length ? `${found[found.length - 1]} ${word}` : word;
    if (!found.length || context.measureText(longer).width > WIDEST_PX) found.push(word);
    else found[found.length - 1] = longer;
  }
  const made = { found, half: Math.max(...found.map((one) => context.measureText(one).width)) / 2 + 3 };
  if (broken.size > 50000) broken.clear();
  broken.set(text, made);
  return made;
}

/** Names that do not lie over each other: the first that asks for a place has it. */
function paintNames(context, view, names, look) {
  const cell = 64;
  const taken = new Map();
  const isFree = (box) => {
    const places = [];
    for (let cx = Math.floor(box[0] / cell); cx <= Math.floor(box[2] / cell); cx++)
      for (let cy = Math.floor(box[1] / cell); cy <= Math.floor(box[3] / cell); cy++)
        places.push(`${cx} ${cy}`);
    const meets = (other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    if (places.some((place) => taken.get(place)?.some(meets))) return false;
    for (const place of places) taken.set(place, [...(taken.get(place) ?? []), box]);
    return true;
  };
  const { ratio } = look;
  context.save();
  context.scale(ratio, ratio);
  context.font = FONT;
  context.textAlign = 'center';
  context.direction = look.direction;
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3.2;
  context.strokeStyle = look.halo;
  let drawn = 0;
  for (const { text, x, y, shift, colour } of names) {
    if (drawn >= NAMES) break;
    const px = ((x - view.x) * view.scale) / ratio;
    const py = ((y - view.y) * view.scale) / ratio + shift;
    const { found, half } = linesOf(context, text);
    // Beside what it names: upwards from there, downwards, or in the middle of it.
    const first = py - (shift < 0 ? 1 : shift > 0 ? 0 : 0.5) * (found.length - 1) * LINE_PX;
    if (!isFree([px - half, first - 8, px + half, first + 8 + (found.length - 1) * LINE_PX])) continue;
    context.fillStyle = colour;
    found.forEach((one, k) => context.strokeText(one, px, first + k * LINE_PX));
    found.forEach((one, k) => context.fillText(one, px, first + k * LINE_PX));
    drawn++;
  }
  context.restore();
}

function namesOf(list, look) {
  const { names, places, lines: isLine } = shapes;
  const found = [];
  for (let k = list.length - 1; k >= 0; k--) {
    const [i, shift] = list[k];
    if (!names[i]) continue;
    const above = isLine[i] ? -12 : 0;
    found.push({
      text: names[i],
      x: places[2 * i] + shift,
      y: places[2 * i + 1],
      shift: above,
      colour: look.text,
    });
  }
  return found;
}

/** The spots that are in view, in each world that is. */
function spotsIn(view, spots) {
  const east = view.x + view.width / view.scale;
  const found = [];
  for (let shift = Math.floor(view.x) - 1; shift <= Math.floor(east) + 1; shift++)
    for (const { x, y, name } of spots)
      if (x + shift >= view.x && x + shift <= east) found.push([x + shift, y, name]);
  return found;
}

function paint({ view, shown, spots, look }) {
  const canvas = new OffscreenCanvas(view.width, view.height);
  const context = canvas.getContext('2d');
  paintBase(context, view, look);
  if (shapes) {
    const list = meeting(view, shown);
    paintShapes(context, view, list, look);
    const places = spotsIn(view, spots);
    paintSpots(context, view, places, look);
    paintNames(
      context,
      view,
      [
        ...places.map(([x, y, name]) => ({
          text: `✚ \u2068${name}\u2069`,
          x,
          y,
          shift: 14,
          colour: look.site,
        })),
        ...(look.names ? namesOf(list, look) : []),
      ],
      look,
    );
  }
  return canvas.transferToImageBitmap();
}

self.onmessage = ({ data }) => {
  if (data.atlas) lines = coastsAndBorders(data.atlas);
  if (data.shapes !== undefined) shapes = data.shapes;
  if (data.conflicts && shapes) shapes.conflicts = data.conflicts;
  if (!data.paint) return;
  const bitmap = paint(data.paint);
  self.postMessage({ bitmap, turn: data.paint.turn, view: data.paint.view }, { transfer: [bitmap] });
};
