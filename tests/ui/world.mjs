/**
 * world.mjs - what the double of a node knows: invented parties and messages, every state at least
 * once, around the present time.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operationsOf } from './operations.mjs';
import { SITES } from './sites.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const hash = (text) => createHash('sha256').update(text).digest('hex');

/** The phrases as the C source has them. */
function phrases() {
  const text = readFileSync(join(HERE, '../../src/line/phrases.c'), 'utf8');
  const list = [];
  const string = '"((?:[^"\\\\]|\\\\.)*)"';
  const pattern = new RegExp(
    `\\{${string},\\s*${string},\\s*${string},\\s*${string},\\s*\\{([^}]*)\\}\\}`,
    'g',
  );
  for (const [, id, en, ar, ru, args] of text.matchAll(pattern))
    list.push({ id, en, ar, ru, args: [...args.matchAll(/"([^"]+)"/g)].map((m) => m[1]) });
  return list;
}

function words(seed) {
  const text = readFileSync(join(HERE, '../../src/line/words.c'), 'utf8');
  const lists = [...text.matchAll(/=\s*\{([^}]*)\}/g)]
    .map((m) => [...m[1].matchAll(/"([^"]+)"/g)].map((w) => w[1]))
    .filter((l) => l.length >= 256);
  const bytes = createHash('sha256').update(seed).digest();
  const pick = (i) => [...bytes.subarray(0, 16)].map((b) => lists[i]?.[b] ?? `word${b}`);
  return { en: pick(0), ar: pick(1), ru: pick(2) };
}

function party(id, title, url) {
  const digits = [...createHash('sha256').update(id).digest()]
    .slice(0, 8)
    .map((b) => String((b * 389) % 100000).padStart(5, '0'))
    .join(' ');
  return {
    id,
    title,
    url,
    ledger: `${id}/ledger`,
    fingerprint: hash(id),
    digits,
    words: words(id),
    card: `tafadi-card/v1\nid: ${id}\ntitle: ${title}\nkey: ${Buffer.from(hash(id), 'hex').toString('base64')}\nledger: ${id}/ledger\nurl: ${url}\nmade: 2026-11-24T02:00:00Z\n\n— ${id} AAAA\n`,
  };
}

const LINES = { south: 'a1'.repeat(16), relief: 'b2'.repeat(16), east: 'c3'.repeat(16) };

function line(id, peer, state, own, other, extra = {}) {
  return {
    id,
    peer,
    state,
    own_stance: own,
    peer_stance: other,
    degraded: state === 'degraded',
    forked: false,
    reason: '',
    round: 1,
    own_seq: 0,
    own_receipted: 0,
    peer_seq: 0,
    peer_sent: 0,
    heard: at(-9),
    beat: at(-4),
    drilled: at(-3700 * 5),
    memorandum: 0,
    alarms: 0,
    waiting: 0,
    ...extra,
  };
}

/** What a type of message asks of who gets it: src/line/message.c. */
const ASKS = {
  'line.suspend': ['seen'],
  'line.resume': ['seen'],
  danger: ['seen', 'answered'],
  distress: ['seen', 'answered'],
  incident: ['seen', 'answered'],
  text: ['seen'],
  phrase: ['seen'],
  notice: ['seen', 'readback', 'answered'],
  withdraw: ['seen'],
  question: ['seen', 'answered'],
  answer: ['seen'],
  drill: ['seen'],
  'site.declare': ['seen'],
  'site.update': ['seen'],
  'site.withdraw': ['seen'],
  'memo.propose': ['seen'],
};

/** What a node has read back. */
function readBack(body) {
  const { outline_circle: circle, outline_polygon: polygon } = body.volume?.volume ?? {};
  const times = {
    start: body.volume?.time_start.value ?? body.at ?? null,
    end: body.volume?.time_end.value ?? null,
  };
  if (circle) return { lat_deg: circle.center.lat, lng_deg: circle.center.lng, ...times };
  if (polygon) throw new Error('the double of a node has no middle of polygons');
  if (body.feature?.geometry.type === 'Point') {
    const [lng_deg, lat_deg] = body.feature.geometry.coordinates;
    return { lat_deg, lng_deg, start: null, end: null };
  }
  if (body.area) return { lat_deg: body.area.lat_deg, lng_deg: body.area.lng_deg, start: null, end: null };
  return typeof body.lat_deg === 'number' ? { lat_deg: body.lat_deg, lng_deg: body.lng_deg, ...times } : null;
}

let ledgerSize = 0;
function message(lineId, own, seq, type, role, seconds, body, more = {}) {
  const { seen, seenRole, answered, assessment, reason, forwarded, undelivered, lateSeen, ...rest } = more;
  return {
    line: lineId,
    own,
    seq,
    type,
    role,
    sent: at(seconds),
    received: own ? null : at(seconds + 2),
    asks: ASKS[type] ?? [],
    acknowledged: {
      delivered: undelivered ? null : at(seconds + 3),
      seen: seen ? at(seen) : null,
      seen_role: seen ? (seenRole ?? 'duty-officer') : null,
      forwarded: forwarded ? at(forwarded) : null,
      answered: answered ? at(answered) : null,
      assessment: assessment ?? null,
      reason: reason ?? null,
    },
    deadlines: {
      deliver_by: at(seconds + 60),
      seen_by: at(seconds + (lateSeen ? 30 : 300)),
      answer_by: ['notice', 'danger', 'distress', 'incident', 'question'].includes(type)
        ? at(seconds + 1800)
        : null,
    },
    place: readBack(body),
    rung: 0,
    superseded_by: 0,
    late: false,
    void: false,
    ledger_index: ledgerSize++,
    hash: hash(`${lineId}${own}${seq}`),
    message: { v: 1, type, role, seq, sent_at: at(seconds), body },
    ...rest,
  };
}

const volume = (lat, lng, radius, start, end, low, high) => ({
  volume: {
    outline_circle: { center: { lat, lng }, radius: { value: radius, units: 'M' } },
    altitude_lower: { value: low, reference: 'W84', units: 'M' },
    altitude_upper: { value: high, reference: 'W84', units: 'M' },
  },
  time_start: { value: at(start), format: 'RFC3339' },
  time_end: { value: at(end), format: 'RFC3339' },
});

function conversation() {
  const s = LINES.south;
  return [
    message(s, true, 1, 'line.open', 'head-of-cell', -86400 * 3, { round: 1 }),
    message(s, false, 1, 'line.open', 'head-of-cell', -86400 * 3 + 400, { round: 1 }),
    message(
      s,
      true,
      2,
      'text',
      'duty-officer',
      -7200,
      { text: 'Good evening. Transport flights begin at 20:00 along the coast.', lang: 'en' },
      { seen: -7100 },
    ),
    message(
      s,
      false,
      2,
      'text',
      'duty-officer',
      -6900,
      { text: 'مساء الخير. علمنا بذلك، وسنبلغكم بأي تغيير.', lang: 'ar' },
      { seen: -6800 },
    ),
    message(
      s,
      true,
      3,
      'phrase',
      'duty-officer',
      -5400,
      { phrase: 'p28', args: { lower: '600', upper: '1200' } },
      { seen: -5300 },
    ),
    message(
      s,
      false,
      3,
      'notice',
      'planner',
      -3600,
      {
        volume: volume(35.52, 35.8, 6000, 1800, 9000, 300, 1500),
        kind: 'rotorcraft',
        text: 'Вертолётные полёты вдоль побережья.',
        lang: 'ru',
      },
      {
        seen: -3400,
        answered: -3000,
        assessment: 'conflict',
        reason: 'Our transport passes there until 21:30; see case with your operation.',
      },
    ),
    message(s, true, 4, 'ack.answered', 'duty-officer', -3000, {
      of: 3,
      assessment: 'conflict',
      reason: 'Our transport passes there until 21:30.',
    }),
    message(
      s,
      true,
      5,
      'question',
      'duty-officer',
      -1500,
      { text: 'Which altitude do you keep north of the river after 21:00?', lang: 'en' },
      { seen: -1400 },
    ),
    message(s, false, 4, 'danger', 'duty-officer', -240, {
      text: 'طائرة مسيّرة فقدت الاتصال وتتجه نحو الشرق على ارتفاع 900 متر.',
      lang: 'ar',
      lat_deg: 35.61,
      lng_deg: 36.02,
      at: at(-260),
    }),
    message(s, false, 5, 'question', 'duty-officer', -120, {
      text: 'Видите ли вы наш борт на вашем радаре?',
      lang: 'ru',
    }),
    message(s, false, 6, 'phrase', 'duty-officer', -60, { phrase: 'p25', args: { minutes: '15' } }),
    message(
      s,
      true,
      6,
      'text',
      'duty-officer',
      -20,
      { text: 'We look at once.', lang: 'en' },
      { undelivered: true },
    ),
    message(LINES.relief, true, 1, 'line.open', 'head-of-cell', -86400 * 9, { round: 1 }),
    message(
      LINES.relief,
      false,
      1,
      'notice',
      'planner',
      -900,
      {
        volume: volume(35.93, 36.63, 500, 3600, 14400, 0, 300),
        kind: 'ground',
        text: 'Relief convoy, 14 vehicles, from the crossing to the town hospital.',
        lang: 'en',
      },
      { lateSeen: true },
    ),
    message(LINES.east, true, 1, 'line.open', 'head-of-cell', -86400 * 30, { round: 1 }),
    message(
      LINES.east,
      false,
      6,
      'line.suspend',
      'head-of-cell',
      -86400,
      { reason: 'By decision of the ministry until further notice.' },
      { seen: -86000 },
    ),
  ];
}

/** What was said of sites; theirs comes before what was said last. */
const siteMessages = () =>
  SITES.map(({ line: id, own, seq, seconds, seen, withdraws, body }) =>
    message(id, own, seq, withdraws ? 'site.withdraw' : 'site.declare', 'node', seconds, body, { seen }),
  );

function memorandum(number, changes = {}) {
  return {
    format: 'tafadi-memorandum/v1',
    line: LINES.south,
    number,
    replaces: null,
    valid_from: '2026-11-01T00:00:00Z',
    valid_until: '2027-11-01T00:00:00Z',
    separation: [{ a: 'crewed', b: 'uncrewed', horizontal_m: 5556, vertical_m: 305, time_s: 300 }],
    kinds: [{ kind: '*', notice_s: 3600, disclosure: 'window' }],
    acknowledge: { deliver_s: 60, seen_s: 300, answer_s: 1800 },
    ladder: [
      { role: 'duty-officer', after_s: 0 },
      { role: 'head-of-cell', after_s: 600 },
    ],
    no_agreement: 'escalate',
    heartbeat_s: 60,
    drill_every_s: 86400,
    ...changes,
  };
}

export function world(options = {}) {
  ledgerSize = 0;
  const own = {
    ...party('north.example', 'Deconfliction cell North', 'https://192.0.2.1:8082'),
    version: '0.1.0',
  };
  const parties = [
    party('south.example', 'خلية تفادي التعارض – الجنوب', 'https://192.0.2.5:8082'),
    party('relief.example', 'Relief coordination', 'https://192.0.2.9:8082'),
    party('east.example', 'Группа предотвращения конфликтов «Восток»', ''),
  ];
  const messages = options.empty ? [] : conversation();
  if (options.operations !== undefined) messages.push(...siteMessages());
  const last = (id, mine) =>
    Math.max(0, ...messages.filter((m) => m.line === id && m.own === mine).map((m) => m.seq));
  const counts = (id) => ({
    own_seq: last(id, true),
    own_receipted: last(id, true),
    peer_seq: last(id, false),
    peer_sent: last(id, false),
  });
  const lines = options.empty
    ? []
    : [
        line(LINES.south, 'south.example', 'open', 'open', 'open', {
          ...counts(LINES.south),
          own_receipted: 5,
          memorandum: 1,
          waiting: 3,
          alarms: 2,
        }),
        line(LINES.relief, 'relief.example', 'degraded', 'open', 'open', {
          ...counts(LINES.relief),
          heard: at(-190),
          drilled: null,
          waiting: 1,
          peer_sent: 2,
        }),
        line(LINES.east, 'east.example', 'suspended', 'open', 'suspended', {
          ...counts(LINES.east),
          heard: at(-12),
          reason: 'By decision of the ministry until further notice.',
        }),
      ];
  const alarms = options.empty
    ? []
    : [
        {
          id: 7,
          line: LINES.south,
          kind: 'danger',
          at: at(-238),
          cleared: null,
          own: false,
          seq: 4,
          role: 'duty-officer',
          text: 'danger',
        },
        {
          id: 8,
          line: LINES.relief,
          kind: 'seen',
          at: at(-600),
          cleared: null,
          own: false,
          seq: 1,
          role: 'head-of-cell',
          text: 'not seen in time',
        },
        {
          id: 9,
          line: LINES.relief,
          kind: 'silence',
          at: at(-130),
          cleared: null,
          own: false,
          seq: 0,
          role: 'duty-officer',
          text: 'no beat',
        },
      ];
  const one = JSON.stringify(memorandum(1));
  const two = JSON.stringify(
    memorandum(2, {
      heartbeat_s: 30,
      kinds: [{ kind: '*', notice_s: 7200, disclosure: 'cells' }],
      valid_until: '2028-11-01T00:00:00Z',
    }),
  );
  const memoranda = [
    {
      number: 1,
      hash: hash(one),
      own: true,
      in_force: true,
      own_signed: 2,
      peer_signed: 3,
      own_declined: false,
      peer_declined: false,
      agreed: at(-86400 * 2),
      document: one,
    },
    {
      number: 2,
      hash: hash(two),
      own: false,
      in_force: false,
      own_signed: 0,
      peer_signed: 9,
      own_declined: false,
      peer_declined: false,
      agreed: null,
      document: two,
    },
  ];
  const operators = [
    {
      name: 'duty',
      title: 'Duty desk',
      roles: ['duty-officer'],
      disabled: false,
      has_password: true,
      made: at(-86400 * 40),
      last_login: at(-600),
    },
    {
      name: 'head',
      title: 'رئيس الخلية',
      roles: ['duty-officer', 'head-of-cell'],
      disabled: false,
      has_password: true,
      made: at(-86400 * 40),
      last_login: at(-86400),
    },
    {
      name: 'planner',
      title: 'Планировщик',
      roles: ['planner'],
      disabled: true,
      has_password: true,
      made: at(-86400 * 40),
      last_login: null,
    },
    {
      name: 'auditor',
      title: 'Board of inquiry',
      roles: ['viewer'],
      disabled: false,
      has_password: false,
      made: at(-86400),
      last_login: null,
    },
  ];
  const tokens = [
    {
      id: '0123456789abcdef',
      name: 'head',
      title: 'Planning import',
      roles: ['planner'],
      made: at(-86400),
      expires: at(86400 * 60),
      used: at(-4000),
    },
  ];
  const ledger = [
    { kind: 'start', at: at(-86400 * 3), version: '0.1.0' },
    { kind: 'admin', at: at(-86400 * 3), act: 'operator', by: 'admin', name: 'duty' },
    ...messages.map((m) => ({
      kind: m.own ? 'sent' : 'received',
      at: m.sent,
      line: m.line,
      own: m.own,
      seq: m.seq,
      type: m.type,
      envelope: m.hash,
    })),
  ];
  const ops = options.operations === undefined ? null : operationsOf(options.operations);
  if (ops)
    alarms.push({
      id: 10,
      line: LINES.south,
      kind: 'case.c5c5c5c5',
      at: at(-500),
      cleared: null,
      own: false,
      seq: 0,
      role: 'duty-officer',
      text: 'case c5: no agreement in time',
    });

  const find = (id, Refusal) =>
    lines.find((l) => l.id === id) ??
    (() => {
      throw new Refusal(404, 'not found');
    })();

  function acknowledge(lineId, type, body) {
    const target = messages.find((m) => m.line === lineId && !m.own && m.seq === body.of);
    if (!target) return;
    const now = at(0);
    if (type === 'ack.seen') Object.assign(target.acknowledged, { seen: now, seen_role: 'duty-officer' });
    if (type === 'ack.forwarded') target.acknowledged.forwarded = now;
    if (type === 'ack.answered')
      Object.assign(target.acknowledged, {
        answered: now,
        assessment: body.assessment,
        reason: body.reason ?? null,
      });
    for (const alarm of [...alarms])
      if (alarm.line === lineId && alarm.seq === body.of) alarms.splice(alarms.indexOf(alarm), 1);
  }

  function say({ id, body, who, emit, Refusal }) {
    const where = find(id, Refusal);
    if (!who.roles.some((role) => ['duty-officer', 'head-of-cell'].includes(role)))
      throw new Refusal(403, 'your roles do not allow this');
    if (body.type === 'text' && !body.body?.text) throw new Refusal(400, 'this member is needed', 'text');
    const made = message(id, true, where.own_seq + 1, body.type, who.roles.at(-1), 0, body.body, {
      undelivered: true,
    });
    messages.push(made);
    where.own_seq = made.seq;
    if (body.type.startsWith('ack.')) acknowledge(id, body.type, body.body);
    if (body.type === 'line.suspend')
      Object.assign(where, { own_stance: 'suspended', state: 'suspended', reason: body.body.reason });
    if (body.type === 'line.resume')
      Object.assign(where, {
        own_stance: 'open',
        state: where.peer_stance === 'open' ? 'open' : 'suspended',
        reason: '',
      });
    if (body.type === 'memo.accept')
      for (const memo of memoranda)
        if (memo.hash === body.body.document)
          Object.assign(memo, { own_signed: made.seq, in_force: true, agreed: at(0) });
        else memo.in_force = false;
    ledger.push({
      kind: 'sent',
      at: made.sent,
      line: id,
      own: true,
      seq: made.seq,
      type: body.type,
      envelope: made.hash,
    });
    emit('message', { line: id, seq: made.seq });
    setTimeout(() => {
      made.acknowledged.delivered = at(0);
      where.own_receipted = made.seq;
      emit('receipt', { line: id, seq: made.seq });
    }, 300);
    return { messages: [made] };
  }

  return {
    lines,
    messages,
    alarms,
    memoranda,
    ops,
    /** The other side says something. */
    hear(emit, id, type, body, withAlarm = false) {
      const where = lines.find((l) => l.id === id);
      const made = message(id, false, where.peer_seq + 1, type, 'duty-officer', 0, body);
      messages.push(made);
      where.peer_seq = where.peer_sent = made.seq;
      where.heard = at(0);
      if (withAlarm)
        alarms.push({
          id: 100 + made.seq,
          line: id,
          kind: type,
          at: at(0),
          cleared: null,
          own: false,
          seq: made.seq,
          role: 'duty-officer',
          text: type,
        });
      emit('message', { line: id, seq: made.seq });
      if (withAlarm) emit('alarm', { line: id });
      return made;
    },
    plain(path) {
      if (path === '/ledger/checkpoint')
        return `north.example/ledger\n${ledger.length}\n${Buffer.from(hash('root'), 'hex').toString('base64')}\n\n— north.example/ledger ${Buffer.alloc(68, 1).toString('base64')}\n— south.example ${cosignature()}\n`;
      if (path === '/metrics')
        return '# TYPE tafadi_build_info gauge\ntafadi_build_info{version="0.1.0"} 1\ntafadi_party_batches_total 4711\ntafadi_party_posts_total 1200\n';
      return 'ready\n';
    },
    answer({ method, path, query, body, who, emit, Refusal, match }) {
      const parts = path.slice('/api/v1/'.length).split('/').map(decodeURIComponent);
      const [name, id, sub] = parts;
      if (ops) {
        const answer = ops.answer({ method, parts, query, body, who, emit, Refusal, match });
        const lost = (one) => one.own && one.own_id === '' && !one.withdrawn && !(Date.parse(one.body.end) <= Date.now());
        if (sub === 'disown' && !ops.declarations.some(lost))
          alarms.splice(0, alarms.length, ...alarms.filter(({ kind }) => kind !== 'lost'));
        if (answer !== undefined) return answer;
      }
      if (name === 'party') return { ...own, now: at(0) };
      if (name === 'parties')
        return method === 'GET'
          ? { parties }
          : (() => {
              if (!body.card.startsWith('tafadi-card/v1\n'))
                throw new Refusal(400, 'this is not a card', 'card');
              return parties[0];
            })();
      if (name === 'phrases') return { phrases: phrases() };
      if (name === 'alarms' && !id) return { alarms };
      if (name === 'alarms') {
        alarms.splice(
          alarms.findIndex((a) => a.id === Number(id)),
          1,
        );
        emit('alarm', {});
        return {};
      }
      if (name === 'lines' && !id) return { lines };
      if (name === 'lines' && sub === 'messages' && method === 'POST')
        return say({ id, body, who, emit, Refusal });
      if (name === 'lines' && sub === 'messages')
        return {
          messages: messages.filter(
            (m) =>
              m.line === id &&
              m.own === (query.get('own') === '1') &&
              m.seq > Number(query.get('after') ?? 0),
          ),
        };
      if (name === 'lines' && sub === 'memoranda')
        return parts[3] === 'template' ? memorandum(3) : { memoranda: id === LINES.south ? memoranda : [] };
      if (name === 'lines') return find(id, Refusal);
      if (name === 'ledger' && id)
        return `c2sp.org/tlog-proof@v1\nindex ${id}\n${Buffer.from(hash(id), 'hex').toString('base64')}\n\n${this.plain('/ledger/checkpoint')}`;
      if (name === 'ledger') {
        const first = query.has('first') ? Number(query.get('first')) : Math.max(0, ledger.length - 100);
        return {
          size: ledger.length,
          entries: ledger
            .slice(first, first + Number(query.get('limit') ?? 100))
            .map((entry, i) => ({ index: first + i, entry })),
        };
      }
      if (['operators', 'tokens'].includes(name) && !who.roles.includes('admin'))
        throw new Refusal(403, 'your roles do not allow this');
      if (name === 'operators') return method === 'GET' ? { operators } : {};
      if (name === 'tokens')
        return method === 'GET'
          ? { tokens }
          : method === 'POST'
            ? { token: 't_example', expires: at(86400) }
            : {};
      return undefined;
    },
  };
}

function cosignature() {
  const bytes = Buffer.alloc(76, 2);
  bytes.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000) - 40), 4);
  return bytes.toString('base64');
}
