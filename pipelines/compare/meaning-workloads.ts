import { compareText, describeReference } from '../../policies/core/resource.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import { counted, listed, type MeshChange, type Statement } from './meaning-statement.ts';
import { mostWorkloads, workloadsTouchedBy } from './meaning-touched.ts';

/** How many workloads a change is about, and the first of them; nothing where it is about workloads alone. */
export function explainWorkloads(change: MeshChange): readonly Statement[] {
  const indirect = change.pairs.some(({ before, after }) => {
    const subject = after ?? before;
    return subject !== undefined && workloadOf(subject) === undefined;
  });
  const { names, all } = affectedWorkloads(change);
  if (!indirect || names.length === 0) {
    return [];
  }
  const many = all ? '' : 'at least ';
  const verb = names.length === 1 ? 'is' : 'are';
  const text = `${many}${counted(names.length, 'workload')} ${verb} affected: ${listed(names, 5)}.`;
  return [{ topic: 'workloads', effect: 'counted', text: text.replace(/^a/u, 'A'), objects: [] }];
}

function affectedWorkloads({ before, after, pairs }: MeshChange): {
  readonly names: readonly string[];
  readonly all: boolean;
} {
  const names = new Set<string>();
  for (const pair of pairs) {
    for (const [resource, mesh] of [
      [pair.before, before],
      [pair.after, after],
    ] as const) {
      for (const workload of resource === undefined ? [] : workloadsTouchedBy(resource, mesh)) {
        names.add(describeReference(workload.resource));
        if (names.size >= mostWorkloads) {
          return { names: [...names].sort(compareText), all: false };
        }
      }
    }
  }
  return { names: [...names].sort(compareText), all: true };
}
