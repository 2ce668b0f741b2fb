import { listIn, stringIn, type JsonObject } from '../../policies/core/json.ts';

/** One cluster of a fleet's report. */
export type FleetMember =
  | { readonly cluster: string; readonly report: object }
  /** It could not be compared at all. */
  | { readonly cluster: string; readonly problem: string };

/** The report over a fleet in its published form; described by `schemas/drift-fleet-output.schema.json`. */
export interface JsonFleet {
  readonly version: 1;
  /** Drift where any cluster drifts, else undetermined where any could not be told. */
  readonly verdict: string;
  /** In a few words, one for each cluster. */
  readonly summary: readonly JsonObject[];
  readonly clusters: readonly object[];
}

/** One report over the reports of clusters. */
export function fleetReport(members: readonly FleetMember[]): JsonFleet {
  const clusters = members.flatMap((member) => ('report' in member ? [member.report] : []));
  return { ...fleetOf(members.map(summarise)), clusters };
}

/** One report over what is known of clusters in a few words. */
export function fleetOf(summary: readonly JsonObject[]): JsonFleet {
  const verdicts = summary.map(({ verdict }) => verdict);
  const worst = ['drift', 'undetermined'].find((verdict) => verdicts.includes(verdict));
  return {
    version: 1,
    verdict: summary.length === 0 ? 'undetermined' : (worst ?? 'in-sync'),
    summary,
    clusters: [],
  };
}

function summarise(member: FleetMember): JsonObject {
  const { cluster } = member;
  if ('problem' in member) {
    return { cluster, verdict: 'undetermined', why: member.problem };
  }
  const { report } = member;
  return {
    cluster,
    verdict: stringIn(report, 'verdict') ?? 'undetermined',
    drifts: listIn(report, 'drifts').length,
    unknown: listIn(report, 'unknown').length,
    inSync: listIn(report, 'inSync').length,
    findings: listIn(report, 'findings').length,
  };
}
