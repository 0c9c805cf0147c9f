/**
 * layer.js - everything that is planned, declared and protected, as one layer of the map: a picture that a
 * worker paints (painter.js), somewhat larger than what is in view, drawn as a single rectangle in each
 * frame. A new one is asked for when the view leaves it, the zoom is another, time goes on, or something
 * has changed.
 *
 * The map is never turned or tilted, so that a rectangle in Mercator coordinates is one on the screen.
 */
import { ago } from '../format.js';
import { now } from '../live.js';
import { colours } from './colours.js';
import { mercatorX, mercatorY } from './mercator.js';
import { liesAt, outlinesOf } from './shapes.js';

const MARGIN = 0.3; // of the view, painted around it
const NEAR_EDGE = 0.05; // of the view: so close to the edge of the picture, another is asked for
const ZOOM_KEPT = 0.6; // while it is zoomed, the picture is stretched up to so many levels
const NAMES_FROM_ZOOM = 7.5;
const MOST_PX = 4096;
const CLASSES = ['own', 'draft', 'declared', 'zone', 'site'];

const VERTEX = `#version 300 es
in vec4 corner; out vec2 at;
void main() { gl_Position = vec4(corner.xy, 0.0, 1.0); at = corner.zw; }`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec2 at; out vec4 colour; uniform sampler2D picture;
void main() { colour = texture(picture, at); }`;

function classOf(one) {
  if (one.cls === 'declaration') return 2;
  if (one.cls === 'zone') return 3;
  if (one.cls === 'site') return 4;
  return one.state === 'draft' ? 1 : 0;
}

/** How all is drawn; of each style: a class, and beside it the same while it is active. */
function look(map, cover) {
  const c = colours();
  const styles = CLASSES.flatMap((name) =>
    [0.18, 0.34].map((alpha) => ({
      colour: c[name],
      alpha,
      ...(name === 'declared' ? { dash: [5, 3.5] } : {}),
    })),
  );
  return {
    styles,
    conflict: c.conflict,
    site: c.site,
    text: c.text,
    halo: c.halo,
    grid: c.grid,
    coast: c.coast,
    border: c.border,
    ratio: devicePixelRatio || 1,
    direction: document.documentElement.dir || 'ltr',
    names: map.getZoom() >= NAMES_FROM_ZOOM,
    covered: cover && map.getZoom() >= cover.zoom ? cover.box : null,
  };
}

/** A declaration says how old it is; sites have their name at their place. */
function nameOf(one) {
  if (one.cls === 'site') return '';
  const { at } = one.record;
  return one.cls === 'declaration' && at ? `\u2068${one.name}\u2069 · ${ago(at, now())}` : one.name;
}

/** @param {any[]} owners of outlines @param {(one: any) => number} wanted */
function bytesOf(owners, wanted) {
  const bytes = new Uint8Array(owners.length);
  for (let i = 0; i < owners.length; i++)
    bytes[i] = i && owners[i] === owners[i - 1] ? bytes[i - 1] : wanted(owners[i]);
  return bytes;
}

const conflictsOf = (owners, inConflict) => bytesOf(owners, (one) => (inConflict.has(one.key) ? 1 : 0));

/** The points of outlines, one after the other. @param {import('./shapes.js').Outline[]} outlines */
function pointsOf(outlines) {
  const count = outlines.reduce((sum, { starts }) => sum + starts[starts.length - 1] - starts[0], 0);
  const all = new Float64Array(2 * count);
  let n = 0;
  for (const { points, starts } of outlines)
    for (let i = 2 * starts[0]; i < 2 * starts[starts.length - 1]; i++) all[n++] = points[i];
  return all;
}

/** Outlines of entities as arrays that go to a worker without being copied, and whose each of them is. */
function packed(entities, inConflict) {
  const outlines = [];
  const owners = [];
  for (const one of entities)
    for (const shape of outlinesOf(one)) {
      outlines.push(shape);
      owners.push(one);
    }
  const count = outlines.length;
  const rings = [];
  const shapes = {
    count,
    points: pointsOf(outlines),
    rings: new Uint32Array(0),
    ringAt: new Uint32Array(count + 1),
    boxes: new Float64Array(4 * count),
    places: new Float64Array(2 * count),
    lines: new Uint8Array(count),
    styles: bytesOf(owners, (one) => 2 * classOf(one) + (one.state === 'activated' ? 1 : 0)),
    conflicts: conflictsOf(owners, inConflict),
    names: owners.map((one, i) => (one === owners[i - 1] ? '' : nameOf(one))),
  };
  let point = 0;
  for (let i = 0; i < count; i++) {
    const { starts, box, place, isLine } = outlines[i];
    shapes.ringAt[i] = rings.length;
    for (let r = 0; r < starts.length - 1; r++) rings.push(point + starts[r] - starts[0]);
    point += starts[starts.length - 1] - starts[0];
    for (let k = 0; k < 4; k++) shapes.boxes[4 * i + k] = box[k];
    shapes.places[2 * i] = place ? place[0] : (box[0] + box[2]) / 2;
    shapes.places[2 * i + 1] = place ? place[1] : (box[1] + box[3]) / 2;
    shapes.lines[i] = isLine ? 1 : 0;
  }
  shapes.ringAt[count] = rings.length;
  rings.push(point);
  shapes.rings = Uint32Array.from(rings);
  return { shapes, owners };
}

/** What the map shows, in Mercator units and device pixels: {x, y, width, height, scale}. */
function viewOf(map, margin) {
  const ratio = devicePixelRatio || 1;
  const canvas = map.getContainer();
  const [w, h] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  const scale = 512 * 2 ** map.getZoom() * ratio;
  const { lng, lat } = map.getCenter();
  const width = Math.min(MOST_PX, Math.max(1, Math.round(w * (1 + 2 * margin))));
  const height = Math.min(MOST_PX, Math.max(1, Math.round(h * (1 + 2 * margin))));
  return {
    x: mercatorX(lng) - width / 2 / scale,
    y: mercatorY(lat) - height / 2 / scale,
    width,
    height,
    scale,
  };
}

const holds = (outer, inner) =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width / outer.scale >= inner.x + inner.width / inner.scale &&
  outer.y + outer.height / outer.scale >= inner.y + inner.height / inner.scale;

/* --- drawing the picture --------------------------------------------------------------------------- */

function program(gl) {
  const made = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
  return made;
}

/** The layer that maplibre draws; `state.bitmap` is taken up when there is a new one. */
function rectangle(map, state) {
  let own = null;
  function takeUp(gl) {
    gl.bindTexture(gl.TEXTURE_2D, own.texture);
    if (!state.bitmap) return;
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, state.bitmap);
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.LINEAR],
      [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ])
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    state.bitmap.close();
    state.bitmap = null;
  }
  return {
    id: 'things',
    type: 'custom',
    onAdd(_, gl) {
      own = {
        program: program(gl),
        texture: gl.createTexture(),
        buffer: gl.createBuffer(),
        array: gl.createVertexArray(),
      };
      gl.bindVertexArray(own.array);
      gl.bindBuffer(gl.ARRAY_BUFFER, own.buffer);
      const corner = gl.getAttribLocation(own.program, 'corner');
      gl.enableVertexAttribArray(corner);
      gl.vertexAttribPointer(corner, 4, gl.FLOAT, false, 0, 0);
      gl.bindVertexArray(null);
      state.lost();
    },
    onRemove(_, gl) {
      gl.deleteTexture(own.texture);
      gl.deleteBuffer(own.buffer);
      gl.deleteVertexArray(own.array);
      gl.deleteProgram(own.program);
    },
    render(gl) {
      if (!state.view) return;
      gl.activeTexture(gl.TEXTURE0);
      takeUp(gl);
      const here = viewOf(map, 0);
      const x = (mx) => ((mx - here.x) * here.scale * 2) / here.width - 1;
      const y = (my) => 1 - ((my - here.y) * here.scale * 2) / here.height;
      const { view } = state;
      const [west, east] = [x(view.x), x(view.x + view.width / view.scale)];
      const [north, south] = [y(view.y), y(view.y + view.height / view.scale)];
      gl.useProgram(own.program);
      gl.bindVertexArray(own.array);
      gl.bindBuffer(gl.ARRAY_BUFFER, own.buffer);
      gl.bufferData(
        gl.ARRAY_BUFFER,
        new Float32Array([west, north, 0, 0, east, north, 1, 0, west, south, 0, 1, east, south, 1, 1]),
        gl.STREAM_DRAW,
      );
      gl.disable(gl.DEPTH_TEST);
      gl.disable(gl.STENCIL_TEST);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      gl.bindVertexArray(null);
    },
  };
}

/** Painters that no map has now; they keep the coasts and borders. @type {Worker[]} */
const idle = [];
let turn = 0; // of all that is to be painted

/** @param {string} atlas */
function painter(atlas) {
  const known = idle.pop();
  if (known) return known;
  const worker = new Worker(new URL('./painter.js', import.meta.url), { type: 'module' });
  worker.postMessage({ atlas });
  return worker;
}

/**
 * The layer of things of a map, with the coasts and borders beneath them (coarse.js). `failed` is called
 * if the painter cannot work here.
 *   add(before)            puts it on the map, again after each change of style
 *   show(entities, inConflict)          what there is
 *   mark(inConflict)                    which of it is in conflict, if that is all that is new
 *   filter(wanted)         which of it is to be seen: (entity) => boolean
 *   cover(area)            where another base map is drawn beneath it, without the lines of the coarse one:
 *                          {box: [west, north, east, south], zoom: from which on}; null: nowhere
 *   at({lng, lat}, px)     the entities that are seen there, the last painted first
 *   count                               how many outlines there are
 *   now()                  has painted what was asked for at once, rather than before the next frame
 *   settled, whenSettled   whether the picture shows what was asked for
 */
export function thingsLayer(map, atlas, failed) {
  const worker = painter(atlas);
  const state = { view: null, bitmap: null, lost: () => {} };
  /** Whose each outline is. @type {any[]} */ let owners = [];
  let places = [];
  let wanted = () => true;
  let busy = 0; // the turn that is being painted
  let again = false;
  let queued = 0;
  let isGood = true;
  let covered = null;

  function ask() {
    again = true;
    if (!busy && !queued) queued = requestAnimationFrame(send);
  }
  function send() {
    cancelAnimationFrame(queued);
    queued = 0;
    again = false;
    busy = ++turn;
    const shown = bytesOf(owners, (one) => (wanted(one) ? 1 : 0));
    const spots = places.filter(({ one }) => wanted(one)).map(({ x, y, name }) => ({ x, y, name }));
    const view = viewOf(map, MARGIN);
    worker.postMessage({ paint: { turn, view, shown, spots, look: look(map, covered) } });
  }
  worker.onmessage = ({ data }) => {
    if (data.turn !== busy) {
      data.bitmap.close(); // it was for the map before
      return;
    }
    busy = 0;
    state.bitmap?.close();
    state.bitmap = data.bitmap;
    state.view = data.view;
    if (again) ask();
    map.triggerRepaint();
  };
  worker.onerror = (event) => {
    isGood = false;
    failed(event);
  };
  state.lost = () => {
    state.view = null;
    ask();
  };

  /** While it moves: only what has to be; when it stands: exactly. */
  function moved() {
    const { view } = state;
    const here = viewOf(map, NEAR_EDGE);
    if (!view || !holds(view, here) || Math.abs(Math.log2(here.scale / view.scale)) > ZOOM_KEPT) ask();
  }
  function stood() {
    const here = viewOf(map, NEAR_EDGE);
    if (!state.view || state.view.scale !== here.scale || !holds(state.view, here)) ask();
  }
  map.on('move', moved);
  map.on('moveend', stood);
  map.on('resize', ask);

  return {
    add(before) {
      map.addLayer(rectangle(map, state), before);
    },
    show(entities, inConflict) {
      const made = packed(entities, inConflict);
      owners = made.owners;
      places = entities
        .filter((one) => one.cls === 'site' && one.record.place)
        .map((one) => ({
          one,
          x: mercatorX(one.record.place.lng),
          y: mercatorY(one.record.place.lat),
          name: one.name,
        }));
      const { shapes } = made;
      worker.postMessage(
        { shapes },
        Object.values(shapes).flatMap((one) => (ArrayBuffer.isView(one) ? [one.buffer] : [])),
      );
      ask();
    },
    mark(inConflict) {
      worker.postMessage({ conflicts: conflictsOf(owners, inConflict) });
      ask();
    },
    filter(test) {
      wanted = test;
      ask();
    },
    cover(area) {
      covered = area;
      ask();
    },
    at({ lng, lat }, px) {
      const slack = px / (512 * 2 ** map.getZoom());
      const [x, y] = [mercatorX(lng), mercatorY(lat)];
      return [...new Set(owners)]
        .filter((one) => wanted(one) && [-1, 0, 1].some((world) => liesAt(one, x + world, y, slack)))
        .reverse();
    },
    get count() {
      return owners.length;
    },
    now() {
      if (queued) send();
    },
    get settled() {
      return !busy && !again && !queued && !state.bitmap;
    },
    async whenSettled() {
      while (!this.settled) await new Promise((resolve) => requestAnimationFrame(resolve));
    },
    leave() {
      cancelAnimationFrame(queued);
      state.bitmap?.close();
      worker.onmessage = ({ data }) => data.bitmap.close();
      if (!isGood) worker.terminate();
      else {
        worker.postMessage({ shapes: null });
        idle.push(worker);
      }
    },
  };
}
