/**
 * incidents.mjs - reports of incidents and evidence bundles for the double of a node. The bundles have the shape
 * of real ones, and nothing that verifies: those of real nodes are verified in two.mjs. See operations.mjs.
 */
import { createHash } from 'node:crypto';

const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const SOUTH = 'a1'.repeat(16);

function messageOf(own, seq, type, seconds, more = {}) {
  return {
    line: SOUTH,
    own,
    seq,
    type,
    sent: at(seconds),
    delivered: at(seconds + 2),
    seen: null,
    seen_role: null,
    answered: null,
    assessment: null,
    ledger_index: 5,
    hash: 'ab'.repeat(32),
    ...more,
  };
}

function positionOf(body, operation, seconds, north_deg, conformance) {
  return {
    operation,
    version: 2,
    at: at(seconds),
    taken: at(seconds + 1),
    lat_deg: body.lat_deg + north_deg,
    lng_deg: body.lng_deg,
    altitude_m: 420,
    accuracy_h_m: 10,
    accuracy_v_m: 15,
    distance_m: north_deg * 110900,
    conformance,
    by: 'pilot',
  };
}

export function incidentsOf({ records, sites }) {
  const made = (id, body, seconds) => ({
    id,
    at: body.at ?? at(seconds),
    lat_deg: body.lat_deg,
    lng_deg: body.lng_deg,
    radius_m: body.radius_m ?? 10000,
    before_s: body.before_s ?? 3600,
    after_s: body.after_s ?? 3600,
    text: body.text ?? null,
    reported: at(seconds + 300),
    by: 'duty',
    role: 'duty-officer',
    change: 40,
    found: [
      {
        distance_m: 0,
        record: { ...records.find((one) => one.id === 'N-7001'), state: 'activated' },
        messages: [
          messageOf(true, 4, 'op.declare', -9000),
          messageOf(true, 9, 'op.update', -4000, { delivered: null }),
        ],
      },
      {
        distance_m: 4120,
        record: { ...sites[0], owner: '' },
        messages: [
          messageOf(true, 5, 'site.declare', -8000, {
            seen: at(-7900),
            seen_role: 'duty-officer',
            answered: at(-7000),
            assessment: 'noted',
          }),
        ],
      },
      {
        distance_m: 7800,
        record: {
          ...records.find((one) => one.id === 'N-7002'),
          id: 'o-1f2e3d4c5b6a7980',
          name: null,
          owner: SOUTH,
          kind: 'rotorcraft',
        },
        messages: [],
      },
    ],
    more: 0,
    positions: [
      positionOf(body, 'N-7001', seconds - 600, 0.01, 'within'),
      positionOf(body, 'N-7001', seconds - 300, 0.004, 'outside'),
      positionOf(body, 'N-7003', seconds - 200, 0.05, 'uncertain'),
    ],
    more_positions: 0,
  });
  const reports = [
    made(
      'incident-1',
      { lat_deg: 35.5, lng_deg: 35.82, text: 'Two aircraft passed within 200 m of each other.' },
      -3600,
    ),
    made('incident-2', { lat_deg: 35.6, lng_deg: 36.0, text: 'سقوط طائرة مسيّرة قرب القرية.' }, -86400 * 2),
  ];
  return {
    reports,
    /** What bundles were asked for. */ asked: [],
    answer({ method, id, body, who, emit, Refusal }) {
      if (!who.roles.some((role) => ['duty-officer', 'head-of-cell'].includes(role)))
        throw new Refusal(403, 'your roles do not allow this');
      if (method === 'GET' && !id) return { incidents: reports };
      if (method === 'GET') {
        const found = reports.find((one) => one.id === id);
        if (!found) throw new Refusal(404, 'not found');
        return found;
      }
      if (body.at && Date.parse(body.at) > Date.now() + 60000)
        throw new Refusal(400, 'It has not happened yet.', 'at');
      const report = made(`incident-${Date.now()}`, body, 0);
      reports.unshift(report);
      emit('incident', { id: report.id });
      return report;
    },
    bundle({ body, who, Refusal }) {
      if (!who.roles.some((role) => ['duty-officer', 'head-of-cell'].includes(role)))
        throw new Refusal(403, 'your roles do not allow this');
      this.asked.push(body);
      const text = `${JSON.stringify({
        line: SOUTH,
        messages: [{ envelope: {}, receipt: {} }, { envelope: {} }],
        ledgers: [{ party: 'north.example', entries: [{ index: 5 }] }],
      })}\n`;
      const digest = createHash('sha256').update(text).digest('hex');
      return {
        file: `tafadi-evidence/v1 ${digest}\n${text}`,
        name: 'south.example-20261128T180000Z.evidence',
      };
    },
  };
}
