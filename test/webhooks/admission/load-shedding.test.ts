import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  fakeContext,
  requestFor,
  reviewOf,
  wantsGrace,
} from '../../support/admission/fake-gate.ts';
import {
  startGateServer,
  type GateServer,
  type GateServerOptions,
} from '../../support/admission/gate-server.ts';
import { verifyAnswer } from '../../support/admission/verify-answer.ts';
import { watchLoopLag } from '../../../webhooks/admission/loop-lag.ts';

let gate: GateServer | undefined;
const sockets: TLSSocket[] = [];
const context = fakeContext([wantsGrace], 'enforce');
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'ledger', namespace: 'shop' },
  spec: { terminationGracePeriodSeconds: 30 },
};
const review = reviewOf(requestFor(pod));

afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.destroy();
  }
  await gate?.close();
  gate = undefined;
});

async function start(options: Partial<GateServerOptions> = {}): Promise<GateServer> {
  gate = await startGateServer({ context: () => context, ...options });
  return gate;
}

/** A call that announces a body of this length, and waits to send it. */
function announce({ port, ca }: GateServer, bytes: number): TLSSocket {
  const socket = connectTls({ host: '127.0.0.1', port, ca });
  socket.on('error', () => undefined);
  socket.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(bytes)}\r\n\r\n`);
  sockets.push(socket);
  return socket;
}

async function until(server: GateServer, line: string): Promise<void> {
  while (!(await server.metrics()).includes(line)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('beyond its room the gate', () => {
  test('turns a call away in words that the API server shows, and takes the next', async () => {
    const server = await start({ limits: { inFlight: 2 } });
    const waiting = [announce(server, 9), announce(server, 9)];
    await until(server, 'meshgate_admission_in_flight 2');
    const answer = await server.post('/validate', review);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(answer.text)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('meshgate'),
      code: 503,
    });
    expect(await server.metrics()).toContain(
      'meshgate_admission_shed_total{gate="validate",reason="calls"} 1',
    );
    waiting[0]?.destroy();
    await until(server, 'meshgate_admission_in_flight 1');
    verifyAnswer(await server.post('/mutate', review), {
      gate: 'mutate',
      uid: 'u-1',
      object: pod,
    });
  });

  test('counts the bytes that calls announce, and none once they are gone', async () => {
    const server = await start({ limits: { inFlightBytes: 100_000 } });
    const large = announce(server, 90_000);
    await until(server, 'meshgate_admission_in_flight_bytes 90000');
    expect((await server.post('/mutate', review.padEnd(20_000))).status).toBe(503);
    expect((await server.post('/mutate', review)).status).toBe(200);
    expect(await server.metrics()).toContain(
      'meshgate_admission_shed_total{gate="mutate",reason="bytes"} 1',
    );
    large.destroy();
    await until(server, 'meshgate_admission_in_flight_bytes 0');
    expect((await server.post('/mutate', review.padEnd(20_000))).status).toBe(200);
  });

  test('takes one call of any size, or it would take none ever', async () => {
    const server = await start({ limits: { inFlightBytes: 10 } });
    expect((await server.post('/mutate', review)).status).toBe(200);
  });
});

test('a review that comes after its own deadline passes with a warning', async () => {
  const server = await start({ limits: { callMilliseconds: 0 } });
  const response = verifyAnswer(await server.post('/validate', review), {
    gate: 'validate',
    uid: 'u-1',
  });
  expect(response).toMatchObject({ allowed: true, warnings: [expect.stringContaining('no time')] });
  expect(await server.metrics()).toContain(
    'meshgate_admission_shed_total{gate="validate",reason="deadline"} 1',
  );
  expect(server.log).toContainEqual(expect.objectContaining({ uid: 'u-1', untouched: 'deadline' }));
});

describe('the lag of the event loop', () => {
  test('shows how long it was blocked', async () => {
    const lag = watchLoopLag();
    block(250);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lag.seconds()).toBeGreaterThan(0.1);
    expect(lag.isOverloaded()).toBe(false);
    lag.stop();
  });

  test('is overload once it was long again and again', async () => {
    const lag = watchLoopLag();
    for (let round = 0; round < 5; round += 1) {
      expect(lag.isOverloaded()).toBe(false);
      block(1_150);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(lag.isOverloaded()).toBe(true);
    lag.stop();
  });
});

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
