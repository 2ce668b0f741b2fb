import { once } from 'node:events';
import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createCaller, createStarter } from '../../functions/invoke.ts';
import { describeWith } from '../support/describe-with.ts';
import {
  buildGate,
  gateFiles,
  missingRuntime,
  startGate,
  until,
  type BuiltGate,
  type LambdaGate,
} from '../support/drift/lambda-gate.ts';

describeWith(missingRuntime, 'what the function that compares tells', () => {
  let built: BuiltGate;
  let gate: LambdaGate;
  let commit: string;
  let servers: readonly Server[];
  const published: URLSearchParams[] = [];
  const posted: string[] = [];

  beforeAll(async () => {
    built = await buildGate();
  });
  afterAll(() => {
    built.remove();
  });
  beforeEach(async () => {
    [published.length, posted.length] = [0, 0];
    gate = await startGate(built);
    gate.repository.commit(gateFiles([{ name: 'prod', paths: ['prod'], eks: gate.eks }]));
    commit = gate.repository.git('rev-parse', 'HEAD');
    const leaf = await built.authority.issue({ commonName: 'hooks', dnsNames: ['localhost'] });
    const topic = createPlainServer((request, response) => {
      void text(request).then((body) => {
        published.push(new URLSearchParams(body));
        response.end('<PublishResponse><PublishResult/></PublishResponse>');
      });
    });
    const webhook = createServer({ cert: leaf.certificate, key: leaf.key }, (request, response) => {
      void text(request).then((body) => {
        posted.push(body);
        response.end('ok');
      });
    });
    servers = [topic, webhook];
    for (const server of servers) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
    }
    await gate.startFunctions({
      environment: {
        AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${portOf(topic)}`,
        MESHGATE_DRIFT_TOPIC: 'arn:aws:sns:eu-west-1:123456789012:drift',
        MESHGATE_DRIFT_WEBHOOK: `https://localhost:${portOf(webhook)}/services/SECRET`,
        NODE_EXTRA_CA_CERTS: join(built.folder, 'authority.pem'),
      },
    });
  });
  afterEach(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await once(server.close(), 'close');
    }
    await gate.stop();
  });

  function portOf(server: Server): string {
    return String((server.address() as AddressInfo).port);
  }

  /** What it wrote to its log, line by line, as far as that is JSON. */
  function logged(): readonly Record<string, unknown>[] {
    return gate.lambda.logs.flatMap((line) => {
      const start = line.indexOf('{');
      try {
        return [JSON.parse(line.slice(start)) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
  }

  function drifts(): readonly Record<string, unknown>[] {
    return logged().filter(({ message }) => message === 'drift');
  }

  test('a change goes to the topic and the webhook once, the numbers to the log each time', async () => {
    const call = createCaller();
    const event = { version: 1, target: 'prod', commit };
    expect(await call('check-drift', event)).toMatchObject({ verdict: 'drift', notes: [] });
    await call('check-drift', event);
    expect(posted).toEqual([expect.stringContaining('DestinationRule shop/ledger')]);
    expect(published.map((each) => [each.get('TopicArn'), each.get('Subject')])).toEqual([
      ['arn:aws:sns:eu-west-1:123456789012:drift', expect.stringContaining('prod')],
    ]);
    await until(() => drifts().length > 1);
    expect(drifts()).toEqual([
      expect.objectContaining({ cluster: 'prod', verdict: 'drift', drifts: 1, issue: 'opened' }),
      expect.objectContaining({ cluster: 'prod', verdict: 'drift', drifts: 1, issue: 'updated' }),
    ]);
    const metrics = logged().filter(({ _aws: metadata }) => metadata !== undefined);
    expect(metrics.length).toBeGreaterThanOrEqual(2);
    expect(metrics[0]).toMatchObject({
      _aws: {
        CloudWatchMetrics: [expect.objectContaining({ Namespace: expect.any(String) })],
      },
    });
    expect(gate.lambda.logs.join('\n')).not.toContain('SECRET');
  });

  test('where GitHub is down the verdict is logged, and the retry posts what is missing, once', async () => {
    const { faults } = gate.double;
    faults.add(/shop\/issues$/u, { kind: 'status', status: 401 }, 1000);
    faults.add(/check-runs$/u, { kind: 'status', status: 401 }, 1000);
    await createStarter()('check-drift', { version: 1, target: 'prod', commit });
    await until(() => gate.lambda.failures.length > 0);
    faults.clear();
    await until(() => gate.double.state.checks[0]?.status === 'completed');
    for (const failure of gate.lambda.failures) {
      expect(failure).toMatch(/prod: drift, which could not be told: The drift issue could not/u);
    }
    expect(gate.lambda.deadLetters).toEqual([]);
    expect(gate.double.state.issues).toHaveLength(1);
    expect(gate.double.state.checks).toHaveLength(1);
    expect(gate.double.state.conversation).toEqual([]);
    expect(posted).toHaveLength(1);
    expect(published).toHaveLength(1);
    await until(() => drifts().some(({ issue }) => issue === 'opened'));
    expect(drifts()[0]).toMatchObject({ verdict: 'drift', issue: 'failed', again: true });
    expect(drifts().at(-1)).toMatchObject({ verdict: 'drift', problems: [], again: false });
  });
});
