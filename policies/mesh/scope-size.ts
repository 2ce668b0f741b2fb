import { listIn } from '../core/json.ts';
import { clustersOf, exportGroup, exportsOf, isDiscovered } from './exports.ts';
import { meshConfig, meshWideNamespace, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { exportKey, mostClustersCounted } from './scope-keys.ts';

/** What the proxies of a namespace hold without a scope, and with one of their own and the root namespace. */
export interface ScopeSize {
  /** Services and ServiceEntries that the namespace sees. */
  readonly services: number;
  /** Outbound clusters per proxy, one for each host and port; subsets not counted. */
  readonly clustersBefore: number;
  readonly clustersAfter: number;
}

const kinds = ['Service', 'ServiceEntry'] as const;

/**
 * An estimate of what a scope saves the proxies of a namespace, from the sizes of index sets: O(1) in the mesh, and
 * O(own Services). Namespaces that istiod does not read are taken off in proportion, O(namespaces).
 */
export function scopeSize(namespace: string, mesh: Mesh): ScopeSize {
  const seen = countSeen(namespace, mesh);
  const share = discoveredShare(mesh);
  const after = [...new Set([namespace, meshWideNamespace(mesh)])]
    .map((from) => clustersFrom(from, namespace, mesh))
    .reduce((sum, clusters) => sum + clusters, 0);
  const before = Math.max(after, Math.round(seen.clusters * share));
  return {
    services: Math.round(seen.services * share),
    clustersBefore: before,
    clustersAfter: after,
  };
}

/** How many Services and ServiceEntries there are at most; O(1), to ask before anything is estimated. */
export function mostServices(mesh: Mesh): number {
  return kinds.reduce((sum, kind) => sum + mesh.count(kind), 0);
}

interface Seen {
  readonly services: number;
  readonly clusters: number;
}

function countSeen(namespace: string, mesh: Mesh): Seen {
  const configured = protoMember(meshConfig(mesh), 'defaultServiceExportTo');
  const publicByDefault =
    !Array.isArray(configured) || configured.length === 0 || configured.includes('*');
  const places = ['*', namespace, ...(publicByDefault ? [''] : [])];
  let services = 0;
  let clusters = 0;
  for (let each = 1; each <= mostClustersCounted; each += 1) {
    for (const kind of kinds) {
      for (const place of places) {
        const { size } = mesh.byKey(kind, exportKey(place, each));
        services += size;
        clusters += size * each;
      }
    }
  }
  const own = ownPrivate(namespace, mesh);
  return { services: services + own.services, clusters: clusters + own.clusters };
}

/** What a namespace exports to itself alone by `.`, which is not found by the namespace's name. */
function ownPrivate(namespace: string, mesh: Mesh): Seen {
  let services = 0;
  let clusters = 0;
  for (const kind of kinds) {
    for (const resource of mesh.inNamespace(kind, namespace)) {
      if (exportsOf(resource, mesh).includes('.')) {
        services += 1;
        clusters += clustersOf(resource);
      }
    }
  }
  return { services, clusters };
}

function clustersFrom(from: string, namespace: string, mesh: Mesh): number {
  let clusters = 0;
  for (const kind of kinds) {
    for (const resource of mesh.inNamespace(kind, from)) {
      if (exportGroup(resource, namespace, mesh) !== undefined) {
        clusters += clustersOf(resource);
      }
    }
  }
  return clusters;
}

function discoveredShare(mesh: Mesh): number {
  if (listIn(meshConfig(mesh), 'discoverySelectors').length === 0) {
    return 1;
  }
  let all = 0;
  let read = 0;
  for (const namespace of mesh.namespacesWith('Service')) {
    const { size } = mesh.inNamespace('Service', namespace);
    all += size;
    read += isDiscovered(namespace, mesh) ? size : 0;
  }
  return all === 0 ? 1 : read / all;
}
