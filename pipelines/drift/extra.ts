import { listIn, member, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import { groupOf } from '../compare/manifest.ts';
import { isNeverExtra } from './never-extra.ts';
import type { ObjectDrift } from './report.ts';
import { isMeshGroup } from './steering.ts';
import { remedyFor } from './words.ts';

/** Of which undeclared objects something is said. */
export interface ExtraRules {
  /** Namespaces that Git speaks of. */
  readonly namespaces: ReadonlySet<string>;
  /** Kinds besides the mesh's own. */
  readonly kinds: ReadonlySet<string> | 'all';
}

/** Whether an undeclared object is one that Git should declare. */
export function mayBeExtra(
  reference: ObjectReference,
  live: JsonObject,
  { namespaces, kinds }: ExtraRules,
): boolean {
  const isOfKind =
    kinds === 'all' || isMeshGroup(groupOf(reference.apiVersion)) || kinds.has(reference.kind);
  return isOfKind && namespaces.has(reference.namespace) && !isNeverExtra(reference, live);
}

/** An object that Git does not declare. */
export function extraDrift(
  reference: ObjectReference,
  live: JsonObject,
  deployment: string | undefined,
): ObjectDrift {
  return {
    reference,
    verdict: 'extra',
    fields: [],
    why:
      deployment === undefined
        ? `Git does not declare it${firstManager(live)}`
        : `Git no longer declares it, and it still belongs to the ${deployment}: it has not been pruned`,
    remedy: remedyFor('extra', new Set()),
    live,
  };
}

/** Who wrote it, as far as the object tells. */
function firstManager(live: JsonObject): string {
  const managers = listIn(live, 'metadata', 'managedFields')
    .filter((entry) => member(entry, 'subresource') === undefined)
    .map((entry) => stringIn(entry, 'manager') ?? '')
    .filter((manager) => manager !== '');
  const names = [...new Set(managers)];
  const created = stringIn(live, 'metadata', 'creationTimestamp');
  const when = created === undefined ? '' : `; created at ${created}`;
  return names.length === 0 ? when : `; written by ${names.join(', ')}${when}`;
}
