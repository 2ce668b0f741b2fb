import { isWildcardHost, hostMatches } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain, meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** Whose a host is. */
export interface HostOwner {
  /** The namespaces that define the host; empty where none is known, or where a wildcard spans many. */
  readonly namespaces: ReadonlySet<string>;
  /** `service`: a Service's host, by its name; `entry`: of ServiceEntries; `many`: a wildcard over Services of all. */
  readonly by: 'service' | 'entry' | 'many' | 'nobody';
}

/**
 * The namespaces that a host belongs to: a Service's host says so itself, be the Service known or not; another host
 * belongs to the ServiceEntries that define it. Costs O(ServiceEntries of the host).
 */
export function hostOwner(host: string, mesh: Mesh): HostOwner {
  const domain = `.svc.${clusterDomain(mesh)}`;
  if (host.endsWith(domain)) {
    const labels = host.slice(0, -domain.length).split('.');
    const namespace = labels.at(-1);
    if (labels.length > 1 && namespace !== undefined && namespace !== '') {
      return { namespaces: new Set([namespace]), by: 'service' };
    }
  }
  if (isWildcardHost(host) && hostMatches(host, `*${domain}`)) {
    return { namespaces: new Set(), by: 'many' };
  }
  const namespaces = new Set<string>();
  for (const entry of mesh.byKey('ServiceEntry', hostKey('', host))) {
    namespaces.add(entry.namespace);
  }
  return { namespaces, by: namespaces.size === 0 ? 'nobody' : 'entry' };
}

/** Whether a namespace speaks for a host that others own; the root namespace, and namespaces that are trusted, may. */
export function isForeign(
  namespace: string,
  owner: HostOwner,
  trusted: readonly string[],
  mesh: Mesh,
): boolean {
  const owned = owner.by !== 'nobody' && !owner.namespaces.has(namespace);
  return owned && namespace !== meshWideNamespace(mesh) && !trusted.includes(namespace);
}
