import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../../policies/core/evaluate.ts';
import type { Finding } from '../../../policies/core/finding.ts';
import { catalogue } from '../../../policies/index.ts';
import type { MeshPolicy } from '../../../policies/mesh/mesh.ts';
import { planFor, readMesh } from '../../support/examples.ts';

const namespace = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
`;
const service = `---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: tcp-ledger, port: 7000 }] }
`;
const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger, namespace: shop }
spec:
  host: ledger.shop.svc.cluster.local
  trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
`;

function policyOf(id: string): MeshPolicy {
  const policy = catalogue.find((candidate) => candidate.id === id);
  if (policy === undefined) {
    throw new Error(`no policy ${id}`);
  }
  return policy;
}

function findings(
  id: string,
  yaml: string,
  reference: string,
  { defaulted = false, params = {} } = {},
): readonly Finding[] {
  const { mesh, find } = readMesh(yaml, { nativeSidecars: false });
  const plan = planFor(policyOf(id), { params, mesh: { nativeSidecars: false } });
  return evaluate({ resource: find(reference), defaulted }, mesh, plan).findings;
}

function pod(name: string, graceSeconds: number, config = ''): string {
  return `---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ledger }, annotations: { ${config} } }
spec: { terminationGracePeriodSeconds: ${String(graceSeconds)}, containers: [{ name: app, image: ledger }] }
`;
}

describe('drain/grace-covers-ttl', () => {
  const id = 'drain/grace-covers-ttl';

  test('fills a grace period that the API server defaulted, and replaces one that was declared', () => {
    const yaml = `${namespace}${pod('ledger', 30)}${service}${rule}`;
    const [defaulted] = findings(id, yaml, 'Pod shop/ledger', { defaulted: true });
    expect(defaulted?.fix?.kind).toBe('fill');
    const [declared] = findings(id, yaml, 'Pod shop/ledger');
    expect(declared?.fix?.kind).toBe('replacement');
    expect(declared?.fix?.changes.map(({ at }) => at)).toEqual([
      '/metadata/annotations/proxy.istio.io~1config',
      '/spec/terminationGracePeriodSeconds',
    ]);
  });

  test('never lowers a grace period', () => {
    const yaml = `${namespace}${pod('ledger', 4000)}${service}${rule}`;
    const [finding] = findings(id, yaml, 'Pod shop/ledger');
    expect(finding?.fix?.changes.map(({ at }) => at)).toEqual([
      '/metadata/annotations/proxy.istio.io~1config',
    ]);
  });

  test.each([
    [89, 'error'],
    [90, 'warning'],
    [119, 'warning'],
    [120, undefined],
  ])('a drain of %ss for a TTL of 60s: %s', (drainSeconds, severity) => {
    const config = `proxy.istio.io/config: "terminationDrainDuration: ${String(drainSeconds)}s"`;
    const yaml = `${namespace}${pod('ledger', 500, config)}${service}${rule}`;
    expect(findings(id, yaml, 'Pod shop/ledger').map((finding) => finding.severity)).toEqual(
      severity === undefined ? [] : [severity],
    );
  });

  test('propagation and jitter count where the TTL is short', () => {
    const short = rule.replace('60s', '4s');
    const config = 'proxy.istio.io/config: "terminationDrainDuration: 8s"';
    const yaml = `${namespace}${pod('ledger', 500, config)}${service}${short}`;
    const [finding] = findings(id, yaml, 'Pod shop/ledger');
    expect(finding?.data).toMatchObject({ ttl: '4s', required: '9s', serving: '8s' });
    const params = { propagationTime: '1s' };
    expect(findings(id, yaml, 'Pod shop/ledger', { params })).toEqual([]);
    const jittered = findings(id, yaml, 'Pod shop/ledger', {
      params: { propagationTime: '3s', jitter: 0.5 },
    });
    expect(jittered[0]?.data).toMatchObject({ required: '9s' });
  });

  test('a rule names the first ten workloads that it outlives, then counts', () => {
    const pods = Array.from({ length: 12 }, (_, index) => pod(`p-${String(index)}`, 30)).join('');
    const yaml = `${namespace}${pods}${service}${rule}`;
    const [finding] = findings(id, yaml, 'DestinationRule shop/ledger');
    expect(finding?.data).toMatchObject({ count: 12 });
    expect(finding?.data['workloads']).toHaveLength(11);
    expect(finding?.text).toContain('and 2 more');
    expect(finding?.at).toBe('/spec/trafficPolicy/connectionPool/tcp/maxConnectionDuration');
  });
});

describe('drain/bounded-connection-ttl', () => {
  test('says nothing of a Service that routes send elsewhere', () => {
    const moved = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.shop.svc.cluster.local]
  tcp: [{ route: [{ destination: { host: archive.shop.svc.cluster.local } }] }]
`;
    const id = 'drain/bounded-connection-ttl';
    const yaml = `${namespace}${pod('ledger', 30)}${service}`;
    expect(findings(id, yaml, 'Pod shop/ledger')).toHaveLength(1);
    expect(findings(id, `${yaml}${moved}`, 'Pod shop/ledger')).toEqual([]);
  });
});
