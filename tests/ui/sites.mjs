/**
 * sites.mjs - invented declarations of sites for the double of a node, theirs and ours, each with the message that
 * it came with: world.mjs has the messages, operations.mjs what was declared.
 */
const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const RELIEF = 'b2'.repeat(16);
const EAST = 'c3'.repeat(16);
const DAY = 86400;

const full = (id, lng, lat, radius_m, category, days, verification) => ({
  id,
  version: 1,
  kind: 'site',
  state: 'activated',
  disclosure: 'full',
  category,
  data_at: at(-DAY * days),
  verification,
  feature: {
    type: 'Feature',
    properties: { class: 'site', kind: 'site', radius_m },
    geometry: { type: 'Point', coordinates: [lng, lat] },
  },
});

const verified = { state: 'verified', by: 'Two field teams', at: at(-DAY * 10), note: 'Visited on the ground' };
const unverified = { state: 'unverified' };

/** {line, own, seq, own_id, seconds, seen, withdraws, body}, in the order in which they were said. */
export const SITES = [
  { line: EAST, own: false, seq: 1, seconds: -DAY * 9, seen: -DAY * 9 + 200, body: full('e-1', 36.21, 35.12, 800, 'hospital', 12, verified) },
  { line: EAST, own: false, seq: 2, seconds: -DAY * 9 + 60, body: { ...full('e-2', 36.87, 35.61, 1500, 'camp', 130, unverified), sensitive: true } },
  {
    line: EAST,
    own: false,
    seq: 3,
    seconds: -DAY * 8,
    seen: -DAY * 8 + 90,
    body: {
      id: 'e-3',
      version: 1,
      kind: 'site',
      state: 'activated',
      disclosure: 'window',
      area: { lat_deg: 35.4, lng_deg: 37.1, radius_m: 3000 },
    },
  },
  { line: EAST, own: false, seq: 4, seconds: -DAY * 7, seen: -DAY * 7 + 50, body: full('e-4', 36.4, 34.9, 300, 'school', 40, unverified) },
  { line: EAST, own: false, seq: 5, seconds: -DAY * 2, seen: -DAY * 2 + 70, withdraws: true, body: { id: 'e-4', version: 2, reason: 'withdrawn' } },
  { line: RELIEF, own: true, seq: 2, own_id: 'S-1', seconds: -5000, seen: -4000, body: full('r-1', 35.75, 34.43, 500, 'hospital', 20, verified) },
  { line: RELIEF, own: true, seq: 3, own_id: 'S-2', seconds: -4900, body: full('r-2', 36.62, 35.93, 500, 'hospital', 40, unverified) },
  { line: EAST, own: true, seq: 2, own_id: 'S-1', seconds: -DAY * 5, body: full('x-1', 35.75, 34.43, 500, 'hospital', 20, verified) },
];

/** What the node has of them: the last that was said of each. */
export const declaredSites = () =>
  SITES.filter((one) => !SITES.some((later) => later.withdraws && later.body.id === one.body.id && !one.withdraws)).map(
    ({ line, own, seq, own_id, seconds, withdraws, body }) => ({
      line,
      own,
      id: body.id,
      own_id: own ? own_id : null,
      class: 'site',
      version: body.version,
      seq,
      at: at(seconds),
      disclosure: withdraws ? 'existence' : body.disclosure,
      notice_breach_s: 0,
      withdrawn: Boolean(withdraws),
      old: false,
      growth_m: 0,
      body,
    }),
  );
