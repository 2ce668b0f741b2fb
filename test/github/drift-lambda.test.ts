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
import { servedApp } from '../support/github/state.ts';

describeWith(missingRuntime, 'the drift gate under the runtime client of AWS', () => {
  let built: BuiltGate;
  let gate: LambdaGate;

  beforeAll(async () => {
    built = await buildGate();
  });
  afterAll(() => {
    built.remove();
  });
  beforeEach(async () => {
    gate = await startGate(built);
    gate.repository.commit(files());
  });
  afterEach(async () => {
    await gate.stop();
  });

  function files(): Record<string, string> {
    const entry = {
      apiVersion: 'meshgate.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'elsewhere' },
      spec: {
        paths: ['prod'],
        eks: { ...gate.eks, endpoint: 'https://attacker.example.com' },
      },
    };
    return {
      ...gateFiles([{ name: 'prod', paths: ['prod'], eks: gate.eks }]),
      'fleet/elsewhere.yaml': JSON.stringify(entry),
    };
  }

  test('the schedule has each cluster compared by an invocation of its own, and told', async () => {
    await gate.startFunctions();
    await createStarter()('plan-drift', { version: 1 });
    await until(() => gate.lambda.deadLetters.length > 0 && gate.double.state.checks.length > 0);
    const commit = gate.repository.git('rev-parse', 'HEAD');
    const common = { version: 1, repository: 'acme/shop', commit };
    expect(gate.lambda.events).toHaveLength(3);
    for (const target of ['prod', 'elsewhere']) {
      expect(gate.lambda.events).toContainEqual({
        ...common,
        target,
        installation: servedApp.installation,
      });
    }
    await until(() => gate.double.state.checks[0]?.status === 'completed');
    expect(gate.double.state.checks).toEqual([
      expect.objectContaining({ name: 'meshgate drift: prod', conclusion: 'failure' }),
    ]);
    expect(gate.lambda.deadLetters).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        }),
        requestPayload: expect.objectContaining({ target: 'elsewhere' }),
        responsePayload: expect.objectContaining({
          errorMessage: expect.stringContaining('attacker.example.com is no address of EKS'),
        }),
      }),
    ]);
  });

  test('the same event twice leaves what one leaves', async () => {
    await gate.startFunctions();
    const call = createCaller();
    const commit = gate.repository.git('rev-parse', 'HEAD');
    const event = { version: 1, target: 'prod', commit };
    await call('check-drift', event);
    const told = structuredClone({
      checks: gate.double.state.checks.map(({ name, conclusion }) => ({ name, conclusion })),
      comments: gate.double.state.conversation.length,
    });
    const posts = gate.double.requests.filter((line) => line.startsWith('POST /repos/')).length;
    await call('check-drift', event);
    expect({
      checks: gate.double.state.checks.map(({ name, conclusion }) => ({ name, conclusion })),
      comments: gate.double.state.conversation.length,
    }).toEqual(told);
    expect(gate.double.requests.filter((line) => line.startsWith('POST /repos/'))).toHaveLength(
      posts,
    );
  });

  test('on demand the report comes back, and quietly nothing is told', async () => {
    await gate.startFunctions();
    expect(
      await createCaller()('check-drift', { version: 1, target: 'prod', quiet: true }),
    ).toMatchObject({
      version: 1,
      cluster: 'prod',
      verdict: 'drift',
      drifts: [
        {
          object: 'DestinationRule shop/ledger',
          fields: [{ at: '/spec/trafficPolicy/tls/mode', live: 'DISABLE' }],
          file: 'prod/ledger.yaml',
        },
      ],
    });
    expect(gate.double.state.checks).toEqual([]);
  });

  test('one report over the fleet, in which a cluster that fails costs itself alone', async () => {
    await gate.startFunctions();
    expect(
      await createCaller()('plan-drift', { version: 1, quiet: true, wait: true }),
    ).toMatchObject({
      version: 1,
      verdict: 'drift',
      summary: [
        { cluster: 'prod', verdict: 'drift', drifts: 1 },
        { cluster: 'elsewhere', verdict: 'undetermined', why: expect.stringContaining('EKS') },
      ],
      clusters: [{ cluster: 'prod' }],
    });
  });

  test('what the time does not suffice for is undetermined, and said in time', async () => {
    gate.api.delayMilliseconds = 20_000;
    await gate.startFunctions({ timeoutMilliseconds: 41_000 });
    expect(
      await createCaller()('check-drift', { version: 1, target: 'prod', quiet: true }),
    ).toMatchObject({
      verdict: 'undetermined',
      drifts: [],
      unknown: expect.arrayContaining([
        expect.objectContaining({ why: expect.stringContaining('time ran out') }),
      ]),
    });
  });

  test('a function that is ended, and one that throws, are failures of the call', async () => {
    await gate.startFunctions({ timeoutMilliseconds: 1 });
    const call = createCaller();
    await expect(call('check-drift', { version: 1, target: 'prod' })).rejects.toThrow('timed out');
    await expect(call('plan-drift', { version: 2 })).rejects.toThrow('is no job of the drift gate');
  });
});
