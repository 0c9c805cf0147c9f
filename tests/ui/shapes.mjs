/**
 * shapes.mjs - without a browser: what the map draws and measures is where it is, against PROJ and against places along
 * the true lines.
 *
 *     node tests/ui/shapes.mjs
 */
import assert from 'node:assert/strict';
import { along, distance, geodesic } from '../../ui/js/geodesic.js';
import { mercatorX, mercatorY } from '../../ui/js/map/mercator.js';
import { boundsOf, featuresOf, liesAt, outlinesOf } from '../../ui/js/map/shapes.js';

/** geod_inverse of PROJ 9.1: latitude and longitude, twice, metres, bearing at the first. */
const PROJ = [
  [82.869, 62.122, -81.941, -117.434, 19900093.796219, -3.79601961],
  [-80.393, 71.048, 80.529, -108.74, 19988298.838286, -12.90766017],
  [-60.689, 158.495, 60.967, -20.85, 19960607.737096, -39.20662022],
  [-88.797, -178.628, -88.7897, -178.61972, 815.59495, 1.37242047],
  [-14.656, -27.355, -14.64701, -27.35157, 1061.109559, 20.37829695],
  [74.424, -128.177, 35.031, -131.212, 4387726.395766, -176.08109394],
  [-83.789, 30.662, 53.26, 68.743, 15342740.411037, 33.65051946],
  [-57.442, -133.675, -81.378, -135.138, 2670291.602868, -179.45886208],
  [13.829, 152.799, -88.953, 99.816, 11460825.529437, -179.1385733],
  [-79.514, -99.418, 23.139, -51.72, 11752492.376428, 45.04793469],
  [-58.377, -170.136, -77.256, -135.546, 2478423.961842, 160.63706616],
  [25.941, -58.276, -89.313, 41.233, 12884725.308802, 179.24376141],
  [-73.37, 4.814, 46.467, 51.76, 13765529.976871, 37.47651264],
  [53.078, -158.376, -54.22, -0.869, 18528958.909651, 103.85547148],
];
let [passed, failed] = [0, 0];
function test(name, run) {
  try {
    run();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${error.stack}\n`);
  }
}

test('shapes: what lies at a point is what is within the radius, the width, the corners', () => {
  const at = (one, { lat, lng }) => liesAt(one, mercatorX(lng), mercatorY(lat), 0);
  const thing = (geometry, properties) => ({ key: 'x', growth: 0, feature: { geometry, properties } });
  for (let i = 0; i < 400; i++) {
    const lat = ((i * 7919) % 130) - 65 + i / 1000;
    const lng = ((i * 104729) % 350) - 175;
    const radius = 500 + ((i * 31) % 9000);
    const circle = thing({ type: 'Point', coordinates: [lng, lat] }, { radius_m: radius });
    const north = { lat: lat + 1, lng };
    const corridor = thing(
      { type: 'LineString', coordinates: [[lng, lat], [north.lng, north.lat]] },
      { width_m: 2 * radius },
    );
    for (const [share, inside] of [
      [0.5, true],
      [0.95, true],
      [1.05, false],
      [2, false],
    ]) {
      const place = along({ lat, lng }, share * radius, (i * 37) % 360);
      assert.equal(at(circle, place), inside, `circle ${lat} ${lng} ${radius} ${share}`);
      const side = along({ lat, lng }, share * radius, i % 2 ? 90 : 270);
      assert.equal(at(corridor, side), inside, `corridor ${lat} ${lng} ${radius} ${share}`);
    }
    const [[west, south], [east, top]] = boundsOf([circle]);
    assert.ok(west < lng && lng < east && south < lat && lat < top);
  }
  const ring = (size) => [[-size, -size], [size, -size], [size, size], [-size, size], [-size, -size]];
  const holed = thing({ type: 'Polygon', coordinates: [ring(2), ring(1)] }, {});
  assert.equal(at(holed, { lat: 0, lng: 0 }), false); // in the hole
  assert.equal(at(holed, { lat: 0, lng: 1.5 }), true);
  const across = thing({ type: 'LineString', coordinates: [[179.9, 0], [-179.9, 0]] }, { width_m: 2000 });
  const [[from], [until]] = boundsOf([across]);
  assert.ok(until - from < 0.3, 'not around the world');
});

test('geodesics: as PROJ has them, short, long, over a pole, nearly antipodal', () => {
  for (const [lat1, lng1, lat2, lng2, metres, degrees] of PROJ) {
    const found = geodesic({ lat: lat1, lng: lng1 }, { lat: lat2, lng: lng2 });
    assert.ok(Math.abs(found.metres - metres) < 1e-3, `${lat1} ${lng1}: ${found.metres}, not ${metres}`);
    const away = Math.abs(((found.degrees - degrees + 540) % 360) - 180);
    assert.ok(away < 1e-4, `${lat1} ${lng1}: ${found.degrees}°, not ${degrees}°`);
    const back = along({ lat: lat1, lng: lng1 }, metres, degrees);
    assert.ok(distance(back, { lat: lat2, lng: lng2 }) < 1, `${JSON.stringify(back)}`);
  }
  assert.equal(distance({ lat: 12, lng: 180 }, { lat: 12, lng: -180 }), 0);
});

test('shapes: what is drawn is where the edge, the corridor, the circle is', () => {
  const isDrawn = (one, { lat, lng }) =>
    [-1, 0, 1].some((world) => liesAt(one, mercatorX(lng) + world, mercatorY(lat), 0));
  const thing = (geometry, properties) => ({ key: 'x', growth: 0, feature: { geometry, properties } });
  /** Places on the true line, so many metres from each other. */
  const sampled = (line, edges, step) =>
    line.slice(1).flatMap(([lng, lat], i) => {
      const from = { lat: line[i][1], lng: line[i][0] };
      const east = ((lng - from.lng + 540) % 360) - 180;
      const whole = geodesic(from, { lat, lng });
      const n = Math.ceil(whole.metres / step);
      return Array.from({ length: n + 1 }, (_, k) =>
        edges === 'geodesic'
          ? along(from, (whole.metres * k) / n, whole.degrees)
          : { lat: from.lat + ((lat - from.lat) * k) / n, lng: from.lng + (east * k) / n },
      );
    });
  let tried = 0;
  for (const line of [
    [[20, 65], [26, 70]],
    [[20, 68], [32, 68]],
    [[178, 62], [-177, 66], [-179, 61]],
    [[35, 35], [36.5, 34.2], [35.2, 34.1]],
    [[-30, -69], [-22, -60.5]],
    [[20, 84], [40, 86.5], [60, 84.2]],
    [[10, -84], [12, -89]],
  ])
    for (const edges of ['lonlat', 'geodesic'])
      for (const half of [Math.abs(line[0][1]) > 80 ? 60000 : 800, 9000]) {
        const corridor = thing({ type: 'LineString', coordinates: line }, { width_m: 2 * half, edges });
        const truly = sampled(line, edges, half / 20);
        for (let i = 0; i < 60; i++) {
          const on = truly[(i * 7919) % truly.length];
          const place = along(on, half * (0.2 + ((i * 31) % 160) / 100), (i * 53) % 360);
          if (Math.abs(place.lat) > 85) continue; // beyond the end of the map
          const away = truly.reduce(
            (least, one) =>
              Math.abs(one.lat - place.lat) > half / 50000 ? least : Math.min(least, distance(one, place)),
            Infinity,
          );
          if (Math.abs(away / half - 1) < 0.006) continue; // as much as an arc may be drawn too flat
          tried++;
          assert.equal(isDrawn(corridor, place), away < half, `${line} ${edges} ${half}: ${away}`);
        }
      }
  assert.ok(tried > 900);

  // An area's edge: a kilometre to each side of it.
  for (const [edges, lat] of [['lonlat', 64], ['geodesic', 64], ['geodesic', -64]]) {
    const sign = Math.sign(lat);
    const ring = [[172, lat], [-172, lat + 2 * sign], [180, lat - 6 * sign], [172, lat]];
    const area = thing({ type: 'Polygon', coordinates: [ring] }, { edges });
    for (const share of [0.2, 0.5, 0.8]) {
      const edge = sampled(ring.slice(0, 2), edges, 500);
      const on = edge[Math.floor(share * edge.length)];
      for (const [side, inside] of [[-1, true], [1, false]])
        assert.equal(isDrawn(area, { lat: on.lat + side * sign * 0.01, lng: on.lng }), inside, `${edges} ${share}`);
    }
  }

  for (const [lat, radius] of [[60, 500], [69, 15000], [35, 300000], [-88, 400000]]) {
    const circle = thing({ type: 'Point', coordinates: [179.9, lat] }, { radius_m: radius });
    for (let degrees = 0; degrees < 360; degrees += 7) {
      const [inner, outer] = [0.997, 1.003].map((share) => along({ lat, lng: 179.9 }, share * radius, degrees));
      if (Math.abs(inner.lat) < 85) assert.equal(isDrawn(circle, inner), true, `${lat} ${radius} ${degrees}`);
      if (Math.abs(outer.lat) < 85) assert.equal(isDrawn(circle, outer), false, `${lat} ${radius} ${degrees}`);
    }
    const [{ box }] = outlinesOf(circle);
    assert.ok(box[2] - box[0] < (lat < -80 ? 1.01 : 0.05), 'not around the world, unless it has the pole in it');
  }
});

test('shapes: holes, what is grown into them, areas around a pole, outlines of many points', () => {
  const area = (coordinates, properties = {}) => ({
    key: 'x',
    growth: 0,
    feature: { geometry: { type: 'Polygon', coordinates }, properties },
  });
  const isDrawn = (one, lng, lat) =>
    [-1, 0, 1].some((world) => liesAt(one, mercatorX(lng) + world, mercatorY(lat), 0));
  const square = (west, size, lat) => {
    const ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]];
    return ring.map(([x, y]) => [((west + size * x + 540) % 360) - 180, lat + size * (y - 0.5)]);
  };
  // A hole whose first corner lies on the other side of the antimeridian than that of the area.
  const outer = square(178, 6, 0);
  const hole = square(181, 2, 0);
  assert.deepEqual([outer[0][0], hole[0][0]], [178, -179]);
  for (const radius of [0, 20000]) {
    const holed = area([outer, hole], { radius_m: radius });
    for (const [lng, lat, inside] of [
      [179, 0, true],
      [-178, 0, false],
      [-178.9, 0, radius > 0], // 11 km into the hole
      [-176.5, 0, true],
      [177.9, 0, radius > 0],
      [1, 0, false],
      [-5, 0, false],
    ])
      assert.equal(isDrawn(holed, lng, lat), inside, `${radius} ${lng} ${lat}`);
    for (const { box } of outlinesOf(holed)) assert.ok(box[2] - box[0] < 0.02, 'not around the world');
  }
  for (const sign of [1, -1])
    for (const edges of ['lonlat', 'geodesic']) {
      const ring = Array.from({ length: 25 }, (_, i) => [((i * 15 + 190) % 360) - 180, sign * 80]);
      const cap = area([ring], { edges });
      for (let lng = -179; lng < 180; lng += 17) {
        assert.equal(isDrawn(cap, lng, sign * 84.9), true, `${edges} ${lng}`);
        assert.equal(isDrawn(cap, lng, sign * 79.8), false, `${edges} ${lng}`);
      }
    }
  const many = Array.from({ length: 30000 }, (_, i) => [30 + i / 3000, 40 + 0.001 * (i % 2)]);
  const long = { key: 'x', growth: 0, feature: { geometry: { type: 'LineString', coordinates: many }, properties: { width_m: 2000 } } };
  const after = area([square(10, 1, 20)]);
  outlinesOf(long);
  for (const lng of [30, 33, 36.6, 39.9]) {
    assert.equal(isDrawn(long, lng, 40.005), true, `${lng}`);
    assert.equal(isDrawn(long, lng, 40.02), false, `${lng}`);
  }
  const [{ geometry }] = featuresOf(after);
  assert.equal(geometry.coordinates.length, 1);
  const corners = geometry.coordinates[0].map((corner) => corner.map((n) => Math.round(n * 1e9) / 1e9));
  assert.deepEqual(corners[0], [10, 19.5]);
  assert.deepEqual(corners.at(-1), [10, 19.5]);
  for (const corner of square(10, 1, 20)) assert.ok(corners.some(([x, y]) => x === corner[0] && y === corner[1]));
});

test('everything is in view, the shorter way around the world', () => {
  const at = (lng, lat) => ({
    key: 'x',
    growth: 0,
    feature: { geometry: { type: 'Point', coordinates: [lng, lat] }, properties: { radius_m: 5000 } },
  });
  const [[west], [east]] = boundsOf([at(178, 60), at(-175, 61), at(170, 62)]);
  assert.ok(east - west > 15 && east - west < 15.5 && Math.abs(west - 169.9) < 0.1, `${west} ${east}`);
  const [[from], [until]] = boundsOf([at(-60, 10), at(0, 10), at(70, -10)]);
  assert.ok(until - from > 130 && until - from < 130.5, `${from} ${until}`);
  assert.equal(boundsOf([]), null);
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
