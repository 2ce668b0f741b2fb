import type { Example } from '../../core/policy.ts';

function meshNetworks(east: string, west: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  meshNetworks: |
    networks:
      east: { endpoints: [${east}], gateways: [{ address: 203.0.113.8, port: 15443 }] }
      west: { endpoints: [${west}], gateways: [{ registryServiceName: east-west.istio-system.svc.cluster.local, port: 15443 }] }
`;
}

function cluster(name: string, clusterName: string, network: string): string {
  return `---
apiVersion: v1
kind: Namespace
metadata:
  name: istio-system
  labels: { topology.istio.io/cluster: ${name}, topology.istio.io/network: ${network} }
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector
  namespace: istio-system
  labels: { topology.istio.io/cluster: ${name} }
data:
  values: '{ "global": { "multiCluster": { "clusterName": "${clusterName}" } } }'
`;
}

const clusters = `${cluster('east', 'east', 'net-east')}${cluster('west', 'west', 'net-west')}`;
const config = 'ConfigMap istio-system/istio';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const disjointNetworksExamples: readonly Example[] = [
  {
    name: 'Ranges side by side, and several of one network in each other',
    yaml: meshNetworks(
      '{ fromCidr: 10.0.0.0/9 }, { fromCidr: 10.1.0.0/16 }',
      '{ fromCidr: 10.128.0.0/9 }',
    ),
    expect: [],
  },
  {
    name: 'Each cluster is one network’s',
    yaml: `${meshNetworks('{ fromRegistry: east }', '{ fromRegistry: west }')}${clusters}`,
    expect: [],
  },
  {
    name: 'Two clusters in one network, which is what a flat network is',
    yaml: `${cluster('east', 'east', 'flat')}${cluster('west', 'west', 'flat')}`,
    expect: [],
  },
  {
    name: 'A range within another network’s',
    yaml: meshNetworks('{ fromCidr: 10.0.0.0/8 }', '{ fromCidr: 10.2.0.0/16 }'),
    expect: [`ranges-overlap | ${config}`],
  },
  {
    name: 'One range, written in two ways',
    yaml: meshNetworks('{ fromCidr: 10.2.0.0/16 }', '{ fromCidr: 10.2.3.4/16 }'),
    expect: [`ranges-overlap | ${config}`],
  },
  {
    name: 'An address is no range',
    yaml: meshNetworks('{ fromCidr: 10.1.0.1 }', '{ fromCidr: 10.2.0.0/16 }'),
    expect: [`range-unreadable | ${config}`],
  },
  {
    name: 'One cluster in two networks',
    yaml: meshNetworks('{ fromRegistry: east }', '{ fromRegistry: east }'),
    expect: [`registry-twice | ${config}`],
  },
  {
    name: 'A network of a cluster that is none',
    yaml: `${meshNetworks('{ fromRegistry: east }', '{ fromRegistry: wset }')}${clusters}`,
    expect: [`registry-unknown | ${config}`],
  },
  {
    name: 'Two clusters with one name',
    yaml: `${cluster('east', 'Kubernetes', 'net-east')}${cluster('west', 'Kubernetes', 'net-west')}`,
    expect: [
      'cluster-name-twice | ConfigMap istio-system/istio-sidecar-injector',
      'cluster-name-twice | ConfigMap istio-system/istio-sidecar-injector',
    ],
  },
  {
    name: 'One network name where each cluster is to have its own',
    params: { networkPerCluster: true },
    yaml: `${cluster('east', 'east', 'net1')}${cluster('west', 'west', 'net1')}`,
    expect: ['network-shared | Namespace istio-system', 'network-shared | Namespace istio-system'],
  },
];
