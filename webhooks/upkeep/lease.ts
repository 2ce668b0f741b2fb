import { objectIn, type JsonObject } from '../../policies/core/json.ts';
import { apiPath, isConflict, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import type { Clock } from '../clock.ts';
import { heldSpec, readLease, releasedSpec } from './lease-record.ts';

/** What a Lease is held for, and by whom. */
export interface CampaignOptions {
  readonly writer: ClusterWriter;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** Of this replica; no other one may have it. */
  readonly identity: string;
  /** What the Lease carries when it is made: labels, ownerReferences. */
  metadata(): Promise<JsonObject>;
  readonly times?: LeaseTimes;
  /** The Lease was taken or lost. */
  onChange(isHolder: boolean): void;
  /** An attempt failed for another reason than that somebody else holds the Lease. */
  readonly onProblem: (error: unknown) => void;
}

/** One replica's part in the election. */
export interface Campaign {
  /** Whether this replica may write now. False as soon as it could not renew in time, before any other can take over. */
  isHolder(): boolean;
  /** Ends it, and gives the Lease back where it is held. */
  stop(): Promise<void>;
}

/** How long the pieces of an election take. */
export interface LeaseTimes {
  /** How long others leave the Lease to a holder that is not heard of. */
  readonly durationSeconds: number;
  /** How long a holder that cannot renew goes on. */
  readonly renewMilliseconds: number;
  readonly retryMilliseconds: number;
}

/** What the controllers of Kubernetes take. */
const usualTimes: LeaseTimes = {
  durationSeconds: 15,
  renewMilliseconds: 10_000,
  retryMilliseconds: 2000,
};
const leases = { apiVersion: 'coordination.k8s.io/v1', resource: 'leases' };

/**
 * Takes part in the election of the one replica that writes. A Lease counts as given up once it has not changed for its
 * duration, by our own clock, so clocks need not agree. Every write carries the resourceVersion that it was decided by.
 */
export function campaign(options: CampaignOptions): Campaign {
  const { clock, times = usualTimes, onProblem } = options;
  const stopping = new AbortController();
  const take = leaseTaker(options, times);
  let renewedAt = Number.NEGATIVE_INFINITY;
  let held = false;

  const isHolder = (): boolean =>
    held && clock.elapsed() - renewedAt < times.renewMilliseconds && !stopping.signal.aborted;

  function tell(now: boolean): void {
    if (now !== held) {
      held = now;
      options.onChange(now);
    }
  }

  async function attempt(): Promise<void> {
    const started = clock.elapsed();
    try {
      const isTaken = await take();
      renewedAt = isTaken ? started : renewedAt;
      tell(isTaken);
    } catch (error) {
      if (!isConflict(error)) {
        onProblem(error);
      }
      tell(isHolder());
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await attempt();
      // At different times, so that replicas do not run into each other for ever.
      const wait = times.retryMilliseconds * (1 + Math.random() / 5);
      await clock.sleep(wait, stopping.signal);
    }
  }

  const running = run();
  return {
    isHolder,
    async stop() {
      stopping.abort();
      await running;
      tell(false);
      try {
        await release(options);
      } catch (error) {
        onProblem(error);
      }
    },
  };
}

/** Makes what takes the Lease or goes on holding it; resolves to false where somebody else does. */
function leaseTaker(options: CampaignOptions, times: LeaseTimes): () => Promise<boolean> {
  const { writer, clock, namespace, name, identity } = options;
  const path = pathOf(options);
  let seen = { spec: '', at: 0 };

  function isFree(lease: JsonObject): boolean {
    const { holder, durationMilliseconds } = readLease(lease);
    // Not the version of the whole: replicas write their annotations on it.
    const spec = JSON.stringify(objectIn(lease, 'spec'));
    if (spec !== seen.spec) {
      seen = { spec, at: clock.elapsed() };
    }
    const isOver = clock.elapsed() - seen.at >= durationMilliseconds;
    return holder === '' || holder === identity || isOver;
  }

  return async () => {
    const lease = await writer.read(path);
    if (lease !== undefined && !isFree(lease)) {
      return false;
    }
    const { durationSeconds } = times;
    const spec = heldSpec(lease, { identity, durationSeconds, now: clock.now() });
    if (lease === undefined) {
      const metadata = { ...(await options.metadata()), name };
      await writer.create(apiPath({ ...leases, namespace }), { metadata, spec });
    } else {
      await writer.replace(path, { ...lease, spec });
    }
    return true;
  };
}

async function release(options: CampaignOptions): Promise<void> {
  const { writer, clock, identity } = options;
  const path = pathOf(options);
  const lease = await writer.read(path);
  if (lease !== undefined && readLease(lease).holder === identity) {
    await writer.replace(path, { ...lease, spec: releasedSpec(lease, clock.now()) });
  }
}

function pathOf({ namespace, name }: CampaignOptions): string {
  return apiPath({ ...leases, namespace, name });
}
