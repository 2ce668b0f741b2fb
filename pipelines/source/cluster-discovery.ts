import { listIn, stringIn } from '../../policies/core/json.ts';
import { kindInfo, type KindName } from '../../policies/core/kinds.ts';
import type { ClusterClient } from './cluster-client.ts';
import { ApiStatusError } from './cluster-transport.ts';

/** A kind as this API server serves it. */
export interface ServedKind {
  readonly type: KindName;
  readonly apiVersion: string;
  /** Path of the list of all its objects that are of interest. */
  readonly path: string;
}

/**
 * Which of these kinds the API server serves, each in the newest version that we know. ConfigMaps are only asked for in
 * the root namespace. Rejects where the API server cannot be asked.
 */
export async function discoverKinds(
  { client, rootNamespace }: { readonly client: ClusterClient; readonly rootNamespace: string },
  types: Iterable<KindName>,
  signal: AbortSignal,
): Promise<readonly ServedKind[]> {
  const plurals = new Map<string, Promise<ReadonlySet<string>>>();

  function pluralsOf(apiPath: string): Promise<ReadonlySet<string>> {
    let found = plurals.get(apiPath);
    if (found === undefined) {
      found = readPlurals(client, apiPath, signal);
      plurals.set(apiPath, found);
    }
    return found;
  }

  const served: ServedKind[] = [];
  for (const type of types) {
    const { group, versions, plural } = kindInfo(type);
    for (const version of versions) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      const apiPath = group === '' ? `/api/${version}` : `/apis/${apiVersion}`;
      if ((await pluralsOf(apiPath)).has(plural)) {
        const place = type === 'ConfigMap' ? `/namespaces/${rootNamespace}` : '';
        served.push({ type, apiVersion, path: `${apiPath}${place}/${plural}` });
        break;
      }
    }
  }
  return served;
}

async function readPlurals(
  client: ClusterClient,
  apiPath: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  try {
    const list = await client.get(apiPath, signal);
    return new Set(listIn(list, 'resources').map((entry) => stringIn(entry, 'name') ?? ''));
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 404) {
      return new Set();
    }
    throw error;
  }
}
