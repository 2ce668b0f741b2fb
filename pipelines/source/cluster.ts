import type { KindName } from '../../policies/core/kinds.ts';
import type { MutableMesh } from '../../policies/mesh/mesh.ts';
import type { ClusterClient } from './cluster-client.ts';
import { ApiStatusError } from './cluster-transport.ts';
import { discoverKinds, type ServedKind } from './cluster-discovery.ts';
import { followKind } from './cluster-follow.ts';
import { createTurns, type Turns } from './turns.ts';
import { backoff, betweenWatchesSeconds, pause } from './cluster-pause.ts';

/** What happens while a cluster is followed; each is called as it happens and must not throw. */
export interface ClusterReports {
  /** Something of a kind changed in the mesh. */
  changed(type: KindName): void;
  /** A list or watch had to be taken up again. */
  restarted(type: KindName, reason: 'expired' | 'error', detail: string): void;
  /** The kinds that are served could not be asked for. */
  discoveryFailed(detail: string): void;
}

/** What to follow and where to put it. */
export interface ClusterOptions {
  readonly client: ClusterClient;
  readonly mesh: MutableMesh;
  readonly types: ReadonlySet<KindName>;
  readonly rootNamespace: string;
  readonly reports: ClusterReports;
  /** How often kinds that are not served are asked for again. */
  readonly discoverySeconds?: number;
}

/** A mesh that follows a cluster. */
export interface ClusterMesh {
  /** What has not been read once yet: `discovery` or names of kinds. Empty: the mesh is whole. */
  waitingFor(): readonly string[];
  /** Seconds since the API server was last heard of, by kind. */
  stalenessSeconds(): ReadonlyMap<KindName, number>;
  /** Ends every watch. */
  stop(): Promise<void>;
}

const defaultDiscoverySeconds = 60;
/** Lists that are read at once: what they bring is held as text before it is read. */
const listsAtOnce = 2;

/**
 * Keeps a mesh equal to what the API server has of these kinds: lists, watches, lists again where the history is gone,
 * and takes up kinds whose definition is installed later. Never lists Secrets.
 */
export function followCluster(options: ClusterOptions): ClusterMesh {
  const stopping = new AbortController();
  const contact = new Map<KindName, number>();
  const waiting = new Set<string>(['discovery']);
  const followed = new Map<KindName, Promise<void>>();
  const inTurn = createTurns(listsAtOnce);
  const running = discover();

  async function discover(): Promise<void> {
    const seconds = options.discoverySeconds ?? defaultDiscoverySeconds;
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        const missing = [...options.types].filter((type) => !followed.has(type));
        for (const kind of await discoverKinds(options, missing, stopping.signal)) {
          take(kind, waiting.has('discovery'));
        }
        waiting.delete('discovery');
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!stopping.signal.aborted) {
          options.reports.discoveryFailed(textOf(error));
        }
      }
      await pause(failures === 0 ? seconds : backoff(failures), stopping.signal);
    }
  }

  function take(kind: ServedKind, atStart: boolean): void {
    const { type } = kind;
    if (atStart) {
      waiting.add(type);
    }
    const heard = (state: 'contact' | 'synced'): void => {
      contact.set(type, performance.now());
      if (state === 'synced') {
        waiting.delete(type);
      }
    };
    const ended = (): void => {
      followed.delete(type);
      contact.delete(type);
      waiting.delete(type);
    };
    followed.set(type, follow(kind, { ...options, inTurn }, stopping.signal, heard).then(ended));
  }

  return {
    waitingFor: () => [...waiting],
    stalenessSeconds() {
      const now = performance.now();
      return new Map([...contact].map(([type, at]) => [type, (now - at) / 1000]));
    },
    async stop() {
      stopping.abort();
      await Promise.all([running, ...followed.values()]);
    },
  };
}

/** Follows one kind until the signal, or until the API server serves it no more. */
async function follow(
  kind: ServedKind,
  { client, mesh, reports, inTurn }: ClusterOptions & { readonly inTurn: Turns },
  signal: AbortSignal,
  heard: (state: 'contact' | 'synced') => void,
): Promise<void> {
  const follower = followKind(kind, {
    client,
    mesh,
    onChange: () => {
      reports.changed(kind.type);
    },
    onContact: () => {
      heard('contact');
    },
  });
  let listed = false;
  for (let failures = 0; !signal.aborted;) {
    try {
      if (!listed) {
        await inTurn(() => follower.list(signal));
        listed = true;
        heard('synced');
      }
      listed = await follower.watch(signal);
      failures = 0;
      if (!listed) {
        reports.restarted(kind.type, 'expired', 'the history to watch from is gone');
      }
      await pause(betweenWatchesSeconds, signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const status = error instanceof ApiStatusError ? error.status : undefined;
      if (status === 404) {
        follower.forget();
        return;
      }
      listed &&= status !== 410;
      failures += 1;
      reports.restarted(kind.type, status === 410 ? 'expired' : 'error', textOf(error));
      await pause(backoff(failures), signal);
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
