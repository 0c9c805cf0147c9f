/**
 * samples.js - how positions and times are written, for the hints at inputs; isolated, so that they
 * read from left to right in Arabic.
 */
import { leftToRight } from './i18n.js';

export const SAMPLES = Object.fromEntries(
  Object.entries({
    decimal: '36.19, 37.13',
    dms: '36°11′24″N 037°07′48″E',
    time: '14:05',
    date: '2026-11-28 14:05',
    timed: '36.19, 37.13 2026-11-28 14:05',
  }).map(([name, text]) => [name, leftToRight(text)]),
);
