/**
 * outlines.mjs - what it costs to make the outlines of many operations, without a browser: processor time of fresh
 * processes, as a page makes them once and with cold code. Other work on the machine changes it little.
 *
 *     node bench/outlines.mjs [COUNT]       10000 unless said otherwise
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { outlinesOf } from '../ui/js/map/shapes.js';
import { featureOf, random } from '../tests/ui/operations.mjs';

const TIMES = 7;
const SHAPES = ['circle', 'area', 'corridor', 'corridor'];

/** In a process of its own: of all operations, or those of one shape. */
function measure(count, shape) {
  const next = random(7);
  const features = Array.from({ length: count }, (_, i) => featureOf(`N-${i}`, next, i));
  const list = features.filter((_, i) => shape === 'all' || shape === SHAPES[i % SHAPES.length]);
  const things = list.map((feature) => ({ growth: 0, outlines: null, feature }));
  const before = process.cpuUsage();
  for (const thing of things) outlinesOf(thing);
  const { user, system } = process.cpuUsage(before);
  const points = things.reduce((sum, thing) => sum + outlinesOf(thing).reduce((n, { starts }) => n + starts.at(-1) - starts[0], 0), 0);
  return { n: things.length, points, ms: (user + system) / 1000 };
}

const [count = 10000, only] = process.argv.slice(2);
if (only) console.log(JSON.stringify(measure(Number(count), only)));
else
  for (const shape of ['all', ...new Set(SHAPES)]) {
    const here = fileURLToPath(import.meta.url);
    const runs = Array.from({ length: TIMES }, () =>
      JSON.parse(execFileSync(process.execPath, [here, String(count), shape], { encoding: 'utf8' })),
    );
    runs.sort((a, b) => a.ms - b.ms);
    const { n, points, ms } = runs[TIMES >> 1];
    console.log(
      `${shape.padEnd(9)} ${String(n).padStart(6)}, ${points} points: ${ms.toFixed(0)} ms ` +
        `(${runs[0].ms.toFixed(0)} to ${runs.at(-1).ms.toFixed(0)})`,
    );
  }
