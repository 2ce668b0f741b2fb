import { createHash, createHmac } from 'node:crypto';
import { describeReference } from '../../policies/core/resource.ts';
import { pathOf } from './readable-path.ts';
import type { DriftReport, FieldDrift, ObjectDrift } from './report.ts';

/** One difference by what tells it from others: short enough to be kept with an issue. */
export interface DriftEntry {
  /** Names object and field: eight hexadecimal digits for each. */
  readonly id: string;
  /** Six hexadecimal digits for class and both values, so that a changed value is told. */
  readonly value: string;
  readonly drift: ObjectDrift;
  /** Absent where the whole object is meant. */
  readonly field?: FieldDrift;
}

/** All differences of a report. What could not be told is none. */
export function entriesOf({ cluster, drifts }: DriftReport): readonly DriftEntry[] {
  return drifts
    .filter(({ verdict }) => verdict !== 'unknown')
    .flatMap((drift): readonly DriftEntry[] =>
      drift.fields.length === 0
        ? [entryOf(cluster, drift, undefined)]
        : drift.fields.map((field) => entryOf(cluster, drift, field)),
    );
}

/** The part of an entry's id that names its object, given as `Kind ns/name`. */
export function objectId(cluster: string, object: string): string {
  return hash(`${cluster}\n${object}`, 8);
}

/** A name for a cluster that can stand in a comment and says nothing else. */
export function clusterId(cluster: string): string {
  return hash(`cluster\n${cluster}`, 16);
}

/** A name for a set of entries: the same whatever their order and their times. */
export function fingerprintOf(entries: Iterable<readonly [id: string, value: string]>): string {
  const lines = [...entries].map(([id, value]) => `${id}${value}`).toSorted();
  return hash(lines.join('\n'), 16);
}

function entryOf(cluster: string, drift: ObjectDrift, field: FieldDrift | undefined): DriftEntry {
  const object = objectId(cluster, describeReference(drift.reference));
  const path = field === undefined ? '' : pathOf(drift, field);
  const told = field === undefined ? [drift.verdict] : [field.class, field.declared, field.live];
  // Values that nobody may read are hidden in a report already, so nothing can be guessed from this.
  const value = createHmac('sha256', cluster).update(JSON.stringify(told)).digest('hex');
  return {
    id: `${object}${hash(path, 8)}`,
    value: value.slice(0, 6),
    drift,
    ...(field === undefined ? {} : { field }),
  };
}

function hash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
