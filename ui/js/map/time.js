/**
 * time.js - the time below the map: a slider that plays, a line for now, and what each party plans as bars.
 */
import { $, h } from '../dom.js';
import { timeOf } from '../format.js';
import { t } from '../i18n.js';
import { now } from '../live.js';
import { ROW_PX, drawBars } from './bars.js';
import { picture } from './picture.js';
import { WINDOWS } from './view.js';

const PLAY_MS = 250;
const PLAY_STEP_MS = 300e3;
const SLIDER_STEP_S = 60;
/** So often the time is taken over while the slider is drawn. */
const SLIDE_MS = 40;

/**
 * @param {import('./view.js').View} view
 * @param {{moved: () => void, settled: () => void, choose: (key: string, zoom: boolean) => void}} to
 *   moved: the time is another; settled: and stays so for now
 */
export class TimePart {
  constructor(view, to) {
    Object.assign(this, { view, to });
    this.playing = 0;
    this.timer = 0;
    this.drawn = '';
    this.hits = [];
    this.width = 0;
    this.watched = null;
    this.watcher = null;
  }

  /** @param {number} time in ms; 0: now */
  set(time) {
    this.view.time = time;
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.to.moved();
    }, SLIDE_MS);
  }

  step(ms) {
    this.set(this.view.at + ms);
  }

  play() {
    if (this.playing) {
      this.stop();
      this.to.settled();
    } else
      this.playing = setInterval(() => {
        const [from, until] = this.view.span();
        const next = this.view.at + PLAY_STEP_MS;
        this.set(next > until ? from : next);
      }, PLAY_MS);
    this.to.moved();
  }

  stop() {
    clearInterval(this.playing);
    this.playing = 0;
  }

  leave() {
    this.stop();
    clearTimeout(this.timer);
    this.watcher?.disconnect();
  }

  controls() {
    const { view } = this;
    return h(
      'div',
      { class: 'bar' },
      h(
        'button',
        { type: 'button', onClick: () => this.play(), 'aria-pressed': String(Boolean(this.playing)) },
        this.playing ? ['‖ ', t('map.pause')] : ['▶ ', t('map.play')],
      ),
      h(
        'button',
        {
          type: 'button',
          onClick: () => {
            this.set(0);
            this.to.settled();
          },
          'aria-pressed': String(view.follows),
        },
        t('map.now'),
      ),
      h('span', { class: 'time-shown' }, timeOf(new Date(view.at).toISOString(), { seconds: false })),
      h(
        'label',
        { class: 'check' },
        t('map.window'),
        ' ',
        h(
          'select',
          {
            value: String(view.window),
            onChange: (event) => {
              view.window = Number(event.target.value);
              this.to.moved();
              this.to.settled();
            },
          },
          WINDOWS.map((w) =>
            h(
              'option',
              { value: String(w) },
              w ? t('map.window.hours', { n: w / 3600 }) : t('map.window.moment'),
            ),
          ),
        ),
      ),
    );
  }

  /** A line across the bars: where a time is, from the side where reading begins. */
  line(name, time) {
    const [from, until] = this.view.span();
    if (time < from || time > until) return null;
    const share = `${((100 * (time - from)) / (until - from)).toFixed(3)}%`;
    return h('span', { class: ['time-line', name], style: { insetInlineStart: share }, 'aria-hidden': 'true' });
  }

  part() {
    const { view } = this;
    const [from, until] = view.span();
    return h(
      'section',
      { class: 'time-part', 'aria-label': t('map.time'), 'data-key': 'time' },
      this.controls(),
      h('input', {
        type: 'range',
        'aria-label': t('map.time'),
        min: String(from / 1000),
        max: String(until / 1000),
        step: String(SLIDER_STEP_S),
        value: String(Math.floor(view.at / 1000)),
        'aria-valuetext': `${new Date(view.at).toISOString().slice(0, 16)}Z`,
        onInput: (event) => this.set(Number(event.target.value) * 1000),
        onChange: () => this.to.settled(),
      }),
      h(
        'div',
        { class: 'bars', tabindex: '0', role: 'region', 'aria-label': t('map.bars') },
        h(
          'div',
          { class: 'bars-inside' },
          h('canvas', { 'data-keep': 'bars', 'aria-hidden': 'true', onClick: (event) => this.click(event) }),
          this.line('at', view.at),
          this.line('now', now()),
        ),
      ),
    );
  }

  click({ offsetX, offsetY }) {
    const hit = this.hits.find(
      ({ a, b, y }) => offsetX >= a && offsetX <= b && offsetY >= y && offsetY < y + ROW_PX,
    );
    if (hit) this.to.choose(hit.key, true);
  }

  /** Notes how wide the bars are when that changes: to ask each time would lay the page out each time. */
  watch(element, root) {
    if (this.watched === element) return;
    this.watched = element;
    this.watcher?.disconnect();
    this.watcher = new ResizeObserver(([{ contentRect }]) => {
      this.width = Math.round(contentRect.width);
      this.draw(root);
    });
    this.watcher.observe(element);
  }

  /** Draws the bars again if something about them is another; not while it is being read. @param {ParentNode} root */
  draw(root) {
    const canvas = $('.bars canvas', root);
    if (!canvas) return;
    this.watch(canvas.parentElement, root);
    if (!this.width || picture.loading) return;
    const { view } = this;
    const [from, until] = view.span();
    const { theme } = document.documentElement.dataset;
    const mark = JSON.stringify([
      from,
      view.chosen,
      picture.edition,
      picture.marks,
      [...view.hidden],
      view.party,
      this.width,
      theme,
      document.documentElement.lang,
    ]);
    if (mark === this.drawn) return;
    this.drawn = mark;
    const shown = [...picture.entities.values()].filter((one) => Number.isFinite(one.start) && view.wants(one));
    this.hits = drawBars(canvas, { entities: shown, from, until, chosen: view.chosen, width: this.width });
  }
}
