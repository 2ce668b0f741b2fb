import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readToolEnvironment } from '../../tools/install/environment.ts';
import { describeWithCluster } from '../support/describe.ts';

const deadlineMilliseconds = 300_000;
const demo = fileURLToPath(new URL('../../tools/demo/main.ts', import.meta.url));
const run = promisify(execFile);

/** Runs the demonstration; one that ends with another code than 0 is an error that quotes what it said. */
async function runDemo(...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-test-demo-'));
  try {
    const env = { ...readToolEnvironment().variables, TMPDIR: folder };
    const options = { env, timeout: deadlineMilliseconds };
    const { stdout } = await run(process.execPath, [demo, ...args], options);
    expect(readdirSync(folder)).toEqual([]);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expectGates(output: string): void {
  expect(output).toContain('Exit code 1: a build stops here.');
  expect(output).toContain('filled in: spec.terminationGracePeriodSeconds = 130');
  expect(output).toContain('Deployment payments/ledger-replica breaks mesh policy');
  expect(output).toContain('Warning: drain/grace-covers-ttl');
  expect(output).toContain('DestinationRule data/orders-db breaks mesh policy');
  expect(output).toMatch(/### meshgate: \d+ new problems to fix before merging/u);
  expect(output).toContain('kubectl-edit (Update, last at');
  expect(output).toContain('What the drift breaks');
  expect(output).not.toContain('Not as promised');
}

describe('the demonstration', () => {
  test(
    'shows every gate without a cluster',
    async () => {
      expectGates(await runDemo('--without-cluster'));
    },
    deadlineMilliseconds,
  );
});

describeWithCluster('the demonstration with a cluster', () => {
  test(
    'shows admission at a real API server',
    async () => {
      const output = await runDemo();
      expectGates(output);
      expect(output).toContain('admission webhook "workloads.meshgate.dev" denied the request');
    },
    deadlineMilliseconds,
  );
});
