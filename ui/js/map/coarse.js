/**
 * coarse.js - land, coasts and borders of the world from world-atlas (Natural Earth): the land for maplibre, the lines
 * for the painter.
 */
import feature from '/ui/lib/topojson-client-3.1.0/src/feature.js';
import mesh from '/ui/lib/topojson-client-3.1.0/src/mesh.js';
import { project } from './mercator.js';

const ATLAS = '/ui/lib/world-atlas-2.0.2/countries-50m.json';

/** The atlas as text, to be parsed where it is needed. */
export async function atlas() {
  return (await fetch(ATLAS)).text();
}

/** Longitudes that go the shorter way, so that nothing is drawn around the world. */
function unwrap(points) {
  if (!points.some(([lng], i) => i && Math.abs(lng - points[i - 1][0]) > 180)) return points;
  let before = points[0][0];
  return points.map(([lng, lat]) => {
    let x = lng;
    while (x - before > 180) x -= 360;
    while (before - x > 180) x += 360;
    before = x;
    return [x, lat];
  });
}

/** A ring that goes around a pole is closed along the edge of the map. @param {[number, number][]} ring unwrapped */
function closed(ring) {
  const [first, last] = [ring[0], ring.at(-1)];
  if (Math.abs(last[0] - first[0]) < 180) return ring;
  const pole = 90 * Math.sign(first[1]);
  return [...ring, [last[0], pole], [first[0], pole], first];
}

/** Land as GeoJSON; that on both sides of the antimeridian goes on beyond it. @param {string} text of the atlas */
export function landOf(text) {
  const topology = JSON.parse(text);
  return {
    type: 'FeatureCollection',
    features: feature(topology, topology.objects.land).features.flatMap(({ geometry }) =>
      geometry.coordinates.map((rings) => ({
        type: 'Feature',
        properties: {},
        geometry: { type: 'Polygon', coordinates: rings.map((ring) => closed(unwrap(ring))) },
      })),
    ),
  };
}

/** Coasts and borders in Mercator coordinates. @param {string} text of the atlas */
export function coastsAndBorders(text) {
  const topology = JSON.parse(text);
  const { countries } = topology.objects;
  return {
    coasts: project(mesh(topology, countries, (a, b) => a === b).coordinates.map(unwrap)),
    borders: project(mesh(topology, countries, (a, b) => a !== b).coordinates.map(unwrap)),
  };
}
