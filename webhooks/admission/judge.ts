import { evaluate } from '../../policies/core/evaluate.ts';
import { effectOf, type Finding } from '../../policies/core/finding.ts';
import type { Resource } from '../../policies/core/resource.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { overlayMesh } from '../../policies/mesh/overlay.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import { isListedAsFilled } from './fills.ts';
import type { GateContext, JudgedFinding } from './gate.ts';

/** What the policies find on a stored object, or one as it will be stored, with what each finding does. */
export function judge(
  resource: Resource,
  mesh: Mesh,
  context: GateContext,
): readonly JudgedFinding[] {
  const filledLater = context.fill && resource.type !== 'Pod' && workloadOf(resource) !== undefined;
  return findingsOn(resource, mesh, context).map((finding) => {
    // The Pods of this template will be filled in when they are created.
    const isLater = filledLater && finding.fix?.kind === 'fill';
    const effect = isLater ? 'list' : effectOf(finding);
    return { finding, effect: effect === 'warn' && isOurs(finding, resource) ? 'list' : effect };
  });
}

/** Nobody is warned of what we filled in ourselves, such as a drain that a native sidecar turns out not to need. */
function isOurs({ at, data }: Finding, { object }: Resource): boolean {
  return isListedAsFilled(object, at, data['key']);
}

/** What the policies find on an object in a mesh that holds it. */
export function findingsOn(
  resource: Resource,
  mesh: Mesh,
  { plan }: GateContext,
): readonly Finding[] {
  return evaluate({ resource, defaulted: true }, mesh, plan).findings;
}

/** The mesh as it will be. No verdict on a Pod goes by other Pods, and as it stands it knows what was computed before. */
export function viewWith(resource: Resource, { mesh }: GateContext): Mesh {
  return resource.type === 'Pod' ? mesh : overlayMesh(mesh, resource);
}
