import type { Resource } from '../core/resource.ts';
import { wildcardsOver } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** The ServiceEntries for a host, exact ones and wildcards over it. Costs O(labels of the host + entries found). */
export function entriesFor(host: string, mesh: Mesh): readonly Resource[] {
  return [host, ...wildcardsOver(host)].flatMap((pattern) => [
    ...mesh.byKey('ServiceEntry', hostKey('', pattern)),
  ]);
}

/** The VirtualServices for a host, exact ones and wildcards over it. */
export function virtualServicesFor(host: string, mesh: Mesh): readonly Resource[] {
  return [host, ...wildcardsOver(host)].flatMap((pattern) => [
    ...mesh.byKey('VirtualService', hostKey('', pattern)),
  ]);
}

/** Whether a host is none of the cluster's. */
export function isExternal(host: string, mesh: Mesh): boolean {
  return (
    host !== '*' &&
    host !== '' &&
    !host.endsWith(`.svc.${clusterDomain(mesh)}`) &&
    !host.endsWith('.svc.clusterset.local')
  );
}
