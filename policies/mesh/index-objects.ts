import type { KindName } from '../core/kinds.ts';
import type { ObjectReference, Resource } from '../core/resource.ts';
import { kindNameOf } from '../core/kinds.ts';
import type { MeshFacts } from '../core/settings.ts';
import { defaultClusterDomain } from './hosts.ts';
import { keysOf } from './keys.ts';
import { createMemo } from './memo.ts';
import type { MutableMesh } from './mesh.ts';

interface KindIndex {
  readonly objects: Map<string, Resource>;
  readonly namespaces: Map<string, Set<Resource>>;
  readonly keys: Map<string, Set<Resource>>;
}

const empty: ReadonlySet<Resource> = new Set();

/** An empty mesh with these facts. Adding and removing cost O(keys of the object). */
export function createMesh(facts: MeshFacts): MutableMesh {
  const byKind = new Map<KindName, KindIndex>();
  const clusterDomain = facts.clusterDomain ?? defaultClusterDomain;
  const { memo, forget } = createMemo();

  function take(type: KindName, namespace: string, name: string): void {
    const index = byKind.get(type);
    const old = index?.objects.get(`${namespace}/${name}`);
    if (index === undefined || old === undefined) {
      return;
    }
    index.objects.delete(`${namespace}/${name}`);
    removeFrom(index.namespaces, namespace, old);
    for (const key of keysOf(old, clusterDomain)) {
      removeFrom(index.keys, key, old);
    }
  }

  return {
    facts,
    get: (type, namespace, name) => byKind.get(type)?.objects.get(`${namespace}/${name}`),
    inNamespace: (type, namespace) => byKind.get(type)?.namespaces.get(namespace) ?? empty,
    namespacesWith: (type) => byKind.get(type)?.namespaces.keys() ?? [][Symbol.iterator](),
    count: (type) => byKind.get(type)?.objects.size ?? 0,
    byKey: (type, key) => byKind.get(type)?.keys.get(key) ?? empty,
    memo,
    put(resource) {
      forget();
      take(resource.type, resource.namespace, resource.name);
      const index = indexOf(byKind, resource.type);
      index.objects.set(`${resource.namespace}/${resource.name}`, resource);
      addTo(index.namespaces, resource.namespace, resource);
      for (const key of keysOf(resource, clusterDomain)) {
        addTo(index.keys, key, resource);
      }
    },
    remove(reference: ObjectReference) {
      const type = kindNameOf(reference.apiVersion, reference.kind);
      if (type !== undefined) {
        forget();
        take(type, reference.namespace, reference.name);
      }
    },
  };
}

function indexOf(byKind: Map<KindName, KindIndex>, type: KindName): KindIndex {
  let index = byKind.get(type);
  if (index === undefined) {
    index = { objects: new Map(), namespaces: new Map(), keys: new Map() };
    byKind.set(type, index);
  }
  return index;
}

function addTo(map: Map<string, Set<Resource>>, key: string, resource: Resource): void {
  const set = map.get(key);
  if (set === undefined) {
    map.set(key, new Set([resource]));
  } else {
    set.add(resource);
  }
}

function removeFrom(map: Map<string, Set<Resource>>, key: string, resource: Resource): void {
  const set = map.get(key);
  set?.delete(resource);
  if (set?.size === 0) {
    map.delete(key);
  }
}
