import { listIn, type Json, type JsonObject } from '../../policies/core/json.ts';

/** What a function may answer, less what Lambda puts around it. Source: AWS Lambda, quotas: 6 MB. */
const mostBytes = 5_500_000;

/**
 * A report that fits into an answer: names of what is in sync go first, then the last differences, with a note of how
 * many. Verdict and numbers stay those of the whole.
 */
export function fitDriftReport(report: object, most = mostBytes): JsonObject {
  const whole = report as JsonObject;
  if (bytesOf(whole) <= most) {
    return whole;
  }
  const inSync = listIn(whole, 'inSync').length;
  const withoutNames = cut(whole, 'inSync', 0, `the names of ${String(inSync)} objects in sync`);
  if (bytesOf(withoutNames) <= most) {
    return withoutNames;
  }
  const drifts = listIn(whole, 'drifts');
  const rest = most - bytesOf({ ...withoutNames, drifts: [] }) - roomForNotes;
  const kept = howManyFit(drifts, rest);
  return cut(withoutNames, 'drifts', kept, `${String(drifts.length - kept)} further differences`);
}

const roomForNotes = 1000;

function cut(report: JsonObject, list: string, kept: number, what: string): JsonObject {
  const note = `${what} had no room in this answer: \`meshgate drift\` on a machine with access to the cluster gives all`;
  return {
    ...report,
    [list]: listIn(report, list).slice(0, kept),
    notes: [...listIn(report, 'notes'), note],
  };
}

function howManyFit(items: readonly Json[], most: number): number {
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    bytes += bytesOf(item) + 1;
    if (bytes > most) {
      return index;
    }
  }
  return items.length;
}

function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A fleet's report that fits: each cluster's gets an equal part of the room. */
export function fitFleet<Fleet extends { readonly clusters: readonly object[] }>(
  fleet: Fleet,
  most = mostBytes,
): Fleet {
  if (Buffer.byteLength(JSON.stringify(fleet)) <= most) {
    return fleet;
  }
  const share = Math.floor(most / (fleet.clusters.length + 1));
  return {
    ...fleet,
    clusters: fleet.clusters.map((report) => fitDriftReport(report, share)),
  };
}
