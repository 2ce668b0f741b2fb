import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../policies/core/json.ts';
import { ApiStatusError, openCluster, type ClusterRequest } from './cluster-transport.ts';

/** How a write is to be taken. */
export interface WriteOptions {
  /** Everything but storing. */
  readonly dryRun?: boolean;
  /** Who manages the fields; `meshgate` where it does not say. */
  readonly fieldManager?: string;
}

/** What a removal goes by: it is refused (409) where the object is another one by now. */
export interface RemovalConditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/**
 * Writing access to an API server, and the reading that goes with it; see {@link apiPath} for paths. What it rejects
 * with is an `ApiStatusError` or a network error; a request is given up after half a minute.
 */
export interface ClusterWriter {
  readonly server: string;
  /** The object or list at a path as it is now; undefined where there is none. */
  read(path: string): Promise<JsonObject | undefined>;
  /** Adds an object to a collection. Rejects with 409 where there is one of its name. */
  create(collection: string, object: JsonObject, options?: WriteOptions): Promise<JsonObject>;
  /** Replaces an object. Rejects with 409 where the object does not carry the present `metadata.resourceVersion`. */
  replace(path: string, object: JsonObject, options?: WriteOptions): Promise<JsonObject>;
  /** JSON Merge Patch (RFC 7386); with `metadata.resourceVersion` it is fenced as a replacement is. */
  merge(path: string, patch: JsonObject, options?: WriteOptions): Promise<JsonObject>;
  /** Server-side apply; takes fields over from other managers. */
  apply(path: string, object: JsonObject, options?: WriteOptions): Promise<JsonObject>;
  /** Deletes an object. Resolves where there is none. */
  remove(path: string, conditions?: RemovalConditions): Promise<void>;
}

/** An object, or without a name a collection, by its resource: `leases`, not `Lease`. */
export interface ResourcePath {
  readonly apiVersion: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

const defaultManager = 'meshgate';
const answerMilliseconds = 30_000;

/** The path of an object or collection, as {@link ClusterWriter} takes it. */
export function apiPath({ apiVersion, resource, namespace, name }: ResourcePath): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${place}/${resource}${object}`;
}

/** Whether somebody else wrote in between, or created what was to be created. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiStatusError && error.status === 409;
}

/** A writer for the cluster that a kubeconfig names, or for the one that this process runs in; throws as a client does. */
export function connectWriter(kubeconfig: string | undefined): ClusterWriter {
  const transport = openCluster(kubeconfig);

  async function exchange(request: ClusterRequest): Promise<JsonObject> {
    const signal = AbortSignal.timeout(answerMilliseconds);
    const response = await transport.send(request, signal);
    return JSON.parse(await text(response)) as JsonObject;
  }

  function write(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    object: JsonObject,
    { type = 'application/json', query }: { readonly type?: string; readonly query: string },
  ): Promise<JsonObject> {
    const body = { type, text: JSON.stringify(object) };
    return exchange({ method, path: `${path}?${query}`, body });
  }

  return {
    server: transport.server,
    async read(path) {
      try {
        return await exchange({ method: 'GET', path });
      } catch (error) {
        return ignoreMissing(error);
      }
    },
    create: (collection, object, options) =>
      write('POST', collection, object, { query: queryOf(options) }),
    replace: (path, object, options) => write('PUT', path, object, { query: queryOf(options) }),
    merge: (path, patch, options) =>
      write('PATCH', path, patch, {
        type: 'application/merge-patch+json',
        query: queryOf(options),
      }),
    apply: (path, object, options) =>
      write('PATCH', path, object, {
        type: 'application/apply-patch+yaml',
        query: `${queryOf(options)}&force=true`,
      }),
    async remove(path, conditions = {}) {
      const preconditions = JSON.stringify({ preconditions: conditions });
      const body = { type: 'application/json', text: preconditions };
      try {
        await exchange({ method: 'DELETE', path, body });
      } catch (error) {
        ignoreMissing(error);
      }
    },
  };
}

function queryOf({ dryRun = false, fieldManager = defaultManager }: WriteOptions = {}): string {
  return `fieldManager=${encodeURIComponent(fieldManager)}${dryRun ? '&dryRun=All' : ''}`;
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof ApiStatusError && error.status === 404) {
    return undefined;
  }
  throw error;
}
