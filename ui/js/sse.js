/**
 * sse.js - the node's event stream (text/event-stream) over fetch: unlike EventSource it hears the
 * comments that a node sends as signs of life, and says what it has last heard when it comes back.
 */

/** @typedef {{id: string, type: string, data: string}} StreamEvent */

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15000;

export class Stream {
  /**
   * @param {string} url
   * @param {{event: (event: StreamEvent) => void, alive: () => void, state: (open: boolean, status: number) => void}} on
   */
  constructor(url, on) {
    this.url = url;
    this.on = on;
    this.last = '';
    this.retry = FIRST_RETRY_MS;
    this.stopped = true;
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.retry = FIRST_RETRY_MS;
    this.#go();
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  async #go() {
    let status = 0;
    this.abort = new AbortController();
    try {
      const response = await fetch(this.url, {
        headers: { Accept: 'text/event-stream', ...(this.last ? { 'Last-Event-ID': this.last } : {}) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: this.abort.signal,
      });
      status = response.status;
      const kind = response.headers.get('content-type') ?? '';
      if (response.ok && kind.startsWith('text/event-stream')) {
        this.retry = FIRST_RETRY_MS;
        this.on.state(true, status);
        await this.#read(response.body);
      }
    } catch {
      /* gone: tried again below */
    }
    if (this.stopped) return;
    this.on.state(false, status);
    if (status === 401 || status === 404) return; // whoever logs in starts it again
    this.timer = setTimeout(() => this.#go(), this.retry * (0.75 + Math.random() / 2));
    this.retry = Math.min(2 * this.retry, LAST_RETRY_MS);
  }

  async #read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.on.alive();
      rest = (rest + value).replace(/\r\n?/g, '\n');
      for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2))
        this.#take(rest.slice(0, end));
    }
  }

  #take(block) {
    const event = { id: this.last, type: 'message', data: '' };
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'id') event.id = value;
      else if (name === 'event') event.type = value;
      else if (name === 'data') event.data += (event.data ? '\n' : '') + value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    }
    this.last = event.id;
    if (event.data) this.on.event(event);
  }
}
