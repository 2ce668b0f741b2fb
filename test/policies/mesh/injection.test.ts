import { describe, expect, test } from '@jest/globals';
import type { MeshFacts } from '../../../policies/core/settings.ts';
import { injectionOf, type Injection } from '../../../policies/mesh/injection.ts';
import { proxyModeOf, type ProxyMode } from '../../../policies/mesh/proxy-mode.ts';
import { workloadOf } from '../../../policies/mesh/workload.ts';
import { readMesh } from '../../support/examples.ts';

interface Given {
  /** Labels of the namespace; undefined: it is not among the inputs. */
  readonly namespace?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: string;
  readonly name?: string;
  readonly facts?: MeshFacts;
  readonly injector?: string;
}

function podIn(given: Given): { decision: Injection['decision']; proxy: ProxyMode } {
  const namespace = given.name ?? 'shop';
  const documents = [
    given.namespace === undefined
      ? ''
      : `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${namespace}, labels: ${JSON.stringify(given.namespace)} }`,
    `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: ${namespace}, labels: ${JSON.stringify(given.labels ?? {})}, annotations: ${JSON.stringify(given.annotations ?? {})} }
spec: ${given.spec ?? '{ containers: [{ name: app }] }'}`,
    given.injector === undefined
      ? ''
      : `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio-sidecar-injector, namespace: istio-system }\ndata: { config: ${JSON.stringify(given.injector)} }`,
  ];
  const { mesh, find } = readMesh(
    documents.filter((text) => text !== '').join('\n---\n'),
    given.facts,
  );
  const workload = workloadOf(find(`Pod ${namespace}/p`));
  if (workload === undefined) {
    throw new Error('a Pod is a workload');
  }
  return { decision: injectionOf(workload, mesh).decision, proxy: proxyModeOf(workload, mesh) };
}

const inject = 'sidecar.istio.io/inject';
const enabled = { 'istio-injection': 'enabled' };

describe('injectionOf', () => {
  test.each<readonly [string, Given, Injection['decision']]>([
    ['namespace enabled', { namespace: enabled }, 'injected'],
    ['namespace disabled', { namespace: { 'istio-injection': 'disabled' } }, 'not-injected'],
    ['enabled beats a revision', { namespace: { ...enabled, 'istio.io/rev': 'x' } }, 'injected'],
    [
      'a typo stops everything, the pod label included',
      { namespace: { 'istio-injection': 'enable' }, labels: { [inject]: 'true' } },
      'not-injected',
    ],
    ['revision', { namespace: { 'istio.io/rev': 'canary' } }, 'injected'],
    ['opt-out', { namespace: enabled, labels: { [inject]: 'false' } }, 'not-injected'],
    [
      'annotation opts out',
      { namespace: enabled, annotations: { [inject]: 'false' } },
      'not-injected',
    ],
    [
      'not beside a pod label',
      { namespace: enabled, labels: { [inject]: '' }, annotations: { [inject]: 'false' } },
      'injected',
    ],
    [
      'an unreadable label falls through',
      { namespace: enabled, labels: { [inject]: 'no' } },
      'injected',
    ],
    ['no label anywhere', { namespace: {} }, 'not-injected'],
    ['pod opts in', { namespace: {}, labels: { [inject]: 'true' } }, 'injected'],
    ['yes does not', { namespace: {}, labels: { [inject]: 'yes' } }, 'not-injected'],
    ['True does not', { namespace: {}, labels: { [inject]: 'True' } }, 'not-injected'],
    ['pod revision opts in', { namespace: {}, labels: { 'istio.io/rev': 'x' } }, 'injected'],
    [
      'the annotation cannot opt in',
      { namespace: {}, annotations: { [inject]: 'true' } },
      'not-injected',
    ],
    ['by default', { namespace: {}, facts: { injectByDefault: true } }, 'injected'],
    ['host network', { namespace: enabled, spec: '{ hostNetwork: true }' }, 'not-injected'],
    ['kube-system', { name: 'kube-system', namespace: enabled }, 'not-injected'],
    [
      'never selector',
      {
        namespace: enabled,
        labels: { a: 'b' },
        injector: 'neverInjectSelector: [{ matchLabels: { a: b } }]',
      },
      'not-injected',
    ],
    [
      'true beats the never selector',
      {
        namespace: enabled,
        labels: { a: 'b', [inject]: 'true' },
        injector: 'neverInjectSelector: [{ matchLabels: { a: b } }]',
      },
      'injected',
    ],
    ['policy disabled', { namespace: enabled, injector: 'policy: disabled' }, 'not-injected'],
    [
      'always selector under a disabled policy',
      {
        namespace: enabled,
        labels: { a: 'b' },
        injector:
          'policy: disabled\nalwaysInjectSelector: [{ matchExpressions: [{ key: a, operator: Exists }] }]',
      },
      'injected',
    ],
    ['unknown namespace', {}, 'unknown'],
    ['unknown namespace, pod opts out', { labels: { [inject]: 'false' } }, 'not-injected'],
    ['unknown namespace, configured', { facts: { injectUnknownNamespaces: true } }, 'injected'],
  ])('%s', (_, given, decision) => {
    expect(podIn(given).decision).toBe(decision);
  });
});

describe('proxyModeOf', () => {
  const native = { 'sidecar.istio.io/nativeSidecar': 'true' };
  test.each<readonly [string, Given, ProxyMode['mode']]>([
    [
      'native by annotation',
      { namespace: enabled, annotations: native, facts: { nativeSidecars: false } },
      'native',
    ],
    [
      'False is on',
      { namespace: enabled, annotations: { 'sidecar.istio.io/nativeSidecar': 'False' } },
      'native',
    ],
    [
      'false is off',
      { namespace: enabled, annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } },
      'classic',
    ],
    [
      'empty counts as unset',
      {
        namespace: enabled,
        annotations: { 'sidecar.istio.io/nativeSidecar': '' },
        facts: { nativeSidecars: false },
      },
      'classic',
    ],
    ['old Istio', { namespace: enabled, facts: { istioVersion: '1.26' } }, 'classic'],
    ['newest Istio', { namespace: enabled }, 'native'],
    [
      'gateways stay classic',
      { namespace: enabled, annotations: { ...native, 'inject.istio.io/templates': 'gateway' } },
      'classic',
    ],
    ['ambient namespace', { namespace: { 'istio.io/dataplane-mode': 'ambient' } }, 'ambient'],
    ['ambient Pod', { namespace: {}, labels: { 'istio.io/dataplane-mode': 'ambient' } }, 'ambient'],
    [
      'not ambient by label',
      {
        namespace: { 'istio.io/dataplane-mode': 'ambient' },
        labels: { 'istio.io/dataplane-mode': 'none' },
      },
      'none',
    ],
    [
      'host network is never ambient',
      { namespace: { 'istio.io/dataplane-mode': 'ambient' }, spec: '{ hostNetwork: true }' },
      'none',
    ],
    [
      'the sidecar beats ambient',
      { namespace: { ...enabled, 'istio.io/dataplane-mode': 'ambient' }, annotations: native },
      'native',
    ],
    [
      'an injected Pod tells by its containers',
      {
        annotations: { 'sidecar.istio.io/status': '{}' },
        spec: '{ initContainers: [{ name: istio-proxy, restartPolicy: Always }] }',
      },
      'native',
    ],
    ['unknown', {}, 'unknown'],
  ])('%s', (_, given, mode) => {
    expect(podIn(given).proxy.mode).toBe(mode);
  });

  test('says what it assumes', () => {
    const { proxy } = podIn({ namespace: enabled });
    expect(proxy.nativeAssumed).toBe(true);
    expect(proxy.assumptions.join()).toContain('mesh.nativeSidecars');
    expect(
      podIn({ namespace: enabled, facts: { nativeSidecars: true } }).proxy.assumptions,
    ).toEqual([]);
  });
});
