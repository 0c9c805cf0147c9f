/**
 * base.js - the map itself: coastlines and borders from world-atlas (Natural Earth), beneath which the node
 * may have more (tiles.js); colours of the theme, letters of this computer; nothing from another server.
 */
import { toast } from '../dialog.js';
import { t } from '../i18n.js';
import { state } from '../live.js';
import { thingsLayer } from './layer.js';
import { closed, unwrap } from './edges.js';
import { project } from './mercator.js';
import { ABOVE_THINGS, putOverlay, styleOf } from './style.js';

const LIB = '/ui/lib/maplibre-gl-6.17.0/dist/';
const ATLAS = '/ui/lib/world-atlas-2.0.2/countries-50m.json';

let library = null;
let world = null;

async function loadStyle() {
  if (document.querySelector('link[data-maplibre]')) return;
  const link = Object.assign(document.createElement('link'), {
    rel: 'stylesheet',
    href: `${LIB}maplibre-gl.css`,
  });
  link.dataset.maplibre = 'yes';
  document.head.append(link);
}

/** Land on both sides of the antimeridian goes on beyond it. */
const inOnePiece = ({ features }) => ({
  type: 'FeatureCollection',
  features: features.flatMap(({ geometry }) =>
    geometry.coordinates.map((rings) => ({
      type: 'Feature',
      properties: {},
      geometry: { type: 'Polygon', coordinates: rings.map((ring) => closed(unwrap(ring))) },
    })),
  ),
});

/** [the library, the land's shapes] */
export async function loadBase() {
  loadStyle();
  library ??= import(`${LIB}maplibre-gl.mjs`);
  world ??= (async () => {
    const [{ default: feature }, { default: mesh }, response] = await Promise.all([
      import('/ui/lib/topojson-client-3.1.0/src/feature.js'),
      import('/ui/lib/topojson-client-3.1.0/src/mesh.js'),
      fetch(ATLAS),
    ]);
    const topology = await response.json();
    const { countries, land } = topology.objects;
    return {
      land: inOnePiece(feature(topology, land)),
      lines: {
        coasts: project(mesh(topology, countries, (a, b) => a === b).coordinates.map(unwrap)),
        borders: project(mesh(topology, countries, (a, b) => a !== b).coordinates.map(unwrap)),
      },
    };
  })();
  return [await library, await world];
}

/** A cross in the middle while the map has the keyboard: Enter does there what a click does. */
function keyboardCross(map, element, enter) {
  const words = Object.assign(document.createElement('p'), { className: 'cross-words', dir: 'auto' });
  words.textContent = t('map.keys');
  const cross = Object.assign(document.createElement('div'), { className: 'cross', ariaHidden: 'true' });
  element.append(cross, words);
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const lngLat = map.getCenter();
    enter({ lngLat, point: map.project(lngLat) });
  });
}

/** What is printed is a copy: a canvas that is drawn by a graphics card is often blank on paper. */
function printCopy(map, element) {
  const copy = document.createElement('canvas');
  Object.assign(copy, { className: 'print-copy', ariaHidden: 'true' });
  const take = () => {
    const canvas = map.getCanvas();
    map.redraw();
    Object.assign(copy, { width: canvas.width, height: canvas.height });
    copy.getContext('2d').drawImage(canvas, 0, 0);
    element.append(copy);
  };
  const drop = () => copy.remove();
  addEventListener('beforeprint', take);
  addEventListener('afterprint', drop);
  return () => {
    removeEventListener('beforeprint', take);
    removeEventListener('afterprint', drop);
  };
}

/**
 * A map in an element. `ready` is called when it can be drawn on, again after a change of theme; `enter`
 * (if given) with {lngLat, point} when Enter is pressed on it.
 * @returns {Promise<{map: any, things: ReturnType<typeof thingsLayer>, leave: () => void,
 *   put: (name: string, features: any[]) => void}>} put: "chosen", "ways", "draft", "measure" as GeoJSON
 */
export async function openMap(element, { centre, zoom, label, ready, enter }) {
  const [lib, shapes] = await loadBase();
  const map = new lib.Map({
    container: element,
    style: styleOf(shapes.land),
    center: centre,
    zoom,
    attributionControl: false,
    fadeDuration: 0,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
  });
  map.touchZoomRotate?.disableRotation();
  map.keyboard?.disableRotation();
  map.getCanvas().setAttribute('aria-label', label);
  map.addControl(new lib.ScaleControl({ unit: 'metric' }), 'bottom-left');
  const things = thingsLayer(map, shapes.lines, (event) => {
    console.error(event.message ?? 'the painter stopped');
    toast(t('map.failed'), 'bad');
  });
  const opened = { map, things, put: (name, features) => putOverlay(map, name, features) };
  let tiles = null;
  const draw = () => {
    things.add(ABOVE_THINGS);
    tiles?.draw();
    ready(opened);
  };
  map.once('style.load', draw);
  const onTheme = () => {
    map.setStyle(styleOf(shapes.land), { diff: false });
    map.once('style.load', draw);
  };
  const onLanguage = () => tiles?.draw();
  addEventListener('tafadi-theme', onTheme);
  addEventListener('tafadi-language', onLanguage);
  if (enter) keyboardCross(map, element, enter);
  const stopPrinting = printCopy(map, element);
  element.$map = map; // for tests and for whoever looks from a console
  element.$things = things;
  const watch = new ResizeObserver(() => map.resize());
  watch.observe(element);
  let left = false;
  opened.leave = () => {
    if (left) return;
    left = true;
    watch.disconnect();
    removeEventListener('tafadi-theme', onTheme);
    removeEventListener('tafadi-language', onLanguage);
    tiles?.leave();
    stopPrinting();
    things.leave();
    map.remove();
  };
  if (state.party?.map_tiles)
    import('./tiles.js').then(
      ({ tilesOf }) => {
        if (!left) tiles = tilesOf({ map, lib, things, element });
      },
      (error) => {
        console.error(error);
        toast(t('map.tiles.failed'), 'bad');
      },
    );
  return opened;
}
