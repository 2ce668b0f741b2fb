import { compareText, type Resource } from '../core/resource.ts';
import type { KindName } from '../core/kinds.ts';
import type { Mesh } from './mesh.ts';

/**
 * Names the cluster that an object is of, as label or annotation. Inputs that hold the manifests of several clusters
 * tell them apart by it; objects without it are of one cluster, or of all.
 */
const clusterLabel = 'topology.istio.io/cluster';

/** The cluster that an object says it is of; '' where it says none. */
export function clusterOf(resource: Pick<Resource, 'labels' | 'annotations'>): string {
  return resource.labels[clusterLabel] ?? resource.annotations[clusterLabel] ?? '';
}

/** Key of an object that names its cluster, by what its copies in other clusters share with it. */
export function copyKey(namespace: string, name: string): string {
  return `&${namespace}/${name}`;
}

/** The objects of one kind, namespace and name in all clusters that are named, by cluster. Costs O(clusters). */
export function copiesOf(
  type: KindName,
  namespace: string,
  name: string,
  mesh: Mesh,
): readonly Resource[] {
  return [...mesh.byKey(type, copyKey(namespace, name))].sort((left, right) =>
    compareText(clusterOf(left), clusterOf(right)),
  );
}

/** An object as the cluster of another one has it: that cluster's own, else one that names no cluster. */
export function inClusterOf(
  resource: Resource,
  type: KindName,
  namespace: string,
  name: string,
  mesh: Mesh,
): Resource | undefined {
  const cluster = clusterOf(resource);
  const own =
    cluster === ''
      ? undefined
      : copiesOf(type, namespace, name, mesh).find((copy) => clusterOf(copy) === cluster);
  const found = own ?? mesh.get(type, namespace, name);
  return found === undefined || cluster === '' || clusterOf(found) === '' ? found : own;
}
