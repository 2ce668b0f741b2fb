import type { KindName } from '../core/kinds.ts';
import type { Policy } from '../core/policy.ts';
import type { ObjectReference, Resource } from '../core/resource.ts';
import type { MeshFacts } from '../core/settings.ts';
import type { Memo } from './memo.ts';

/**
 * The read-only index of all objects that policies consult. Every look-up costs O(1) or O(what it returns); no policy
 * scans all objects. Istio's semantics are plain functions over it, in the files beside this one.
 */
export interface Mesh {
  readonly facts: MeshFacts;
  /** One object by its kind (our name), namespace ('' for cluster-scoped) and name; of several clusters', the first by cluster. */
  get(type: KindName, namespace: string, name: string): Resource | undefined;
  /** The objects of a kind in a namespace, in no order. */
  inNamespace(type: KindName, namespace: string): ReadonlySet<Resource>;
  /** The namespaces that have objects of a kind. */
  namespacesWith(type: KindName): Iterable<string>;
  /** How many objects of a kind there are. */
  count(type: KindName): number;
  /** The objects of a kind under a key; `keys.ts` says what each kind is indexed by. */
  byKey(type: KindName, key: string): ReadonlySet<Resource>;
  /**
   * What `compute` gives about an object, computed once until a kind changes that it read: policies ask the same of the same
   * workload. The topic names the computation; it must depend on the object and on the mesh alone.
   */
  readonly memo: Memo;
}

/** A mesh that can change: by files as they are read, or by a watch on the live cluster. */
export interface MutableMesh extends Mesh {
  /** Adds an object, or replaces the one of the same kind, namespace, name and cluster. */
  put(resource: Resource): void;
  /** Whether there is an object that {@link put} would replace. */
  holds(resource: Resource): boolean;
  /** Takes an object out, in every cluster; nothing happens where there is none. */
  remove(reference: ObjectReference): void;
}

/** A policy over this mesh. */
export type MeshPolicy = Policy<Mesh>;
