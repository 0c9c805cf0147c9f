/**
 * map.js - what is planned, declared and protected, where and when: a map, the time below it, a list beside
 * it with conflicts first. The view is in the address.
 */
import { hasRole, post } from '../api.js';
import { toast } from '../dialog.js';
import { $, draw, h } from '../dom.js';
import { code } from '../format.js';
import { t } from '../i18n.js';
import { state } from '../live.js';
import { setQuery } from '../shell.js';
import { openMap } from '../map/base.js';
import { detail, others } from '../map/detail.js';
import { ListPart } from '../map/list.js';
import { forget, noteVerdict, picture, refresh } from '../map/picture.js';
import { boundsOf, featuresOf, outlinesOf } from '../map/shapes.js';
import { TimePart } from '../map/time.js';
import { Measure, followPointer, goTo, toolBar } from '../map/tools.js';
import { View } from '../map/view.js';

/** Where a map begins that has nothing on it yet: [lng, lat], zoom. */
const START = [[37, 35], 5];
const CLICK_PX = 4;
const POLL_MS = 15000;
const AGES_MS = 60000;
const FOLLOW_MS = 10000;
const LOADING_MS = 700;
const PHONE = '(max-width: 46rem)';

class MapPage {
  constructor(root, where) {
    this.root = root;
    this.view = new View(where.query);
    this.measure = new Measure();
    this.time = new TimePart(this.view, {
      moved: () => {
        this.applyView();
        this.update();
      },
      settled: () => this.remember(),
      choose: (key, zoom) => this.choose(key, zoom),
    });
    this.list = new ListPart(this.view, {
      choose: (key, zoom) => this.choose(key, zoom),
      filtered: () => this.filtered(),
      searched: () => this.update(),
    });
    this.opened = null;
    this.pointer = null;
    this.gone = false;
    this.fitted = Boolean(this.view.place);
    this.shown = { edition: '', marks: -1 }; // what of the picture the map has
    this.followed = 0;
    this.changedAt = 0;
    this.read = () => this.changed();
  }

  all() {
    return [...picture.entities.values()];
  }

  remember() {
    if (!this.gone) setQuery(this.view.query(this.opened?.map));
  }

  /* --- the map ------------------------------------------------------------------------- */

  /** Another time, filter or choice. */
  applyView() {
    this.opened?.things.filter(this.view.test());
    this.followed = Date.now();
    const chosen = picture.entities.get(this.view.chosen);
    this.opened?.put('chosen', chosen ? featuresOf(chosen) : []);
  }

  /** Other things; ages are part of names, so that they grow old. */
  applyPicture() {
    if (!this.opened) return;
    const edition = `${picture.edition} ${Math.floor(Date.now() / AGES_MS)}`;
    const isNew = edition !== this.shown.edition;
    if (isNew) this.opened.things.show(this.all(), picture.inConflict);
    else if (picture.marks !== this.shown.marks) this.opened.things.mark(picture.inConflict);
    this.shown = { edition, marks: picture.marks };
    if (this.fitted || picture.loading || !picture.entities.size) return;
    this.fitted = true;
    this.fit(this.all());
  }

  applyMeasure() {
    this.opened?.put('measure', this.measure.features());
  }

  fit(entities) {
    const box = boundsOf(entities);
    if (box) this.opened?.map.fitBounds(box, { padding: 40, maxZoom: 10, animate: false });
  }

  async begin(element) {
    const { place } = this.view;
    const opened = await openMap(element, {
      centre: place ? [place[1], place[0]] : START[0],
      zoom: place ? place[2] : START[1],
      label: t('map.label'),
      ready: (made) => {
        this.opened = made;
        this.applyPicture();
        this.applyView();
        this.applyMeasure();
        element.dataset.ready = 'yes';
      },
      enter: (event) => this.click(event),
    });
    if (this.gone) {
      opened.leave();
      return;
    }
    this.opened = opened;
    const { map } = opened;
    followPointer(map, this.root, (lngLat) => {
      this.pointer = lngLat;
    });
    map.on('moveend', () => this.remember());
    map.on('click', (event) => this.click(event));
  }

  click({ lngLat }) {
    if (this.measure.points) {
      this.measure.points = [...this.measure.points, lngLat];
      this.applyMeasure();
      this.update();
      return;
    }
    const keys = this.opened.things.at(lngLat, CLICK_PX).map((one) => one.key);
    const before = keys.indexOf(this.view.chosen); // again: the next of those that lie there
    this.choose(keys.length ? keys[(before + 1) % keys.length] : '');
  }

  async choose(key, zoom = false) {
    this.view.chosen = key;
    const one = picture.entities.get(key);
    if (zoom && one) {
      this.fit([one, ...others(key)]);
      if (matchMedia(PHONE).matches) $('.map-main', this.root)?.scrollIntoView(); // it is above the list
    }
    this.applyView();
    this.remember();
    this.update();
    const checks = hasRole('planner', 'duty-officer', 'head-of-cell');
    if (one?.cls !== 'operation' || !one.own || !checks || picture.conflicts.has(key)) return;
    try {
      noteVerdict(key, await post('/api/v1/check', { id: one.id }));
      this.changed();
    } catch {
      /* the list says what was checked */
    }
  }

  /* --- what stands around it -------------------------------------------------------------- */

  toggleMeasure() {
    this.measure.points = this.measure.points ? null : [];
    this.applyMeasure();
    this.update();
  }

  filtered() {
    this.applyView();
    this.remember();
    this.update();
  }

  /** On paper only: whose picture, of when. */
  paperTitle() {
    const { at, window } = this.view;
    const time = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    return h(
      'p',
      { class: 'print-only' },
      h('strong', null, h('bdi', null, state.party?.title ?? '')),
      ' · ',
      code(time),
      ' ',
      window
        ? [t('map.window'), ' ', t('map.window.hours', { n: window / 3600 })]
        : t('map.window.moment'),
    );
  }

  update() {
    if (this.gone) return;
    const { view } = this;
    draw(
      this.root,
      h(
        'div',
        { class: 'map-page' },
        h(
          'div',
          { class: 'map-list' },
          this.list.part(),
        ),
        h(
          'div',
          { class: 'map-main' },
          toolBar({
            opened: this.opened,
            measure: this.measure,
            pointer: this.pointer,
            measuring: () => this.toggleMeasure(),
            everything: () => this.fit(this.all().filter((one) => view.wants(one))),
            update: () => this.update(),
          }),
          this.paperTitle(),
          h('div', { class: 'map-box', 'data-keep': 'map', dir: 'ltr' }),
          h('p', { class: 'map-note quiet' }, t(state.party?.map_tiles ? 'map.note.tiles' : 'map.note')),
          this.time.part(),
        ),
        detail(view.chosen, (key, zoom) => this.choose(key, zoom)),
      ),
    );
    this.time.draw(this.root);
    this.applyPicture();
    if (view.follows && Date.now() - this.followed > FOLLOW_MS) this.applyView();
  }

  /**
   * There is something new to show; while much is read, not with every page of it, but its outlines are made meanwhile.
   * It is painted while what stands around the map is written.
   */
  changed() {
    if (this.gone) return;
    if (picture.loading && Date.now() - this.changedAt < LOADING_MS) {
      for (const one of picture.entities.values()) outlinesOf(one);
      return;
    }
    this.changedAt = Date.now();
    this.applyPicture();
    this.applyView();
    this.opened?.things.now();
    this.update();
  }

  load() {
    return refresh(this.read);
  }

  leave() {
    this.gone = true;
    forget(this.read);
    this.time.leave();
    this.opened?.leave();
  }
}

export function show(root, where) {
  const page = new MapPage(root, where);
  page.update();
  page.load();
  page.begin($('.map-box', root)).catch((error) => {
    toast(t('map.failed'), 'bad');
    console.error(error);
    $('.map-box', root)?.replaceChildren(h('p', { class: 'empty' }, t('map.failed')));
  });
  const poll = setInterval(() => {
    if (!state.streaming) page.load();
  }, POLL_MS);
  return {
    update: () => page.update(),
    changed(what) {
      if (what === 'ops') page.load();
    },
    leave() {
      clearInterval(poll);
      page.leave();
    },
    keys: [
      { key: ' ', text: 'map.play', run: () => page.time.play() },
      { key: 'n', text: 'map.now', run: () => page.time.set(0) },
      { key: '/', text: 'map.search', run: () => $('#map-search', root)?.focus() },
      { key: 'g', text: 'map.goto', run: () => goTo(page.opened?.map) },
      { key: 'm', text: 'map.measure', run: () => page.toggleMeasure() },
      { key: ',', text: 'map.earlier', run: () => page.time.step(-600e3) },
      { key: '.', text: 'map.later', run: () => page.time.step(600e3) },
    ],
  };
}
