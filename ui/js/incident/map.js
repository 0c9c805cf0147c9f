/**
 * map.js - the map of an incident: where it was, how far it was looked, what was known there; and a place that
 * is picked by a click.
 */
import { ring } from '../geodesic.js';
import { has, t } from '../i18n.js';
import { openMap } from '../map/base.js';
import { entityOf } from '../map/entity.js';

const feature = (type, coordinates) => ({
  type: 'Feature',
  properties: {},
  geometry: { type, coordinates },
});

/** As it was known then; of the other side in its own colour, and with its name. */
function thing({ record }) {
  const made = entityOf(record, record.class);
  if (!record.owner) return made;
  const kind = has(`kind.${record.kind}`) ? ` · ${t(`kind.${record.kind}`)}` : '';
  const told = { ...record, at: record.changed.at }; // the map says how old it is
  return { ...made, cls: 'declaration', own: false, name: `${made.party}${kind}`, record: told };
}

function around({ place, radius, positions = [] }) {
  const shapes = [feature('Point', [place.lng, place.lat])];
  if (radius > 0) shapes.push(feature('LineString', ring(place, radius, 48)));
  return [...shapes, ...positions.map((one) => feature('Point', [one.lng_deg, one.lat_deg]))];
}

function boundsAround({ place, radius }) {
  const points = radius > 0 ? ring(place, radius, 8) : [[place.lng, place.lat]];
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ];
}

/** @param {{picked: (place: {lat: number, lng: number}) => void}} what */
export function incidentMap({ picked }) {
  let element = null;
  let opened = null;
  let opening = null;
  let wanted = null;
  let mark = '';
  let isLeft = false;

  function apply() {
    if (!opened) return;
    const found = (wanted?.found ?? []).filter((one) => one.record.feature).map(thing);
    opened.things.show(found, new Set());
    opened.put('draft', wanted ? around(wanted) : []);
    element.dataset.ready = 'yes';
  }

  function fit() {
    if (wanted) opened?.map.fitBounds(boundsAround(wanted), { padding: 30, maxZoom: 11, animate: false });
  }

  async function open(box) {
    element = box;
    const click = ({ lngLat }) => picked(lngLat.wrap());
    const made = await openMap(box, {
      centre: [37, 35],
      zoom: 5,
      label: t('incident.map'),
      enter: click,
      ready: (ready) => {
        if (isLeft) return;
        opened = ready;
        apply();
      },
    });
    if (isLeft) {
      made.leave();
      return;
    }
    opened = made;
    made.map.on('click', click);
    made.map.getCanvas().style.cursor = 'crosshair';
    fit();
  }

  return {
    leave() {
      isLeft = true;
      opened?.leave();
      opened = null;
      opening = null;
    },
    /** @param {HTMLElement} box @param {any} what {place, radius, found, positions} or null: nothing yet */
    async show(box, what) {
      const next = JSON.stringify([what?.place, what?.radius, what?.found?.length]);
      wanted = what;
      if (!opening) {
        mark = next;
        opening = open(box);
        await opening;
      } else if (next !== mark) {
        mark = next;
        apply();
        fit();
      }
    },
  };
}
