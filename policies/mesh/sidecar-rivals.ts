import { stringMapIn } from '../core/json.ts';
import { compareAge, describeReference, type Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { consumerKinds } from './consumers.ts';
import { indexedLabel, labelKey } from './keys.ts';
import { matchesLabels, type Labels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { hasSelector } from './sidecar-scope.ts';
import { isControlled, workloadOf, type Workload } from './workload.ts';

/** The Sidecar that a proxy takes in place of another one, and why. */
export interface SidecarRival {
  readonly winner: Resource;
  readonly reason: string;
}

/** The labels that a Sidecar selects by; empty for one without a selector, and for one that selects every Pod. */
export function sidecarLabels(sidecar: Resource): Labels {
  return stringMapIn(sidecar.object, 'spec', 'workloadSelector', 'labels');
}

/**
 * The Sidecar of the same namespace that comes before this one for some proxy that this one means: an older one of its
 * rank, or, before a plain one, an empty selector, which selects every Pod. Nothing is merged.
 * Costs O(Sidecars of the namespace + workloads that it selects).
 */
export function rivalOf(sidecar: Resource, mesh: Mesh): SidecarRival | undefined {
  const others = [...mesh.inNamespace('Sidecar', sidecar.namespace)]
    .filter((other) => other !== sidecar && clusterOf(other) === clusterOf(sidecar))
    .sort(compareAge);
  const older = others.filter((other) => compareAge(other, sidecar) < 0);
  return hasSelector(sidecar) ? selectingRival(sidecar, older, mesh) : plainRival(others, older);
}

function plainRival(
  others: readonly Resource[],
  older: readonly Resource[],
): SidecarRival | undefined {
  const everyPod = others.find(
    (other) => hasSelector(other) && Object.keys(sidecarLabels(other)).length === 0,
  );
  if (everyPod !== undefined) {
    return { winner: everyPod, reason: 'its empty workloadSelector selects every Pod' };
  }
  const first = older.find((other) => !hasSelector(other));
  return first && { winner: first, reason: 'of two without a workloadSelector the older counts' };
}

function selectingRival(
  sidecar: Resource,
  older: readonly Resource[],
  mesh: Mesh,
): SidecarRival | undefined {
  const labels = sidecarLabels(sidecar);
  for (const winner of older) {
    if (!hasSelector(winner)) {
      continue;
    }
    if (matchesLabels(sidecarLabels(winner), labels)) {
      return { winner, reason: 'it selects all the same Pods and is older' };
    }
    const shared = selectedWorkloads(sidecar, mesh).find((workload) =>
      matchesLabels(sidecarLabels(winner), workload.labels),
    );
    if (shared !== undefined) {
      const both = describeReference(shared.resource);
      return { winner, reason: `both select ${both}, and the older counts` };
    }
  }
  return undefined;
}

/** The workloads that a Sidecar with labels selects, by kind, then age. */
export function selectedWorkloads(sidecar: Resource, mesh: Mesh): readonly Workload[] {
  const labels = sidecarLabels(sidecar);
  const label = indexedLabel(labels);
  if (label === undefined) {
    return [];
  }
  const key = labelKey(sidecar.namespace, label, labels[label] ?? '');
  return consumerKinds.flatMap((kind) =>
    [...mesh.byKey(kind, key)]
      .filter((resource) => !isControlled(resource))
      .sort(compareAge)
      .flatMap((resource) => workloadOf(resource) ?? [])
      .filter((workload) => matchesLabels(labels, workload.labels)),
  );
}
