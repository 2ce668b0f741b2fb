import { severities } from '../../policies/core/finding.ts';
import type { Json } from '../../policies/core/json.ts';
import { describeReference } from '../../policies/core/resource.ts';
import type { DriftReport, FieldDrift, ObjectDrift } from '../drift/report.ts';

/** A value as reports show it; nothing at all has a word of its own. */
export function shownValue(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** Who set a live value and when, as far as the cluster tells; '' where it does not. */
export function attribution({ manager, operation, time, others = [] }: FieldDrift): string {
  if (manager === undefined) {
    return '';
  }
  const how = operation === undefined ? '' : ` (${operation})`;
  const when = time === undefined ? '' : `, last active ${time}`;
  const also = others.length === 0 ? '' : `, as well as ${others.join(', ')}`;
  return `${manager}${how}${when}${also}`;
}

/** `2 changed, 1 extra`. */
export function verdictCounts({ drifts }: Pick<DriftReport, 'drifts'>): string {
  const counts = Map.groupBy(drifts, ({ verdict }) => verdict);
  const words = [...counts].map(([verdict, { length }]) => `${String(length)} ${verdict}`);
  return words.length === 0 ? 'no differences' : words.join(', ');
}

/** The objects that differ, those that break the gravest policy first; of the others those that somebody changed. */
export function byEffect({ drifts, findings }: DriftReport): readonly ObjectDrift[] {
  const gravest = new Map<string, number>();
  for (const { finding } of findings) {
    const object = describeReference(finding.object);
    const severity = severities.indexOf(finding.severity);
    gravest.set(object, Math.max(gravest.get(object) ?? -1, severity));
  }
  const effect = ({ reference }: ObjectDrift): number =>
    gravest.get(describeReference(reference)) ?? -1;
  return drifts
    .filter(({ verdict }) => verdict !== 'unknown')
    .toSorted(
      (left, right) =>
        effect(right) - effect(left) ||
        verdicts.indexOf(left.verdict) - verdicts.indexOf(right.verdict),
    );
}

const verdicts = ['changed', 'missing', 'removed', 'foreign', 'extra', 'unknown'];

/** `3 days`, `2 hours`, `5 minutes`: the largest unit that is whole. */
export function ageOf(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes >= 2 * 1440) {
    return `${String(Math.floor(minutes / 1440))} days`;
  }
  if (minutes >= 120) {
    return `${String(Math.floor(minutes / 60))} hours`;
  }
  return minutes === 1 ? '1 minute' : `${String(minutes)} minutes`;
}

/** A moment to the minute, in UTC. */
export function momentOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
