import { afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { createAuthority, issueLeaf } from '../../../webhooks/certificates/issue.ts';
import { fingerprint, type Pair } from '../../../webhooks/certificates/pair.ts';
import {
  servedCertificate,
  type ServedCertificate,
} from '../../../webhooks/certificates/served.ts';
import { manualClock } from '../../support/manual-clock.ts';

const start = Date.parse('2026-11-30T12:00:00Z');
let oldRoot: Pair;
let newRoot: Pair;
let first: Pair;
let second: Pair;
beforeAll(async () => {
  oldRoot = await createAuthority(start);
  newRoot = await createAuthority(start);
  first = await issueLeaf(oldRoot, ['a.b.svc'], start);
  second = await issueLeaf(newRoot, ['a.b.svc'], start);
});
afterEach(() => {
  jest.useRealTimers();
});

function serve(served?: Pair): {
  readonly certificate: ServedCertificate;
  readonly loaded: string[];
  readonly held: string[];
  readonly clock: ReturnType<typeof manualClock>;
} {
  const loaded: string[] = [];
  const held: string[] = [];
  const clock = manualClock(start);
  const certificate = servedCertificate({
    clock,
    served,
    settleMilliseconds: 60_000,
    load: () => undefined,
    loaded: ({ cert }) => loaded.push(fingerprint(cert)),
    held: (reason) => held.push(reason),
  });
  return { certificate, loaded, held, clock };
}

test('the first one is served at once, and counts once it is trusted', () => {
  const { certificate, loaded } = serve();
  expect(certificate.notReady()).toBe('certificate');
  certificate.trust([[newRoot.cert]]);
  certificate.offer(first);
  expect(loaded).toEqual([fingerprint(first.cert)]);
  expect(certificate.notReady()).toBe('certificate-trust');
  certificate.trust([[newRoot.cert, oldRoot.cert], [oldRoot.cert]]);
  expect(certificate.notReady()).toBeUndefined();
});

test('one that is trusted everywhere takes over at once', () => {
  const { certificate, loaded } = serve(first);
  certificate.trust([[oldRoot.cert, newRoot.cert]]);
  certificate.offer(second);
  expect(loaded).toEqual([fingerprint(second.cert)]);
  expect(certificate.mark()).toBe(fingerprint(second.cert));
});

test('one that is not trusted yet waits until it is, and a minute more', () => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  const { certificate, loaded, held, clock } = serve(first);
  certificate.trust([[oldRoot.cert]]);
  certificate.offer(second);
  expect(held).toEqual(['the registered webhooks do not trust it yet']);
  certificate.trust([[oldRoot.cert, newRoot.cert]]);
  clock.advance(59_000);
  jest.advanceTimersByTime(59_000);
  expect(loaded).toEqual([]);
  clock.advance(1000);
  jest.advanceTimersByTime(1000);
  expect(loaded).toEqual([fingerprint(second.cert)]);
});

test('one that is not trusted takes over from one that is not either', () => {
  const { certificate, loaded } = serve(first);
  certificate.trust([['']]);
  certificate.offer(second);
  expect(loaded).toEqual([fingerprint(second.cert)]);
});

test('stays ready while somebody spoils the trust for a while', () => {
  const { certificate } = serve(first);
  certificate.trust([[oldRoot.cert]]);
  certificate.trust([[]]);
  expect(certificate.notReady()).toBeUndefined();
});

test('a pair that is none is not served', () => {
  const { certificate, loaded, held } = serve(first);
  certificate.offer({ cert: second.cert, key: first.key });
  expect(loaded).toEqual([]);
  expect(held).toEqual(['the certificate is not that of the key']);
});
