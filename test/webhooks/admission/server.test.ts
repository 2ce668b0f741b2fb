import { connect, createServer as createTcpServer } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  fakeContext,
  forbidsBad,
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

let gate: GateServer | undefined;

afterEach(async () => {
  await gate?.close();
  gate = undefined;
});

async function start(options: Partial<GateServerOptions> = {}): Promise<GateServer> {
  const context = fakeContext([wantsGrace, forbidsBad], 'enforce');
  gate = await startGateServer({ context: () => context, ...options });
  return gate;
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'ledger', namespace: 'shop' },
  spec: { terminationGracePeriodSeconds: 30 },
};
const review = reviewOf(requestFor(pod));

describe('the admission paths', () => {
  test('answer a review, with a query and any content type', async () => {
    const server = await start();
    for (const headers of [{}, { 'Content-Type': 'text/html' }]) {
      const answer = await server.post('/mutate?timeout=2s', review, headers);
      const response = verifyAnswer(answer, { gate: 'mutate', uid: 'u-1', object: pod });
      expect(response.operations).toHaveLength(3);
    }
    const answer = await server.post('/validate', review);
    expect(verifyAnswer(answer, { gate: 'validate', uid: 'u-1' }).allowed).toBe(false);
  });

  test('take POST only', async () => {
    const server = await start();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await server.call(method, '/mutate');
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toBe('POST');
    }
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no request', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}'],
    ['a number as uid', '{"request":{"uid":1}}'],
    ['a uid in the prototype', '{"request":{"__proto__":{"uid":"x"}}}'],
  ])('answer 400 to %s', async (_, body) => {
    const answer = await (await start()).post('/validate', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.any(String) });
  });

  test('say what is wrong in form as soon as there is a uid', async () => {
    const server = await start();
    const bodies = [
      [{}, 'Only AdmissionReview'],
      [{ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' }, 'request.operation'],
    ] as const;
    for (const [head, problem] of bodies) {
      const answer = await server.post(
        '/validate',
        JSON.stringify({ ...head, request: { uid: 'x' } }),
      );
      const response = verifyAnswer(answer, { gate: 'validate', uid: 'x' });
      expect(response).toMatchObject({ allowed: false, code: 400 });
      expect(response.message).toContain(problem);
    }
  });

  test('name the version to register where an older one comes', async () => {
    const old = review.replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1');
    const answer = await (await start()).post('/mutate', old);
    const apiVersion = 'admission.k8s.io/v1beta1';
    const response = verifyAnswer(answer, { gate: 'mutate', uid: 'u-1', apiVersion });
    expect(response.message).toContain('admissionReviewVersions: ["v1"]');
  });

  test('answer 413 above their limit, and to a client that goes on sending', async () => {
    const server = await start({ limits: { bodyBytes: 10_000 } });
    const fits = await server.post('/mutate', review.padEnd(10_000));
    expect(fits.status).toBe(200);
    const answer = await server.post('/mutate', review.padEnd(60_000));
    expect(answer.status).toBe(413);
    expect(await server.metrics()).toContain(
      'meshgate_admission_refused_total{gate="mutate",reason="too-large"} 1',
    );
  });

  test('take an update of two objects of 3 MiB', async () => {
    const huge = { ...pod, data: 'x'.repeat(3 * 1024 * 1024) };
    const request = requestFor(huge, { operation: 'UPDATE', oldObject: huge });
    const answer = await (await start()).post('/validate', reviewOf(request));
    expect(verifyAnswer(answer, { gate: 'validate', uid: 'u-1' }).allowed).toBe(true);
  });

  test('pass what they cannot judge before the mesh is whole', async () => {
    const server = await start({ context: () => undefined });
    const response = verifyAnswer(await server.post('/validate', review), {
      gate: 'validate',
      uid: 'u-1',
    });
    expect(response).toMatchObject({ allowed: true, warnings: [expect.any(String)] });
  });

  test('pass what a defect of ours keeps them from judging', async () => {
    const server = await start({
      context: () => {
        throw new Error('defect');
      },
    });
    const answer = await server.post('/validate', review);
    expect(verifyAnswer(answer, { gate: 'validate', uid: 'u-1' }).allowed).toBe(true);
    expect(server.log.some(({ msg }) => msg === 'review failed')).toBe(true);
  });
});

describe('a client that is slow', () => {
  test('gets an answer when its time is up', async () => {
    const server = await start({ limits: { callMilliseconds: 50 } });
    const answer = await talk(
      server,
      'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
    );
    expect(answer).toContain('HTTP/1.1 408');
  });

  test('does not keep others from being answered', async () => {
    const server = await start({ limits: { inFlight: 1 } });
    const half = connectTls({ host: '127.0.0.1', port: server.port, ca: server.ca });
    half.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
    await until(async () => (await server.metrics()).includes('meshgate_admission_in_flight 1'));
    const answer = await server.post('/mutate', review);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    half.destroy();
    await until(async () => (await server.metrics()).includes('meshgate_admission_in_flight 0'));
    expect((await server.post('/mutate', review)).status).toBe(200);
  });
});

describe('the other paths', () => {
  test('tell health and readiness', async () => {
    let waiting: readonly string[] = ['Service', 'Pod'];
    const server = await start({ notReady: () => waiting });
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    expect((await server.call('GET', '/livez')).status).toBe(200);
    expect(await server.call('GET', '/readyz')).toMatchObject({
      status: 503,
      text: 'not ready: Service, Pod\n',
    });
    waiting = [];
    expect((await server.call('GET', '/readyz')).status).toBe(200);
    expect((await server.call('POST', '/readyz')).status).toBe(405);
  });

  test.each(['/', '/mutate/x', '/MUTATE', '/%', '/validate//', '/.env'])(
    'are not there: %s',
    async (path) => {
      const answer = await (await start()).call('GET', path);
      expect([400, 404]).toContain(answer.status);
      expect(answer.text).not.toMatch(/at .+\.[jt]s/u);
    },
  );
});

test('each metric is moved by a real request', async () => {
  const server = await start();
  await server.post('/mutate', review);
  await server.post('/validate', review);
  await server.post('/mutate', reviewOf(requestFor(pod, { dryRun: true })));
  const text = (await server.call('GET', '/metrics')).text;
  for (const line of [
    'meshgate_admission_reviews_total{gate="mutate",operation="CREATE",kind="Pod",verdict="patched"} 2',
    'meshgate_admission_reviews_total{gate="validate",operation="CREATE",kind="Pod",verdict="denied"} 1',
    'meshgate_admission_duration_seconds_count{gate="mutate"} 2',
    'meshgate_admission_fills_total{policy="test/grace"} 1',
    'meshgate_admission_patch_operations_total 3',
    'meshgate_admission_findings_total{gate="validate",policy="test/grace",message="broken",effect="block"} 1',
  ]) {
    expect(text).toContain(line);
  }
});

test('a review is one line of the log, without its object', async () => {
  const server = await start();
  await server.post('/mutate', reviewOf(requestFor({ ...pod, secret: 'hunter2' })));
  expect(server.log).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      msg: 'review',
      uid: 'u-1',
      gate: 'mutate',
      operation: 'CREATE',
      kind: 'Pod',
      namespace: 'shop',
      name: 'ledger',
      verdict: 'patched',
      policies: ['test/grace'],
      patchOperations: 3,
      durationMilliseconds: expect.any(Number),
    },
  ]);
});

describe('TLS', () => {
  test('is spoken from 1.2', async () => {
    const server = await start();
    const target = { host: '127.0.0.1', port: server.port, ca: server.ca };
    await expect(
      handshake({ ...target, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }),
    ).rejects.toThrow(/ssl|tls|protocol/iu);
    expect(await handshake({ ...target, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    expect(await handshake(target)).toBe('TLSv1.3');
  });

  test('is the only thing spoken', async () => {
    const server = await start();
    const socket = connect({ host: '127.0.0.1', port: server.port });
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.on('close', () => {
      resolve(true);
    });
    socket.on('error', () => undefined);
    expect(await promise).toBe(true);
  });
});

test('a port that is taken is an error', async () => {
  const other = createTcpServer();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  other.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const server = await start();
  server.admission.server.close();
  await expect(server.admission.listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  other.close();
});

function handshake(options: ConnectionOptions): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  const socket = connectTls(options, () => {
    resolve(socket.getProtocol());
    socket.end();
  });
  socket.on('error', reject);
  return promise;
}

async function talk(server: GateServer, text: string): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port: server.port, ca: server.ca });
  socket.write(text);
  let read = '';
  for await (const chunk of socket) {
    read += String(chunk);
  }
  return read;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
