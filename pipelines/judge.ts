import { evaluate, type Plan } from '../policies/core/evaluate.ts';
import type { Finding, Gate } from '../policies/core/finding.ts';
import { planPolicies } from '../policies/core/plan.ts';
import type { Settings } from '../policies/core/settings.ts';
import { createMesh } from '../policies/mesh/index-objects.ts';
import { overlayMesh } from '../policies/mesh/overlay.ts';
import type { Resource } from '../policies/core/resource.ts';
import type { Mesh, MeshPolicy } from '../policies/mesh/mesh.ts';
import type { LocatedResource } from './render/manifests.ts';

/** Views are laid over each other, so each look-up costs as much as there are. */
const mostAlternatives = 16;

/** What decides how objects are judged. */
export interface Rules {
  readonly catalogue: readonly MeshPolicy[];
  readonly settings: Settings;
  /** Milliseconds since the epoch; decides which exemptions have expired. */
  readonly now: number;
  /** Ids of the only policies to run; all where it is absent. */
  readonly only?: ReadonlySet<string>;
  /** Whose modes hold; review where it is absent. */
  readonly gate?: Gate;
}

/** A finding, and the object that it is about. */
export interface Judged {
  readonly finding: Finding;
  readonly subject: LocatedResource;
}

/** What the policies say of a set of objects. */
export interface Judgement {
  readonly judged: readonly Judged[];
  /** How many findings somebody has accepted. */
  readonly exempted: number;
  /** What the objects make together. */
  readonly mesh: Mesh;
}

/**
 * Judges objects in the mesh that they make together. Where several files declare the same object
 * (alternatives, a base and its overlay), each is judged; the first stands for it in the mesh, and each file in its own.
 */
export function judge(resources: readonly LocatedResource[], rules: Rules): Judgement {
  const mesh = createMesh(rules.settings.mesh);
  const alternatives = new Map<string, Resource[]>();
  for (const { resource, origin } of resources) {
    if (mesh.holds(resource)) {
      alternatives.set(origin.file, [...(alternatives.get(origin.file) ?? []), resource]);
    } else {
      mesh.put(resource);
    }
  }
  const views = new Map([...alternatives].map(([file, own]) => [file, viewWith(mesh, own)]));
  const plan = planFor(rules, mesh);
  const judged: Judged[] = [];
  let exempted = 0;
  for (const subject of resources) {
    const view = views.get(subject.origin.file) ?? mesh;
    const verdict = evaluate(
      { resource: subject.resource, defaulted: subject.defaulted === true },
      view,
      plan,
    );
    exempted += verdict.exempted.length;
    for (const finding of verdict.findings) {
      // Every object that the mesh knows is judged here, so what a finding sums up is said where it stands.
      if (finding.through === undefined) {
        judged.push({ finding, subject });
      }
    }
  }
  return { judged, exempted, mesh };
}

/** The findings on an object as it would be after an edit, in the mesh that has it as it is. */
export function judgeEdited(resource: Resource, mesh: Mesh, rules: Rules): readonly Finding[] {
  const view = overlayMesh(mesh, resource);
  const { findings } = evaluate({ resource, defaulted: false }, view, planFor(rules, mesh));
  return findings.filter(({ through }) => through === undefined);
}

/** The mesh as a file with its own versions of some objects sees it; one with very many of them sees the common mesh. */
function viewWith(mesh: Mesh, own: readonly Resource[]): Mesh {
  return own.length > mostAlternatives ? mesh : own.reduce(overlayMesh, mesh);
}

function planFor(
  { catalogue, settings, now, only, gate = 'review' }: Rules,
  mesh: Mesh,
): Plan<Mesh> {
  const plan = planPolicies({
    catalogue,
    settings,
    gate,
    now,
    namespaceLabels: (namespace) => mesh.get('Namespace', '', namespace)?.labels,
  });
  if (only === undefined) {
    return plan;
  }
  return {
    ...plan,
    policiesFor: (subject) => plan.policiesFor(subject).filter(({ policy }) => only.has(policy.id)),
    remarksOn: () => [],
  };
}
