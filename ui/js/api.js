/**
 * api.js - the desk's HTTP, with the session's CSRF token; refusals become errors that a person
 * can read.
 */
import { current, t } from './i18n.js';

/** A refusal, or no answer at all (status 0). */
export class ApiError extends Error {
  /** @param {number} status @param {string} message @param {string} [field] @param {any} [body] @param {string} [language] */
  constructor(status, message, field, body = {}, language = 'en') {
    super(message);
    /** Of the message. */ this.language = language;
    /** All that the node said. */ this.body = body;
    this.status = status;
    this.field = field;
  }
}

/** @type {{name: string, roles: string[], csrf: string, expires: string}|null} */
let session = null;
/** @type {Set<() => void>} */
const enders = new Set();

export const who = () => session;
export const hasRole = (...roles) => roles.some((role) => session?.roles.includes(role));
/** Called when the node says that the session is over. */
export const onSessionEnd = (listener) => enders.add(listener);

async function send(method, path, body, headers, signal) {
  try {
    return await fetch(path, {
      method,
      headers: {
        Accept: 'application/json',
        'Accept-Language': current(),
        ...(body === undefined
          ? {}
          : { 'Content-Type': body instanceof Blob ? 'application/octet-stream' : 'application/json' }),
        ...(session && method !== 'GET' ? { 'X-CSRF-Token': session.csrf } : {}),
        ...headers,
      },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    });
  } catch (reason) {
    if (reason?.name === 'AbortError') throw reason;
    throw new ApiError(0, String(reason?.message ?? reason));
  }
}

async function refusal(response) {
  let said = {};
  try {
    said = await response.json();
  } catch {
    /* not JSON: the status has to do */
  }
  return new ApiError(
    response.status,
    said.message ?? '',
    said.field,
    said,
    response.headers.get('content-language') ?? 'en',
  );
}

function end() {
  if (!session) return;
  session = null;
  for (const listener of enders) listener();
}

/**
 * @param {'GET'|'POST'|'PUT'|'DELETE'} method @param {string} path @param {any} [body]
 * @param {{text?: boolean, headers?: Record<string, string>, full?: boolean, signal?: AbortSignal}} [options]
 */
export async function call(method, path, body, { text = false, headers, full = false, signal } = {}) {
  const response = await send(method, path, body, headers, signal);
  if (response.status === 401 && path !== '/api/v1/session') end();
  if (!response.ok) throw await refusal(response);
  if (full) return response;
  if (response.status === 204) return null;
  return text ? response.text() : response.json();
}

export const get = (path, options) => call('GET', path, undefined, options);
export const post = (path, body) => call('POST', path, body);

/** Takes up a session that this browser still has. */
export async function resume() {
  try {
    session = await get('/api/v1/session');
  } catch (error) {
    if (error.status !== 401) throw error;
    session = null;
  }
  return session;
}

export async function logIn(name, password) {
  session = await post('/api/v1/session', { name, password });
  return session;
}

export async function logOut() {
  try {
    await call('DELETE', '/api/v1/session');
  } finally {
    session = null;
  }
}

/** For people: what happened and what to do. @param {any} error */
export function explain(error) {
  if (!(error instanceof ApiError)) return t('error.program', { text: String(error?.message ?? error) });
  if (error.status === 0) return t('error.offline');
  const kind = {
    401: 'error.session',
    403: 'error.forbidden',
    404: 'error.gone',
    409: 'error.state',
    412: 'error.changed',
    429: 'error.slow',
    503: 'error.busy',
    507: 'error.disk',
  }[error.status];
  return t(kind ?? (error.status < 500 ? 'error.input' : 'error.node'));
}
