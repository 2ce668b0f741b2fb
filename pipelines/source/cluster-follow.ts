import { stringIn, type Json } from '../../policies/core/json.ts';
import { referenceTo, type ObjectReference } from '../../policies/core/resource.ts';
import type { MutableMesh } from '../../policies/mesh/mesh.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { ServedKind } from './cluster-discovery.ts';
import { listPages } from './cluster-list.ts';
import { readLiveObject } from './cluster-objects.ts';
import { watchEvents } from './cluster-watch.ts';

/** Objects of one kind, as they are followed into a mesh. */
export interface KindFollower {
  /** Lists everything, takes out of the mesh what is gone, and remembers where to watch from. */
  list(signal: AbortSignal): Promise<void>;
  /** Takes in changes until the server ends the watch. Resolves to false where the objects must be listed again. */
  watch(signal: AbortSignal): Promise<boolean>;
  /** Takes all objects of the kind out of the mesh. */
  forget(): void;
}

/** What a follower works on; `onChange` runs after each change, `onContact` whenever the API server was heard of. */
export interface FollowOptions {
  readonly client: ClusterClient;
  readonly mesh: MutableMesh;
  readonly onChange: () => void;
  readonly onContact: () => void;
}

/** Makes the follower of one kind. */
export function followKind(served: ServedKind, options: FollowOptions): KindFollower {
  const { client, onChange, onContact } = options;
  const held = holdKind(served, options.mesh);
  let resourceVersion = '';

  function take(type: string, value: Json): void {
    resourceVersion = stringIn(value, 'metadata', 'resourceVersion') ?? resourceVersion;
    if (type === 'BOOKMARK') {
      return;
    }
    if (type === 'DELETED') {
      held.drop(keyOf(value));
    } else {
      held.put(value);
    }
    onChange();
  }

  return {
    async list(signal) {
      const seen = new Set<string>();
      for await (const page of listPages(served, client, signal)) {
        for (const item of page.items) {
          seen.add(held.put(item));
        }
        ({ resourceVersion } = page);
        onContact();
      }
      held.keepOnly(seen);
      onChange();
    },
    watch: (signal) =>
      watchEvents(
        { client, path: `${served.path}?resourceVersion=${resourceVersion}`, signal },
        (type, value) => {
          onContact();
          take(type, value);
        },
      ),
    forget() {
      held.keepOnly(new Set());
      onChange();
    },
  };
}

/** The objects of one kind that are in the mesh because of a follower. */
function holdKind(served: ServedKind, mesh: MutableMesh) {
  const held = new Map<string, ObjectReference>();

  function drop(key: string): void {
    const reference = held.get(key);
    if (reference !== undefined) {
      held.delete(key);
      mesh.remove(reference);
    }
  }

  return {
    drop,
    put(value: unknown): string {
      const key = keyOf(value);
      const resource = readLiveObject(value, served);
      if (resource === undefined) {
        drop(key);
      } else {
        drop(key);
        held.set(key, referenceTo(resource));
        mesh.put(resource);
      }
      return key;
    },
    keepOnly(keys: ReadonlySet<string>): void {
      for (const key of [...held.keys()].filter((key) => !keys.has(key))) {
        drop(key);
      }
    },
  };
}

function keyOf(value: unknown): string {
  const namespace = stringIn(value, 'metadata', 'namespace') ?? '';
  return `${namespace}/${stringIn(value, 'metadata', 'name') ?? ''}`;
}
