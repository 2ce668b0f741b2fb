import type { JsonObject } from '../../policies/core/json.ts';
import { followObject } from '../../pipelines/source/cluster-object.ts';
import { readKeyring } from '../certificates/keyring.ts';
import { validityOf } from '../certificates/pair.ts';
import { secretCollection } from '../certificates/secret-store.ts';
import type { UpkeepMetrics } from './metrics.ts';
import type { UpkeepOptions } from './options.ts';
import { configurationPlaces } from './registrar.ts';
import { trustedBundles } from './trust.ts';

/** What is told of the objects that are followed. */
export interface FollowReports {
  /** The Secret or a configuration changed. */
  changed(): void;
  /** Another certificate may be served than before. */
  served(): void;
  readonly onProblem: (error: unknown) => void;
}

/** The objects of our own that every replica follows. */
export interface OwnObjects {
  /** The authorities that each registered webhook trusts. */
  bundles(): readonly (readonly string[])[];
  /** What keeps this replica from being called; empty: nothing. */
  notReady(): readonly string[];
  stop(): Promise<void>;
}

/** Follows the Secret and the registered configurations, and serves what is in the Secret once it is trusted. */
export function followOwnObjects(
  options: UpkeepOptions,
  metrics: UpkeepMetrics,
  reports: FollowReports,
): OwnObjects {
  const { client, served, trust, place } = options;
  const { onProblem } = reports;
  const live = new Map<string, JsonObject>();
  const bundles = (): readonly (readonly string[])[] => trustedBundles([...live.values()]);
  const areKnown = (): boolean => configurations.every((one) => one.isKnown());

  function takeConfiguration(name: string, object: JsonObject | undefined): void {
    if (object === undefined) {
      live.delete(name);
    } else {
      live.set(name, object);
    }
    if (areKnown()) {
      served.trust(bundles());
    }
    reports.served();
    reports.changed();
  }

  const configurations = configurationPlaces.map(({ name, collection }) => {
    const onObject = (object: JsonObject | undefined): void => {
      takeConfiguration(name, object);
    };
    return followObject({ client, collection, name, onObject, onProblem });
  });
  const secret = trust.kind === 'secret' ? trust.secret : undefined;
  const followed = [...configurations];
  if (secret !== undefined) {
    const collection = secretCollection(place.service.namespace);
    const onObject = (object: JsonObject | undefined): void => {
      takeSecret(object, options, metrics);
      reports.served();
      reports.changed();
    };
    followed.push(followObject({ client, collection, name: secret, onObject, onProblem }));
  }
  return {
    bundles,
    notReady() {
      const waiting = areKnown() ? served.notReady() : 'webhook-configurations';
      return waiting === undefined ? [] : [waiting];
    },
    async stop() {
      await Promise.all(followed.map((one) => one.stop()));
    },
  };
}

function takeSecret(
  object: JsonObject | undefined,
  { served, logger }: UpkeepOptions,
  metrics: UpkeepMetrics,
): void {
  const reading = readKeyring(object);
  if (object !== undefined && reading.problem !== undefined) {
    logger.error({ problem: reading.problem }, 'the Secret of certificates is spoiled');
  }
  if ('keyring' in reading) {
    metrics.authority(validityOf(reading.keyring.authority.cert));
    if (reading.keyring.leaf !== undefined) {
      served.offer(reading.keyring.leaf);
    }
  }
}
