import { isObject, listIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { ClusterClient } from './cluster-client.ts';
import { backoff, betweenWatchesSeconds, pause } from './cluster-pause.ts';
import { watchEvents } from './cluster-watch.ts';

/** Which object to follow, and whom to tell. */
export interface ObjectFollowOptions {
  readonly client: ClusterClient;
  /** Path of the collection. */
  readonly collection: string;
  readonly name: string;
  /** Called with the object as it is at first, and whenever it changed; undefined: there is none. */
  onObject(object: JsonObject | undefined): void;
  /** The API server could not be asked, and will be asked again. */
  onProblem(error: unknown): void;
}

/** An object that is followed. */
export interface FollowedObject {
  /** Whether the API server has been heard once. */
  isKnown(): boolean;
  stop(): Promise<void>;
}

/** Follows one object by name, so that a right to this one is enough: lists, watches, lists again after every watch. */
export function followObject(options: ObjectFollowOptions): FollowedObject {
  const { client, name } = options;
  const path = `${options.collection}?fieldSelector=metadata.name%3D${encodeURIComponent(name)}`;
  const stopping = new AbortController();
  const { signal } = stopping;
  let known: string | undefined;

  function tell(object: JsonObject | undefined): void {
    const version = stringIn(object, 'metadata', 'resourceVersion') ?? '';
    if (version !== known) {
      known = version;
      options.onObject(object);
    }
  }

  async function listAndWatch(): Promise<void> {
    const list = await client.get(path, signal);
    const found = listIn(list, 'items').find((item) => stringIn(item, 'metadata', 'name') === name);
    tell(isObject(found) ? found : undefined);
    const from = stringIn(list, 'metadata', 'resourceVersion') ?? '';
    const request = { client, path: `${path}&resourceVersion=${from}`, signal };
    await watchEvents(request, (type, object) => {
      if (type !== 'BOOKMARK' && isObject(object)) {
        tell(type === 'DELETED' ? undefined : object);
      }
    });
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      try {
        await listAndWatch();
        failures = 0;
        await pause(betweenWatchesSeconds, signal);
      } catch (error) {
        if (!signal.aborted) {
          failures += 1;
          options.onProblem(error);
          await pause(backoff(failures), signal);
        }
      }
    }
  }

  const running = run();
  return {
    isKnown: () => known !== undefined,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
