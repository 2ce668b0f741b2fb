import { describe, expect, test } from '@jest/globals';
import type { Operation } from 'rfc6902';
import type { Json } from '../../../policies/core/json.ts';
import { operationsFor } from '../../../policies/core/patch.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import { mutate } from '../../../webhooks/admission/mutate.ts';
import {
  fakeContext,
  fakePolicy,
  requestFor,
  wantsGrace,
} from '../../support/admission/fake-gate.ts';
import { applyOperations } from '../../support/admission/verify-answer.ts';

const graceAt = '/spec/terminationGracePeriodSeconds';

function pod(changes: Record<string, Json> = {}, annotations?: Record<string, string>) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'ledger',
      namespace: 'shop',
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { terminationGracePeriodSeconds: 30, containers: [{ name: 'app' }], ...changes },
  };
}

function operationsOf(answer: ReturnType<typeof mutate>): readonly Operation[] {
  const { patch } = answer.response;
  return patch === undefined
    ? []
    : (JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as Operation[]);
}

function fills(id: string, at: readonly string[], value: Json, unless: (text: string) => boolean) {
  return fakePolicy(id, ['Pod'], ({ resource }) =>
    unless(JSON.stringify(resource.object))
      ? []
      : [
          {
            message: 'broken',
            at: pointer(...at),
            data: { how: 'bare' },
            fix: {
              kind: 'fill',
              changes: [{ at: pointer(...at), value }],
              filled: [{ at: pointer(...at), value }],
            },
          },
        ],
  );
}

describe('a Pod at CREATE', () => {
  test.each(['warn', 'enforce'] as const)('is filled in in mode %s, and says so', (mode) => {
    const answer = mutate(requestFor(pod()), fakeContext([wantsGrace], mode));
    expect(answer.verdict).toBe('patched');
    expect(operationsOf(answer)).toEqual([
      { op: 'replace', path: graceAt, value: 60 },
      { op: 'add', path: '/metadata/annotations', value: {} },
      {
        op: 'add',
        path: '/metadata/annotations/meshgate.dev~1filled',
        value: JSON.stringify([{ policy: 'test/grace', at: graceAt, value: 60 }]),
      },
    ]);
    expect(answer.response.auditAnnotations).toEqual({ filled: `test/grace ${graceAt}` });
  });

  test('gives no patch the second time', () => {
    const context = fakeContext([wantsGrace], 'warn');
    const once = applyOperations(pod(), operationsOf(mutate(requestFor(pod()), context)));
    expect(mutate(requestFor(once), context)).toMatchObject({ verdict: 'allowed', operations: 0 });
  });

  test('carries nothing where nothing was filled', () => {
    const fine = pod({ terminationGracePeriodSeconds: 90 });
    expect(operationsOf(mutate(requestFor(fine), fakeContext([wantsGrace], 'warn')))).toEqual([]);
  });

  test.each(['audit', 'off'] as const)('is left as it is in mode %s', (mode) => {
    expect(mutate(requestFor(pod()), fakeContext([wantsGrace], mode)).operations).toBe(0);
  });

  test('is left as it is where filling is off', () => {
    const context = { ...fakeContext([wantsGrace], 'enforce'), fill: false };
    expect(mutate(requestFor(pod()), context)).toMatchObject({ untouched: 'fill-off' });
  });

  test('keeps what its annotation listed before', () => {
    const before = JSON.stringify([{ policy: 'test/other', at: '/spec/x', value: 1 }]);
    const given = pod({}, { 'meshgate.dev/filled': before });
    const answer = mutate(requestFor(given), fakeContext([wantsGrace], 'warn'));
    const after = applyOperations(given, operationsOf(answer)) as ReturnType<typeof pod>;
    const list = JSON.parse(after.metadata.annotations?.['meshgate.dev/filled'] ?? '') as unknown[];
    expect(list).toHaveLength(2);
  });

  test('is not changed in memory', () => {
    const given = pod();
    const copy = structuredClone(given);
    mutate(requestFor(given), fakeContext([wantsGrace], 'warn'));
    expect(given).toEqual(copy);
  });
});

describe('an injected Pod', () => {
  const annotation = ['metadata', 'annotations', 'proxy.istio.io/config'];
  const wantsAnnotation = fills('test/annotation', annotation, 'a: b', (text) =>
    text.includes('a: b'),
  );
  const context = fakeContext([wantsGrace, wantsAnnotation], 'enforce');

  test.each([
    ['by its container', pod({ containers: [{ name: 'istio-proxy' }] })],
    ['by its init container', pod({ initContainers: [{ name: 'istio-proxy' }] })],
    ['by its status', pod({}, { 'sidecar.istio.io/status': '{}' })],
  ])('known %s gets Pod fields only', (_, given) => {
    const paths = operationsOf(mutate(requestFor(given), context)).map(({ path }) => path);
    expect(paths).toContain(graceAt);
    expect(paths).not.toContain('/metadata/annotations/proxy.istio.io~1config');
  });

  test('differs from one that is not', () => {
    const paths = operationsOf(mutate(requestFor(pod()), context)).map(({ path }) => path);
    expect(paths).toContain('/metadata/annotations/proxy.istio.io~1config');
  });
});

describe('the fills of several policies', () => {
  const low = fills('test/a', ['spec', 'x'], 1, (text) => /"x":[12]/u.test(text));
  const high = fills('test/b', ['spec', 'x'], 2, (text) => text.includes('"x":2'));

  test('on one path go in turn until all hold', () => {
    const answer = mutate(requestFor(pod()), fakeContext([low, high], 'warn'));
    const after = applyOperations(pod(), operationsOf(answer)) as { spec: { x: number } };
    expect(after.spec.x).toBe(2);
    expect(mutate(requestFor(after), fakeContext([low, high], 'warn')).operations).toBe(0);
  });

  test('that contradict each other are left out, with a warning', () => {
    const one = fills('test/a', ['spec', 'x'], 1, (text) => text.includes('"x":1'));
    const answer = mutate(requestFor(pod()), fakeContext([one, high], 'warn'));
    expect(answer.response).toMatchObject({ allowed: true, warnings: [expect.any(String)] });
    expect(answer.response.patch).toBeUndefined();
  });

  test('apply together or not at all', () => {
    const broken = fills('test/b', ['metadata', 'name', 'x'], 1, () => false);
    const answer = mutate(requestFor(pod()), fakeContext([broken], 'warn'));
    expect(answer.response.allowed).toBe(true);
    expect(operationsOf(answer)).toEqual([]);
  });
});

describe('what is no Pod at CREATE', () => {
  const context = fakeContext([wantsGrace], 'enforce');
  const template = { spec: { terminationGracePeriodSeconds: 30 } };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template } };

  test.each([
    ['a template', requestFor(deployment)],
    ['an update', requestFor(pod(), { operation: 'UPDATE', oldObject: pod() })],
    ['a deletion', requestFor(pod(), { operation: 'DELETE', object: undefined })],
    ['a connection', requestFor(pod(), { operation: 'CONNECT' })],
    ['a subresource', requestFor(pod(), { subResource: 'ephemeralcontainers' })],
    ['a system namespace', requestFor(pod(), { namespace: 'kube-system' })],
    ['the control plane', requestFor(pod(), { namespace: 'istio-system' })],
    ['our own namespace', requestFor(pod(), { namespace: 'meshgate-system' })],
    ['a mirror Pod', requestFor(pod({}, { 'kubernetes.io/config.mirror': 'x' }))],
  ])('%s is left as it is', (_, request) => {
    expect(mutate(request, context)).toMatchObject({ verdict: 'allowed', operations: 0 });
    expect(mutate(request, context).untouched).toBeDefined();
  });
});

test('a fill that brings a Pod into the mesh has the others asked again', () => {
  const label = ['metadata', 'labels', 'sidecar.istio.io/inject'];
  const injects = fills('test/a', label, 'true', (text) => text.includes('"true"'));
  const drains = fills(
    'test/b',
    ['spec', 'x'],
    1,
    (text) => !/"true"/u.test(text) || text.includes('"x":1'),
  );
  const answer = mutate(requestFor(pod()), fakeContext([injects, drains], 'warn'));
  expect(answer.filled).toEqual(['test/a', 'test/b']);
});

test('a policy that throws neither blocks nor fills', () => {
  const throws = fakePolicy('test/throws', ['Pod'], () => {
    throw new Error('defect');
  });
  const answer = mutate(requestFor(pod()), fakeContext([throws], 'enforce'));
  expect(answer.response).toEqual({ allowed: true });
  expect(answer.findings).toHaveLength(1);
});

test('operations create a parent once', () => {
  const at = [pointer('metadata', 'annotations', 'a'), pointer('metadata', 'annotations', 'b')];
  const operations = operationsFor(
    pod(),
    at.map((place) => ({ at: place, value: 'x' })),
  );
  expect(operations).toHaveLength(3);
});
