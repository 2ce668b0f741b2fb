import type { JsonObject } from '../../../policies/core/json.ts';
import { describeReference } from '../../../policies/core/resource.ts';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import type { DriftSettings } from '../../../policies/core/settings-drift.ts';
import { catalogue } from '../../../policies/index.ts';
import { findDrift } from '../../../pipelines/drift.ts';
import { indexDeclared } from '../../../pipelines/drift/declared.ts';
import type { DriftReport } from '../../../pipelines/drift/report.ts';
import { clusterLive } from '../../../pipelines/source/cluster-live.ts';
import { createReader } from '../../../pipelines/source/cluster-reader.ts';
import { openCluster } from '../../../pipelines/source/cluster-transport.ts';

/** How a cluster is compared in a test. */
export interface CompareOptions {
  readonly drift?: Partial<DriftSettings>;
  readonly dryRun?: ReadonlySet<string> | 'all';
  readonly kubeconfigPath?: string;
}

/** Compares a test cluster with objects as they would stand in Git. */
export async function compare(
  cluster: { readonly kubeconfigPath: string },
  declared: readonly JsonObject[],
  { drift = {}, dryRun, kubeconfigPath = cluster.kubeconfigPath }: CompareOptions = {},
): Promise<DriftReport> {
  const reader = createReader({
    transport: openCluster(kubeconfigPath),
    signal: AbortSignal.timeout(60_000),
  });
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: declared });
  return await findDrift({
    declared: indexDeclared({
      texts: [{ file: 'declared.json', text, writable: false }],
      errors: [],
      notes: [],
    }),
    live: clusterLive('test', reader, dryRun),
    rules: {
      catalogue,
      settings: { ...defaultSettings, drift: { ...defaultSettings.drift, ...drift } },
      now: Date.now(),
      gate: 'drift',
    },
  });
}

/** Each difference in a line: verdict, object, field, class and manager. */
export function brief({ drifts }: Pick<DriftReport, 'drifts'>): readonly string[] {
  return drifts.flatMap(({ verdict, reference, fields, why }) => {
    const object = `${verdict} ${describeReference(reference)}`;
    return fields.length === 0
      ? [verdict === 'unknown' ? `${object}: ${why}` : object]
      : fields.map((field) => `${object} ${field.at} ${field.class} ${field.manager ?? '-'}`);
  });
}
