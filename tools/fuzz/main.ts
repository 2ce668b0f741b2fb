// `npm run fuzz [-- --count 20000 --seed 1]`: hostile reviews, each of which must get an answer in form or a clean refusal.
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzzOverNetwork } from './over-network.ts';
import { runFuzz } from './run-fuzz.ts';

const corpus = fileURLToPath(new URL('../../test/fixtures/fuzz', import.meta.url));
const callsToOneOverNetwork = 100;
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    /** Puts what failed among the fixtures, where a test replays it from then on. */
    keep: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--count reviews] [--seed number] [--keep]');
  process.exit(2);
}

const start = performance.now();
const report = runFuzz(count, seed, (done) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${String(done)} of ${String(count)}`);
});
const seconds = (performance.now() - start) / 1000;
const outcomes = Object.entries(report.outcomes).map(([name, times]) => `${String(times)} ${name}`);
console.log(
  `seed ${String(seed)}: ${String(report.calls)} reviews in ${seconds.toFixed(0)} s: ${outcomes.join(', ')}; ` +
    `the slowest took ${report.slowestMilliseconds.toFixed(0)} ms; ${String(report.failures.length)} failed`,
);
const overNetwork = Math.ceil(count / callsToOneOverNetwork);
const network = await fuzzOverNetwork(overNetwork, seed);
const statuses = Object.entries(network.statuses).map(
  ([name, times]) => `${String(times)} ${name}`,
);
console.log(`over connections: ${statuses.join(', ')}; ${String(network.failures.length)} failed`);
for (const failure of network.failures) {
  console.error(failure);
  process.exitCode = 1;
}
if (report.failures.length > 0) {
  const folder = values.keep ? corpus : join(tmpdir(), `meshgate-fuzz-${String(seed)}`);
  await mkdir(folder, { recursive: true });
  for (const { index, gate, problem, body } of report.failures) {
    const file = join(folder, `${gate}-${String(seed)}-${String(index)}.json`);
    await writeFile(file, body);
    console.error(`${file}\n${problem}\n`);
  }
  process.exitCode = 1;
}
