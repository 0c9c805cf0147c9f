/**
 * colours.js - the colours of the map and of what is drawn over it, by theme.
 */
const COLOURS = {
  night: {
    sea: '#0b1a26',
    land: '#1c2a34',
    coast: '#5a7387',
    border: '#4b5f70',
    grid: '#1d3040',
    own: '#6cb8ff',
    declared: '#ffb454',
    zone: '#d59bff',
    site: '#7ee2a0',
    conflict: '#ff6b5e',
    chosen: '#ffd84d',
    text: '#eef4f9',
    halo: '#0a1117',
    draft: '#9fb3c4',
  },
  day: {
    sea: '#d5e4ee',
    land: '#f7f5ee',
    coast: '#5c7080',
    border: '#8d8b80',
    grid: '#bfd2df',
    own: '#0b5cad',
    declared: '#a35a00',
    zone: '#7a2fb0',
    site: '#0f6a34',
    conflict: '#c3180c',
    chosen: '#0a3d91',
    text: '#14202b',
    halo: '#ffffff',
    draft: '#5c6c7a',
  },
};
export const colours = () => COLOURS[document.documentElement.dataset.theme] ?? COLOURS.night;
