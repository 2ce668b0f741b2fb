import type { JsonObject } from '../../policies/core/json.ts';
import { isObject } from '../../policies/core/json.ts';
import { describeReference, type ObjectReference } from '../../policies/core/resource.ts';
import type { LiveKind, LiveState, WantedKind } from '../drift/live.ts';
import { predictStored } from './cluster-dry-run.ts';
import { describeRefusal } from './cluster-refusal.ts';
import { ApiStatusError } from './cluster-transport.ts';
import { startList, type StartedList } from './cluster-pages.ts';
import type { ClusterReader } from './cluster-reader.ts';
import {
  objectPath,
  servedResources,
  type ServedResource,
  type ServedResources,
} from './cluster-served.ts';

/** Lists on the way at once. */
const parallelLists = 8;

type BegunKind =
  | {
      readonly resource: ServedResource;
      readonly list: StartedList;
      readonly unserved: ReadonlyMap<string, string>;
    }
  | LiveKind;

/**
 * The objects of a cluster, kind by kind, by get and list alone but for the kinds in `dryRun`. While one kind is read, the first pages of the next
 * ones are on the way. What cannot be listed makes that kind undetermined, with what to do about it.
 */
export function clusterLive(
  cluster: string,
  reader: ClusterReader,
  dryRun: ReadonlySet<string> | 'all' = new Set(),
): LiveState {
  const served = servedResources(reader);
  return {
    cluster,
    kinds: (wanted) => readKinds(wanted, reader, served),
    reread: (reference) => readObject(reference, reader, served),
    predict: (reference, declared) =>
      dryRun === 'all' || dryRun.has(reference.kind)
        ? predictStored(reference, declared, reader, served)
        : undefined,
  };
}

async function* readKinds(
  wanted: readonly WantedKind[],
  reader: ClusterReader,
  served: ServedResources,
): AsyncGenerator<LiveKind> {
  const waiting = wanted.values();
  const begun: Promise<BegunKind>[] = [];
  function beginNext(): void {
    const next = waiting.next();
    if (next.done !== true) {
      begun.push(begin(next.value, reader, served));
    }
  }
  for (let count = 0; count < parallelLists; count += 1) {
    beginNext();
  }
  for (let first = begun.shift(); first !== undefined; first = begun.shift()) {
    const kind = await first;
    if (!('list' in kind)) {
      yield kind;
    } else {
      const { apiVersion, kind: name } = kind.resource;
      const { list, unserved } = kind;
      yield { apiVersion, kind: name, objects: explained(list, kind.resource), unserved };
    }
    beginNext();
  }
}

/** Lists a kind at the first of its versions that is served. */
async function begin(
  { apiVersion, kind, others = [] }: WantedKind,
  reader: ClusterReader,
  served: ServedResources,
): Promise<BegunKind> {
  const wanted = { apiVersion, kind };
  const unserved = new Map<string, string>();
  try {
    let resource = await served.find(wanted);
    for (const version of others) {
      const other = await served.find({ apiVersion: version, kind });
      if ('why' in other) {
        unserved.set(version, other.why);
      } else if ('why' in resource) {
        unserved.set(apiVersion, resource.why);
        resource = other;
      }
    }
    if ('why' in resource) {
      const { why: undetermined, absent } = resource;
      return { ...wanted, undetermined, ...(absent ? { served: false } : {}) };
    }
    return { resource, list: startList(reader, resource), unserved };
  } catch (error) {
    return { ...wanted, undetermined: describeRefusal(error, 'discover') };
  }
}

async function* explained(
  list: StartedList,
  resource: ServedResource,
): AsyncGenerator<JsonObject, void, undefined> {
  try {
    yield* list();
  } catch (error) {
    throw new Error(describeRefusal(error, 'list', resource), { cause: error });
  }
}

async function readObject(
  reference: ObjectReference,
  reader: ClusterReader,
  served: ServedResources,
): Promise<JsonObject | undefined> {
  const resource = await served.find(reference);
  if ('why' in resource) {
    throw new Error(resource.why);
  }
  try {
    const object = await reader.get(objectPath(resource, reference));
    if (!isObject(object)) {
      throw new Error(`the API server gave no object for ${describeReference(reference)}`);
    }
    return object;
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 404) {
      return undefined;
    }
    throw new Error(describeRefusal(error, 'get', resource), { cause: error });
  }
}
