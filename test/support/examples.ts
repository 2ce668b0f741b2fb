import { evaluate, type Plan } from '../../policies/core/evaluate.ts';
import type { Finding } from '../../policies/core/finding.ts';
import { planPolicies } from '../../policies/core/plan.ts';
import type { Example } from '../../policies/core/policy.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { describeReference, type Resource } from '../../policies/core/resource.ts';
import type { MeshFacts } from '../../policies/core/settings.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import type { Mesh, MeshPolicy, MutableMesh } from '../../policies/mesh/mesh.ts';
import { readManifests } from '../../pipelines/render/manifests.ts';

/** What decides an example's verdict beside its manifests. */
export type ExampleSettings = Pick<Example, 'params' | 'mesh'>;

/** The resources that manifests declare; YAML that cannot be read is a mistake of the test. */
export function resourcesOf(yaml: string): readonly Resource[] {
  const { resources, errors } = readManifests('example.yaml', yaml);
  if (errors.length > 0) {
    throw new Error(errors.map(({ line, text }) => `line ${String(line)}: ${text}`).join('\n'));
  }
  return resources.map(({ resource }) => resource);
}

/** A mesh that holds the resources. */
export function meshOf(resources: readonly Resource[], facts: MeshFacts = {}): MutableMesh {
  const mesh = createMesh(facts);
  for (const resource of resources) {
    mesh.put(resource);
  }
  return mesh;
}

/** The mesh of a text of manifests, and its resources by `<Kind> <namespace>/<name>`. */
export function readMesh(
  yaml: string,
  facts: MeshFacts = {},
): { readonly mesh: MutableMesh; readonly find: (reference: string) => Resource } {
  const resources = resourcesOf(yaml);
  const byReference = new Map(resources.map((found) => [describeReference(found), found]));
  return {
    mesh: meshOf(resources, facts),
    find(reference) {
      const found = byReference.get(reference);
      if (found === undefined) {
        throw new Error(`no ${reference} in the manifests`);
      }
      return found;
    },
  };
}

/** The plan that runs one policy alone with an example's params, at the review gate. */
export function planFor(policy: MeshPolicy, { params, mesh }: ExampleSettings): Plan<Mesh> {
  return planPolicies({
    catalogue: [policy],
    settings: {
      ...defaultSettings,
      mesh: mesh ?? {},
      policies: params === undefined ? {} : { [policy.id]: { params } },
    },
    gate: 'review',
    now: 0,
    namespaceLabels: () => undefined,
  });
}

/** What one policy finds on all resources of a mesh, as an example is executed. */
export function findingsOf(
  policy: MeshPolicy,
  resources: readonly Resource[],
  settings: ExampleSettings,
  mesh: Mesh = meshOf(resources, settings.mesh),
): readonly Finding[] {
  const plan = planFor(policy, settings);
  return resources.flatMap(
    (resource) => evaluate({ resource, defaulted: false }, mesh, plan).findings,
  );
}

/** A finding as an example expects it: `<message> | <Kind> <namespace>/<name>`. */
export function expectation(finding: Finding): string {
  return `${finding.message} | ${describeReference(finding.object)}`;
}
