/**
 * profile.js - heights over time of what is chosen and of what it is in conflict with.
 */
import { h } from '../dom.js';
import { utcText } from '../format.js';
import { t } from '../i18n.js';
import { now } from '../live.js';
import { limit, timeOf } from './entity.js';

/**
 * What of an entity is drawn: blocks of time and height, or the way of a trajectory.
 * @returns {{start: number, end: number, low: number, high: number|null}[] |
 *   {way: [number, number][], spread: number}[]}
 */
function blocksOf(one) {
  const p = one.feature?.properties ?? {};
  if (p.times && one.feature.geometry?.type === 'LineString') {
    const unit = [p.z_unit ?? 'M'].flat();
    const way = one.feature.geometry.coordinates.map(([, , z], i) => [
      Date.parse(p.times[i]),
      limit(z ?? 0, unit[i] ?? unit[0]),
    ]);
    const spread = Math.max(...[p.accuracy_v_m ?? 30].flat());
    return [{ way, spread }];
  }
  if (!p.volumes?.length) return [one];
  return p.volumes.map((volume) => {
    const v = { ...p, ...volume };
    return {
      start: timeOf(v.start, one.start),
      end: timeOf(v.end, one.end),
      low: limit(v.altitude_lower, v.altitude_lower_unit ?? v.altitude_unit) ?? 0,
      high: limit(v.altitude_upper, v.altitude_upper_unit ?? v.altitude_unit),
    };
  });
}

/** As SVG. @param {any[]} list entities @param {string} chosen the key of the one that it is about */
export function profile(list, chosen) {
  const shown = list.filter((one) => one.low !== null);
  const ends = shown.flatMap((one) => [one.start, one.end]).filter(Number.isFinite);
  if (!ends.length) return h('p', { class: 'quiet' }, t('map.profile.none'));
  const [W, H, L, B] = [320, 150, 46, 20];
  const from = Math.min(...ends);
  const until = Math.max(...ends);
  const top = Math.max(100, ...shown.map((one) => one.high ?? one.low + 1000)) * 1.1;
  const x = (time) =>
    L + ((Math.max(from, Math.min(until, time)) - from) / (until - from || 1)) * (W - L - 6);
  const y = (metres) => H - B - (Math.max(0, Math.min(top, metres)) / top) * (H - B - 8);
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
  for (const one of shown)
    for (const block of blocksOf(one)) {
      const look = ['block', one.isWay ? 'way' : one.key === chosen ? 'chosen' : 'other'];
      const { way, spread, start, end, low, high } = block;
      if (way) {
        const border = [
          ...way.map(([time, z]) => [time, z + spread]),
          ...[...way].reverse().map(([time, z]) => [time, z - spread]),
        ];
        const d = border.map(([time, z], i) => `${i ? 'L' : 'M'}${x(time).toFixed(1)} ${y(z).toFixed(1)}`);
        parts.push(h('path', { d: `${d.join('')}Z`, class: look }));
      } else
        parts.push(
          h('rect', {
            x: x(start),
            y: y(high ?? top),
            width: Math.max(2, x(end) - x(start)),
            height: Math.max(2, y(low) - y(high ?? top)),
            class: look,
          }),
        );
    }
  if (now() > from && now() < until)
    parts.push(h('line', { x1: x(now()), x2: x(now()), y1: 4, y2: H - B, class: 'now' }));
  const drawn = h(
    'div',
    { class: 'profile', dir: 'ltr' },
    h('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img' }, parts),
  );
  const references = new Set(shown.flatMap((one) => one.references));
  return references.size > 1 ? [drawn, h('p', { class: 'note' }, t('map.profile.mixed'))] : drawn;
}
