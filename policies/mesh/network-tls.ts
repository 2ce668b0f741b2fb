import { listIn, numberIn, objectIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { clientViews } from './clients.ts';
import { tlsPointer } from './client-tls.ts';
import { effectiveRule, portPolicy, ruleHost } from './destination-rules.ts';
import { endpointsOf } from './endpoint-tls.ts';
import { isWildcardHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { matchesLabels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { effectiveMtls, selectedByPolicy } from './mtls.ts';
import { endpointsOfEntry, isExternal, resolvesByDns } from './network-endpoints.ts';
import { isCrossed, networkOf, workloadsIn, networksWithGateways } from './networks.ts';
import { hostsOf } from './registry.ts';
import { servicesReached, workloadsSelected } from './reach.ts';
import { hostOf, isHeadless, portsOf, servicesOf } from './services.ts';
import { networkKey } from './topology-keys.ts';
import { workloadPort } from './target-ports.ts';
import type { Workload } from './workload.ts';
import { meshWideNamespace } from './mesh-config.ts';

/** A setting by which clients do not send Istio's TLS to endpoints behind a network's gateway. */
export interface PlaintextAcross {
  readonly at: Pointer;
  readonly network: string;
  readonly host: string;
  readonly port: number;
  readonly mode: string;
}

const mostWorkloads = 100;

/** The network, crossed by clients, that some endpoint of a Service with these labels is in. */
function crossedNetwork(
  service: Resource,
  labels: Readonly<Record<string, string>>,
  mesh: Mesh,
): string | undefined {
  if (isHeadless(service)) {
    return undefined;
  }
  for (const { workload } of endpointsOf(service, mesh)) {
    const network = networkOf(workload, mesh);
    if (matchesLabels(labels, workload.labels) && isCrossed(network, mesh)) {
      return network;
    }
  }
  return undefined;
}

/**
 * What a DestinationRule's TLS settings take away from clients in other networks: everything but ISTIO_MUTUAL does.
 * Source: Istio `pilot/pkg/xds/endpoints/ep_filters.go`.
 */
export function ruleAcross(rule: Resource, mesh: Mesh): readonly PlaintextAcross[] {
  const found = new Map<Pointer, PlaintextAcross>();
  const services = servicesReached(rule, mesh);
  for (const service of services) {
    for (const across of [
      ...topAcross(rule, service, mesh),
      ...subsetsAcross(rule, service, mesh),
    ]) {
      found.set(across.at, found.get(across.at) ?? across);
    }
  }
  return services.length > 0 ? [...found.values()] : entriesAcross(rule, mesh);
}

/** What a PeerAuthentication that disables mutual TLS takes away from clients in other networks, once for each field. */
export function peerAcross(policy: Resource, mesh: Mesh): readonly PlaintextAcross[] {
  const found = new Map<Pointer, PlaintextAcross>();
  for (const workload of workloadsOfPolicy(policy, mesh)) {
    const network = networkOf(workload, mesh);
    if (!isCrossed(network, mesh)) {
      continue;
    }
    for (const service of servicesOf(workload, mesh)) {
      for (const servicePort of isHeadless(service) ? [] : portsOf(service)) {
        const port = workloadPort(servicePort, workload) ?? 0;
        const { mode, policy: deciding, at } = effectiveMtls(workload, port, mesh);
        if (deciding === policy && mode === 'DISABLE' && !found.has(at)) {
          found.set(at, { at, network, host: hostOf(service, mesh), port, mode });
        }
      }
    }
  }
  return [...found.values()];
}

/**
 * The Services of Pods behind gateways, a hundred Pods a network, and the ServiceEntries with endpoints there, whose
 * clients are told no TLS by any DestinationRule.
 */
export function servicesWithoutTls(
  mesh: Mesh,
): readonly { readonly network: string; readonly service: Resource }[] {
  const found = new Map<Resource, string>();
  for (const network of networksWithGateways(mesh)) {
    const workloads = isCrossed(network, mesh) ? workloadsIn(network, mostWorkloads, mesh) : [];
    for (const service of workloads.flatMap((workload) => servicesOf(workload, mesh))) {
      if (!isHeadless(service) && lacksTlsRule(service, mesh)) {
        found.set(service, found.get(service) ?? network);
      }
    }
    for (const entry of isCrossed(network, mesh) ? entriesOf(network, mesh) : []) {
      if (entryLacksTlsRule(entry, mesh)) {
        found.set(entry, network);
      }
    }
  }
  return [...found].map(([service, network]) => ({ network, service }));
}

/** The ServiceEntries that declare endpoints in a network which take Istio's TLS. */
function entriesOf(network: string, mesh: Mesh): readonly Resource[] {
  return [...mesh.byKey('ServiceEntry', networkKey(network))]
    .filter(
      (entry) =>
        !isExternal(entry) &&
        !resolvesByDns(entry) &&
        endpointsOfEntry(entry, mesh).some(
          (endpoint) => endpoint.network === network && endpoint.istioTls,
        ),
    )
    .sort(compareAge);
}

function entryLacksTlsRule(entry: Resource, mesh: Mesh): boolean {
  return hostsOf(entry, mesh).some((host) => {
    const rule = effectiveRule(host, entry.namespace, entry.namespace, mesh);
    return valueIn(rule?.trafficPolicy, 'tls') === undefined;
  });
}

function lacksTlsRule(service: Resource, mesh: Mesh): boolean {
  const host = hostOf(service, mesh);
  const views = clientViews(host, service, mesh);
  return portsOf(service).some((port) =>
    views.some(({ namespace }) => {
      const rule = effectiveRule(host, service.namespace, namespace, mesh);
      const policy = portPolicy(rule?.trafficPolicy, undefined, numberIn(port, 'port') ?? 0);
      return valueIn(policy, 'tls') === undefined;
    }),
  );
}

function topAcross(rule: Resource, service: Resource, mesh: Mesh): readonly PlaintextAcross[] {
  const host = hostOf(service, mesh);
  const policy = objectIn(rule.object, 'spec', 'trafficPolicy');
  const network = declaresPlaintext(policy) ? crossedNetwork(service, {}, mesh) : undefined;
  if (network === undefined || !decides(rule, service, mesh)) {
    return [];
  }
  return portsOf(service).flatMap((servicePort) => {
    const port = numberIn(servicePort, 'port') ?? 0;
    const mode = plaintextMode(portPolicy(policy, undefined, port));
    return mode === undefined ? [] : [{ at: tlsPointer(policy, port), network, host, port, mode }];
  });
}

/** Whether a rule's policy is the one that some clients of a Service get. */
function decides(rule: Resource, service: Resource, mesh: Mesh): boolean {
  const host = hostOf(service, mesh);
  return clientViews(host, service, mesh).some(
    ({ namespace }) => effectiveRule(host, service.namespace, namespace, mesh)?.policyRule === rule,
  );
}

function subsetsAcross(rule: Resource, service: Resource, mesh: Mesh): readonly PlaintextAcross[] {
  const host = hostOf(service, mesh);
  const [first] = portsOf(service);
  const port = numberIn(first, 'port') ?? 0;
  return listIn(rule.object, 'spec', 'subsets').flatMap((subset, index) => {
    const mode = plaintextMode(portPolicy(undefined, valueIn(subset, 'trafficPolicy'), port));
    const labels = objectIn(subset, 'labels') as Readonly<Record<string, string>>;
    const network = mode === undefined ? undefined : crossedNetwork(service, labels, mesh);
    const at = extendPointer(pointer('spec', 'subsets'), index, 'trafficPolicy');
    return mode === undefined || network === undefined ? [] : [{ at, network, host, port, mode }];
  });
}

function entriesAcross(rule: Resource, mesh: Mesh): readonly PlaintextAcross[] {
  const host = ruleHost(rule, mesh);
  const policy = objectIn(rule.object, 'spec', 'trafficPolicy');
  const mode = plaintextMode(policy);
  if (mode === undefined || isWildcardHost(host)) {
    return [];
  }
  const [first] = [...mesh.byKey('ServiceEntry', hostKey('', host))]
    .flatMap((entry) => endpointsOfEntry(entry, mesh))
    .filter(({ network, istioTls }) => istioTls && isCrossed(network, mesh));
  const at = pointer('spec', 'trafficPolicy', 'tls');
  return first === undefined ? [] : [{ at, network: first.network, host, port: 0, mode }];
}

function workloadsOfPolicy(policy: Resource, mesh: Mesh): readonly Workload[] {
  const labels = selectedByPolicy(policy);
  return labels === undefined && policy.namespace === meshWideNamespace(mesh)
    ? networksWithGateways(mesh).flatMap((network) => workloadsIn(network, mostWorkloads, mesh))
    : workloadsSelected(policy.namespace, labels, mesh);
}

function declaresPlaintext(policy: Json): boolean {
  return (
    plaintextMode(policy) !== undefined ||
    listIn(policy, 'portLevelSettings').some((setting) => plaintextMode(setting) !== undefined)
  );
}

/** The TLS mode of a policy that is not Istio's; a block without a mode disables TLS. */
function plaintextMode(policy: Json): string | undefined {
  const tls = valueIn(policy, 'tls');
  const mode = stringIn(tls, 'mode') ?? 'DISABLE';
  return tls === undefined || mode === 'ISTIO_MUTUAL' ? undefined : mode;
}
