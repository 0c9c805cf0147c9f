/**
 * map.js - the small map and the heights of a case: ours and theirs, hatched, and what is previewed.
 */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { openMap } from '../map/base.js';
import { entityOf } from '../map/entity.js';
import { profile } from '../map/profile.js';
import { boundsOf, featuresOf } from '../map/shapes.js';

/** A way out as something to draw. */
const wayOf = (found, feature) =>
  feature && {
    ...entityOf({ id: 'way', class: 'operation', owner: '', state: 'draft', feature }, 'operation'),
    key: 'way',
    isWay: true,
  };

/** A dashed line between the two places that decide, where the node names both. */
function gap(conflict) {
  const places = [conflict?.place, conflict?.other_place].filter(Boolean).map(({ lat, lng }) => [lng, lat]);
  const points = places.map((coordinates) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'Point', coordinates },
  }));
  return places.length === 2
    ? [{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: places } }, ...points]
    : points;
}

export function caseMap() {
  let element = null;
  let opened = null;
  let turn = 0;
  let shown = null; // {found, way} that is on the map
  let wanted = null;

  function apply() {
    if (!opened || !wanted) return;
    const { map, things, put } = opened;
    const { found, way } = wanted;
    const both = [found.own, found.other].filter(Boolean);
    things.show(both, new Set(both.map((one) => one.key)));
    put('ways', way ? featuresOf(way) : []);
    put('measure', gap(found.one.conflict));
    const box = boundsOf([...both, way].filter(Boolean));
    const place = found.one.conflict?.place;
    if (box) map.fitBounds(box, { padding: 40, maxZoom: 11, animate: false });
    else if (place) map.jumpTo({ center: [place.lng, place.lat], zoom: 8 });
    shown = wanted;
    element.dataset.ready = 'yes';
  }

  async function open(box) {
    leave();
    const mine = ++turn;
    element = box;
    const place = wanted.found.one.conflict?.place;
    const made = await openMap(box, {
      centre: place ? [place.lng, place.lat] : [0, 20],
      zoom: place ? 8 : 1,
      label: t('case.map'),
      ready: (ready) => {
        if (mine !== turn) return;
        opened = ready;
        apply();
      },
    });
    if (mine !== turn) made.leave();
    else opened = made;
  }

  function leave() {
    turn++;
    opened?.leave();
    opened = null;
    element = null;
    shown = null;
  }

  return {
    leave,
    box: (id) =>
      h('div', { class: 'map-box case-map', 'data-key': `map${id}`, 'data-keep': `case-${id}`, dir: 'ltr' }),
    /** Heights over time of both, and of the way. */
    heights: (found, feature) => {
      const list = [found.own, found.other, wayOf(found, feature)].filter(Boolean);
      return [
        profile(list, found.own?.key),
        found.other &&
          found.other.disclosure !== 'full' &&
          h('p', { class: 'note' }, t('case.heights.unknown')),
      ];
    },
    /** Draws what differs from what is there. */
    async show(box, found, feature) {
      const same = shown && shown.found === found && shown.feature === feature;
      wanted = { found, feature, way: wayOf(found, feature) };
      if (box !== element) await open(box);
      else if (!same) apply();
    },
  };
}
