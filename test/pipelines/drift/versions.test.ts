import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import { adoptionsOf } from '../../../pipelines/drift/adoptable.ts';
import { restorationOf } from '../../../pipelines/drift/restore.ts';
import { clusterLive } from '../../../pipelines/source/cluster-live.ts';
import { createReader } from '../../../pipelines/source/cluster-reader.ts';
import { compare, fieldsOf, owned } from '../../support/drift/compare.ts';
import { servedResource, startFakeApi, type FakeApi } from '../../support/drift/fake-api.ts';

const metadata = { name: 'ledger', namespace: 'shop' };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'ledger' };
const cpu = (averageUtilization: number): JsonObject => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const memory = {
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
};

function v1(spec: JsonObject, annotations?: JsonObject): JsonObject {
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
    spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 5, ...spec },
  };
}
function v2(spec: JsonObject): JsonObject {
  return { ...v1(spec), apiVersion: 'autoscaling/v2' };
}
const target = { targetCPUUtilizationPercentage: 60 };

describe('an autoscaler that is declared in one version and read in another', () => {
  test.each([
    ['a target', v1(target), v2({ metrics: [cpu(60)] })],
    ['a target, the other way', v2({ metrics: [cpu(60)] }), v1(target)],
    ['no target, which is one of 80', v1({}), v2({ metrics: [cpu(80)] })],
    [
      'what v1 keeps in annotations',
      v2({
        metrics: [cpu(60), memory],
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
      }),
      v1(target, {
        'autoscaling.alpha.kubernetes.io/metrics': JSON.stringify([
          { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
        ]),
        'autoscaling.alpha.kubernetes.io/behavior':
          '{"scaleDown": {"stabilizationWindowSeconds": 60}}',
        'autoscaling.alpha.kubernetes.io/conditions': '[]',
      }),
    ],
    [
      'metrics of Pods and of others',
      v2({
        metrics: [
          {
            type: 'Pods',
            pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '5' } },
          },
          {
            type: 'External',
            external: {
              metric: { name: 'queue', selector: { matchLabels: { a: 'b' } } },
              target: { type: 'Value', value: '30' },
            },
          },
        ],
      }),
      v1(
        {},
        {
          'autoscaling.alpha.kubernetes.io/metrics': JSON.stringify([
            { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '5' } },
            {
              type: 'External',
              external: {
                metricName: 'queue',
                metricSelector: { matchLabels: { a: 'b' } },
                targetValue: '30',
              },
            },
          ]),
        },
      ),
    ],
  ])('does not drift: %s', async (_, declared, live) => {
    const report = await compare(JSON.stringify(declared), [live]);
    expect(fieldsOf(report)).toEqual([]);
    expect(report.inSync).toEqual(['HorizontalPodAutoscaler shop/ledger']);
  });

  test('drifts where its target does, and only a person brings that into the other version', async () => {
    const live = v2({ metrics: [cpu(90)] });
    const edited = owned(live, ['kubectl-edit', { spec: { metrics: [] } }, 'Update']);
    const report = await compare(JSON.stringify(v1(target)), [edited]);
    expect(fieldsOf(report)).toEqual([
      'changed /spec/metrics/0/resource/target/averageUtilization kubectl-edit',
    ]);
    const [drift] = report.drifts;
    if (drift === undefined) throw new Error('nothing drifts');
    expect(adoptionsOf(drift)).toEqual({
      adoptions: [],
      refused: [{ problem: expect.stringContaining('another version') }],
    });
    expect(restorationOf(drift)).toEqual({ problem: expect.stringContaining('apply its file') });
  });

  test('knows the owner of the target of v1', async () => {
    const edited = owned(v1({ targetCPUUtilizationPercentage: 90 }), [
      'kubectl-edit',
      { spec: target },
      'Update',
    ]);
    const report = await compare(JSON.stringify(v2({ metrics: [cpu(60)] })), [edited]);
    expect(fieldsOf(report)).toEqual([
      'changed /spec/metrics/0/resource/target/averageUtilization kubectl-edit',
    ]);
  });
});

describe('a declared version that the cluster no longer serves', () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await startFakeApi();
    api.groups.set('/apis/networking.istio.io', ['networking.istio.io/v1']);
    api.resources.set('/apis/networking.istio.io/v1', [
      servedResource('destinationrules', 'DestinationRule'),
    ]);
  });
  afterEach(async () => {
    await api.close();
  });

  const rule = (name: string, version: string): JsonObject => ({
    apiVersion: `networking.istio.io/${version}`,
    kind: 'DestinationRule',
    metadata: { name, namespace: 'shop' },
    spec: { host: name },
  });

  function live(): ReturnType<typeof clusterLive> {
    const reader = createReader({
      transport: api.transport,
      signal: new AbortController().signal,
      patienceMilliseconds: 1000,
    });
    return clusterLive('prod', reader);
  }

  const why =
    'the API server no longer serves DestinationRule in networking.istio.io/v1alpha3: declare it in networking.istio.io/v1';

  test('is unknown, with what is served, and never missing; other versions are judged', async () => {
    const there = rule('there', 'v1');
    const old = rule('old', 'v1');
    api.objects.set('/apis/networking.istio.io/v1/destinationrules', [there, old]);
    const declared = [
      rule('old', 'v1alpha3'),
      rule('gone', 'v1alpha3'),
      rule('older', 'v1alpha3'),
      rule('there', 'v1'),
      rule('missing', 'v1'),
    ];
    const report = await compare(
      declared.map((object) => JSON.stringify(object)).join('\n---\n'),
      live(),
    );
    expect(report.unknown).toEqual([
      { object: 'DestinationRule shop/old', why },
      { object: 'DestinationRule shop/gone', why },
      { object: 'DestinationRule shop/older', why },
    ]);
    expect(report.inSync).toEqual(['DestinationRule shop/there']);
    expect(report.drifts.map(({ verdict, reference }) => `${verdict} ${reference.name}`)).toEqual([
      'missing missing',
    ]);
  });

  test('costs all of the kind where it is the only one', async () => {
    api.objects.set('/apis/networking.istio.io/v1/destinationrules', []);
    const report = await compare(JSON.stringify(rule('old', 'v1alpha3')), live());
    expect([report.verdict, report.unknown]).toEqual([
      'undetermined',
      [{ object: 'DestinationRule shop/old', why }],
    ]);
  });
});
