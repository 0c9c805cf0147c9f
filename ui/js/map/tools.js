/**
 * tools.js - above the map: measuring, going to a place, everything, printing, and where the pointer is.
 */
import { ask, field } from '../dialog.js';
import { $, h } from '../dom.js';
import { number } from '../format.js';
import { WAYS, coordinateWay, position, readPosition, setCoordinateWay } from '../geo.js';
import { geodesic, wrapLng } from '../geodesic.js';
import { t } from '../i18n.js';
import { SAMPLES } from '../samples.js';
import { geodesics } from './edges.js';
import { printMap } from './print.js';

/** A way along which it is measured; null while nothing is. */
export class Measure {
  constructor() {
    /** @type {{lat: number, lng: number}[]|null} */ this.points = null;
  }

  text() {
    if (!this.points) return '';
    if (this.points.length < 2) return t('map.measure.how');
    const legs = this.points.slice(1).map((point, i) => geodesic(this.points[i], point));
    const sum = legs.reduce((metres, leg) => metres + leg.metres, 0);
    return t('map.measured', {
      km: number(sum / 1000, 2),
      nm: number(sum / 1852, 2),
      degrees: Math.round(legs.at(-1).degrees) % 360,
    });
  }

  /** As GeoJSON, for the map: along the shortest lines. */
  features() {
    const places = (this.points ?? []).map(({ lng, lat }) => [lng, lat]);
    const feature = (geometry) => ({ type: 'Feature', properties: {}, geometry });
    return [
      ...places.map((coordinates) => feature({ type: 'Point', coordinates })),
      ...(places.length > 1 ? [feature({ type: 'LineString', coordinates: geodesics(places) })] : []),
    ];
  }
}

/** @param {any} map */
export async function goTo(map) {
  await ask({
    title: t('map.goto'),
    act: t('map.goto.do'),
    body: field(
      t('seen.position'),
      h('input', { name: 'at', dir: 'ltr', required: true, autocomplete: 'off' }),
      t('input.position.ways', SAMPLES),
    ),
    submit: (form) => {
      const place = readPosition(form.get('at'));
      if (!place) throw new Error(t('input.position.wrong', SAMPLES));
      map?.jumpTo({ center: [place.lng, place.lat], zoom: Math.max(map.getZoom(), 9) });
    },
  });
}

const pointerText = (place) => (place ? position(place.lat, wrapLng(place.lng)) : '');

/** How positions are written, to be chosen; and where the pointer is. @param {() => void} update */
export function positionPart(opened, pointer, update) {
  return [
    h(
      'label',
      { class: 'check' },
      h('span', { class: 'unseen' }, t('map.coordinates')),
      h(
        'select',
        {
          name: 'coordinates',
          value: coordinateWay(),
          onChange: (event) => {
            setCoordinateWay(event.target.value);
            update();
          },
        },
        WAYS.map((way) => h('option', { value: way }, t(`map.way.${way}`))),
      ),
    ),
    h('bdi', { id: 'map-pointer', dir: 'ltr', class: 'code' }, pointerText(pointer ?? opened?.map.getCenter())),
  ];
}

/** Keeps what is written there where the pointer is; without one, at the middle of the map. */
export function followPointer(map, root, moved) {
  let pointer = null;
  const point = (lngLat) => {
    pointer = lngLat;
    moved(lngLat);
    $('#map-pointer', root)?.replaceChildren(pointerText(lngLat ?? map.getCenter()));
  };
  map.on('move', () => {
    if (!pointer) point(null);
  });
  map.on('mousemove', ({ lngLat }) => point(lngLat));
  map.on('mouseout', () => point(null));
}

/**
 * @param {{opened: any, measure: Measure, pointer: any, measuring: () => void, everything: () => void,
 *   update: () => void}} of
 */
export function toolBar({ opened, measure, pointer, measuring, everything, update }) {
  const button = (text, onClick, more = {}) => h('button', { type: 'button', onClick, ...more }, t(text));
  return h(
    'div',
    { class: 'map-bar' },
    button('map.measure', measuring, { 'aria-pressed': String(Boolean(measure.points)) }),
    button('map.goto', () => goTo(opened?.map)),
    button('map.all', everything),
    button('map.print', () => printMap(opened)),
    h('span', { class: 'quiet', role: 'status' }, measure.text()),
    h('span', { class: 'grow' }),
    positionPart(opened, pointer, update),
  );
}
