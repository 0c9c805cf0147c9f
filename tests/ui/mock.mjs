/**
 * mock.mjs - a double of a node for the tests of the screen, never shipped: the files of ui/ with the
 * headers that a node sends, and enough of the desk's API, in memory, to show every state.
 *
 *     node tests/ui/mock.mjs [PORT]     log in as "duty", "head", "planner", "viewer" or "admin"
 *                                       with the password "mock password"
 */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { world } from './world.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../ui');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "worker-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const ROLES = {
  duty: ['duty-officer'],
  head: ['duty-officer', 'head-of-cell'],
  planner: ['planner'],
  viewer: ['viewer'],
  admin: ['viewer', 'admin'],
  chief: ['planner', 'duty-officer', 'head-of-cell', 'admin'],
};

class Refusal extends Error {
  constructor(status, message, field, more) {
    super(message);
    Object.assign(this, { status, field, more });
  }
}

/** @returns a server with `.world`, `.close()`, and knobs for tests */
export async function startMock(port = 0, options = {}) {
  const state = world(options);
  const sessions = new Map();
  const streams = new Set();
  const events = [];
  let down = false;

  function emit(kind, data) {
    events.push({ id: events.length + 1, kind, data });
    for (const stream of streams) sendEvent(stream, events.at(-1));
  }
  const sendEvent = (response, { id, kind, data }) =>
    response.write(
      `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at: new Date().toISOString(), kind, data })}\n\n`,
    );

  function session(request) {
    const secret = /tafadi=(s_\w+)/.exec(request.headers.cookie ?? '')?.[1];
    const found = sessions.get(secret);
    if (!found) throw new Refusal(401, 'log in first, or send a token of this desk');
    if (!['GET', 'HEAD'].includes(request.method) && request.headers['x-csrf-token'] !== found.csrf)
      throw new Refusal(403, "the header X-CSRF-Token is missing or not this session's");
    return { secret, ...found };
  }

  async function body(request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    try {
      return text ? JSON.parse(text) : {};
    } catch {
      return text;
    }
  }

  async function file(path, response) {
    const map =
      path === '/'
        ? 'index.html'
        : path === '/ui/icon.svg'
          ? 'icon.svg'
          : path.replace(/^\/ui\/lib\/([a-z-]+)-[\d.]+\//, '/ui/node_modules/$1/').replace(/^\/ui\//, '');
    const name = normalize(map).replace(/^\.\.\//, '');
    const plain = await readFile(join(ROOT, name));
    const packed = gzipSync(plain);
    response.writeHead(200, {
      'Content-Type': TYPES[extname(name)] ?? 'text/plain',
      'Content-Encoding': 'gzip',
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
      ETag: `"${createHash('sha256').update(plain).digest('hex').slice(0, 24)}"`,
    });
    response.end(packed);
  }

  function logIn({ name, password }, response) {
    if (!ROLES[name] || password !== 'mock password')
      throw new Refusal(401, 'the name or the password is wrong');
    const secret = `s_${randomBytes(16).toString('hex')}`;
    const made = {
      name,
      roles: ROLES[name],
      csrf: randomBytes(32).toString('hex'),
      expires: new Date(Date.now() + 8 * 36e5).toISOString(),
    };
    sessions.set(secret, made);
    response.setHeader('Set-Cookie', `tafadi=${secret}; Path=/; HttpOnly; SameSite=Strict`);
    return made;
  }

  async function api(request, response, url) {
    const path = url.pathname;
    const method = request.method;
    if (path === '/api/v1/session' && method === 'POST') return logIn(await body(request), response);
    const who = session(request);
    if (path === '/api/v1/session') {
      if (method === 'DELETE') sessions.delete(who.secret);
      return method === 'DELETE'
        ? {}
        : { name: who.name, roles: who.roles, csrf: who.csrf, expires: who.expires };
    }
    if (path === '/api/v1/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write('retry: 300\n\n');
      streams.add(response);
      const last = Number(request.headers['last-event-id'] ?? events.length);
      for (const event of events.slice(last)) sendEvent(response, event);
      const beat = setInterval(() => response.write(':\n\n'), 5000);
      request.on('close', () => {
        streams.delete(response);
        clearInterval(beat);
      });
      return undefined;
    }
    const answer = state.answer({
      method,
      path,
      query: url.searchParams,
      body: method === 'GET' ? {} : await body(request),
      who,
      emit,
      Refusal,
      match: request.headers['if-match'],
    });
    if (answer === undefined) throw new Refusal(404, 'there is no such path');
    return answer;
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://mock');
    if (down) {
      request.socket.destroy();
      return;
    }
    try {
      if (url.pathname === '/' || url.pathname.startsWith('/ui/')) return await file(url.pathname, response);
      if (['/readyz', '/metrics'].includes(url.pathname) || url.pathname.startsWith('/ledger/')) {
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        return response.end(state.plain(url.pathname));
      }
      const answer = await api(request, response, url);
      if (answer === undefined) return;
      if (answer.file) {
        response.writeHead(200, {
          'Content-Type': 'application/octet-stream',
          'Content-Disposition': `attachment; filename="${answer.name}"`,
        });
        return response.end(answer.file);
      }
      const text = typeof answer === 'string';
      response.writeHead(method201(request) ? 201 : 200, {
        'Content-Type': text ? 'text/plain; charset=utf-8' : 'application/json',
      });
      response.end(text ? answer : JSON.stringify(answer));
    } catch (error) {
      const status = error.status ?? (error.code === 'ENOENT' ? 404 : 500);
      if (status === 500) console.error(error);
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify({
          message: error.message,
          ...(error.field ? { field: error.field } : {}),
          ...error.more,
        }),
      );
    }
  });
  const method201 = (request) =>
    request.method === 'POST' && /messages$|parties$|lines$|incidents$/.test(request.url);
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    world: state,
    emit,
    endSessions() {
      sessions.clear();
    },
    setDown(yes) {
      down = yes;
      if (yes) {
        for (const stream of streams) stream.destroy();
        server.closeIdleConnections();
      }
    },
    close: () => {
      for (const stream of streams) stream.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock(Number(process.argv[2] ?? 8099), {
    operations: Number(process.argv[3] ?? 40),
  });
  console.log(mock.url);
}
