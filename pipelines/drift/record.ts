import { describeReference } from '../../policies/core/resource.ts';
import { clusterId, entriesOf, fingerprintOf, objectId, type DriftEntry } from './entries.ts';
import type { DriftReport } from './report.ts';

/** What is remembered from one check of a cluster to the next. */
export interface DriftRecord {
  readonly cluster: string;
  /** Grows with each change that people were told of. */
  readonly sequence: number;
  readonly fingerprint: string;
  /** Milliseconds since the epoch, of the check. */
  readonly checked: number;
  /** Whether there was something to mend, or it could not be told that there was nothing. */
  readonly drifting: boolean;
  readonly total: number;
  /** By id: the differences that are known and since when, in milliseconds since the epoch. */
  readonly known: ReadonlyMap<string, KnownDrift>;
}

/** A difference that was there at an earlier check. */
export interface KnownDrift {
  readonly value: string;
  readonly since: number;
}

/** What a check says against the one before. */
export interface DriftDelta {
  readonly record: DriftRecord;
  /** Whether people are to be told: something differs from what they were told before. */
  readonly changed: boolean;
  readonly added: readonly DriftEntry[];
  /** Known before with another value. */
  readonly altered: readonly DriftEntry[];
  /** Ids that are in order now. */
  readonly gone: readonly string[];
  /** Declared objects that are in order now and were not, `Kind ns/name`. */
  readonly mended: readonly string[];
  /** Ids of which nothing could be told this time; they stay known. */
  readonly kept: readonly string[];
}

/** Compares a report with what is remembered; a cluster that was never in order or checked has no record. */
export function compareWithRecord(
  previous: DriftRecord | undefined,
  report: DriftReport,
  checked: number,
): DriftDelta {
  const before = previous?.known ?? new Map<string, KnownDrift>();
  const entries = entriesOf(report);
  const known = new Map<string, KnownDrift>(
    entries.map(({ id, value }) => [id, { value, since: before.get(id)?.since ?? checked }]),
  );
  const missing = [...before.keys()].filter((id) => !known.has(id));
  const isTold = judged(report);
  const kept = missing.filter((id) => !isTold(id));
  for (const id of kept) {
    known.set(id, before.get(id) ?? { value: '', since: checked });
  }
  const gone = missing.filter(isTold);
  const fingerprint = fingerprintOf([...known].map(([id, { value }]) => [id, value]));
  const changed = previous?.fingerprint !== fingerprint;
  return {
    record: {
      cluster: clusterId(report.cluster),
      sequence: (previous?.sequence ?? 0) + (changed ? 1 : 0),
      fingerprint,
      checked,
      drifting: report.verdict !== 'in-sync',
      total: known.size,
      known,
    },
    changed,
    added: entries.filter(({ id }) => !before.has(id)),
    altered: entries.filter(({ id, value }) => (before.get(id)?.value ?? value) !== value),
    gone,
    mended: mendedIn(report, gone),
    kept,
  };
}

/** Tells of which ids a report says something: of all where nothing was left undetermined. */
function judged({ cluster, drifts, inSync, unknown }: DriftReport): (id: string) => boolean {
  const isUnknown = drifts.some(({ verdict }) => verdict === 'unknown');
  if (unknown.length === 0 && !isUnknown) {
    return () => true;
  }
  const told = drifts.filter(({ verdict }) => verdict !== 'unknown');
  const objects = [...inSync, ...told.map(({ reference }) => describeReference(reference))];
  const ids = new Set(objects.map((object) => objectId(cluster, object)));
  return (id) => ids.has(id.slice(0, 8));
}

function mendedIn({ cluster, inSync }: DriftReport, gone: readonly string[]): readonly string[] {
  const ids = new Set(gone.map((id) => id.slice(0, 8)));
  return ids.size === 0 ? [] : inSync.filter((object) => ids.has(objectId(cluster, object)));
}
