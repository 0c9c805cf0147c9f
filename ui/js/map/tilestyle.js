/**
 * tilestyle.js - how the detailed base map is drawn: muted, in the colours of the theme, so that what is
 * planned stands out; names in the language of the page, as far as the file has them.
 *
 * Layers and properties are those of the Protomaps basemap (docs.protomaps.com/basemaps/layers), of which
 * version 3 still said "pmap:kind". Layers of other schemas are drawn as plain lines and areas.
 */
import { current } from '../i18n.js';
import { colours } from './colours.js';

export const SOURCE = 'tiles';
/** Beyond it the map only enlarges what there is. */
export const MOST_ZOOM = 22;

const KIND = ['coalesce', ['get', 'kind'], ['get', 'pmap:kind'], ''];
const kinds = (...list) => ['match', KIND, list, true, false];
const IS_AREA = ['==', ['geometry-type'], 'Polygon'];
const IS_LINE = ['==', ['geometry-type'], 'LineString'];
const IS_POINT = ['==', ['geometry-type'], 'Point'];
const DISPUTED = ['==', ['coalesce', ['get', 'disputed'], false], true];
const GREEN = [
  'forest',
  'wood',
  'park',
  'national_park',
  'nature_reserve',
  'protected_area',
  'grass',
  'grassland',
  'scrub',
  'wetland',
  'orchard',
];
const BUILT = ['residential', 'urban_area', 'industrial', 'commercial', 'aerodrome', 'airfield', 'military'];

/** A number that grows with the zoom: [zoom, value, zoom, value, ...]. */
const byZoom = (...stops) => ['interpolate', ['exponential', 1.5], ['zoom'], ...stops];

const area = (colour, filter = IS_AREA) => ({
  type: 'fill',
  filter,
  paint: { 'fill-antialias': false, 'fill-color': colour },
});
const line = (colour, width, filter = IS_LINE, dash = null) => ({
  type: 'line',
  filter,
  layout: { 'line-join': 'round' },
  paint: { 'line-color': colour, 'line-width': width, ...(dash ? { 'line-dasharray': dash } : {}) },
});
const from = (zoom, layer) => ({ ...layer, minzoom: zoom });

/** The name in the language of the page, else the one of the place itself, else the English one. */
const nameOf = (language) => [
  'coalesce',
  ['get', `name:${language}`],
  ['get', 'name'],
  ['get', 'name:en'],
  '',
];

const label = (c, filter, size, rank, more = {}) => ({
  type: 'symbol',
  filter: ['all', IS_POINT, filter],
  layout: {
    'text-field': nameOf(current()),
    'text-font': ['system-ui', 'sans-serif'],
    'text-size': size,
    'text-max-width': 8,
    'text-padding': 4,
    'symbol-sort-key': rank,
    ...more,
  },
  paint: { 'text-color': c.place, 'text-halo-color': c.placeHalo, 'text-halo-width': 1.4 },
});

const RANK = ['coalesce', ['get', 'population_rank'], ['get', 'pmap:population_rank'], 0];
const BY_RANK = ['-', 0, RANK];
const SIZE = [
  'interpolate',
  ['linear'],
  ['zoom'],
  4,
  ['interpolate', ['linear'], RANK, 5, 10, 14, 13],
  12,
  ['interpolate', ['linear'], RANK, 0, 11, 14, 20],
];

/** Layers by the file's layer, each with its place in the order of drawing. */
const known = (c) => ({
  earth: [[0, area(c.land)]],
  landcover: [[1, area(c.green, ['all', IS_AREA, kinds(...GREEN)])]],
  landuse: [
    [2, area(c.green, ['all', IS_AREA, kinds(...GREEN)])],
    [3, area(c.built, ['all', IS_AREA, kinds(...BUILT)])],
  ],
  water: [
    [4, area(c.sea)],
    [5, line(c.river, byZoom(6, 0.8, 14, 2.5))],
  ],
  buildings: [[6, from(13, area(c.built))]],
  roads: [
    [7, from(9, line(c.road, byZoom(9, 0.5, 16, 4), ['all', IS_LINE, kinds('minor_road', 'other', 'path')]))],
    [8, line(c.rail, byZoom(6, 0.6, 16, 2), ['all', IS_LINE, kinds('rail')], [4, 2])],
    [9, line(c.road, byZoom(5, 0.7, 16, 7), ['all', IS_LINE, kinds('major_road', 'medium_road')])],
    [10, line(c.highway, byZoom(4, 1, 16, 10), ['all', IS_LINE, kinds('highway')])],
  ],
  transit: [[8, line(c.rail, byZoom(6, 0.6, 16, 2), ['all', IS_LINE, kinds('rail')], [4, 2])]],
  boundaries: [
    [11, line(c.border, 0.7, ['all', IS_LINE, ['!', DISPUTED], ['!', kinds('country')]], [2, 3])],
    [12, line(c.border, 1.3, ['all', IS_LINE, ['!', DISPUTED], kinds('country')], [4, 3])],
    [13, line(c.border, 1.3, ['all', IS_LINE, DISPUTED], [1, 2.5])],
  ],
  places: [
    [
      20,
      {
        ...label(c, kinds('region'), 12, 0, { 'text-letter-spacing': 0.1 }),
        minzoom: 5,
        maxzoom: 9,
      },
    ],
    [21, label(c, kinds('locality', 'neighbourhood', 'macrohood'), SIZE, BY_RANK)],
    [22, { ...label(c, kinds('country'), 14, 0), maxzoom: 7 }],
  ],
  pois: [],
});

/** Of a schema that is not known. */
const unknown = (c) => [
  [0.5, { ...area(c.built), paint: { 'fill-antialias': false, 'fill-color': c.built, 'fill-opacity': 0.5 } }],
  [7.5, line(c.road, 1)],
];

/** Images are drawn fainter, and dark at night. */
const image = (isNight) => ({
  id: 'tiles-images',
  source: SOURCE,
  type: 'raster',
  paint: {
    'raster-fade-duration': 0,
    'raster-saturation': -0.65,
    'raster-contrast': -0.2,
    ...(isNight ? { 'raster-brightness-max': 0.35 } : { 'raster-brightness-min': 0.4 }),
  },
});

/** @param {{isVector: boolean, layers: string[]}} archive */
export function tileLayers({ isVector, layers }) {
  const c = colours();
  if (!isVector) return [image(document.documentElement.dataset.theme !== 'day')];
  const table = known(c);
  const names = layers.length ? layers : Object.keys(table);
  return names
    .flatMap((name) =>
      (table[name] ?? unknown(c)).map(([order, layer]) => ({ order, name, layer })),
    )
    .sort((a, b) => a.order - b.order)
    .map(({ order, name, layer }) => ({
      id: `tiles-${name}-${order}`,
      source: SOURCE,
      'source-layer': name,
      ...layer,
    }));
}
