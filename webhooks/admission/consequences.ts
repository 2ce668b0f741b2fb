import { evaluate } from '../../policies/core/evaluate.ts';
import { effectOf, findingKey } from '../../policies/core/finding.ts';
import { describeReference, type Resource } from '../../policies/core/resource.ts';
import { subjectsTouchedBy } from '../../policies/mesh/blast-radius.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import type { GateContext, JudgedFinding } from './gate.ts';

/**
 * What a change to one object breaks at others: findings that they have with it and did not have before. They are
 * warnings whatever their mode, since the author of this change may not own what it breaks. Workloads are left out:
 * their Pods come after them. Costs two evaluations for each of a bounded number of objects.
 */
export function consequencesOf(
  resource: Resource,
  own: readonly JudgedFinding[],
  { mesh, plan }: GateContext,
  changed: Mesh,
): readonly JudgedFinding[] {
  if (workloadOf(resource) !== undefined) {
    return [];
  }
  const said = new Set(
    own.flatMap(({ finding }) =>
      (finding.through ?? []).map(
        (reference) => `${finding.policy} ${describeReference(reference)}`,
      ),
    ),
  );
  return subjectsTouchedBy(resource, changed).flatMap((touched) => {
    const subject = { resource: touched, defaulted: true };
    const after = evaluate(subject, changed, plan).findings;
    if (after.every((finding) => effectOf(finding) === 'list')) {
      return [];
    }
    const before = new Set(evaluate(subject, mesh, plan).findings.map(findingKey));
    return after
      .filter((finding) => effectOf(finding) !== 'list' && !before.has(findingKey(finding)))
      .filter((finding) => !said.has(`${finding.policy} ${describeReference(finding.object)}`))
      .map((finding) => ({ finding, effect: 'warn' as const }));
  });
}
