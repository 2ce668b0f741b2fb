import {
  compareText,
  describeReference,
  referenceTo,
  type ObjectReference,
} from '../../policies/core/resource.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { workloadOf, type Workload } from '../../policies/mesh/workload.ts';
import { subjectOf, type MeshChange, type ResourcePair } from './meaning-statement.ts';
import { workloadsTouchedBy } from './meaning-touched.ts';

/** Each takes a look at all its rules and routes. */
const mostJudged = 200;
const mostTouched = 1000;

/** One workload in both states. */
export interface WorkloadPair {
  readonly before: Workload;
  readonly after: Workload;
  /** The changed objects that touch it. */
  readonly causes: readonly ObjectReference[];
}

/** The workloads that a change touches and that are in both states, by name: the first ones, and how many more. */
export function workloadPairs(change: MeshChange): {
  readonly judged: readonly WorkloadPair[];
  readonly left: number;
} {
  const found = new Map<string, WorkloadPair>();
  for (const pair of change.pairs) {
    const subject = subjectOf(pair);
    for (const states of statesOf(pair, change)) {
      const key = describeReference(states.after.resource);
      const causes = subject === undefined ? [] : [referenceTo(subject)];
      const known = found.get(key);
      found.set(key, { ...(known ?? states), causes: [...(known?.causes ?? []), ...causes] });
    }
  }
  const judged = [...found]
    .sort(([left], [right]) => compareText(left, right))
    .slice(0, mostJudged)
    .map(([, pair]) => pair);
  return { judged, left: found.size - judged.length };
}

/** Both states of a workload that changed, or of those that another object touches. */
function statesOf(
  pair: ResourcePair,
  { before, after }: MeshChange,
): readonly Pick<WorkloadPair, 'before' | 'after'>[] {
  const was = pair.before && workloadOf(pair.before);
  const is = pair.after && workloadOf(pair.after);
  if (was !== undefined && is !== undefined) {
    return [{ before: was, after: is }];
  }
  const touched = [
    ...(pair.after === undefined ? [] : workloadsTouchedBy(pair.after, after)),
    ...(pair.before === undefined ? [] : workloadsTouchedBy(pair.before, before)),
  ];
  return touched.slice(0, mostTouched).flatMap((workload) => {
    const old = knownIn(before, workload);
    const now = knownIn(after, workload);
    return old === undefined || now === undefined ? [] : [{ before: old, after: now }];
  });
}

function knownIn(mesh: Mesh, { resource }: Workload): Workload | undefined {
  const known = mesh.get(resource.type, resource.namespace, resource.name);
  return known && workloadOf(known);
}
