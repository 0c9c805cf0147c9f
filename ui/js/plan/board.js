/**
 * board.js - the map that a plan is drawn on: points by click or key, moved by dragging; what else is there
 * at that time; an option beside it.
 */
import { t } from '../i18n.js';
import { openMap } from '../map/base.js';
import { entityOf } from '../map/entity.js';
import { forget, picture, refresh } from '../map/picture.js';
import { boundsOf, featuresOf } from '../map/shapes.js';
import { followPointer } from '../map/tools.js';
import { addPoint, movePoint, pointsOf } from './model.js';

const GRIP_PX = 8;

/** A feature that the register does not have, as something to draw. */
export const sketch = (feature, key) => ({
  ...entityOf({ id: key, class: 'operation', owner: '', state: 'draft', feature }, 'operation'),
  key,
});

/** The points of a plan, and a line through them until it is a shape. */
function pointFeatures(plan) {
  let points;
  try {
    points = pointsOf(plan);
  } catch {
    return []; // the form says which point is wrong
  }
  const places = points.map(({ lat, lng }) => [lng, lat]);
  const features = places.map((coordinates, i) => ({
    type: 'Feature',
    properties: { i },
    geometry: { type: 'Point', coordinates },
  }));
  if (places.length > 1)
    features.push({
      type: 'Feature',
      properties: {},
      geometry: { type: 'LineString', coordinates: places },
    });
  return features;
}

/** From when until when a feature is, in ms. */
function timesOf({ properties: p }) {
  return [p.start ?? p.times?.[0], p.end ?? p.times?.at(-1)].map((text) => Date.parse(text));
}

export class Board {
  /**
   * @param {{plan: () => any, feature: () => any, changed: (plan: any) => void, news: () => void}} of
   *   plan, feature: as they are now; changed: drawn; news: there are other things on the map
   */
  constructor(of) {
    this.of = of;
    this.opened = null;
    this.gone = false;
    this.shown = { edition: -1, marks: -1 };
    /** Where the pointer is on the map; null: elsewhere. */ this.pointer = null;
    this.dragged = null;
    this.previewed = false;
    this.read = () => {
      this.showThings();
      of.news();
    };
    this.drop = () => {
      this.dragged = null;
    };
  }

  /** The plan is another. */
  showPlan() {
    if (!this.opened) return;
    const made = this.of.feature();
    const points = pointFeatures(this.of.plan());
    this.opened.put(
      'draft',
      made
        ? [...featuresOf(sketch(made, 'plan')), ...points.filter((one) => one.geometry.type === 'Point')]
        : points,
    );
    if (made && this.isOutOfSight(made)) this.fit();
    const { id } = this.of.plan();
    const [from, until] = made ? timesOf(made) : [-Infinity, Infinity];
    this.opened.things.filter((one) => one.id !== id && one.start < until && one.end > from);
  }

  /** Other things, or others in conflict. */
  showThings() {
    if (!this.opened || this.gone) return;
    const { edition, marks } = picture;
    if (edition !== this.shown.edition)
      this.opened.things.show([...picture.entities.values()], picture.inConflict);
    else if (marks !== this.shown.marks) this.opened.things.mark(picture.inConflict);
    this.shown = { edition, marks };
  }

  preview(option) {
    if (!option && !this.previewed) return;
    this.previewed = Boolean(option);
    this.opened?.put('ways', option ? featuresOf(sketch(option.feature, 'way')) : []);
  }

  jump({ lat, lng }) {
    this.opened?.map.jumpTo({ center: [lng, lat], zoom: 9 });
  }

  pointAt({ x, y }) {
    const box = [
      [x - GRIP_PX, y - GRIP_PX],
      [x + GRIP_PX, y + GRIP_PX],
    ];
    return this.opened.map.queryRenderedFeatures(box, { layers: ['draft-points'] })[0];
  }

  /** A point at a place; a circle has only its centre. */
  put({ lngLat, point }) {
    const plan = this.of.plan();
    if (plan.kept || this.pointAt(point)) return;
    this.of.changed(addPoint(plan.shape === 'circle' ? { ...plan, points: '' } : plan, lngLat.wrap()));
  }

  listen(map, root) {
    followPointer(map, root, (lngLat) => {
      this.pointer = lngLat;
    });
    map.on('click', (event) => this.put(event));
    map.on('mousedown', (event) => {
      const found = this.pointAt(event.point);
      if (!found) return;
      event.preventDefault();
      this.dragged = found.properties.i;
    });
    map.on('mousemove', ({ lngLat, point }) => {
      if (this.dragged !== null) this.of.changed(movePoint(this.of.plan(), this.dragged, lngLat.wrap()));
      else map.getCanvas().style.cursor = this.pointAt(point) ? 'grab' : 'crosshair';
    });
    addEventListener('mouseup', this.drop);
  }

  /** What was typed, or taken, is not on the map. */
  isOutOfSight(made) {
    const box = boundsOf([sketch(made, 'plan')]);
    if (!box) return false;
    const [[west, south], [east, north]] = box;
    const seen = this.opened.map.getBounds();
    const away = [-360, 0, 360].every((world) => east + world < seen.getWest() || west + world > seen.getEast());
    return away || north < seen.getSouth() || south > seen.getNorth();
  }

  fit() {
    const made = this.of.feature();
    const box = made ? boundsOf([sketch(made, 'plan')]) : boundsOf(picture.entities.values());
    if (box) this.opened?.map.fitBounds(box, { padding: 60, maxZoom: 10, animate: false });
  }

  async begin(element) {
    const opened = await openMap(element, {
      centre: [37, 35],
      zoom: 6,
      label: t('map.label'),
      ready: (made) => {
        this.opened = made;
        this.showThings();
        this.showPlan();
        element.dataset.ready = 'yes';
      },
      enter: (event) => this.put(event),
    });
    if (this.gone) {
      opened.leave();
      return;
    }
    this.opened = opened;
    this.listen(opened.map, element.parentElement);
    const begun = String(opened.map.getCenter());
    await this.load();
    if (String(opened.map.getCenter()) === begun) this.fit(); // unless it was moved meanwhile
  }

  load() {
    return refresh(this.read);
  }

  leave() {
    this.gone = true;
    forget(this.read);
    removeEventListener('mouseup', this.drop);
    this.opened?.leave();
  }
}
