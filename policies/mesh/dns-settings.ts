import { listIn, stringIn, stringMapIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { isWildcardHost } from './hosts.ts';
import { atLeastIstio, meshConfig, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { proxySettingsOf, readsAsTrue } from './proxy-config.ts';
import type { Workload } from './workload.ts';

/** Turns on the proxy's DNS, so that it answers for hosts of the mesh. */
export const dnsCaptureVariable = 'ISTIO_META_DNS_CAPTURE';
/** Asks for the older, per-proxy allocation of addresses. */
const dnsAutoAllocateVariable = 'ISTIO_META_DNS_AUTO_ALLOCATE';

const allocationLabel = 'networking.istio.io/enable-autoallocate-ip';

/** A proxy's DNS: what it declares beats the mesh config, and that beats the fact `mesh.dnsCapture`. */
export interface DnsSettings {
  readonly captures: boolean;
  /** Addresses of the older allocation count for this proxy. */
  readonly allocates: boolean;
}

/** The DNS settings of a workload's proxy; of the mesh where there is no workload. */
export function dnsSettingsOf(workload: Workload | undefined, mesh: Mesh): DnsSettings {
  const declared =
    workload === undefined
      ? stringMapIn(protoMember(protoMember(meshConfig(mesh), 'defaultConfig'), 'proxyMetadata'))
      : undefined;
  const environment =
    workload === undefined ? undefined : proxySettingsOf(workload, mesh).environment;
  const read = (name: string): string | undefined => declared?.[name] ?? environment?.[name]?.value;
  const capture = read(dnsCaptureVariable);
  return {
    captures: capture === undefined ? (mesh.facts.dnsCapture ?? false) : readsAsTrue(capture),
    allocates: readsAsTrue(read(dnsAutoAllocateVariable)),
  };
}

/** Whether istiod gives addresses to entries without any (`PILOT_ENABLE_IP_AUTOALLOCATE`, on since 1.25). */
export function meshAllocates(mesh: Mesh): boolean {
  return mesh.facts.autoAllocate ?? atLeastIstio(mesh, 1, 25);
}

/**
 * The addresses that a proxy uses for a host of a ServiceEntry beside the declared ones: the recorded ones, or `true`
 * where it surely has one that is not recorded yet, or none. Source: Istio `ip_autoallocation.go`, observed.
 */
export function allocatedAddresses(
  entry: Resource,
  host: string,
  dns: DnsSettings,
  mesh: Mesh,
): readonly string[] | true {
  if (!dns.captures || !isAllocatable(entry, host)) {
    return [];
  }
  if (meshAllocates(mesh)) {
    const recorded = listIn(entry.object, 'status', 'addresses').flatMap((address) => {
      const value = stringIn(address, 'value');
      const own = stringIn(address, 'host') ?? host;
      return value !== undefined && own.toLowerCase() === host ? [value] : [];
    });
    return recorded.length > 0 ? recorded : true;
  }
  return dns.allocates ? true : [];
}

/** Whether an entry may get an address at all: none declared, not opted out, a resolution, no wildcard. */
export function isAllocatable(entry: Resource, host: string): boolean {
  const resolution = stringIn(entry.object, 'spec', 'resolution') ?? 'NONE';
  return (
    listIn(entry.object, 'spec', 'addresses').length === 0 &&
    entry.labels[allocationLabel] !== 'false' &&
    resolution !== 'NONE' &&
    (!isWildcardHost(host) || resolution === 'DYNAMIC_DNS')
  );
}
