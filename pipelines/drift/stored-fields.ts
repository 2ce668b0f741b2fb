import {
  isObject,
  listIn,
  member,
  objectIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { keysIn, namesElement } from './fields-v1.ts';

/**
 * What a manager applied, with the values that the API server made of it: the part of an object that the manager owns
 * by Apply. Undefined where it owns nothing.
 */
export function storedFields(object: JsonObject, manager: string): JsonObject | undefined {
  const entry = listIn(object, 'metadata', 'managedFields').find(
    (one) =>
      stringIn(one, 'manager') === manager &&
      stringIn(one, 'operation') === 'Apply' &&
      (stringIn(one, 'subresource') ?? '') === '',
  );
  const fields = member(entry, 'fieldsV1');
  if (!isObject(fields)) {
    return undefined;
  }
  const { name, namespace } = objectIn(object, 'metadata');
  const owned = ownedMembers(object, fields);
  return {
    apiVersion: object['apiVersion'] ?? '',
    kind: object['kind'] ?? '',
    ...owned,
    metadata: {
      ...objectIn(owned, 'metadata'),
      name: name ?? '',
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
}

/** An empty leaf owns the whole value. */
function ownedPart(value: Json, fields: JsonObject): Json {
  if (Object.keys(fields).length === 0) {
    return value;
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((element) => ownedElement(element, fields));
  }
  return isObject(value) ? ownedMembers(value, fields) : value;
}

function ownedMembers(value: JsonObject, fields: JsonObject): JsonObject {
  const owned: Record<string, Json> = {};
  for (const [name, below] of Object.entries(fields)) {
    const key = name.startsWith('f:') ? name.slice(2) : undefined;
    const inner = key === undefined ? undefined : member(value, key);
    if (key !== undefined && inner !== undefined && isObject(below)) {
      Object.defineProperty(owned, key, {
        value: ownedPart(inner, below),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return owned;
}

/** The keys of an element belong to it even where the API server filled them in. */
function ownedElement(element: Json, fields: JsonObject): readonly Json[] {
  for (const [name, below] of Object.entries(fields)) {
    if (!isObject(below) || !namesElement(name, element)) {
      continue;
    }
    const keys = keysIn(name);
    if (keys === undefined) {
      return [element];
    }
    const owned = ownedPart(element, below);
    return [isObject(owned) ? { ...keys, ...owned } : owned];
  }
  return [];
}
