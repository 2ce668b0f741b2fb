import { listIn, stringIn, valueIn } from '../core/json.ts';
import { workloadKinds } from '../core/kinds.ts';
import { compareAge, compareText, type Resource } from '../core/resource.ts';
import { inClusterOf } from './clusters.ts';
import { injectorValues, rootNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { declaredNetworks, networkOfAddress } from './mesh-networks.ts';
import { gatewayState, leadsAmbientAcross, leadsSidecarsAcross } from './network-gateways.ts';
import { networkKey, networkLabel } from './topology-keys.ts';
import { proxyContainerOf, workloadOf, type Workload } from './workload.ts';

/**
 * The network of a workload's Pods as istiod takes it: their label, the label of the system namespace, the mesh
 * config's networks by the Pod's address; undefined where none tells, which makes them local to everyone. Source:
 * Istio `pilot/pkg/serviceregistry/kube/controller/controller.go`.
 */
export function networkOf(workload: Workload, mesh: Mesh): string | undefined {
  const labelled = workload.labels[networkLabel] || systemNetwork(workload.resource, mesh);
  const address = stringIn(workload.resource.object, 'status', 'podIP');
  return labelled || (address === undefined ? undefined : networkOfAddress(address, mesh));
}

/**
 * The network that a workload's proxy is in, from its own point of view (`ISTIO_META_NETWORK`): the declared
 * container's, else what the injector fills in from the Pod's label or its values. No label of a Namespace counts.
 */
export function networkOfProxy(workload: Workload, mesh: Mesh): string | undefined {
  const declared = listIn(proxyContainerOf(workload)?.container, 'env').find(
    (variable) => stringIn(variable, 'name') === 'ISTIO_META_NETWORK',
  );
  return (
    stringIn(declared, 'value') ||
    workload.labels[networkLabel] ||
    injectedNetwork(mesh) ||
    undefined
  );
}

/** The network of the system namespace, in the cluster of an object. */
function systemNetwork(resource: Resource, mesh: Mesh): string | undefined {
  const namespace = inClusterOf(resource, 'Namespace', '', rootNamespace(mesh), mesh);
  return namespace?.labels[networkLabel] || mesh.facts.network;
}

/** Whether sidecars reach a network through a gateway: one that is among the objects, or one that the facts name. */
export function hasGateway(network: string, mesh: Mesh): boolean {
  if (mesh.facts.networksWithGateway?.includes(network) === true) {
    return true;
  }
  const declared = declaredNetworks(mesh).find(({ name }) => name === network);
  return (
    declared?.gateways.some(({ usable }) => usable) === true ||
    gatewayServices(network, mesh).some((service) => gatewayState(service) === 'usable') ||
    [...mesh.byKey('KubernetesGateway', networkKey(network))].some(leadsAcross)
  );
}

/** What is assumed where a network is said to have no gateway. */
export function gatewayAssumed(network: string): readonly string[] {
  return [`the gateways of ${network} are among the inputs; mesh.networksWithGateway names others`];
}

/** Whether anything is meant as the gateway of any network: without that, proxies address all Pods directly. */
export function hasAnyGateway(mesh: Mesh): boolean {
  return (
    mesh.byKey('Service', networkKey('')).size > 0 ||
    mesh.byKey('KubernetesGateway', networkKey('')).size > 0 ||
    (mesh.facts.networksWithGateway?.length ?? 0) > 0 ||
    declaredNetworks(mesh).some(({ gateways }) => gateways.length > 0)
  );
}

/** The Services that are meant as gateways of a network, usable or not; of any network where it is ''. */
export function gatewayServices(network: string, mesh: Mesh): readonly Resource[] {
  return [...mesh.byKey('Service', networkKey(network))].sort(
    (left, right) =>
      compareText(left.namespace, right.namespace) || compareText(left.name, right.name),
  );
}

/**
 * Whether there are clients outside a network, so that something has to lead into it: workloads labelled with another
 * one, or without a label where they are known to be in another. Where nothing tells any workload's network, clients
 * are taken to be outside. Costs O(kinds).
 */
export function hasClientsOutside(network: string, mesh: Mesh): boolean {
  if (isLabelledOutside(network, mesh)) {
    return true;
  }
  const counts = workloadKinds.map((kind) => ({
    all: mesh.count(kind),
    labelled: mesh.byKey(kind, networkKey('')).size,
  }));
  const unlabelled = defaultNetwork(mesh);
  return unlabelled === undefined
    ? counts.every(({ labelled }) => labelled === 0)
    : unlabelled !== network && counts.some(({ all, labelled }) => all > labelled);
}

/** Whether workloads are labelled with another network than this one. */
export function isLabelledOutside(network: string, mesh: Mesh): boolean {
  return workloadKinds.some(
    (kind) => mesh.byKey(kind, networkKey('')).size > mesh.byKey(kind, networkKey(network)).size,
  );
}

/** Whether proxies put the gateway of a network in the place of its endpoints, for some clients. */
export function isCrossed(network: string | undefined, mesh: Mesh): network is string {
  return (
    network !== undefined &&
    network !== '' &&
    hasGateway(network, mesh) &&
    hasClientsOutside(network, mesh)
  );
}

/** Whether somebody needs a gateway into a network, and nothing is even meant as one. */
export function lacksGateway(network: string, mesh: Mesh): boolean {
  return (
    network !== '' &&
    gatewayServices(network, mesh).length === 0 &&
    !hasGateway(network, mesh) &&
    hasClientsOutside(network, mesh)
  );
}

/** The networks that something is meant as a gateway of, by name. */
export function networksWithGateways(mesh: Mesh): readonly string[] {
  const named = [...mesh.byKey('Service', networkKey(''))].map(
    ({ labels }) => labels[networkLabel] ?? '',
  );
  const declared = declaredNetworks(mesh).map(({ name }) => name);
  return [...new Set([...named, ...declared, ...(mesh.facts.networksWithGateway ?? [])])].sort();
}

/** Some workloads that are in a network: those with its label, else those without a label where it is the default. */
export function workloadsIn(network: string, most: number, mesh: Mesh): readonly Workload[] {
  const labelled = workloadKinds.flatMap((kind) => [...mesh.byKey(kind, networkKey(network))]);
  const resources =
    labelled.length === 0 && defaultNetwork(mesh) === network
      ? firstWorkloads(most, mesh)
      : labelled;
  return resources
    .flatMap((resource) => workloadOf(resource) ?? [])
    .filter(({ labels }) => (labels[networkLabel] ?? network) === network)
    .sort((left, right) => compareAge(left.resource, right.resource))
    .slice(0, most);
}

function firstWorkloads(most: number, mesh: Mesh): readonly Resource[] {
  const found: Resource[] = [];
  for (const kind of workloadKinds) {
    for (const namespace of [...mesh.namespacesWith(kind)].sort()) {
      found.push(...mesh.inNamespace(kind, namespace));
      if (found.length >= most) {
        return found;
      }
    }
  }
  return found;
}

function defaultNetwork(mesh: Mesh): string | undefined {
  const namespace = mesh.get('Namespace', '', rootNamespace(mesh));
  return namespace?.labels[networkLabel] || injectedNetwork(mesh);
}

function injectedNetwork(mesh: Mesh): string | undefined {
  const value = valueIn(injectorValues(mesh), 'global', 'network');
  return typeof value === 'string' && value !== '' ? value : mesh.facts.network;
}

/** A Gateway of the Gateway API that Istio makes, or finds, a cross-network gateway for. */
function leadsAcross(gateway: Resource): boolean {
  return leadsSidecarsAcross(gateway) || leadsAmbientAcross(gateway);
}
