/**
 * base.js - the map itself: coastlines and borders from world-atlas (Natural Earth), beneath which the node
 * may have more (tiles.js); colours of the theme, letters of this computer; nothing from another server.
 */
import { toast } from '../dialog.js';
import { t } from '../i18n.js';
import { state } from '../live.js';
import { atlas, landOf } from './coarse.js';
import { thingsLayer } from './layer.js';
import { ABOVE_THINGS, putOverlay, styleOf } from './style.js';

const LIB = '/ui/lib/maplibre-gl-6.17.0/dist/';

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

/** [the library, the atlas, its land] */
export async function loadBase() {
  loadStyle();
  library ??= import(`${LIB}maplibre-gl.mjs`);
  world ??= atlas().then(
    (text) => [text, landOf(text)],
    (error) => {
      world = null; // it is tried again
      throw error;
    },
  );
  return [await library, ...(await world)];
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
  const [lib, text, land] = await loadBase();
  const map = new lib.Map({
    container: element,
    style: styleOf(land),
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
  // Leaving the page cuts its worker off: only who is still here afterwards is told.
  const things = thingsLayer(map, text, (event) =>
    setTimeout(() => {
      console.error(event.message ?? 'the painter stopped');
      toast(t('map.failed'), 'bad');
    }, 300),
  );
  const opened = { map, things, put: (name, features) => putOverlay(map, name, features) };
  let tiles = null;
  const draw = () => {
    things.add(ABOVE_THINGS);
    tiles?.draw();
    ready(opened);
  };
  map.once('style.load', draw);
  const onTheme = () => {
    map.setStyle(styleOf(land), { diff: false });
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
