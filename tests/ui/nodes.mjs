/**
 * nodes.mjs - real nodes on loopback, each with its party and its operators; made in a directory
 * of their own, ended by their process ids.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './browser.mjs';

export const TAFADI =
  process.env.TAFADI ??
  ['build/stage/bin/tafadi', 'build/dev/src/cli/tafadi', 'build/release/src/cli/tafadi']
    .map((one) => join(ROOT, one))
    .find((one) => spawnSync(one, ['version'], { encoding: 'utf8' }).stdout?.includes('screen: built in'));
const START_MS = 60000; // a node has this long, on a busy machine
export const PASSWORD = 'a sentence for tests';

/** A listener there; null: somebody else has the port. */
const listen = (host, port) =>
  new Promise((resolve) => {
    const server = createServer().listen(port, host, () => resolve(server.unref()));
    server.on('error', () => resolve(null));
  });

/**
 * A port that nobody has at present, below those that connections take by themselves; and that no other test takes
 * while this process lives, though nothing listens there yet, or not always (as free_port() in tests/api/harness.py).
 */
async function freePort() {
  for (let i = 0; i < 1000; i++) {
    const port = randomInt(15000, 32000);
    const mark = await listen('127.77.77.77', port);
    const tried = mark && (await listen('127.0.0.1', port));
    if (tried) {
      await new Promise((resolve) => tried.close(resolve));
      return port;
    }
    mark?.close();
  }
  throw new Error('there is no free port');
}

function run(...args) {
  const done = spawnSync(TAFADI, args, { encoding: 'utf8' });
  if (done.status) throw new Error(`tafadi ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

class Node {
  constructor(dir, id, title, port, flags = []) {
    Object.assign(this, { dir, id, title, port, flags, url: `http://127.0.0.1:${port}`, process: null });
  }

  init(passwordFile) {
    run(
      'party',
      'init',
      '--state-dir',
      this.dir,
      '--id',
      this.id,
      '--title',
      this.title,
      '--url',
      this.url,
      '--admin',
      'chief',
      '--password-file',
      passwordFile,
    );
    run(
      'account',
      'add',
      'duty',
      '--state-dir',
      this.dir,
      '--roles',
      'duty-officer',
      '--password-file',
      passwordFile,
    );
    run(
      'account',
      'add',
      'planner',
      '--state-dir',
      this.dir,
      '--roles',
      'planner',
      '--password-file',
      passwordFile,
    );
    writeFileSync(join(this.dir, 'own.card'), run('party', 'card', '--text', '--state-dir', this.dir));
  }

  async start() {
    this.process = spawn(
      TAFADI,
      [
        'serve',
        '--listen',
        `127.0.0.1:${this.port}`,
        '--state-dir',
        this.dir,
        '--allow-http-peers',
        '--no-access-log',
        ...this.flags,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.log = '';
    this.process.stderr.on('data', (data) => {
      this.log += data;
    });
    for (const until = Date.now() + START_MS; Date.now() < until; ) {
      const good = await fetch(`${this.url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (good) return this;
      if (this.hasEnded()) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.id} does not start: ${this.log}`);
  }

  hasEnded() {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  stop(signal = 'SIGTERM') {
    return new Promise((resolve) => {
      if (!this.process || this.hasEnded()) {
        resolve();
        return;
      }
      this.process.on('exit', resolve);
      this.process.kill(signal);
    });
  }
}

/** One node in a directory; `fill` is called when its party is there and it does not run yet. */
export async function oneNode(dir, fill, flags = []) {
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, PASSWORD);
  const node = new Node(join(dir, 'state'), 'north.example', 'Deconfliction cell North', await freePort(), flags);
  node.init(passwordFile);
  await fill(node);
  return node.start();
}

/** North and South. */
export async function twoNodes() {
  const dir = mkdtempSync(join(tmpdir(), 'tafadi-nodes-'));
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, PASSWORD);
  const made = {};
  for (const [name, title] of [
    ['north', 'Deconfliction cell North'],
    ['south', 'خلية تفادي التعارض – الجنوب'],
  ]) {
    const id = `${name}.example`;
    const node = new Node(join(dir, id), id, title, await freePort());
    node.init(passwordFile);
    made[name] = await node.start();
  }
  return {
    ...made,
    cardOf: (node) => readFileSync(join(node.dir, 'own.card'), 'utf8'),
    end: async () => {
      for (const node of Object.values(made)) await node.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
