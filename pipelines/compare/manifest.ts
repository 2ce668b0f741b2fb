import type { JsonObject } from '../../policies/core/json.ts';
import { compareText, type ObjectReference } from '../../policies/core/resource.ts';

/** An object of any kind in one state of a repository, with the file that declares it. */
export interface Manifest extends ObjectReference {
  readonly object: JsonObject;
  /** Path from the root of the repository. */
  readonly file: string;
  /** What it was rendered of; absent for a plain manifest. */
  readonly root?: string;
}

/** The API group of an `apiVersion`; '' for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** What makes two manifests the same object: group, kind, namespace and name; never the version or the file. */
export function identityOf(reference: ObjectReference): string {
  return `${siblingsOf(reference)}/${reference.name}`;
}

/** What an object shares with those that it could be a new name of: group, kind and namespace. */
export function siblingsOf(reference: ObjectReference): string {
  return `${groupOf(reference.apiVersion)}/${reference.kind}/${reference.namespace}`;
}

/** Orders objects for people: by namespace, then kind, then name. */
export function compareReferences(left: ObjectReference, right: ObjectReference): number {
  return (
    compareText(left.namespace, right.namespace) ||
    compareText(left.kind, right.kind) ||
    compareText(left.name, right.name)
  );
}
