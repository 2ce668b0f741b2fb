import { stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { ApiStatusError } from '../../pipelines/source/cluster-transport.ts';
import type { ClusterWriter } from '../../pipelines/source/cluster-writer.ts';

/** Objects by path, with resourceVersions as an API server keeps them. */
export interface MemoryCluster {
  readonly objects: Map<string, JsonObject>;
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[];
  /** A way in of its own; `before` may throw or wait in place of the network. */
  writer(before?: (request: string) => Promise<void>): ClusterWriter;
}

/** Makes an API server of which only the fencing is real. */
export function memoryCluster(): MemoryCluster {
  const objects = new Map<string, JsonObject>();
  const requests: string[] = [];
  let version = 0;

  function store(path: string, object: JsonObject): JsonObject {
    version += 1;
    const metadata = { ...(object['metadata'] as JsonObject), resourceVersion: String(version) };
    const stored = { ...object, metadata };
    objects.set(path, stored);
    return stored;
  }
  function checkFence(path: string, object: JsonObject): JsonObject {
    const before = objects.get(path);
    if (before === undefined) throw new ApiStatusError(404, path);
    const fence = stringIn(object, 'metadata', 'resourceVersion');
    if (fence !== undefined && fence !== stringIn(before, 'metadata', 'resourceVersion')) {
      throw new ApiStatusError(409, path);
    }
    return before;
  }

  return {
    objects,
    requests,
    writer(before = () => Promise.resolve()) {
      async function come(method: string, path: string): Promise<void> {
        requests.push(`${method} ${path}`);
        await before(`${method} ${path}`);
      }
      return {
        server: 'memory',
        async read(path) {
          await come('GET', path);
          return objects.get(path);
        },
        async create(collection, object) {
          const path = `${collection}/${stringIn(object, 'metadata', 'name') ?? ''}`;
          await come('POST', path);
          if (objects.has(path)) throw new ApiStatusError(409, path);
          return store(path, object);
        },
        async replace(path, object) {
          await come('PUT', path);
          checkFence(path, object);
          return store(path, object);
        },
        async merge(path, patch) {
          await come('PATCH', path);
          return store(path, merged(checkFence(path, patch), patch) as JsonObject);
        },
        async apply(path, object) {
          await come('PATCH', path);
          return store(path, object);
        },
        async remove(path) {
          await come('DELETE', path);
          objects.delete(path);
        },
      };
    },
  };
}

/** RFC 7386. */
function merged(target: Json | undefined, patch: Json): Json {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null ? { ...target } : {};
  const result: Record<string, Json> = base as Record<string, Json>;
  for (const [key, value] of Object.entries(patch as JsonObject)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
