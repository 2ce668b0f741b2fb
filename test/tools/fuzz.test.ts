import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { judgeCall } from '../../tools/fuzz/judge-call.ts';
import { fuzzOverNetwork } from '../../tools/fuzz/over-network.ts';
import { runFuzz } from '../../tools/fuzz/run-fuzz.ts';
import { fuzzSubjects } from '../../tools/fuzz/subjects.ts';

const corpus = fileURLToPath(new URL('../fixtures/fuzz', import.meta.url));

test('hostile reviews are answered in form or refused', () => {
  const report = runFuzz(5_000, 11);
  expect(report.failures.map(({ index, problem }) => `${String(index)}: ${problem}`)).toEqual([]);
  for (const outcome of ['allowed', 'patched', 'denied', 'errored', 'refused']) {
    expect(report.outcomes[outcome]).toBeGreaterThan(0);
  }
}, 300_000);

test('the same seed gives the same reviews', () => {
  expect(runFuzz(300, 5).outcomes).toEqual(runFuzz(300, 5).outcomes);
});

test('odd clients are answered, and hold nothing once they are gone', async () => {
  const report = await fuzzOverNetwork(200, 3);
  expect(report.failures).toEqual([]);
  expect(report.statuses['200']).toBeGreaterThan(0);
}, 300_000);

test('what once failed does so no more, in many a mesh', async () => {
  const files = existsSync(corpus) ? await readdir(corpus) : [];
  const subjects = fuzzSubjects().filter((_, index) => index % 8 === 0);
  for (const file of files) {
    const body = await readFile(join(corpus, file));
    const gate = file.startsWith('mutate') ? 'mutate' : 'validate';
    for (const subject of subjects) {
      expect(() => judgeCall({ gate, body, subject })).not.toThrow();
    }
  }
}, 300_000);
