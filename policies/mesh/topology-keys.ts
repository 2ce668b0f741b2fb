import { listIn, stringIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { clusterOf, copyKey } from './clusters.ts';
import { ambientLabel } from './labels.ts';
import { workloadOf } from './workload.ts';

/** Names the network of a Pod, of what a gateway leads to, or of all Pods where the system namespace carries it. */
export const networkLabel = 'topology.istio.io/network';

/** Key of Namespaces whose Pods are in the ambient mesh. */
export const ambientKey = '~ambient';

/** Key of what names a network; of what names any where the network is ''. */
export function networkKey(network: string): string {
  return `~${network}`;
}

/** The keys of an object by the networks that it names, and by its namespace and name where it names its cluster. */
export function topologyKeys(resource: Resource): readonly string[] {
  const networks = networksNamedBy(resource).filter((network) => network !== '');
  const ambient = resource.type === 'Namespace' && resource.labels[ambientLabel] === 'ambient';
  return [
    ...(clusterOf(resource) === '' ? [] : [copyKey(resource.namespace, resource.name)]),
    ...(networks.length === 0 ? [] : [networkKey(''), ...new Set(networks.map(networkKey))]),
    ...(ambient ? [ambientKey] : []),
  ];
}

function networksNamedBy(resource: Resource): readonly string[] {
  switch (resource.type) {
    case 'WorkloadEntry':
      return [stringIn(resource.object, 'spec', 'network') ?? ''];
    case 'ServiceEntry':
      return listIn(resource.object, 'spec', 'endpoints').map(
        (endpoint) => stringIn(endpoint, 'network') ?? '',
      );
    case 'Service':
    case 'Namespace':
    case 'KubernetesGateway':
      return [resource.labels[networkLabel] ?? ''];
    default:
      return [workloadOf(resource)?.labels[networkLabel] ?? ''];
  }
}
