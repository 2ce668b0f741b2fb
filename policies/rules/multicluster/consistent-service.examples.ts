import type { Example } from '../../core/policy.ts';

function ledger(cluster: string, spec: string): string {
  return `---
apiVersion: v1
kind: Service
metadata:
  name: ledger
  namespace: shop
  ${cluster}
spec: { selector: { app: ledger }, ${spec} }
`;
}

const east = 'labels: { topology.istio.io/cluster: east }';
const west = 'labels: { topology.istio.io/cluster: west }';
const ports = 'ports: [{ name: tcp-ledger, port: 7000 }, { name: http-admin, port: 80 }]';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const consistentServiceExamples: readonly Example[] = [
  {
    name: 'The same ports, in any order, and selectors and targets of each cluster',
    yaml: `${ledger(east, `${ports}, type: ClusterIP`)}${ledger(
      west,
      'ports: [{ name: http-admin, port: 80, targetPort: 8080 }, { name: tcp-ledger, port: 7000 }]',
    )}`,
    expect: [],
  },
  {
    name: 'Manifests of one cluster, a base and its overlay',
    yaml: ledger('labels: { app: ledger }', ports),
    expect: [],
  },
  {
    name: 'A port more, the cluster named by an annotation',
    yaml: `${ledger(east, ports)}${ledger(
      'annotations: { topology.istio.io/cluster: west }',
      'ports: [{ name: tcp-ledger, port: 7000 }]',
    )}`,
    expect: ['ports-differ | Service shop/ledger'],
  },
  {
    name: 'Another protocol by the name of the port',
    yaml: `${ledger(east, 'ports: [{ name: tcp-ledger, port: 7000 }]')}${ledger(
      west,
      'ports: [{ name: http-ledger, port: 7000 }]',
    )}`,
    expect: ['ports-differ | Service shop/ledger'],
  },
  {
    name: 'Headless in one cluster',
    yaml: `${ledger(east, `${ports}, clusterIP: None`)}${ledger(west, ports)}`,
    expect: ['headless-differs | Service shop/ledger'],
  },
  {
    name: 'A load balancer in one cluster',
    yaml: `${ledger(east, ports)}${ledger(west, `${ports}, type: LoadBalancer`)}`,
    expect: ['type-differs | Service shop/ledger'],
  },
];
