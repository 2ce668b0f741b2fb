import { describe, expect, test } from '@jest/globals';
import { inSeconds, seconds } from '../../../policies/core/duration.ts';
import type { Json } from '../../../policies/core/json.ts';
import { proxyModeOf } from '../../../policies/mesh/proxy-mode.ts';
import { proxySettingsOf, readsAsTrue } from '../../../policies/mesh/proxy-config.ts';
import {
  preStopTime,
  proxyMinimum,
  requiredServing,
  servingTime,
  shutdownOf,
  type Shutdown,
} from '../../../policies/mesh/shutdown.ts';
import { workloadOf, type Workload } from '../../../policies/mesh/workload.ts';
import type { Mesh } from '../../../policies/mesh/mesh.ts';
import { readMesh } from '../../support/examples.ts';

function podWith(
  config: string,
  spec: string,
  more = '',
  labels = '{ app: p }',
): { mesh: Mesh; workload: Workload } {
  const { mesh, find } = readMesh(
    `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: p, namespace: shop, labels: ${labels}, annotations: { proxy.istio.io/config: ${JSON.stringify(config)} } }
spec: ${spec}
${more}`,
    { nativeSidecars: false },
  );
  const workload = workloadOf(find('Pod shop/p'));
  if (workload === undefined) {
    throw new Error('a Pod is a workload');
  }
  return { mesh, workload };
}

function shutdownWith(config: string, spec: string, defaulted = false): Shutdown {
  const { mesh, workload } = podWith(config, spec);
  return shutdownOf(workload, proxyModeOf(workload, mesh), mesh, defaulted);
}

const exitOnZero = 'proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true" }';

describe('how long a Pod serves', () => {
  test.each([
    [
      'classic: the drain',
      'terminationDrainDuration: 90s',
      '{ terminationGracePeriodSeconds: 200 }',
      90,
      90,
    ],
    ['classic: cut by the grace period', 'terminationDrainDuration: 90s', '{}', 30, 90],
    [
      'classic: the own preStop hook counts',
      'terminationDrainDuration: 90s',
      '{ terminationGracePeriodSeconds: 200, containers: [{ name: istio-proxy, lifecycle: { preStop: { sleep: { seconds: 7 } } } }] }',
      97,
      97,
    ],
    ['classic: a negative drain is none', 'terminationDrainDuration: -3s', '{}', 0, 0],
    ['exit on zero: the grace period', exitOnZero, '{ terminationGracePeriodSeconds: 77 }', 77, 6],
  ])('%s', (_, config, spec, serving, minimum) => {
    const shutdown = shutdownWith(config, spec);
    expect(inSeconds(servingTime(shutdown))).toBe(serving);
    expect(inSeconds(proxyMinimum(shutdown))).toBe(minimum);
  });

  test('a grace period that equals the default was not declared where defaults are written', () => {
    const thirty = '{ terminationGracePeriodSeconds: 30 }';
    expect(shutdownWith('', thirty, true).declaredGrace).toBeUndefined();
    expect(shutdownWith('', thirty, false).declaredGrace).toBe(30_000);
    expect(shutdownWith('', '{ terminationGracePeriodSeconds: 31 }', true).declaredGrace).toBe(
      31_000,
    );
  });

  test('R is the larger of the ratio and the TTL with jitter and propagation', () => {
    const need = { ttl: seconds(60), jitter: 0, propagation: seconds(5) };
    expect(inSeconds(requiredServing(need, 1.5))).toBe(90);
    expect(
      inSeconds(requiredServing({ ...need, jitter: 0.5, propagation: seconds(20) }, 1.5)),
    ).toBe(110);
    expect(inSeconds(requiredServing({ ...need, ttl: seconds(4) }, 2))).toBe(9);
  });

  test.each<readonly [Json, number]>([
    [{ sleep: { seconds: 12 } }, 12],
    [{ exec: { command: ['sleep', '9'] } }, 9],
    [{ exec: { command: ['/bin/sleep', '1.5'] } }, 1.5],
    [{ exec: { command: ['busybox', 'sleep', '3m'] } }, 180],
    [{ exec: { command: ['sh', '-c', 'sleep 20'] } }, 20],
    [{ exec: { command: ['sh', '-c', 'touch /x && sleep 2m; sleep 5'] } }, 125],
    [{ exec: { command: ['sh', '-c', 'nosleep 20'] } }, 0],
    [{ exec: { command: ['sh', '-c', 'sleep $N'] } }, 0],
    [{ httpGet: { path: '/' } }, 0],
    [null, 0],
  ])('the time of %j', (preStop, wanted) => {
    expect(inSeconds(preStopTime({ lifecycle: { preStop } }))).toBe(wanted);
  });
});

describe('the precedence of proxy settings', () => {
  const variable = (value: string): string => `{ MINIMUM_DRAIN_DURATION: ${value} }`;
  const proxyConfig = (
    name: string,
    namespace: string,
    value: string,
    selector = '',
    created = '2026-01-01T00:00:00Z',
  ): string =>
    `---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}" }
spec: { ${selector} environmentVariables: ${variable(value)} }
`;
  const meshConfig = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "defaultConfig: { terminationDrainDuration: 11s, proxyMetadata: { MINIMUM_DRAIN_DURATION: 2s } }" }
`;
  const root = proxyConfig('root', 'istio-system', '3s');
  const own = proxyConfig('own', 'shop', '4s');
  const selected = proxyConfig('selected', 'shop', '6s', 'selector: { matchLabels: { app: p } },');
  const annotation = 'proxyMetadata: { MINIMUM_DRAIN_DURATION: 5500ms }';

  test.each([
    ['code', '', '', 5],
    ['mesh config', '', meshConfig, 2],
    ['root ProxyConfig', '', meshConfig + root, 3],
    ['ProxyConfig of the namespace', '', meshConfig + root + own, 4],
    ['annotation', annotation, meshConfig + root + own, 5.5],
    ['ProxyConfig with a selector', annotation, meshConfig + root + own + selected, 6],
    [
      'the oldest of one rank',
      '',
      own + proxyConfig('older', 'shop', '9s', '', '2025-01-01T00:00:00Z'),
      9,
    ],
    ['a selector that misses', '', selected.replace('app: p', 'app: q'), 5],
    ['a selector without labels', '', proxyConfig('empty', 'shop', '8s', 'selector: {},'), 5],
    ['a selector of null', '', proxyConfig('none', 'shop', '8s', 'selector: null,'), 8],
    ['a value without a unit', 'proxyMetadata: { MINIMUM_DRAIN_DURATION: "90" }', '', 5],
  ])('%s', (_, config, more, wanted) => {
    const { mesh, workload } = podWith(config, '{}', more);
    expect(inSeconds(proxySettingsOf(workload, mesh).minimumDrain)).toBe(wanted);
  });

  test('durations come from the annotation, then the mesh config, never from a ProxyConfig', () => {
    const { mesh, workload } = podWith('', '{}', meshConfig);
    expect(proxySettingsOf(workload, mesh).terminationDrainDuration).toEqual({
      value: 11_000,
      source: 'mesh',
    });
    const declared = podWith('termination_drain_duration: 1m', '{}', meshConfig);
    expect(proxySettingsOf(declared.workload, declared.mesh).terminationDrainDuration).toEqual({
      value: 60_000,
      source: 'annotation',
    });
  });

  const container = (env: string): string =>
    `{ containers: [{ name: istio-proxy, env: [${env}] }] }`;
  const handed = container(`{ name: PROXY_CONFIG, value: '{"terminationDrainDuration":"70s"}' }`);
  const injected = ', annotations: { sidecar.istio.io/status: "{}" }';

  test('PROXY_CONFIG of the container stands for the mesh config, below the annotation', () => {
    const { mesh, workload } = podWith('', handed, meshConfig);
    expect(proxySettingsOf(workload, mesh).terminationDrainDuration.value).toBe(70_000);
    expect(inSeconds(proxySettingsOf(workload, mesh).minimumDrain)).toBe(2);
    const declared = podWith('terminationDrainDuration: 1m', handed, meshConfig);
    expect(proxySettingsOf(declared.workload, declared.mesh).terminationDrainDuration.value).toBe(
      60_000,
    );
  });

  test('the environment of an injected Pod is what it is, wherever it came from', () => {
    const { mesh, find } = readMesh(
      `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: shop${injected} }
spec: ${container('{ name: PROXY_CONFIG, value: "{}" }, { name: MINIMUM_DRAIN_DURATION, value: 7s }')}
${meshConfig}`,
      {},
    );
    const workload = workloadOf(find('Pod shop/p'));
    const settings = workload && proxySettingsOf(workload, mesh);
    expect(settings?.terminationDrainDuration).toEqual({ value: 5000, source: 'default' });
    expect(settings?.environment['MINIMUM_DRAIN_DURATION']).toEqual({
      value: '7s',
      source: 'injected',
    });
  });

  test('connection settings of 0 bound nothing', () => {
    const { mesh, workload } = podWith(
      'connectionSettings: { httpMaxConnectionDuration: 0s }',
      '{}',
    );
    expect(proxySettingsOf(workload, mesh).httpMaxConnectionDuration).toBeUndefined();
  });

  test.each([
    ['1', true],
    ['TRUE', true],
    ['t', true],
    ['yes', false],
    ['tRUE', false],
    [undefined, false],
  ])('a flag of %p is %p', (text, wanted) => {
    expect(readsAsTrue(text)).toBe(wanted);
  });
});
