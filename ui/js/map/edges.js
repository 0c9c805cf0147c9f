/**
 * edges.js - edges as what is drawn on a Mercator map has them: with so many points between that a straight stroke from
 * one to the next is right.
 */
import { geodesic, way, wrapLng } from '../geodesic.js';
import { latOf, lngOf, mercatorX, steepY } from './mercator.js';
import { Pen } from './pen.js';

/** What an edge may lie beside the true one, in Mercator units: a tenth of a pixel at zoom 13. */
const TOLERANCE = 2.4e-8;
const MOST_PIECES = 256;
const RAD = Math.PI / 180;
const STEEPEST_DEG = 85;

/** In how many pieces an edge is drawn. @param {number} east how far it leads, in degrees */
function piecesOf(lat1, lat2, east, isGeodesic) {
  const lat = Math.min(STEEPEST_DEG, Math.max(Math.abs(lat1), Math.abs(lat2))) * RAD;
  const across = isGeodesic ? east * Math.cos(((lat1 + lat2) / 2) * RAD) : 0;
  const square = ((lat2 - lat1) ** 2 + across ** 2) * RAD * RAD;
  const bend = (square * Math.tan(lat)) / Math.cos(lat) / (16 * Math.PI);
  return Math.min(MOST_PIECES, Math.ceil(Math.sqrt(bend / TOLERANCE)) || 1);
}

/**
 * Writes edges that are straight in longitude and latitude, or geodesics.
 * @param {Pen} pen @param {number[][]} corners [lng, lat]
 */
export function edges(pen, corners, isGeodesic) {
  let lng = corners[0][0];
  let lat = corners[0][1];
  pen.put(mercatorX(lng), steepY(lat));
  for (let i = 1; i < corners.length; i++) {
    const toLng = corners[i][0];
    const toLat = corners[i][1];
    const east = wrapLng(toLng - lng);
    const n = piecesOf(lat, toLat, east, isGeodesic);
    const line = isGeodesic && n > 1 ? geodesic({ lng, lat }, { lng: toLng, lat: toLat }) : null;
    const on = line && way({ lng, lat }, line.degrees);
    for (let k = 1; k < n; k++) {
      const share = k / n;
      const place = on?.(line.metres * share);
      pen.put(mercatorX(place?.lng ?? lng + share * east), steepY(place?.lat ?? lat + share * (toLat - lat)));
    }
    pen.put(mercatorX(toLng), steepY(toLat));
    lng = toLng;
    lat = toLat;
  }
}

/** Points of [lng, lat] along the shortest lines. @param {[number, number][]} corners */
export function geodesics(corners) {
  const pen = new Pen();
  edges(pen, corners, true);
  return Array.from({ length: pen.length / 2 }, (_, i) => [lngOf(pen.points[2 * i]), latOf(pen.points[2 * i + 1])]);
}
