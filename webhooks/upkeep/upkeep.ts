import type { JsonObject } from '../../policies/core/json.ts';
import { createHolder } from './holder.ts';
import { followOwnObjects } from './follow.ts';
import type { Keeper } from './keep.ts';
import { campaign } from './lease.ts';
import { startLoop, type Loop } from './loop.ts';
import { registerUpkeepMetrics, type UpkeepMetrics } from './metrics.ts';
import { leasePathOf, type UpkeepOptions } from './options.ts';
import { ownMetadata } from './owner.ts';
import { probeLoop } from './probe-loop.ts';
import { readReplicas, removeReplica, reportReplica, type ReplicaPlace } from './replicas.ts';
import { createTeller, type Teller, type UpkeepEvent } from './tell.ts';

/** What a replica does beside serving: certificates, registrations, the Lease. */
export interface Upkeep {
  /** The configuration or the served certificate changed. */
  changed(): void;
  /** What keeps this replica from being called; empty: nothing. */
  notReady(): readonly string[];
  readonly event: (event: UpkeepEvent) => void;
  /** Whether this replica is the one that writes. */
  readonly isHolder: () => boolean;
  /** Hands everything over, while this replica still serves. */
  leave(): Promise<void>;
  /** Says that this replica serves no more. */
  stop(): Promise<void>;
}

const reportMilliseconds = 20_000;
const firstReportMilliseconds = 1000;

/** Starts the upkeep of one replica. Never rejects: what fails is told and tried again. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { clock, served } = options;
  const metrics = registerUpkeepMetrics(options.registry, {
    now: () => clock.now(),
    leaf: () => served.validity(),
  });
  const tell = createTeller(options, metrics);
  const followed = followOwnObjects(options, metrics, {
    changed: () => {
      writing.wake();
    },
    served: () => {
      reporting.wake();
    },
    onProblem: tell.problem('follow'),
  });
  const writing = startWriting(options, metrics, tell);
  const reporting = startReporting(options, tell);
  const probing = probeLoop(options, metrics, () => followed.bundles());
  return {
    changed() {
      writing.wake();
      reporting.wake();
    },
    notReady: () => followed.notReady(),
    event: tell.event,
    isHolder: writing.isHolder,
    async leave() {
      await writing.stop();
      await probing.stop();
    },
    async stop() {
      await followed.stop();
      await reporting.stop();
      await removeReplica(placeOf(options), options.place.identity).catch(tell.problem('report'));
    },
  };
}

/** Takes part in the election, and writes while this replica is the one that does. */
function startWriting(
  options: UpkeepOptions,
  metrics: UpkeepMetrics,
  tell: Teller,
): Loop & Pick<Upkeep, 'isHolder'> {
  const { writer, clock, place, times, logger } = options;
  let metadata: JsonObject | undefined;
  let keeper: Keeper | undefined;
  const readMetadata = async (): Promise<JsonObject> =>
    (metadata ??= await ownMetadata(writer, place.ownerClusterRole));
  const election = campaign({
    writer,
    clock,
    namespace: place.service.namespace,
    name: place.lease,
    identity: place.identity,
    metadata: readMetadata,
    ...(times?.lease === undefined ? {} : { times: times.lease }),
    onChange(isHolder) {
      metrics.leader.set(isHolder ? 1 : 0);
      logger.info({ isHolder, identity: place.identity }, 'lease');
      keeper = undefined;
      loop.wake();
    },
    onProblem: tell.problem('lease'),
  });
  const loop = startLoop({
    clock,
    async work() {
      if (!election.isHolder()) {
        return Number.POSITIVE_INFINITY;
      }
      keeper ??= createHolder(options, await readMetadata(), tell);
      return keeper.keep();
    },
    onProblem: tell.problem('keep'),
  });

  async function handOver(): Promise<void> {
    const isLast = election.isHolder() && (await readReplicas(placeOf(options))).length <= 1;
    if (isLast) {
      await keeper?.leave();
    }
  }
  return {
    isHolder: () => election.isHolder(),
    wake: () => {
      loop.wake();
    },
    async stop() {
      await loop.stop();
      await handOver().catch(tell.problem('keep'));
      await election.stop();
    },
  };
}

/** Tells now and then, and at each change, what this replica serves. */
function startReporting(options: UpkeepOptions, tell: Teller): Loop {
  return startLoop({
    clock: options.clock,
    async work() {
      const state = { leaf: options.served.mark(), configuration: options.configuration() };
      const isTold = await reportReplica(placeOf(options), options.place.identity, state);
      return isTold ? reportMilliseconds : firstReportMilliseconds;
    },
    onProblem: tell.problem('report'),
  });
}

function placeOf({ writer, clock, place }: UpkeepOptions): ReplicaPlace {
  return { writer, clock, leasePath: leasePathOf(place) };
}
