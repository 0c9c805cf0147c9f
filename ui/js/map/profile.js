/**
 * profile.js - heights over time of what is chosen and of what it is in conflict with.
 */
import { h } from '../dom.js';
import { utcText } from '../format.js';
import { t } from '../i18n.js';
import { now } from '../live.js';

/** As SVG. @param {any[]} list entities @param {string} chosen the key of the one that it is about */
export function profile(list, chosen) {
  const shown = list.filter(
    (one) => Number.isFinite(one.start) && Number.isFinite(one.end) && one.low !== null,
  );
  if (!shown.length) return h('p', { class: 'quiet' }, t('map.profile.none'));
  const [W, H, L, B] = [320, 150, 46, 20];
  const from = Math.min(...shown.map((one) => one.start));
  const until = Math.max(...shown.map((one) => one.end));
  const top = Math.max(100, ...shown.map((one) => one.high ?? one.low + 1000)) * 1.1;
  const x = (time) => L + ((time - from) / (until - from || 1)) * (W - L - 6);
  const y = (metres) => H - B - (Math.max(0, metres) / top) * (H - B - 8);
  const parts = [h('title', { svg: true }, t('map.profile'))];
  for (const share of [0, 0.5, 1]) {
    const metres = (top / 1.1) * share;
    parts.push(
      h('line', { x1: L, x2: W - 4, y1: y(metres), y2: y(metres), class: 'axis' }),
      h(
        'text',
        { x: L - 4, y: y(metres) + 4, 'text-anchor': 'end', class: 'tick' },
        `${Math.round(metres)} m`,
      ),
    );
  }
  for (const share of [0, 1])
    parts.push(
      h(
        'text',
        { x: share ? W - 4 : L, y: H - 5, 'text-anchor': share ? 'end' : 'start', class: 'tick' },
        utcText(new Date(from + (until - from) * share), new Date(), false),
      ),
    );
  for (const one of shown) {
    const high = one.high ?? top;
    parts.push(
      h('rect', {
        x: x(one.start),
        y: y(high),
        width: Math.max(2, x(one.end) - x(one.start)),
        height: Math.max(2, y(one.low) - y(high)),
        class: ['block', one.isWay ? 'way' : one.key === chosen ? 'chosen' : 'other'],
      }),
    );
  }
  if (now() > from && now() < until)
    parts.push(h('line', { x1: x(now()), x2: x(now()), y1: 4, y2: H - B, class: 'now' }));
  return h(
    'div',
    { class: 'profile', dir: 'ltr' },
    h('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img' }, parts),
  );
}
