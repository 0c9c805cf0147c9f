/**
 * sound.js - the alarm's sound: two tones every few seconds until somebody says that they have
 * heard it. Made here, so that nothing has to be loaded.
 */
const EVERY_MS = 4000;

/** @type {AudioContext|null} */
let context = null;
let timer = 0;

/** Browsers let a page sound only after a key or a click; this is called on the first. */
export function arm() {
  try {
    context ??= new AudioContext();
    context.resume();
  } catch {
    /* no sound here: colour and text have to do */
  }
}

export const isAudible = () => context?.state === 'running' && !isMuted();
export const isMuted = () => localStorage.getItem('tafadi.mute') === 'yes';
export function mute(yes) {
  localStorage.setItem('tafadi.mute', yes ? 'yes' : 'no');
}

function tone(frequency, from, length) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const start = context.currentTime + from;
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.25, start + 0.02);
  gain.gain.setValueAtTime(0.25, start + length - 0.05);
  gain.gain.linearRampToValueAtTime(0, start + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}

function sound() {
  if (!isAudible()) return;
  tone(880, 0, 0.25);
  tone(660, 0.3, 0.35);
}

/** @param {boolean} on */
export function ring(on) {
  if (on && !timer) {
    sound();
    timer = setInterval(sound, EVERY_MS);
  } else if (!on && timer) {
    clearInterval(timer);
    timer = 0;
  }
}
