import { compareText, describeReference } from '../../policies/core/resource.ts';
import { groupOf, identityOf } from '../compare/manifest.ts';
import type { Declaration, DeclaredObjects } from './declared.ts';
import type { KindOutcome } from './kind-outcome.ts';
import type { WantedKind } from './live.ts';
import type { DriftReport, ObjectDrift, Undetermined } from './report.ts';
import type { KindToList } from './wanted.ts';

/** What has been found out so far; what is known of a kind is taken as a whole or not at all. */
export interface Tally {
  drifts: ObjectDrift[];
  readonly unknown: Undetermined[];
  /** The first declarations of objects that are as Git says. */
  readonly inSync: Set<Declaration>;
  /** How many live objects each kind has that was listed. */
  readonly listed: Map<string, number>;
  /** Why nothing is known of a kind. */
  readonly failures: Map<string, string>;
  /** Why nothing is known of a kind in one of its versions. */
  readonly unserved: Map<string, string>;
  /** Kinds that could not be looked at for what Git does not declare, and why. */
  readonly unlisted: Map<string, string>;
  /** What autoscalers scale, `Kind ns/name`. */
  readonly scaleTargets: Set<string>;
  /** Undeclared objects of deployments, and the deployments of Git's objects. */
  readonly stamped: KindOutcome['stamped'][number][];
  readonly deployments: Set<string>;
}

/** Starts to count. */
export function createTally(): Tally {
  return {
    drifts: [],
    unknown: [],
    inSync: new Set(),
    listed: new Map(),
    failures: new Map(),
    unserved: new Map(),
    unlisted: new Map(),
    scaleTargets: new Set(),
    stamped: [],
    deployments: new Set(),
  };
}

/** Takes what came of a kind that was listed to its end. */
export function takeKind(
  tally: Tally,
  kind: WantedKind,
  outcome: KindOutcome,
  unserved: ReadonlyMap<string, string>,
): void {
  for (const [apiVersion, why] of unserved) {
    tally.unserved.set(versionKey({ ...kind, apiVersion }), why);
  }
  tally.listed.set(keyOf(kind), outcome.live);
  for (const drift of outcome.drifts) {
    tally.drifts.push(drift);
  }
  for (const declaration of outcome.inSync) {
    tally.inSync.add(declaration);
  }
  for (const target of outcome.scaleTargets) {
    tally.scaleTargets.add(target);
  }
  for (const deployment of outcome.deployments) {
    tally.deployments.add(deployment);
  }
  tally.stamped.push(...outcome.stamped);
}

/** Notes that a kind could not be listed; one that the cluster does not have cannot hold what Git does not declare. */
export function failKind(tally: Tally, kind: KindToList, why: string, served: boolean): void {
  if (kind.isDeclared) {
    tally.failures.set(keyOf(kind), why);
  } else if (served) {
    tally.unlisted.set(kind.kind, why);
  }
}

/** Why nothing is known of a kind in its version; undefined where it was listed. */
export function failureOf(tally: Tally, kind: WantedKind): string | undefined {
  return tally.failures.get(keyOf(kind)) ?? tally.unserved.get(versionKey(kind));
}

/** How many live objects a kind has; undefined where it was not listed. */
export function liveCount(tally: Tally, kind: WantedKind): number | undefined {
  return tally.listed.get(keyOf(kind));
}

/** Declared objects that no live object answered to. */
export function unseenOf(tally: Tally, { byIdentity }: DeclaredObjects): readonly Declaration[] {
  const drifting = new Set(tally.drifts.map(({ reference }) => identityOf(reference)));
  const unseen: Declaration[] = [];
  for (const [identity, [first]] of byIdentity) {
    if (first !== undefined && !tally.inSync.has(first) && !drifting.has(identity)) {
      unseen.push(first);
    }
  }
  return unseen;
}

/** Undeclared objects of deployments that Git's objects belong to. */
export function pruningPending({ stamped, deployments }: Tally): readonly ObjectDrift[] {
  return stamped.filter(({ deployment }) => deployments.has(deployment)).map(({ drift }) => drift);
}

/** The declared objects that are as Git says, `Kind ns/name`, sorted. */
export function inSyncNames({ inSync }: Tally): readonly string[] {
  return Array.from(inSync, ({ reference }) => describeReference(reference)).toSorted(compareText);
}

/** How much was judged. */
export function coverageOf(tally: Tally, declared: DeclaredObjects): DriftReport['coverage'] {
  const drifting = tally.drifts.filter(
    ({ verdict }) => verdict !== 'unknown' && verdict !== 'extra',
  );
  return {
    judged: tally.inSync.size + drifting.length,
    declared: declared.byIdentity.size,
    live: [...tally.listed.values()].reduce((sum, count) => sum + count, 0),
  };
}

function versionKey({ apiVersion, kind }: WantedKind): string {
  return `${apiVersion}/${kind}`;
}

function keyOf({ apiVersion, kind }: WantedKind): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
