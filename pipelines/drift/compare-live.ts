import type { JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import { identityOf } from '../compare/manifest.ts';
import type { Comparison } from './comparison.ts';
import { passes, referenceOf, type Declaration } from './declared.ts';
import { deploymentOf } from './deployment-stamp.ts';
import { extraDrift, mayBeExtra } from './extra.ts';
import { bestDrift, lookAgain } from './judge-object.ts';
import type { KindOutcome } from './kind-outcome.ts';
import { scaleTargetOf } from './scaled.ts';

/**
 * Compares the live objects of one kind, one after the other, but for what is declared in versions that are not served;
 * rejects where the source does.
 */
export async function compareKind(
  objects: AsyncIterable<JsonObject>,
  comparison: Comparison,
  unserved: ReadonlyMap<string, string>,
): Promise<KindOutcome> {
  const outcome: KindOutcome = {
    drifts: [],
    inSync: [],
    live: 0,
    stamped: [],
    deployments: new Set(),
    scaleTargets: [],
  };
  for await (const live of objects) {
    outcome.live += 1;
    const reference = referenceOf(live);
    if (!passes(reference, comparison.declared.filter)) {
      continue;
    }
    const target = scaleTargetOf(live);
    if (target !== undefined) {
      outcome.scaleTargets.push(target);
    }
    const declarations = comparison.declared.byIdentity.get(identityOf(reference));
    if (declarations === undefined) {
      takeExtra(reference, live, comparison, outcome);
    } else {
      const deployment = deploymentOf(live);
      if (deployment !== undefined) {
        outcome.deployments.add(deployment);
      }
      const served = declarations.filter((each) => !unserved.has(each.reference.apiVersion));
      await takeDeclared({ declarations, served }, live, comparison, outcome);
    }
  }
  return outcome;
}

function takeExtra(
  reference: ObjectReference,
  live: JsonObject,
  { extras, rules }: Comparison,
  outcome: KindOutcome,
): void {
  const deployment = deploymentOf(live);
  const drift = extraDrift(reference, live, deployment);
  if (mayBeExtra(reference, live, extras)) {
    if (!rules.ignores.coversObject(reference)) {
      outcome.drifts.push(drift);
    }
  } else if (deployment !== undefined && mayBeExtra(reference, live, { ...extras, kinds: 'all' })) {
    outcome.stamped.push({ deployment, drift });
  }
}

async function takeDeclared(
  {
    declarations: [first],
    served,
  }: { readonly declarations: readonly Declaration[]; readonly served: readonly Declaration[] },
  live: JsonObject,
  comparison: Comparison,
  outcome: KindOutcome,
): Promise<void> {
  if (first === undefined || served.length === 0) {
    return;
  }
  let drift = await bestDrift(served, live, comparison);
  if (drift !== undefined && comparison.reread !== undefined) {
    // Lists are no snapshot: what seems to drift is looked at once more.
    drift = await lookAgain(served, comparison, live);
  }
  if (drift === undefined || comparison.rules.ignores.coversObject(first.reference)) {
    outcome.inSync.push(first);
  } else {
    outcome.drifts.push(drift);
  }
}
