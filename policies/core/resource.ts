import { isObject, stringIn, stringMapIn, type JsonObject } from './json.ts';
import { kindInfo, kindNameOf, type KindName } from './kinds.ts';

/** How findings, diffs and reports name an object; `namespace` is '' for cluster-scoped objects. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A Kubernetes object of a kind that we know, read once at the edge; `object` is the object as received. */
export interface Resource extends ObjectReference {
  /** Our name of the kind: the same for every served version. */
  readonly type: KindName;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly object: JsonObject;
}

/** The namespace of an object that is namespaced and names none, as kubectl applies it. */
const defaultNamespace = 'default';

/**
 * Reads an object as a resource. `namespace` overrides what the object says (an admission request knows better).
 * Undefined where it is not an object of a known kind; never throws, whatever the value.
 */
export function readResource(value: unknown, namespace?: string): Resource | undefined {
  const apiVersion = stringIn(value, 'apiVersion');
  const kind = stringIn(value, 'kind');
  if (!isObject(value) || apiVersion === undefined || kind === undefined) {
    return undefined;
  }
  const type = kindNameOf(apiVersion, kind);
  if (type === undefined) {
    return undefined;
  }
  const own = stringIn(value, 'metadata', 'namespace');
  return {
    type,
    apiVersion,
    kind,
    namespace: kindInfo(type).namespaced ? namespace || own || defaultNamespace : '',
    name: stringIn(value, 'metadata', 'name') ?? '',
    labels: stringMapIn(value, 'metadata', 'labels'),
    annotations: stringMapIn(value, 'metadata', 'annotations'),
    object: value,
  };
}

/** The reference that names a resource. */
export function referenceTo(resource: ObjectReference): ObjectReference {
  return {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    namespace: resource.namespace,
    name: resource.name,
  };
}

/** `Deployment shop/ledger`; `Namespace shop`. */
export function describeReference(
  reference: Pick<ObjectReference, 'kind' | 'namespace' | 'name'>,
): string {
  const place = reference.namespace === '' ? '' : `${reference.namespace}/`;
  return `${reference.kind} ${place}${reference.name}`;
}

/** Orders objects as Istio does where several compete: oldest first, then name, then namespace; no time means newest. */
export function compareAge(left: Resource, right: Resource): number {
  const leftTime = stringIn(left.object, 'metadata', 'creationTimestamp') ?? '~';
  const rightTime = stringIn(right.object, 'metadata', 'creationTimestamp') ?? '~';
  return (
    compareText(leftTime, rightTime) ||
    compareText(left.name, right.name) ||
    compareText(left.namespace, right.namespace)
  );
}

/** Bytewise order of two texts, as Go and the API server sort them. */
export function compareText(left: string, right: string): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}
