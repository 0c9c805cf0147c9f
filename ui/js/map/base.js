/**
 * base.js - the map itself: coastlines and borders from world-atlas (Natural Earth), colours of the
 * theme, letters of this computer; nothing from another server.
 */
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
    return {
      land: feature(topology, topology.objects.land),
      borders: mesh(topology, topology.objects.countries, (a, b) => a !== b),
    };
  })();
  return [await library, await world];
}

const COLOURS = {
  night: {
    sea: '#0b1a26',
    land: '#1c2a34',
    coast: '#5a7387',
    border: '#4b5f70',
    grid: '#1d3040',
    own: '#6cb8ff',
    declared: '#ffb454',
    zone: '#d59bff',
    site: '#7ee2a0',
    conflict: '#ff6b5e',
    chosen: '#ffd84d',
    text: '#eef4f9',
    halo: '#0a1117',
    draft: '#9fb3c4',
  },
  day: {
    sea: '#d5e4ee',
    land: '#f7f5ee',
    coast: '#5c7080',
    border: '#8d8b80',
    grid: '#bfd2df',
    own: '#0b5cad',
    declared: '#a35a00',
    zone: '#7a2fb0',
    site: '#0f6a34',
    conflict: '#c3180c',
    chosen: '#0a3d91',
    text: '#14202b',
    halo: '#ffffff',
    draft: '#5c6c7a',
  },
};
export const colours = () => COLOURS[document.documentElement.dataset.theme] ?? COLOURS.night;

/** Lines of latitude and longitude. */
function grid(step) {
  const lines = [];
  for (let lng = -180; lng <= 180; lng += step)
    lines.push([
      [lng, -85],
      [lng, 85],
    ]);
  for (let lat = -80; lat <= 80; lat += step)
    lines.push(Array.from({ length: 37 }, (_, i) => [-180 + i * 10, lat]));
  return { type: 'Feature', properties: {}, geometry: { type: 'MultiLineString', coordinates: lines } };
}

const source = (data) => ({ type: 'geojson', data, buffer: 64, tolerance: 0.3 });
const empty = { type: 'FeatureCollection', features: [] };
const WIDE = ['interpolate', ['exponential', 2], ['zoom'], 0, ['get', 'w'], 22, ['*', ['get', 'w'], 4194304]];
const AT_LEAST = (px) => [
  'interpolate',
  ['exponential', 2],
  ['zoom'],
  0,
  ['max', px, ['get', 'w']],
  22,
  ['max', px, ['*', ['get', 'w'], 4194304]],
];
const IS_LINE = ['==', ['geometry-type'], 'LineString'];
const IS_AREA = ['==', ['geometry-type'], 'Polygon'];

export function styleOf({ land, borders }) {
  const c = colours();
  const colour = [
    'match',
    ['get', 'cls'],
    'declaration',
    c.declared,
    'zone',
    c.zone,
    'site',
    c.site,
    ['match', ['get', 'st'], 'draft', c.draft, c.own],
  ];
  const layer = (id, type, from, filter, paint, layout = {}) => ({
    id,
    type,
    source: from,
    ...(filter ? { filter } : {}),
    paint,
    layout,
  });
  return {
    version: 8,
    sources: {
      land: source(land),
      borders: source(borders),
      grid: source(grid(1)),
      things: source(empty),
      draft: source(empty),
      ways: source(empty),
      measure: source(empty),
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': c.sea } },
      layer('land', 'fill', 'land', null, { 'fill-antialias': false, 'fill-color': c.land }),
      layer('grid', 'line', 'grid', null, { 'line-color': c.grid, 'line-width': 0.6 }),
      layer('coast', 'line', 'land', null, { 'line-color': c.coast, 'line-width': 1 }),
      layer('borders', 'line', 'borders', null, {
        'line-color': c.border,
        'line-width': 1,
        'line-dasharray': [4, 3],
      }),
      layer('areas', 'fill', 'things', IS_AREA, {
        'fill-antialias': false,
        'fill-color': colour,
        'fill-opacity': ['match', ['get', 'st'], 'activated', 0.34, 0.18],
      }),
      layer(
        'corridors',
        'line',
        'things',
        IS_LINE,
        { 'line-color': colour, 'line-opacity': 0.32, 'line-width': WIDE },
        { 'line-cap': 'round', 'line-join': 'round' },
      ),
      layer('hatched', 'fill', 'things', ['all', IS_AREA, ['==', ['get', 'c'], 1]], {
        'fill-antialias': false,
        'fill-pattern': 'hatch',
      }),
      layer(
        'hatched-lines',
        'line',
        'things',
        ['all', IS_LINE, ['==', ['get', 'c'], 1]],
        { 'line-pattern': 'hatch', 'line-width': WIDE },
        { 'line-join': 'round' },
      ),
      layer('edges', 'line', 'things', ['all', IS_AREA, ['!=', ['get', 'cls'], 'declaration']], {
        'line-color': ['case', ['==', ['get', 'c'], 1], c.conflict, colour],
        'line-width': ['case', ['==', ['get', 'c'], 1], 2.4, 1.4],
      }),
      layer('edges-declared', 'line', 'things', ['all', IS_AREA, ['==', ['get', 'cls'], 'declaration']], {
        'line-color': ['case', ['==', ['get', 'c'], 1], c.conflict, colour],
        'line-width': 2,
        'line-dasharray': [3, 2],
      }),
      layer('axes', 'line', 'things', IS_LINE, {
        'line-color': ['case', ['==', ['get', 'c'], 1], c.conflict, colour],
        'line-width': 1.6,
      }),
      layer('spots', 'circle', 'spots', null, {
        'circle-radius': 5,
        'circle-color': c.site,
        'circle-stroke-color': c.halo,
        'circle-stroke-width': 2,
      }),
      layer('chosen', 'line', 'things', ['==', ['get', 'key'], ''], {
        'line-color': c.chosen,
        'line-width': 4,
      }),
      layer('ways-fill', 'fill', 'ways', IS_AREA, {
        'fill-antialias': false,
        'fill-color': c.site,
        'fill-opacity': 0.25,
      }),
      layer(
        'ways-wide',
        'line',
        'ways',
        IS_LINE,
        { 'line-color': c.site, 'line-opacity': 0.35, 'line-width': AT_LEAST(3) },
        { 'line-cap': 'round' },
      ),
      layer('ways', 'line', 'ways', null, {
        'line-color': c.site,
        'line-width': 2.4,
        'line-dasharray': [2, 1.5],
      }),
      layer('draft-fill', 'fill', 'draft', IS_AREA, {
        'fill-antialias': false,
        'fill-color': c.chosen,
        'fill-opacity': 0.22,
      }),
      layer(
        'draft-wide',
        'line',
        'draft',
        IS_LINE,
        { 'line-color': c.chosen, 'line-opacity': 0.3, 'line-width': AT_LEAST(3) },
        { 'line-cap': 'round', 'line-join': 'round' },
      ),
      layer('draft-edge', 'line', 'draft', ['!=', ['geometry-type'], 'Point'], {
        'line-color': c.chosen,
        'line-width': 2.4,
      }),
      layer('draft-points', 'circle', 'draft', ['==', ['geometry-type'], 'Point'], {
        'circle-radius': 6,
        'circle-color': c.halo,
        'circle-stroke-color': c.chosen,
        'circle-stroke-width': 3,
      }),
      layer('measure', 'line', 'measure', null, {
        'line-color': c.text,
        'line-width': 2,
        'line-dasharray': [2, 2],
      }),
      layer('measure-points', 'circle', 'measure', ['==', ['geometry-type'], 'Point'], {
        'circle-radius': 4,
        'circle-color': c.text,
      }),
      {
        id: 'names',
        type: 'symbol',
        source: 'things',
        minzoom: 7.5,
        paint: { 'text-color': c.text, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
        layout: {
          'text-field': ['get', 'name'],
          'text-size': 12,
          'text-font': ['sans-serif'],
          'text-optional': true,
        },
      },
      {
        id: 'site-names',
        type: 'symbol',
        source: 'spots',
        paint: { 'text-color': c.site, 'text-halo-color': c.halo, 'text-halo-width': 1.8 },
        layout: {
          'text-field': ['concat', '✚ ', ['get', 'name']],
          'text-size': 12,
          'text-font': ['sans-serif'],
          'text-anchor': 'top',
          'text-offset': [0, 0.6],
          'text-optional': true,
        },
      },
    ],
  };
}
/** Layers that show things; a filter by time and kind goes on top of their own. */
export const THING_LAYERS = [
  'areas',
  'corridors',
  'hatched',
  'hatched-lines',
  'edges',
  'edges-declared',
  'axes',
  'names',
];

/** Diagonal stripes: what is in conflict is not known by its colour alone. */
export function addPatterns(map) {
  const size = 16;
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const context = canvas.getContext('2d');
  context.strokeStyle = colours().conflict;
  context.lineWidth = 2.2;
  for (const shift of [-size, 0, size]) {
    context.beginPath();
    context.moveTo(shift - 2, size + 2);
    context.lineTo(shift + size + 2, -2);
    context.stroke();
  }
  if (map.hasImage('hatch')) map.removeImage('hatch');
  map.addImage('hatch', context.getImageData(0, 0, size, size), { pixelRatio: 2 });
}

/**
 * A map in an element; `ready` is called when it can be drawn on, again after a change of theme.
 * @returns {Promise<{map: any, lib: any, leave: () => void}>}
 */
export async function openMap(element, { centre, zoom, label, ready }) {
  const [lib, shapes] = await loadBase();
  const style = () => {
    const made = styleOf(shapes);
    made.sources.spots = source(empty);
    return made;
  };
  const map = new lib.Map({
    container: element,
    style: style(),
    center: centre,
    zoom,
    attributionControl: false,
    fadeDuration: 0,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
    localIdeographFontFamily: 'sans-serif',
  });
  map.touchZoomRotate?.disableRotation();
  map.keyboard?.disableRotation();
  map.getCanvas().setAttribute('aria-label', label);
  map.addControl(new lib.ScaleControl({ unit: 'metric' }), 'bottom-left');
  const draw = () => {
    addPatterns(map);
    ready(map);
  };
  map.once('style.load', draw);
  const onTheme = () => {
    map.setStyle(style(), { diff: false });
    map.once('style.load', draw);
  };
  addEventListener('tafadi-theme', onTheme);
  element.$map = map; // for tests and for whoever looks from a console
  const watch = new ResizeObserver(() => map.resize());
  watch.observe(element);
  return {
    map,
    lib,
    leave: () => {
      watch.disconnect();
      removeEventListener('tafadi-theme', onTheme);
      map.remove();
    },
  };
}
