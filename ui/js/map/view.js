/**
 * view.js - what of the picture is looked at: time, filters, what is chosen, where; it is kept in the
 * address, so that a link shows the same to somebody else.
 */
import { now } from '../live.js';

export const CLASSES = ['operation', 'declaration', 'zone', 'site'];
export const KINDS = ['crewed', 'rotorcraft', 'uncrewed', 'ground', 'sea', 'hazard', 'balloon', 'other'];
export const STATES = ['draft', 'submitted', 'accepted', 'activated', 'nonconforming', 'contingent'];
/** How far ahead of the time that is shown things are shown as well, in seconds. */
export const WINDOWS = [0, 3600, 6 * 3600, 24 * 3600];
const WINDOW = 6 * 3600;
const HOUR = 3600e3;

export class View {
  /** @param {URLSearchParams} query */
  constructor(query) {
    /** Time in ms; 0: now, which goes on. */
    this.time = Number(query.get('t')) * 1000 || 0;
    this.window = Number(query.get('w') ?? WINDOW);
    /** A class; "k-" and a kind; "s-" and a state. @type {Set<string>} */
    this.hidden = new Set((query.get('hide') ?? '').split(',').filter(Boolean));
    this.party = query.get('party') ?? '';
    this.chosen = query.get('sel') ?? '';
    this.search = '';
    const place = (query.get('c') ?? '').split(',').map(Number);
    /** [lat, lng, zoom]; null: everything. */
    this.place = place.length === 3 && place.every(Number.isFinite) ? place : null;
  }

  get at() {
    return this.time || now();
  }
  get follows() {
    return !this.time;
  }

  /** What the slider spans, in ms. */
  span() {
    const base = Math.floor(now() / HOUR) * HOUR;
    return [base - 6 * HOUR, base + 30 * HOUR];
  }

  /** Whether the filters let it through. */
  wants(one) {
    if (!this.filters) return true;
    const hasState = one.cls === 'operation' || one.cls === 'declaration';
    return (
      !this.hidden.has(one.cls) &&
      !this.hidden.has(`k-${one.kind}`) &&
      !(hasState && this.hidden.has(`s-${one.state}`)) &&
      (!this.party || one.party === this.party)
    );
  }

  isInTime(one) {
    return one.start <= this.at + this.window * 1000 && one.end > this.at;
  }

  /** As a test for many: the same, with the time read once. @returns {(one: any) => boolean} */
  test() {
    const [from, until] = [this.at, this.at + this.window * 1000];
    return (one) => one.start <= until && one.end > from && this.wants(one);
  }

  /** How many filters are set. */
  get filters() {
    return this.hidden.size + (this.party ? 1 : 0);
  }

  /** @param {any} map */
  query(map) {
    const query = new URLSearchParams();
    if (!this.follows) query.set('t', String(Math.round(this.time / 1000)));
    if (this.window !== WINDOW) query.set('w', String(this.window));
    if (this.hidden.size) query.set('hide', [...this.hidden].join(','));
    if (this.party) query.set('party', this.party);
    if (this.chosen) query.set('sel', this.chosen);
    if (map) {
      const { lng, lat } = map.getCenter();
      query.set('c', [lat.toFixed(4), lng.toFixed(4), map.getZoom().toFixed(2)].join(','));
    }
    return query;
  }
}
