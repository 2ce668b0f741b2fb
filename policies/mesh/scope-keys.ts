import { listIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { clustersOf, declaredExports } from './exports.ts';
import { resolveHost, wildcardsOver } from './hosts.ts';

/** The most clusters of one Service or ServiceEntry that {@link exportKey} tells apart. */
export const mostClustersCounted = 32;

/** Key of a DestinationRule whose host falls under a wildcard. */
export function underKey(wildcard: string): string {
  return `<${wildcard}`;
}

/**
 * Key of a Service or ServiceEntry by one place that it is exported to ('' where it names none) and by the clusters
 * that it makes: hosts times ports. By the sizes of these sets a proxy's clusters are counted, not listed.
 */
export function exportKey(to: string, clusters: number): string {
  return `^${String(Math.min(clusters, mostClustersCounted))}^${to}`;
}

/** The keys of a Service or ServiceEntry by where it is exported to. */
export function exportKeys(resource: Resource): readonly string[] {
  const clusters = clustersOf(resource);
  const exports = declaredExports(resource);
  if (clusters === 0 || exports.includes('~')) {
    return [];
  }
  return exports.length === 0
    ? [exportKey('', clusters)]
    : exports.flatMap((to) => (typeof to === 'string' ? [exportKey(to, clusters)] : []));
}

/** The keys of a DestinationRule by the wildcards over its host. */
export function underKeys(
  written: string,
  namespace: string,
  clusterDomain: string,
): readonly string[] {
  const host = resolveHost(written, namespace, clusterDomain);
  return host === '' ? [] : wildcardsOver(host).map(underKey);
}

/** Key of a Sidecar that imports from a namespace by name; from any namespace where that is `*`. */
export function importKey(namespace: string): string {
  return `<-${namespace}`;
}

/** The keys of a Sidecar by the foreign namespaces that it imports from; one without egress imports everything. */
export function importKeys(sidecar: Resource): readonly string[] {
  const listeners = listIn(sidecar.object, 'spec', 'egress');
  const hosts = listeners.flatMap((listener) => listIn(listener, 'hosts'));
  const named = hosts.flatMap((host) => {
    const slash = typeof host === 'string' ? host.indexOf('/') : -1;
    const namespace = slash > 0 && typeof host === 'string' ? host.slice(0, slash) : '.';
    return namespace === '.' || namespace.startsWith('~') ? [] : [importKey(namespace)];
  });
  return listeners.length === 0 ? [importKey('*')] : [...new Set(named)];
}
