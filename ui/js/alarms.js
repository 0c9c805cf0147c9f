/**
 * alarms.js - which alarms somebody at this screen has heard. That ends the sound, not the alarm:
 * the alarm ends when its cause does.
 */
import { who } from './api.js';
import { state, tell } from './live.js';
import { ring } from './sound.js';

const place = () => `tafadi.heard.${who()?.name ?? ''}`;

function heardIds() {
  try {
    return new Set(JSON.parse(localStorage.getItem(place()) ?? '[]'));
  } catch {
    return new Set();
  }
}

export const unheard = () => {
  const heard = heardIds();
  return state.alarms.filter((alarm) => !heard.has(alarm.id));
};
export const isHeard = (alarm) => heardIds().has(alarm.id);

export function hearAll() {
  localStorage.setItem(place(), JSON.stringify(state.alarms.map((alarm) => alarm.id)));
  update();
  tell('alarms');
}

export function update() {
  ring(Boolean(who()) && unheard().length > 0);
}
