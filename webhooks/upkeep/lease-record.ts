import { microTime } from '../../pipelines/source/cluster-time.ts';
import { numberIn, objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';

/** What a Lease (coordination.k8s.io/v1) says of who holds it. */
export interface LeaseRecord {
  /** '' where nobody does. */
  readonly holder: string;
  readonly durationMilliseconds: number;
  readonly transitions: number;
}

/** How a record of a Lease is changed. */
export interface LeaseClaim {
  readonly identity: string;
  readonly durationSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Reads who holds a Lease. */
export function readLease(lease: JsonObject): LeaseRecord {
  const spec = objectIn(lease, 'spec');
  return {
    holder: stringIn(spec, 'holderIdentity') ?? '',
    durationMilliseconds: (numberIn(spec, 'leaseDurationSeconds') ?? 0) * 1000,
    transitions: numberIn(spec, 'leaseTransitions') ?? 0,
  };
}

/** The spec by which somebody takes a Lease or goes on holding it. */
export function heldSpec(lease: JsonObject | undefined, claim: LeaseClaim): JsonObject {
  const now = microTime(claim.now);
  const before = lease === undefined ? undefined : readLease(lease);
  const goesOn = before?.holder === claim.identity;
  const acquired = goesOn ? stringIn(lease, 'spec', 'acquireTime') : undefined;
  const transitions = before === undefined ? 0 : before.transitions + (goesOn ? 0 : 1);
  return {
    holderIdentity: claim.identity,
    leaseDurationSeconds: claim.durationSeconds,
    acquireTime: acquired ?? now,
    renewTime: now,
    leaseTransitions: transitions,
  };
}

/** The spec by which the holder gives a Lease back, so that nobody has to wait for its end. */
export function releasedSpec(lease: JsonObject, now: number): JsonObject {
  return {
    leaseDurationSeconds: 1,
    renewTime: microTime(now),
    leaseTransitions: readLease(lease).transitions,
  };
}
