import { describeReference } from '../../policies/core/resource.ts';
import { groupOf, identityOf } from '../compare/manifest.ts';
import type { KindOutcome } from './compare-live.ts';
import type { Declaration, DeclaredObjects } from './declared.ts';
import type { WantedKind } from './live.ts';
import type { DriftReport, ObjectDrift, Undetermined } from './report.ts';
import type { KindToList } from './wanted.ts';

/** What has been found out so far; what is known of a kind is taken as a whole or not at all. */
export interface Tally {
  readonly drifts: ObjectDrift[];
  readonly unknown: Undetermined[];
  /** What autoscalers scale, `Kind ns/name`. */
  readonly scaleTargets: Set<string>;
  /** Kinds that could not be looked at for what Git does not declare, and why. */
  readonly unlisted: Map<string, string>;
  /** Undeclared objects of deployments that Git's objects belong to. */
  pruningPending(): readonly ObjectDrift[];
  expect(wanted: readonly KindToList[]): void;
  take(kind: WantedKind, outcome: KindOutcome): void;
  fail(kind: WantedKind, why: string, served: boolean): void;
  /** Why nothing is known of a kind; undefined where it was listed. */
  failureOf(kind: WantedKind): string | undefined;
  /** How many objects a kind has; undefined where it was not listed. */
  liveOf(kind: WantedKind): number | undefined;
  /** Declared objects that no live object answered to. */
  unseen(): readonly Declaration[];
  markInSync(identity: string): void;
  inSyncNames(): string[];
  coverage(): DriftReport['coverage'];
}

const notGiven = 'the source of live objects did not give it';

/** Starts to count. */
export function createTally({ byIdentity }: DeclaredObjects): Tally {
  const drifts: ObjectDrift[] = [];
  const unknown: Undetermined[] = [];
  const inSync = new Set<string>();
  const seen = new Set<string>();
  const failures = new Map<string, string>();
  const listed = new Map<string, number>();
  const declaredKinds = new Set<string>();
  const unlisted = new Map<string, string>();
  const scaleTargets = new Set<string>();
  const stamped: KindOutcome['stamped'][number][] = [];
  const deployments = new Set<string>();
  return {
    drifts,
    unknown,
    scaleTargets,
    unlisted,
    pruningPending: () =>
      stamped.filter(({ deployment }) => deployments.has(deployment)).map(({ drift }) => drift),
    expect(wanted) {
      for (const kind of wanted) {
        failures.set(keyOf(kind), notGiven);
        if (kind.isDeclared) {
          declaredKinds.add(keyOf(kind));
        }
      }
    },
    take(kind, outcome) {
      failures.delete(keyOf(kind));
      listed.set(keyOf(kind), outcome.live);
      for (const drift of outcome.drifts) {
        drifts.push(drift);
        seen.add(identityOf(drift.reference));
      }
      for (const identity of outcome.inSync) {
        inSync.add(identity);
        seen.add(identity);
      }
      outcome.scaleTargets.forEach((target) => scaleTargets.add(target));
      outcome.deployments.forEach((deployment) => deployments.add(deployment));
      stamped.push(...outcome.stamped);
    },
    fail(kind, why, served) {
      failures.set(keyOf(kind), why);
      if (!declaredKinds.has(keyOf(kind))) {
        failures.delete(keyOf(kind));
        if (served) {
          unlisted.set(kind.kind, why);
        }
      }
    },
    failureOf: (kind) => failures.get(keyOf(kind)),
    liveOf: (kind) => listed.get(keyOf(kind)),
    unseen: () =>
      [...byIdentity].flatMap(([identity, [first]]) =>
        first === undefined || seen.has(identity) ? [] : [first],
      ),
    markInSync: (identity) => void inSync.add(identity),
    inSyncNames: () =>
      [...inSync].flatMap((identity) => {
        const [first] = byIdentity.get(identity) ?? [];
        return first === undefined ? [] : [describeReference(first.reference)];
      }),
    coverage: () => ({
      judged: inSync.size + drifts.filter(({ verdict }) => isJudged(verdict)).length,
      declared: byIdentity.size,
      live: [...listed.values()].reduce((sum, count) => sum + count, 0),
    }),
  };
}

function isJudged(verdict: ObjectDrift['verdict']): boolean {
  return verdict !== 'unknown' && verdict !== 'extra';
}

function keyOf({ apiVersion, kind }: WantedKind): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
