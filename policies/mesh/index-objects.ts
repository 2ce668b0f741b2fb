import type { KindName } from '../core/kinds.ts';
import type { ObjectReference, Resource } from '../core/resource.ts';
import { kindNameOf } from '../core/kinds.ts';
import type { MeshFacts } from '../core/settings.ts';
import { clusterOf, copyKey } from './clusters.ts';
import { defaultClusterDomain } from './hosts.ts';
import { keysOf } from './keys.ts';
import { createMemo } from './memo.ts';
import { createReadLog, noteChange, noteRead } from './read-log.ts';
import type { MutableMesh } from './mesh.ts';

interface KindIndex {
  /** By which the log knows the kind. */
  readonly number: number;
  readonly objects: Map<string, Resource>;
  readonly namespaces: Map<string, Set<Resource>>;
  readonly keys: Map<string, Set<Resource>>;
}

const empty: ReadonlySet<Resource> = new Set();

/** An empty mesh with these facts. Adding and removing cost O(keys of the object). */
export function createMesh(facts: MeshFacts): MutableMesh {
  const byKind = new Map<KindName, KindIndex>();
  const clusterDomain = facts.clusterDomain ?? defaultClusterDomain;
  const log = createReadLog();

  function read(type: KindName): KindIndex {
    const index = indexOf(byKind, type);
    noteRead(log, index.number);
    return index;
  }

  function take(index: KindIndex, identity: string): void {
    const old = index.objects.get(identity);
    if (old === undefined) {
      return;
    }
    index.objects.delete(identity);
    removeFrom(index.namespaces, old.namespace, old);
    for (const key of keysOf(old, clusterDomain)) {
      removeFrom(index.keys, key, old);
    }
  }

  return {
    facts,
    get(type, namespace, name) {
      const { objects, keys } = read(type);
      if (objects.size === 0) {
        return undefined;
      }
      return objects.get(`${namespace}/${name}`) ?? firstCopy(keys.get(copyKey(namespace, name)));
    },
    holds: (resource) => byKind.get(resource.type)?.objects.has(identityOf(resource)) === true,
    inNamespace: (type, namespace) => read(type).namespaces.get(namespace) ?? empty,
    namespacesWith: (type) => read(type).namespaces.keys(),
    count: (type) => read(type).objects.size,
    byKey: (type, key) => findIn(read(type).keys, key),
    memo: createMemo(log),
    put(resource) {
      const index = indexOf(byKind, resource.type);
      noteChange(log, index.number);
      const identity = identityOf(resource);
      take(index, identity);
      index.objects.set(identity, resource);
      addToIndex(index, resource, clusterDomain);
    },
    remove(reference: ObjectReference) {
      const type = kindNameOf(reference.apiVersion, reference.kind);
      const index = type === undefined ? undefined : byKind.get(type);
      if (index === undefined) {
        return;
      }
      noteChange(log, index.number);
      take(index, `${reference.namespace}/${reference.name}`);
      for (const copy of index.keys.get(copyKey(reference.namespace, reference.name)) ?? empty) {
        take(index, identityOf(copy));
      }
    },
  };
}

/** Keys are made for each look-up, and hashing one costs more than all else here. */
function findIn(keys: KindIndex['keys'], key: string): ReadonlySet<Resource> {
  return keys.size === 0 ? empty : (keys.get(key) ?? empty);
}

/** What an object is replaced by: one of its namespace and name, and of its cluster where it names one. */
function identityOf(resource: Resource): string {
  const cluster = clusterOf(resource);
  const place = `${resource.namespace}/${resource.name}`;
  return cluster === '' ? place : `${place}@${cluster}`;
}

function firstCopy(copies: ReadonlySet<Resource> | undefined): Resource | undefined {
  let first: Resource | undefined;
  for (const copy of copies ?? empty) {
    if (first === undefined || clusterOf(copy) < clusterOf(first)) {
      first = copy;
    }
  }
  return first;
}

function indexOf(byKind: Map<KindName, KindIndex>, type: KindName): KindIndex {
  let index = byKind.get(type);
  if (index === undefined) {
    const number = byKind.size;
    index = { number, objects: new Map(), namespaces: new Map(), keys: new Map() };
    byKind.set(type, index);
  }
  return index;
}

function addToIndex(index: KindIndex, resource: Resource, clusterDomain: string): void {
  const alone = new Set([resource]);
  addTo(index.namespaces, resource.namespace, alone);
  for (const key of keysOf(resource, clusterDomain)) {
    addTo(index.keys, key, alone);
  }
}

/** Most keys find one object. A set of one is shared by all keys of its object, so it is replaced and never changed. */
function addTo(map: Map<string, Set<Resource>>, key: string, alone: Set<Resource>): void {
  const set = map.get(key);
  if (set === undefined) {
    map.set(key, alone);
  } else if (set.size === 1) {
    map.set(key, new Set([...set, ...alone]));
  } else {
    for (const resource of alone) {
      set.add(resource);
    }
  }
}

function removeFrom(map: Map<string, Set<Resource>>, key: string, resource: Resource): void {
  const set = map.get(key);
  if (set?.has(resource) !== true) {
    return;
  }
  if (set.size === 1) {
    map.delete(key);
  } else {
    set.delete(resource);
  }
}
