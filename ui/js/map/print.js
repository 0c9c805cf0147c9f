/**
 * print.js - the map on paper: in the colours of the day, whatever the screen has, and only when all of it
 * is drawn.
 */
import { setTheme, theme } from '../menus.js';

/** @param {{map: any, things: any}|null} opened */
export async function printMap(opened) {
  const before = theme();
  if (before !== 'day') setTheme('day');
  if (opened) {
    await new Promise((resolve) => {
      opened.map.once('idle', resolve);
      opened.map.triggerRepaint();
    });
    await opened.things.whenSettled();
  }
  print();
  if (before !== 'day') setTheme(before);
}
