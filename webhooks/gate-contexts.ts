import { planPolicies } from '../policies/core/plan.ts';
import type { Settings } from '../policies/core/settings.ts';
import type { Mesh, MeshPolicy } from '../policies/mesh/mesh.ts';
import type { GateContext } from './admission/gate.ts';

/** What the contexts of the admission gate are made from. */
export interface ContextInputs {
  readonly catalogue: readonly MeshPolicy[];
  readonly settings: Settings;
  readonly mesh: Mesh;
  readonly ownNamespace: string;
  /** Milliseconds since the epoch, as they pass. */
  readonly clock: () => number;
  /** Which configuration the settings are of. */
  readonly version?: string;
}

const planMilliseconds = 60_000;

/** Makes what gives the present context: its plan is at most a minute old, so that exemptions expire. */
export function gateContexts(inputs: ContextInputs): () => GateContext {
  let made = Number.NEGATIVE_INFINITY;
  let context: GateContext | undefined;
  return () => {
    const now = inputs.clock();
    if (context === undefined || now - made >= planMilliseconds || now < made) {
      context = contextAt(inputs, now);
      made = now;
    }
    return context;
  };
}

function contextAt(
  { catalogue, settings, mesh, ownNamespace, version }: ContextInputs,
  now: number,
): GateContext {
  const plan = planPolicies({
    catalogue,
    settings,
    gate: 'admission',
    now,
    namespaceLabels: (namespace) => mesh.get('Namespace', '', namespace)?.labels,
  });
  const base = { mesh, plan, fill: settings.admission.fill, ownNamespace };
  return version === undefined ? base : { ...base, configuration: version };
}
