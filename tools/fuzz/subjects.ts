import type { JsonObject } from '../../policies/core/json.ts';
import { planPolicies } from '../../policies/core/plan.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import { resourcesOf } from '../../test/support/examples.ts';
import type { GateContext } from '../../webhooks/admission/gate.ts';

/** What reviews are made from: the objects of an executed example, and the gate that holds its mesh. */
export interface FuzzSubject {
  readonly objects: readonly JsonObject[];
  readonly context: GateContext;
}

/** Every example of every policy, each policy in mode enforce, so that whatever may be denied is. */
export function fuzzSubjects(): readonly FuzzSubject[] {
  const policies = Object.fromEntries(
    catalogue.map(({ id }) => [id, { mode: 'enforce' as const }]),
  );
  return catalogue.flatMap(({ examples }) =>
    examples.map(({ yaml, mesh: facts = {} }) => {
      const resources = resourcesOf(yaml);
      const mesh = createMesh(facts);
      for (const resource of resources) {
        mesh.put(resource);
      }
      const plan = planPolicies({
        catalogue,
        settings: { ...defaultSettings, policies },
        gate: 'admission',
        now: 0,
        namespaceLabels: (namespace) => mesh.get('Namespace', '', namespace)?.labels,
      });
      const context = { mesh, plan, fill: true, ownNamespace: 'meshgate-system' };
      return { objects: resources.map(({ object }) => object), context };
    }),
  );
}
