import {
  isObject,
  listIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { kindNameOf } from '../../policies/core/kinds.ts';
import type { InputError, LocatedResource } from '../render/manifests.ts';
import { parseDocuments } from '../render/parse-documents.ts';
import { identityOf, type Manifest } from './manifest.ts';

/** A manifest of a commit; `located` where policies know its kind. */
export interface StateManifest extends Manifest {
  readonly located?: LocatedResource;
}

/** What one file of a commit declares, or what a renderer makes of a part of it. */
export interface StateFile {
  /** The file's path, or the key of what is rendered: the path, ` > `, and the names of what declares it. */
  readonly path: string;
  readonly manifests: readonly StateManifest[];
  readonly errors: readonly InputError[];
}

/** A resource as a manifest. */
export function toManifest(located: LocatedResource): StateManifest {
  const { apiVersion, kind, namespace, name, object } = located.resource;
  return { apiVersion, kind, namespace, name, object, file: located.origin.file, located };
}

/** The objects of kinds that policies do not know; of interest only in files that a change touches. */
export function otherManifests(file: string, text: string): readonly StateManifest[] {
  const manifests: StateManifest[] = [];
  const pending: Json[] = parseDocuments(text).documents.map(({ value }) => value);
  for (let value = pending.shift(); value !== undefined; value = pending.shift()) {
    const kind = stringIn(value, 'kind') ?? '';
    if (kind.endsWith('List') && listIn(value, 'items').length > 0) {
      pending.unshift(...listIn(value, 'items'));
    } else if (isObject(value)) {
      manifests.push(...otherManifest(file, value));
    }
  }
  return manifests;
}

/**
 * What head declares, with the base's word for whatever head leaves unreadable: what cannot be read is neither removed
 * nor mended.
 */
export function withUnreadable(
  base: readonly StateFile[],
  head: readonly StateFile[],
): readonly StateManifest[] {
  const declared = head.flatMap(({ manifests }) => manifests);
  const broken = head.filter(({ errors }) => errors.length > 0).map(({ path }) => path);
  if (broken.length === 0) {
    return declared;
  }
  const isBroken = (path: string): boolean =>
    broken.some((other) => path === other || path.startsWith(`${other} > `));
  const known = new Set(declared.map(identityOf));
  const kept = base
    .filter(({ path }) => isBroken(path))
    .flatMap(({ manifests }) => manifests)
    .filter((manifest) => !known.has(identityOf(manifest)));
  return [...declared, ...kept];
}

/** An object as a manifest, when policies do not know its kind. */
export function otherManifest(file: string, object: JsonObject): readonly StateManifest[] {
  const apiVersion = stringIn(object, 'apiVersion');
  const kind = stringIn(object, 'kind');
  const name = stringIn(object, 'metadata', 'name');
  if (apiVersion === undefined || kind === undefined || name === undefined) {
    return [];
  }
  if (kindNameOf(apiVersion, kind) !== undefined) {
    return [];
  }
  const namespace = stringIn(object, 'metadata', 'namespace') ?? '';
  return [{ apiVersion, kind, namespace, name, object, file }];
}
