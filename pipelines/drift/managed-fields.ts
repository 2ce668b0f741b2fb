import {
  isObject,
  listIn,
  member,
  objectIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import type { Path } from './differences.ts';
import { keysIn, namesElement } from './fields-v1.ts';

/** One who owns fields of an object, as the API server keeps it. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** RFC 3339, in whole seconds; an entry that changed no value has none. */
  readonly time?: string;
  readonly subresource?: string;
}

interface Entry extends FieldManager {
  readonly fields: JsonObject;
}

/** Who owns what of a live object. */
export interface Ownership {
  /** False where the object carries no managedFields, so that nothing can be said. */
  readonly known: boolean;
  /** The owners of a place in the live object: of the node itself, or of the atomic value around it. */
  ownersOf(path: Path): readonly FieldManager[];
}

/** Maps whose empty entry owns no more than their existence. */
const granularMetadata: ReadonlySet<string> = new Set(['labels', 'annotations']);

/** Reads `metadata.managedFields`; what cannot be read owns nothing. Never throws. */
export function readOwnership(live: JsonObject): Ownership {
  const entries = listIn(live, 'metadata', 'managedFields').flatMap(readEntry);
  return {
    known: entries.length > 0,
    ownersOf: (path) => ownersAt(entries, live, path).map(toManager),
  };
}

function readEntry(value: Json): readonly Entry[] {
  const fields = member(value, 'fieldsV1');
  const operation = stringIn(value, 'operation');
  if (!isObject(fields) || (operation !== 'Apply' && operation !== 'Update')) {
    return [];
  }
  const time = stringIn(value, 'time');
  const subresource = stringIn(value, 'subresource') ?? '';
  return [
    {
      manager: stringIn(value, 'manager') ?? '',
      operation,
      ...(time === undefined ? {} : { time }),
      ...(subresource === '' ? {} : { subresource }),
      fields,
    },
  ];
}

function toManager({ manager, operation, time, subresource }: Entry): FieldManager {
  return {
    manager,
    operation,
    ...(time === undefined ? {} : { time }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

interface Cursor {
  readonly entry: Entry;
  readonly fields: JsonObject;
}

/**
 * Follows a path in all entries at once. An empty leaf owns everything below it, unless another entry goes further down,
 * which shows that the map is granular and the leaf owns only its existence.
 */
function ownersAt(entries: readonly Entry[], live: JsonObject, path: Path): readonly Entry[] {
  let cursors: readonly Cursor[] = entries.map((entry) => ({ entry, fields: entry.fields }));
  let value: Json | undefined = live;
  for (const [depth, step] of path.entries()) {
    const deeper = cursors.filter(({ fields }) => Object.keys(fields).length > 0);
    if (depth > 0 && deeper.length === 0) {
      return isGranular(path, depth) ? [] : cursors.map(({ entry }) => entry);
    }
    const container: Json | undefined = value;
    cursors = deeper.flatMap(({ entry, fields }) => {
      const found = fieldsBelow(fields, container, step);
      return found === undefined ? [] : [{ entry, fields: found }];
    });
    value = stepInto(container, step);
  }
  return cursors.map(({ entry }) => entry);
}

function isGranular(path: Path, depth: number): boolean {
  return path[depth - 2] === 'metadata' && granularMetadata.has(String(path[depth - 1]));
}

function stepInto(container: Json | undefined, step: string | number): Json | undefined {
  if (typeof step === 'string') {
    return member(container, step);
  }
  return Array.isArray(container) ? (container as readonly Json[])[step] : undefined;
}

/** The node of a member (`f:`), or of an element by its keys (`k:`), its value (`v:`) or its index (`i:`). */
function fieldsBelow(
  fields: JsonObject,
  container: Json | undefined,
  step: string | number,
): JsonObject | undefined {
  if (typeof step === 'string') {
    const found = member(fields, `f:${step}`);
    return isObject(found) ? found : undefined;
  }
  const element = stepInto(container, step);
  for (const [name, node] of Object.entries(fields)) {
    if (isObject(node) && namesElement(name, element, step)) {
      return node;
    }
  }
  return undefined;
}

/** The keys that managers use for the elements of the list at a path; undefined where none says. */
export function listKeysAt(live: JsonObject, path: Path): readonly string[] | undefined {
  for (const entry of listIn(live, 'metadata', 'managedFields').flatMap(readEntry)) {
    let fields: JsonObject | undefined = entry.fields;
    let value: Json | undefined = live;
    for (const step of path) {
      fields = fields === undefined ? undefined : fieldsBelow(fields, value, step);
      value = stepInto(value, step);
    }
    const named = Object.keys(objectIn(fields)).find((name) => name.startsWith('k:'));
    const keys = named === undefined ? undefined : keysIn(named);
    if (keys !== undefined) {
      return Object.keys(keys);
    }
  }
  return undefined;
}
