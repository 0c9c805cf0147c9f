/**
 * style.js - the layers of the map: beneath the things on it sea and land, above them what is chosen,
 * drawn, offered, measured; in the colours of the theme.
 */
import { colours } from './colours.js';

const empty = { type: 'FeatureCollection', features: [] };
const IS_AREA = ['==', ['geometry-type'], 'Polygon'];
const IS_POINT = ['==', ['geometry-type'], 'Point'];

const area = (colour, opacity) => ({
  type: 'fill',
  filter: IS_AREA,
  paint: { 'fill-antialias': false, 'fill-color': colour, 'fill-opacity': opacity },
});
const line = (colour, width, dash) => ({
  type: 'line',
  filter: ['!', IS_POINT],
  paint: { 'line-color': colour, 'line-width': width, ...(dash ? { 'line-dasharray': dash } : {}) },
});
const points = (colour, radius, ring = colour, width = 0) => ({
  type: 'circle',
  filter: IS_POINT,
  paint: {
    'circle-radius': radius,
    'circle-color': colour,
    'circle-stroke-color': ring,
    'circle-stroke-width': width,
  },
});

/** What lies above the things, by source, in the order in which it is drawn. */
const overlays = (c) => ({
  chosen: { 'chosen-line': line(c.chosen, 4) },
  ways: {
    'ways-area': area(c.site, 0.25),
    'ways-line': line(c.site, 2.4, [2, 1.5]),
  },
  draft: {
    'draft-area': area(c.chosen, 0.22),
    'draft-line': line(c.chosen, 2.4),
    'draft-points': points(c.halo, 6, c.chosen, 3),
  },
  measure: { 'measure-line': line(c.text, 2, [2, 2]), 'measure-points': points(c.text, 4) },
});

/** The first layer above the things. */
export const ABOVE_THINGS = 'chosen-line';

export function styleOf(land) {
  const c = colours();
  const above = overlays(c);
  return {
    version: 8,
    sources: {
      // It is coarse, and has nothing more to show on finer tiles.
      land: { type: 'geojson', data: land, buffer: 16, tolerance: 0.4, maxzoom: 7 },
      ...Object.fromEntries(Object.keys(above).map((name) => [name, { type: 'geojson', data: empty }])),
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': c.sea } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-antialias': false, 'fill-color': c.land } },
      ...Object.entries(above).flatMap(([source, layers]) =>
        Object.entries(layers).map(([id, layer]) => ({
          id,
          source,
          ...layer,
          layout: { visibility: 'none' },
        })),
      ),
    ],
  };
}

/** Shows features above the things; layers of nothing are switched off, as each costs time in every frame. */
export function putOverlay(map, name, features) {
  const source = map.getSource(name);
  if (!source) return;
  source.setData({ type: 'FeatureCollection', features });
  for (const id of Object.keys(overlays(colours())[name]))
    map.setLayoutProperty(id, 'visibility', features.length ? 'visible' : 'none');
}
