import { listIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { Clock } from '../clock.ts';
import { canaryWebhookName } from '../registration/webhooks.ts';
import type { CanaryResult } from './canary.ts';
import {
  nextFailurePolicy,
  type FailurePolicy,
  type FailurePolicyState,
} from './failure-policy.ts';
import type { RegistrationPass } from './registrar.ts';

/** What is to be registered, but for the trust and the failure policy in force. */
export interface Wanted {
  readonly failurePolicy: FailurePolicy;
  /** The configurations with these filled in; without any trust where somebody else fills it in. */
  configurations(
    bundle: readonly string[] | undefined,
    policy: FailurePolicy,
  ): readonly JsonObject[];
}

/** The trust that webhooks are to have, and what keeps it right. */
export interface TrustKeeper {
  /** Reads what there is; `bundle` is undefined where somebody else fills it in. */
  read(live: readonly JsonObject[]): Promise<TrustState>;
}

/** What a pass goes by. */
export interface TrustState {
  readonly bundle: readonly string[] | undefined;
  /** Whether there is what a webhook that is registered now would be answered with. */
  readonly mayRegister: boolean;
  /** What is to be done once the registrations are right; gives the milliseconds until it is to be asked again. */
  readonly next: (live: readonly JsonObject[]) => Promise<number>;
}

/** What the holder of the Lease works with. */
export interface KeeperOptions {
  readonly clock: Clock;
  readonly trust: TrustKeeper;
  /** What is wanted now; undefined while that is not known. */
  wanted(): Wanted | undefined;
  read(): Promise<readonly JsonObject[]>;
  register(desired: readonly JsonObject[]): Promise<RegistrationPass>;
  canary(): Promise<CanaryResult>;
  /** Told after each canary, and when the policy turned. */
  proved(state: FailurePolicyState, result: CanaryResult, turned: boolean): void;
}

/** What the holder of the Lease does. */
export interface Keeper {
  /** Takes what steps can be taken, and gives the milliseconds until there may be another. */
  keep(): Promise<number>;
  /** Nobody is left to answer: failures are to be ignored from now on. */
  leave(): Promise<void>;
}

const canaryMilliseconds = 10_000;
const hourMilliseconds = 60 * 60 * 1000;

/** Makes what keeps certificates, registrations and failure policy right. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { clock, trust } = options;
  let state: FailurePolicyState | undefined;
  let provedAt = Number.NEGATIVE_INFINITY;

  async function prove(wanted: FailurePolicy, live: readonly JsonObject[]): Promise<number> {
    state ??= { policy: wanted === 'Fail' ? policyOf(live) : 'Ignore', streak: 0 };
    if (wanted === 'Ignore') {
      state = nextFailurePolicy(state, wanted, 'unknown');
      return hourMilliseconds;
    }
    const wait = provedAt + canaryMilliseconds - clock.elapsed();
    if (wait > 0 || !hasCanary(live)) {
      return Math.max(wait, 0) || canaryMilliseconds;
    }
    provedAt = clock.elapsed();
    const result = await options.canary();
    const before = state.policy;
    state = nextFailurePolicy(state, wanted, result.outcome);
    options.proved(state, result, state.policy !== before);
    return canaryMilliseconds;
  }

  async function register(
    wanted: Wanted,
    bundle: readonly string[] | undefined,
  ): Promise<RegistrationPass> {
    return options.register(wanted.configurations(bundle, state?.policy ?? 'Ignore'));
  }

  return {
    async keep() {
      const before = await options.read();
      const { bundle, mayRegister, next } = await trust.read(before);
      const wanted = options.wanted();
      if (wanted === undefined || !mayRegister) {
        return Math.min(await next(before), canaryMilliseconds);
      }
      const proofWait = await prove(wanted.failurePolicy, before);
      const { live, waitMilliseconds } = await register(wanted, bundle);
      const waits = [await next(live), proofWait];
      if (waitMilliseconds > 0) {
        waits.push(waitMilliseconds);
      }
      return Math.min(...waits);
    },
    async leave() {
      const wanted = options.wanted();
      if (wanted !== undefined && state?.policy === 'Fail') {
        state = { policy: 'Ignore', streak: 0 };
        const { bundle } = await trust.read(await options.read());
        await register(wanted, bundle);
      }
    },
  };
}

/** The policy that the judging webhooks have now, with which a new holder goes on. */
function policyOf(live: readonly JsonObject[]): FailurePolicy {
  return webhooksOf(live).some((webhook) => stringIn(webhook, 'failurePolicy') === 'Fail')
    ? 'Fail'
    : 'Ignore';
}

function hasCanary(live: readonly JsonObject[]): boolean {
  return webhooksOf(live).some((webhook) => stringIn(webhook, 'name') === canaryWebhookName);
}

function webhooksOf(live: readonly JsonObject[]): readonly unknown[] {
  return live.flatMap((configuration) => listIn(configuration, 'webhooks'));
}
