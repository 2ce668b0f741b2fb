import * as z from 'zod';
import { stringIn, valueIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { clusterOf, copiesOf } from '../../mesh/clusters.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { contains, readRange } from '../../mesh/ip.ts';
import { isMeshConfig, rootNamespace, yamlIn } from '../../mesh/mesh-config.ts';
import { declaredNetworks } from '../../mesh/mesh-networks.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { networkLabel } from '../../mesh/topology-keys.ts';
import { disjointNetworksExamples } from './disjoint-networks.examples.ts';

const params = z.object({
  networkPerCluster: z
    .boolean()
    .default(false)
    .describe('Whether every cluster is meant to have a network of its own.'),
});
type MessageId =
  | 'ranges-overlap'
  | 'range-unreadable'
  | 'registry-twice'
  | 'registry-unknown'
  | 'cluster-name-twice'
  | 'network-shared';

const injectorConfig = 'istio-sidecar-injector';
const at = pointer('data', 'meshNetworks');

/** An endpoint is in one network, a cluster has one name. */
export const disjointNetworks = definePolicy<typeof params, MessageId>({
  id: 'multicluster/disjoint-networks',
  title: 'Networks do not overlap, and clusters and networks have names of their own',
  why: 'Istio decides by an endpoint’s network whether to dial it or a gateway, and by a cluster’s name which istiod’s view an endpoint is from. Where two ranges hold one address, or two clusters have one name, the answer is whichever comes first, and istiod says so in its log only.',
  sources: [
    'Istio pilot/pkg/serviceregistry/kube/controller/network.go',
    'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#Network',
  ],
  severity: 'error',
  subjects: ['ConfigMap', 'Namespace'],
  consults: ['Service'],
  cost: 'O(ranges of meshNetworks, squared); O(clusters).',
  params,
  messages: {
    'ranges-overlap': {
      text: 'The ranges {range} of network {network} and {otherRange} of {other} overlap: Istio takes the addresses in both for {network}, the wider one’s.',
      remedy: 'Give every network ranges of its own.',
    },
    'range-unreadable': {
      text: 'Istio passes over the range {range} of network {network}: it is no CIDR.',
      remedy: 'Write it as an address and a length, such as 10.1.0.0/16.',
    },
    'registry-twice': {
      text: 'The cluster {registry} is an endpoint of networks {networks}: Istio takes its Pods for one of them, by chance.',
      remedy: 'Name every cluster by fromRegistry in one network only.',
    },
    'registry-unknown': {
      text: 'Network {network} is said to be that of cluster {registry}, which is none of {clusters}: none of its Pods is in it.',
      remedy: 'Write the name of a cluster (global.multiCluster.clusterName).',
    },
    'cluster-name-twice': {
      text: 'The clusters {clusters} all take {name} for their name (global.multiCluster.clusterName): istiod mixes up their endpoints and gateways.',
      remedy: 'Give every cluster a name of its own.',
    },
    'network-shared': {
      text: 'The clusters {clusters} all call their network {network}: their proxies dial each other’s Pods directly.',
      remedy: 'Give every cluster’s network a name of its own.',
    },
  },
  unobserved:
    'Networks of the mesh config, and several clusters, are read by a running istiod only, not by the witness: see Istio `pilot/pkg/serviceregistry/kube/controller/network.go`.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0126',
      note: 'knows clusters by their secrets; sees no overlap and no name that is there twice',
    },
  ],
  check({ resource }, mesh, { networkPerCluster }) {
    if (resource.type === 'Namespace') {
      return networkPerCluster && resource.name === rootNamespace(mesh)
        ? sharedNetwork(resource, mesh)
        : [];
    }
    if (isMeshConfig(resource, mesh)) {
      return [...rangeReports(mesh), ...registryReports(mesh)];
    }
    return resource.name === injectorConfig && resource.namespace === rootNamespace(mesh)
      ? sharedName(resource, mesh)
      : [];
  },
  examples: disjointNetworksExamples,
});

function rangeReports(mesh: Mesh): readonly Report<MessageId>[] {
  const reports: Report<MessageId>[] = [];
  const ranges = declaredNetworks(mesh).flatMap(({ name: network, cidrs }) =>
    cidrs.flatMap((text) => {
      const range = text.includes('/') ? readRange(text) : undefined;
      if (range === undefined) {
        reports.push({
          message: 'range-unreadable',
          severity: 'warning',
          at,
          data: { network, range: text },
        });
        return [];
      }
      return [{ network, text, range }];
    }),
  );
  for (const wide of ranges) {
    for (const narrow of ranges) {
      const equal = wide.range.length === narrow.range.length;
      const counted = !equal || wide.network < narrow.network;
      if (wide.network !== narrow.network && counted && contains(wide.range, narrow.range)) {
        const data = {
          network: wide.network,
          range: wide.text,
          other: narrow.network,
          otherRange: narrow.text,
        };
        reports.push({ message: 'ranges-overlap', at, data });
      }
    }
  }
  return reports;
}

function registryReports(mesh: Mesh): readonly Report<MessageId>[] {
  const networksOf = new Map<string, string[]>();
  for (const { name, registries } of declaredNetworks(mesh)) {
    for (const registry of new Set(registries)) {
      networksOf.set(registry, [...(networksOf.get(registry) ?? []), name]);
    }
  }
  const clusters = clusterNames(mesh);
  return [...networksOf].flatMap(([registry, networks]): readonly Report<MessageId>[] => {
    if (networks.length > 1) {
      return [{ message: 'registry-twice', at, data: { registry, networks } }];
    }
    const known = clusters.length < 2 || clusters.includes(registry) || registry === 'Kubernetes';
    const data = { registry, network: networks[0] ?? '', clusters };
    return known ? [] : [{ message: 'registry-unknown', severity: 'warning', at, data }];
  });
}

function sharedName(configMap: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const name = clusterNameIn(configMap);
  const clusters = copiesOf('ConfigMap', configMap.namespace, configMap.name, mesh)
    .filter((copy) => clusterNameIn(copy) === name)
    .map(clusterOf);
  return name === undefined || clusterOf(configMap) === '' || clusters.length < 2
    ? []
    : [{ message: 'cluster-name-twice', at: pointer('data', 'values'), data: { name, clusters } }];
}

function sharedNetwork(namespace: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const network = namespace.labels[networkLabel] ?? '';
  const clusters = copiesOf('Namespace', '', namespace.name, mesh)
    .filter(({ labels }) => labels[networkLabel] === network)
    .map(clusterOf);
  return network === '' || clusterOf(namespace) === '' || clusters.length < 2
    ? []
    : [
        {
          message: 'network-shared',
          severity: 'warning',
          at: pointer('metadata', 'labels', networkLabel),
          data: { network, clusters },
        },
      ];
}

/** The clusters that the objects name, by label or by the injector's values. */
function clusterNames(mesh: Mesh): readonly string[] {
  const root = rootNamespace(mesh);
  const configs = copiesOf('ConfigMap', root, injectorConfig, mesh);
  const labelled = [...copiesOf('Namespace', '', root, mesh), ...configs].map(clusterOf);
  return [
    ...new Set([...labelled, ...configs.flatMap((config) => clusterNameIn(config) ?? [])]),
  ].sort();
}

function clusterNameIn(configMap: Resource): string | undefined {
  const multiCluster = valueIn(yamlIn(configMap, 'values'), 'global', 'multiCluster');
  return stringIn(multiCluster, 'clusterName') || undefined;
}
