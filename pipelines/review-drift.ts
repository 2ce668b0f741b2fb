import { isObject, listIn, stringIn } from '../policies/core/json.ts';
import { describeReference } from '../policies/core/resource.ts';
import type { ObjectChange } from './compare/changes.ts';

/** Asks the drift gate what its clusters have otherwise than Git; gives its report, of one cluster or of a fleet. */
export type AskDrift = () => Promise<unknown>;

/** Objects that a change touches and that a cluster already has otherwise than the base says. */
export interface TouchedDrift {
  readonly cluster: string;
  /** `Kind ns/name`. */
  readonly objects: readonly string[];
}

/** What the drift gate says of a change, or why it says nothing. */
export type DriftAnswer =
  { readonly touched: readonly TouchedDrift[] } | { readonly problem: string };

/** What it answered, before the change is known. */
export type PendingDrift = Promise<{ readonly answer: unknown } | { readonly problem: string }>;

/**
 * Asks, where there is somebody to ask, and does not wait for longer than this; never rejects. Begun before a review, it
 * costs the review no time.
 */
export function askForDrift(
  ask: AskDrift | undefined,
  milliseconds: number,
): PendingDrift | undefined {
  if (ask === undefined) {
    return undefined;
  }
  const { promise, resolve } = Promise.withResolvers<Awaited<PendingDrift>>();
  const timer = setTimeout(() => {
    resolve({ problem: `the drift gate gave no answer within ${String(milliseconds)} ms` });
  }, milliseconds);
  ask()
    .then(
      (answer) => {
        resolve({ answer });
      },
      (error: unknown) => {
        resolve({ problem: error instanceof Error ? error.message : String(error) });
      },
    )
    .finally(() => {
      clearTimeout(timer);
    });
  return promise;
}

/** The part of the answer that is about what a change touches; nothing where nobody was asked. */
export async function touchedDrift(
  pending: PendingDrift | undefined,
  changes: readonly ObjectChange[],
): Promise<DriftAnswer> {
  const told = await pending;
  if (told === undefined) {
    return { touched: [] };
  }
  if ('problem' in told) {
    return told;
  }
  const reports = reportsIn(told.answer);
  if (reports.length === 0) {
    return { problem: 'the drift gate gave no report' };
  }
  const names = new Set(changes.flatMap(namesOf));
  const touched = reports.map((report) => ({
    cluster: stringIn(report, 'cluster') ?? '',
    objects: listIn(report, 'drifts')
      .filter((drift) => stringIn(drift, 'verdict') !== 'unknown')
      .map((drift) => stringIn(drift, 'object') ?? '')
      .filter((object) => names.has(object)),
  }));
  return { touched: touched.filter(({ objects }) => objects.length > 0) };
}

/** A report of a cluster stands alone, or among those of a fleet. */
function reportsIn(answer: unknown): readonly unknown[] {
  return [answer, ...listIn(answer, 'clusters')].filter(
    (each) => isObject(each) && stringIn(each, 'cluster') !== undefined && 'drifts' in each,
  );
}

function namesOf({ object, previousName }: ObjectChange): readonly string[] {
  const own = describeReference(object);
  return previousName === undefined
    ? [own]
    : [own, describeReference({ ...object, name: previousName })];
}
