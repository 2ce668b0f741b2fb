import type { Resource } from '../core/resource.ts';
import { defaultClusterDomain } from './hosts.ts';
import { keysOf } from './keys.ts';
import { createMemo } from './memo.ts';
import { createReadLog } from './read-log.ts';
import type { Mesh } from './mesh.ts';

/**
 * The mesh as it will be once `resource` is stored: a view that holds it in place of the object of the same kind,
 * namespace and name. Costs O(1) to make; a look-up that it touches copies what it returns.
 */
export function overlayMesh(mesh: Mesh, resource: Resource): Mesh {
  const { type, namespace, name } = resource;
  const stored = mesh.get(type, namespace, name);
  let keys: ReadonlySet<string> | undefined;

  function replaceIn(found: ReadonlySet<Resource>, belongs: boolean): ReadonlySet<Resource> {
    if (!belongs && (stored === undefined || !found.has(stored))) {
      return found;
    }
    const copy = new Set(found);
    if (stored !== undefined) {
      copy.delete(stored);
    }
    return belongs ? copy.add(resource) : copy;
  }

  function hasKey(key: string): boolean {
    keys ??= new Set(keysOf(resource, mesh.facts.clusterDomain ?? defaultClusterDomain));
    return keys.has(key);
  }

  return {
    facts: mesh.facts,
    memo: createMemo(createReadLog()),
    get: (kind, place, called) =>
      kind === type && place === namespace && called === name
        ? resource
        : mesh.get(kind, place, called),
    inNamespace: (kind, place) => {
      const found = mesh.inNamespace(kind, place);
      return kind === type && place === namespace ? replaceIn(found, true) : found;
    },
    namespacesWith: (kind) => {
      const found = mesh.namespacesWith(kind);
      return kind === type && stored === undefined ? new Set(found).add(namespace) : found;
    },
    count: (kind) => mesh.count(kind) + (kind === type && stored === undefined ? 1 : 0),
    byKey: (kind, key) => {
      const found = mesh.byKey(kind, key);
      return kind === type ? replaceIn(found, hasKey(key)) : found;
    },
  };
}
