import type { KindName } from '../../policies/core/kinds.ts';
import type { MutableMesh } from '../../policies/mesh/mesh.ts';
import type { ClusterClient } from './cluster-client.ts';
import { discoverKinds, type ServedKind } from './cluster-discovery.ts';
import { followKind } from './cluster-follow.ts';
import { ApiStatusError } from './cluster-transport.ts';

/** What to read of a cluster, and where to put it. */
export interface ClusterReading {
  readonly client: ClusterClient;
  readonly mesh: MutableMesh;
  readonly types: Iterable<KindName>;
  readonly rootNamespace: string;
  readonly signal: AbortSignal;
}

/** A kind whose objects are not in the mesh, and why. */
export interface UnreadKind {
  readonly type: KindName;
  readonly why: string;
}

const listsAtOnce = 4;

/**
 * Reads all objects of these kinds once, page by page. A kind that cannot be listed costs only that kind. Rejects where
 * the cluster cannot even be asked for the kinds that it serves.
 */
export async function readCluster(reading: ClusterReading): Promise<readonly UnreadKind[]> {
  const waiting = [...(await discoverKinds(reading, reading.types, reading.signal))];
  const unread: UnreadKind[] = [];

  async function work(): Promise<void> {
    for (let kind = waiting.pop(); kind !== undefined; kind = waiting.pop()) {
      try {
        await listKind(kind, reading);
      } catch (error) {
        unread.push({
          type: kind.type,
          why: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
  await Promise.all(Array.from({ length: listsAtOnce }, work));
  return unread.toSorted((left, right) => (left.type < right.type ? -1 : 1));
}

/** Pages are of one state of the cluster, which the API server keeps for minutes only; a list that outlives it begins anew. */
async function listKind(kind: ServedKind, reading: ClusterReading): Promise<void> {
  const { client, mesh, signal } = reading;
  const follower = followKind(kind, { client, mesh, onChange: () => {}, onContact: () => {} });
  try {
    await follower.list(signal);
  } catch (error) {
    if (!(error instanceof ApiStatusError && error.status === 410)) {
      throw error;
    }
    follower.forget();
    await follower.list(signal);
  }
}
