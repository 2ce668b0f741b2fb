import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { groupOf } from '../compare/manifest.ts';

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What of an object is compared: everything but status, and of its metadata the labels and annotations, without what
 * kubectl notes there. Texts of a Secret are folded into its data, as the server does; the rules of an aggregated role
 * are left out unless they are wanted. Shares the rest with `object`.
 */
export function comparable(object: JsonObject, aggregatedRoles = false): JsonObject {
  const { apiVersion: _version, kind: _kind, status: _status, metadata, ...rest } = object;
  const folded = isSecret(object) ? foldTexts(rest) : rest;
  const tidy = comparableMetadata(metadata);
  const body = !aggregatedRoles && isAggregated(object) ? without(folded, 'rules') : folded;
  return tidy === undefined ? body : { metadata: tidy, ...body };
}

/** What kubectl, or a deployer like it, last applied; undefined where the object carries no such note. */
export function lastApplied(object: JsonObject): JsonObject | undefined {
  const note = stringIn(object, 'metadata', 'annotations', lastAppliedAnnotation);
  if (note === undefined) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(note);
    return isObject(value) ? comparable(value, true) : undefined;
  } catch {
    return undefined;
  }
}

function comparableMetadata(metadata: Json | undefined): JsonObject | undefined {
  const labels = objectIn(metadata, 'labels');
  const annotations = without(objectIn(metadata, 'annotations'), lastAppliedAnnotation);
  const hasLabels = Object.keys(labels).length > 0;
  const hasAnnotations = Object.keys(annotations).length > 0;
  return hasLabels || hasAnnotations
    ? { ...(hasLabels ? { labels } : {}), ...(hasAnnotations ? { annotations } : {}) }
    : undefined;
}

function isSecret(object: JsonObject): boolean {
  return object['kind'] === 'Secret' && groupOf(stringIn(object, 'apiVersion') ?? '') === '';
}

/** An empty value of a Secret is stored as null. */
function foldTexts(secret: JsonObject): JsonObject {
  const data = Object.entries(objectIn(secret, 'data')).map(([key, value]): [string, Json] => [
    key,
    value ?? '',
  ]);
  const texts = Object.entries(objectIn(secret, 'stringData')).map(
    ([key, text]): [string, Json] => [
      key,
      typeof text === 'string' ? Buffer.from(text, 'utf8').toString('base64') : text,
    ],
  );
  const { stringData: _texts, data: _data, ...rest } = secret;
  return data.length + texts.length === 0
    ? rest
    : { ...rest, data: Object.fromEntries([...data, ...texts]) };
}

/** The rules of such a role are the controller's to write. */
function isAggregated(object: JsonObject): boolean {
  return (
    object['kind'] === 'ClusterRole' &&
    listIn(valueIn(object, 'aggregationRule'), 'clusterRoleSelectors').length > 0
  );
}

function without(object: JsonObject, key: string): JsonObject {
  if (!Object.hasOwn(object, key)) {
    return object;
  }
  return Object.fromEntries(Object.entries(object).filter(([other]) => other !== key));
}
