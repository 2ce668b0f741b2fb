import { describe, expect, test } from '@jest/globals';
import type { GateContext } from '../../../webhooks/admission/gate.ts';
import { scanMesh, type NamespaceAudit, type ScanPace } from '../../../webhooks/audit/scan.ts';
import { fakeContext, forbidsBad, wantsGrace } from '../../support/admission/fake-gate.ts';

const atOnce: ScanPace = { sliceMilliseconds: 1000 };

function deployment(namespace: string, name: string, labels: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { template: { spec: { terminationGracePeriodSeconds: 90, containers: [] } } },
  };
}

const bad = { bad: 'yes' };

function contextWith(objects: readonly unknown[]): GateContext {
  return fakeContext([forbidsBad, wantsGrace], 'enforce', objects);
}

async function scanAll(context: GateContext, pace = atOnce): Promise<readonly NamespaceAudit[]> {
  const audits: NamespaceAudit[] = [];
  for await (const audit of scanMesh(context, pace)) audits.push(audit);
  return audits;
}

function told(audits: readonly NamespaceAudit[]): readonly string[] {
  return audits.flatMap(({ findings }) =>
    findings.map(
      ({ finding: { policy, object }, effect }) =>
        `${effect} ${policy} ${object.kind} ${object.namespace}/${object.name}`,
    ),
  );
}

describe('a scan of a mesh', () => {
  test('judges every object as admission would, by namespace and name', async () => {
    const objects = [
      deployment('shop', 'zebra', bad),
      deployment('shop', 'apple', bad),
      deployment('bank', 'ledger', bad),
      deployment('bank', 'clean', {}),
    ];
    const audits = await scanAll(contextWith(objects));
    const backwards = await scanAll(contextWith(objects.toReversed()));

    expect(audits.map(({ namespace, judged }) => [namespace, judged])).toEqual([
      ['bank', 2],
      ['shop', 2],
    ]);
    expect(told(audits)).toEqual([
      'block test/bad Deployment bank/ledger',
      'block test/bad Deployment shop/apple',
      'block test/bad Deployment shop/zebra',
    ]);
    expect(backwards).toEqual(audits);
  });

  test('leaves alone what admission leaves alone', async () => {
    const audits = await scanAll(
      contextWith([
        deployment('kube-system', 'proxy', bad),
        deployment('meshgate-system', 'meshgate', bad),
        deployment('istio-system', 'istiod', bad),
        {
          ...deployment('shop', 'going', bad),
          metadata: { ...deployment('shop', 'going', bad).metadata, deletionTimestamp: 'now' },
        },
      ]),
    );
    expect(told(audits)).toEqual([]);
  });

  test('only lists what will be filled in when Pods are created', async () => {
    const unset = {
      ...deployment('shop', 'cart', {}),
      spec: { template: { spec: { containers: [] } } },
    };
    expect(told(await scanAll(contextWith([unset])))).toEqual([
      'list test/grace Deployment shop/cart',
    ]);
  });

  test('goes on after a namespace, and ends when it is told to', async () => {
    const context = contextWith(['a', 'b', 'c'].map((name) => deployment(name, 'x', bad)));
    const stopping = new AbortController();
    stopping.abort();
    const rest = await scanAll(context, { ...atOnce, after: 'a' });
    const first = await scanAll(context, { ...atOnce, signal: stopping.signal });

    expect(rest.map(({ namespace }) => namespace)).toEqual(['b', 'c']);
    expect(first.map(({ namespace }) => namespace)).toEqual(['a']);
  });

  test('rests between slices, and passes over what went meanwhile', async () => {
    const context = contextWith(['one', 'two'].map((name) => deployment('shop', name, bad)));
    let rests = 0;
    const audits = await scanAll(context, {
      sliceMilliseconds: 0,
      rest: () => {
        rests += 1;
        const mesh = context.mesh as GateContext['mesh'] & { remove(reference: unknown): void };
        mesh.remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'two' });
        return Promise.resolve();
      },
    });
    expect(told(audits)).toEqual(['block test/bad Deployment shop/one']);
    expect(rests).toBeGreaterThan(0);
  });
});
