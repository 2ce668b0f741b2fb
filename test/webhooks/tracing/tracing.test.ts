import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import {
  fakeContext,
  requestFor,
  reviewOf,
  wantsGrace,
} from '../../support/admission/fake-gate.ts';
import { startGateServer, type GateServer } from '../../support/admission/gate-server.ts';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly ReceivedSpan[];
  readonly resource: Readonly<Record<string, unknown>>;
}
interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}
type Encoded = readonly { readonly key: string; readonly value: Record<string, unknown> }[];

const context = fakeContext([wantsGrace], 'enforce');
const review = reviewOf(
  requestFor({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'ledger', namespace: 'shop' },
    spec: { secret: 'hunter2' },
  }),
);
let collector: Server | undefined;
let gate: GateServer | undefined;

afterEach(async () => {
  await gate?.close();
  collector?.close();
  gate = undefined;
});

/** A collector that answers with these codes in turn, the last one from then on. */
async function collect(codes: readonly number[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  let calls = 0;
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      const code = codes[Math.min(calls, codes.length - 1)] ?? 200;
      calls += 1;
      if (code === 200) {
        received.push(decode(request.url, request.headers, body));
      }
      response.writeHead(code).end('{}');
    });
  });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  collector.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  const address = collector.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${String(port)}/v1/traces`, received };
}

function decode(path: string | undefined, headers: IncomingHttpHeaders, body: string): Received {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: {
      resource: { attributes: Encoded };
      scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes'> & { attributes: Encoded })[] }[];
    }[];
  };
  const [only] = resourceSpans;
  return {
    path,
    headers,
    resource: plain(only?.resource.attributes ?? []),
    spans: (only?.scopeSpans ?? []).flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, attributes: plain(span.attributes) })),
    ),
  };
}

function plain(attributes: Encoded): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

async function start(url: string): Promise<GateServer> {
  const tracing = { url, headers: { authorization: 'secret' }, resource: { 'service.name': 'mg' } };
  gate = await startGateServer({ context: () => context, tracing });
  return gate;
}

test('each review is a span of its caller with its uid, gate, kind and verdict, and no word of its object', async () => {
  const { url, received } = await collect([200]);
  const server = await start(url);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const before = Date.now();
  await server.post('/mutate', review, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  await server.post('/validate', review, { traceparent: `00-${traceId}-b7ad6b7169203331-00` });
  await server.post('/validate', review);
  await server.close();
  gate = undefined;
  for (const batch of received) {
    expect(batch).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/json', authorization: 'secret' },
      resource: { 'service.name': 'mg' },
    });
  }
  const [first, second, ...others] = received.flatMap(({ spans }) => spans);
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    traceId,
    parentSpanId: 'b7ad6b7169203331',
    spanId: expect.stringMatching(/^[\da-f]{16}$/u),
    name: 'admission mutate',
    attributes: {
      'k8s.admission.uid': 'u-1',
      'k8s.admission.operation': 'CREATE',
      'k8s.admission.kind': 'Pod',
      'k8s.namespace.name': 'shop',
      'meshgate.gate': 'mutate',
      'meshgate.verdict': 'patched',
      'meshgate.patch_operations': '3',
    },
  });
  expect(second).toMatchObject({ attributes: { 'meshgate.verdict': 'denied' } });
  expect(second?.traceId).toMatch(/^[\da-f]{32}$/u);
  expect(second?.parentSpanId).toBeUndefined();
  const [from, to] = [first?.startTimeUnixNano ?? '', first?.endTimeUnixNano ?? ''].map(BigInt);
  expect(Number((from ?? 0n) / 1_000_000n)).toBeGreaterThanOrEqual(before - 1);
  expect(to ?? 0n).toBeGreaterThan(from ?? 0n);
  expect(JSON.stringify(received)).not.toContain('hunter2');
});

test('a collector that is busy gets the spans again', async () => {
  const { url, received } = await collect([503, 200]);
  const server = await start(url);
  await server.post('/validate', review);
  await server.close();
  gate = undefined;
  expect(received.flatMap(({ spans }) => spans)).toHaveLength(1);
  expect(await server.metrics()).toContain('meshgate_trace_spans_total{outcome="sent"} 1');
});

test('a collector that refuses is told of once, and no review waits for it', async () => {
  const { url } = await collect([401]);
  const server = await start(url);
  for (let round = 0; round < 3; round += 1) {
    expect((await server.post('/validate', review)).status).toBe(200);
  }
  await server.close();
  gate = undefined;
  expect(await server.metrics()).toContain('meshgate_trace_spans_total{outcome="lost"} 3');
  const warnings = server.log.filter(({ msg }) => msg === 'spans lost');
  expect(warnings).toEqual([
    expect.objectContaining({ level: 'warn', reason: 'the collector answers 401' }),
  ]);
});
