import { describe, expect, test } from '@jest/globals';
import { validate } from '../../../webhooks/admission/validate.ts';
import {
  fakeContext,
  fakePolicy,
  forbidsBad,
  requestFor,
  wantsGrace,
  wantsOneHost,
} from '../../support/admission/fake-gate.ts';

interface Shape {
  readonly labels?: Record<string, string>;
  readonly own?: Record<string, string>;
  readonly replicas?: number;
  readonly image?: string;
}

function deployment({ labels = {}, own = {}, replicas = 1, image = 'a' }: Shape = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'ledger', namespace: 'shop', labels: own },
    spec: {
      replicas,
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 60, containers: [{ name: 'app', image }] },
      },
    },
  };
}

function rule(name: string, host: string, namespace = 'shop') {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, namespace },
    spec: { host },
  };
}

function update(object: unknown, oldObject: unknown) {
  return requestFor(object, {
    operation: 'UPDATE',
    oldObject: requestFor(oldObject).object,
  });
}

const bad = { bad: 'yes' };

describe('an object that breaks a policy', () => {
  test('is denied in mode enforce, with what, where and how', () => {
    const request = requestFor(deployment({ labels: bad }));
    const { response, verdict } = validate(request, fakeContext([forbidsBad], 'enforce'));
    expect(verdict).toBe('denied');
    expect(response.status).toEqual({
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message: [
        'Deployment shop/ledger breaks mesh policy:',
        '- test/bad: It is bad.',
        '  Field: spec.template.metadata.labels.bad (/spec/template/metadata/labels/bad)',
        '  Fix: Mend it.',
      ].join('\n'),
    });
    expect(response.auditAnnotations).toEqual({
      findings: 'block test/bad/broken /spec/template/metadata/labels/bad',
    });
  });

  test('is warned of in mode warn', () => {
    const request = requestFor(deployment({ labels: bad }));
    const { response } = validate(request, fakeContext([forbidsBad], 'warn'));
    expect(response).toMatchObject({
      allowed: true,
      warnings: ['test/bad at spec.template.metadata.labels.bad: It is bad. Mend it.'],
    });
  });

  test('is only listed in mode audit', () => {
    const request = requestFor(deployment({ labels: bad }));
    const answer = validate(request, fakeContext([forbidsBad], 'audit'));
    expect(answer.response.warnings).toBeUndefined();
    expect(answer.findings.map(({ effect }) => effect)).toEqual(['list']);
  });

  test('gets the same answer in a dry run', () => {
    const context = fakeContext([forbidsBad], 'enforce');
    const object = deployment({ labels: bad });
    expect(validate(requestFor(object, { dryRun: true }), context)).toEqual(
      validate(requestFor(object), context),
    );
  });
});

describe('what admission fills in on Pods', () => {
  const short = deployment();
  short.spec.template.spec.terminationGracePeriodSeconds = 30;

  test('is only listed on their template', () => {
    const answer = validate(requestFor(short), fakeContext([wantsGrace], 'enforce'));
    expect(answer.verdict).toBe('allowed');
    expect(answer.response.warnings).toBeUndefined();
    expect(answer.findings).toHaveLength(1);
  });

  test('blocks where filling is off', () => {
    const context = { ...fakeContext([wantsGrace], 'enforce'), fill: false };
    expect(validate(requestFor(short), context).verdict).toBe('denied');
  });
});

describe('an update', () => {
  const context = fakeContext([forbidsBad], 'enforce');

  test.each([
    ['nothing', deployment({ labels: bad }), deployment({ labels: bad })],
    ['only the scale', deployment({ labels: bad, replicas: 9 }), deployment({ labels: bad })],
  ])('of %s is not judged', (_, object, old) => {
    expect(validate(update(object, old), context).untouched).toBe('unchanged');
  });

  test('of status and managed fields is not judged', () => {
    const old = deployment({ labels: bad });
    const object = { ...old, status: { x: 1 }, metadata: { ...old.metadata, finalizers: ['a'] } };
    expect(validate(update(object, old), context).untouched).toBe('unchanged');
  });

  test('is not blocked by what was there before', () => {
    const object = deployment({ labels: bad, image: 'b' });
    const answer = validate(update(object, deployment({ labels: bad })), context);
    expect(answer.verdict).toBe('allowed');
    expect(answer.response.warnings).toHaveLength(1);
  });

  test('is blocked by what it brings in', () => {
    const answer = validate(update(deployment({ labels: bad }), deployment()), context);
    expect(answer.verdict).toBe('denied');
  });

  test('of metadata alone is never blocked', () => {
    const answer = validate(update(deployment({ own: bad }), deployment()), context);
    expect(answer.verdict).toBe('allowed');
    expect(answer.response.warnings).toHaveLength(1);
  });

  test('of the labels of a Namespace is, because they are what it says', () => {
    const named = (labels: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels },
    });
    expect(validate(update(named(bad), named({})), context).verdict).toBe('denied');
  });

  test('nested more deeply than the stack is judged all the same', () => {
    const deep = (end: string) =>
      JSON.parse(`${'{"a":'.repeat(50_000)}"${end}"${'}'.repeat(50_000)}`) as object;
    const object = { ...deployment({ labels: bad }), deep: deep('x') };
    expect(validate(update(object, { ...deployment(), deep: deep('y') }), context).verdict).toBe(
      'denied',
    );
  });
});

describe('what a controller made', () => {
  const context = fakeContext([forbidsBad], 'enforce');
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: 'l',
    uid: 'x',
    controller: true,
  };
  const made = {
    ...deployment({ labels: bad }),
    kind: 'ReplicaSet',
    metadata: { name: 'ledger-1', namespace: 'shop', ownerReferences: [owner] },
  };

  test('is warned of, not denied', () => {
    const userName = 'system:serviceaccount:kube-system:deployment-controller';
    const answer = validate(requestFor(made, { userName }), context);
    expect(answer.verdict).toBe('allowed');
    expect(answer.response.warnings).toHaveLength(1);
  });

  test('is denied where a person claims it', () => {
    expect(validate(requestFor(made), context).verdict).toBe('denied');
  });
});

describe('an Istio object', () => {
  const context = fakeContext([wantsOneHost], 'enforce', [rule('one', 'ledger'), rule('two', 'x')]);

  test('is judged in the mesh that it would make', () => {
    expect(validate(requestFor(rule('three', 'ledger')), context).verdict).toBe('denied');
    expect(validate(requestFor(rule('three', 'other')), context).verdict).toBe('allowed');
  });

  test('stands in place of what is stored under its name', () => {
    expect(validate(requestFor(rule('one', 'ledger')), context).verdict).toBe('allowed');
    expect(validate(update(rule('two', 'ledger'), rule('two', 'x')), context).verdict).toBe(
      'denied',
    );
  });

  test('is judged in the root namespace too, where workloads are not', () => {
    const judged = fakeContext([forbidsBad], 'enforce');
    const there = { ...rule('one', 'x', 'istio-system'), spec: { bad: 1 } };
    expect(validate(requestFor(there), judged).verdict).toBe('denied');
    const workload = requestFor(deployment({ labels: bad }), { namespace: 'istio-system' });
    expect(validate(workload, judged).untouched).toBe('root-namespace');
  });
});

test('what is being deleted passes', () => {
  const object = { ...deployment({ labels: bad }) };
  const metadata = { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  const answer = validate(
    requestFor({ ...object, metadata }),
    fakeContext([forbidsBad], 'enforce'),
  );
  expect(answer.untouched).toBe('being-deleted');
});

test('a policy that throws does not block', () => {
  const throws = fakePolicy('test/throws', ['Deployment'], () => {
    throw new Error('defect');
  });
  const answer = validate(requestFor(deployment()), fakeContext([throws], 'enforce'));
  expect(answer.verdict).toBe('allowed');
});
