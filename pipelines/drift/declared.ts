import { objectIn, stringIn, valueIn, type JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import { identityOf } from '../compare/manifest.ts';
import { isNamespaced } from '../render/fill-namespace.ts';
import {
  nameProblem,
  readEach,
  type DeclaredObject,
  type InputError,
  type Origin,
} from '../render/manifests.ts';
import type { Sources, SourceText } from '../source/read-sources.ts';
import { compactOrigin, fullOrigin, type CompactOrigin } from './compact-origin.ts';
import { createPacker, samePacked, unpack, type Packed } from './packed.ts';

/** An object that Git declares, packed because there may be very many. */
export interface Declaration {
  readonly reference: ObjectReference;
  readonly packed: Packed;
  readonly place: Origin | CompactOrigin;
}

/** Everything that Git declares, found by identity. */
export interface DeclaredObjects {
  /** The declarations of one object by their files; several where a repository holds alternatives. */
  readonly byIdentity: ReadonlyMap<string, readonly Declaration[]>;
  /** Those that were left out are not there. */
  readonly filter: DriftFilter;
  /** Namespaces in which something is declared, or that are declared themselves. */
  readonly namespaces: ReadonlySet<string>;
  readonly errors: readonly InputError[];
}

/** Which objects are compared; every one where a field is absent. */
export interface DriftFilter {
  readonly kinds?: ReadonlySet<string>;
  readonly namespaces?: ReadonlySet<string>;
}

/** The namespace of an object that names none, as kubectl applies it. */
const usualNamespace = 'default';

/** Objects that a deployer runs once and removes, or that the API server names, are nobody's to be compared with. */
const hooks = ['helm.sh/hook', 'argocd.argoproj.io/hook'];

/** Indexes what sources declare. */
export function indexDeclared(sources: Sources, filter: DriftFilter = {}): DeclaredObjects {
  const byIdentity = new Map<string, Declaration[]>();
  const namespaces = new Set<string>();
  const errors = [...sources.errors];
  const pack = createPacker();
  const shared = new Map<string, string>();
  function add({ object, origin }: DeclaredObject, source?: SourceText): void {
    const named = referenceOf(object);
    if (named.name === '') {
      if (stringIn(object, 'metadata', 'generateName') === undefined) {
        errors.push(nameProblem({ object, origin }));
      }
      return;
    }
    if (isHook(object) || !passes(named, filter)) {
      return;
    }
    const packed = pack(object);
    // Names of a parsed file are parts of its text, and one of them would keep all of it.
    const reference = withSharedTexts(referenceOf(unpack(packed)), shared);
    namespaces.add(reference.kind === 'Namespace' ? reference.name : reference.namespace);
    const identity = identityOf(reference);
    const place = source === undefined ? origin : compactOrigin(origin, source);
    const declaration = { reference, packed, place };
    const known = byIdentity.get(identity);
    if (known === undefined) {
      byIdentity.set(identity, [declaration]);
    } else if (!known.some((other) => samePacked(other.packed, packed))) {
      known.push(declaration);
    }
  }
  for (const source of sources.texts) {
    for (const read of readEach(source.file, source.text)) {
      errors.push(...read.errors);
      for (const declared of read.objects) {
        add(declared, source);
      }
    }
  }
  for (const { resource, origin } of sources.rendered ?? []) {
    add({ object: resource.object, origin });
  }
  for (const declared of sources.renderedOthers ?? []) {
    add(declared);
  }
  namespaces.delete('');
  return { byIdentity, filter, namespaces, errors };
}

/** What many objects share is one text. */
function withSharedTexts(reference: ObjectReference, shared: Map<string, string>): ObjectReference {
  function share(text: string): string {
    const known = shared.get(text);
    if (known === undefined) {
      shared.set(text, text);
    }
    return known ?? text;
  }
  const { apiVersion, kind, namespace, name } = reference;
  return { apiVersion: share(apiVersion), kind: share(kind), namespace: share(namespace), name };
}

/** How an object is named; the namespace is filled in where it names none, and dropped where the kind has none. */
export function referenceOf(object: JsonObject): ObjectReference {
  const apiVersion = stringIn(object, 'apiVersion') ?? '';
  const kind = stringIn(object, 'kind') ?? '';
  const own = stringIn(object, 'metadata', 'namespace') ?? '';
  return {
    apiVersion,
    kind,
    namespace: isNamespaced(apiVersion, kind) ? own || usualNamespace : '',
    name: stringIn(object, 'metadata', 'name') ?? '',
  };
}

/** Whether an object is to be compared. */
export function passes({ kind, namespace, name }: ObjectReference, filter: DriftFilter): boolean {
  const place = kind === 'Namespace' ? name : namespace;
  return (
    (filter.kinds === undefined || filter.kinds.has(kind)) &&
    (filter.namespaces === undefined || filter.namespaces.has(place))
  );
}

/** Where a declaration stands, with the text of its document. */
export function originOf({ place }: Declaration): Origin {
  return 'text' in place ? place : fullOrigin(place);
}

/** The object that a declaration holds. */
export function objectOf({ packed }: Pick<Declaration, 'packed'>): JsonObject {
  return unpack(packed);
}

function isHook(object: JsonObject): boolean {
  const annotations = objectIn(object, 'metadata', 'annotations');
  return hooks.some((hook) => valueIn(annotations, hook) !== undefined);
}
