import type { JsonObject } from '../../policies/core/json.ts';
import { objectIn } from '../../policies/core/json.ts';
import { findingKey } from '../../policies/core/finding.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { readResource } from '../../policies/core/resource.ts';
import { identityOf } from '../compare/manifest.ts';
import { judge, type Rules } from '../judge.ts';
import { locateFindings, type LocatedFinding } from '../locate.ts';
import type { LocatedResource, Origin } from '../render/manifests.ts';
import { objectOf, originOf, type Declaration, type DeclaredObjects } from './declared.ts';
import type { ObjectDrift } from './report.ts';

/** What the drift breaks that Git had right. */
export interface Consequences {
  readonly findings: readonly LocatedFinding[];
  readonly notes: readonly string[];
}

/** Beyond this many declared objects only the namespaces that drift are judged, so that memory stays bounded. */
const mostJudged = 5000;

/**
 * Judges two meshes at the drift gate: the one that Git declares, and the same with what drifts as it lives. What only
 * the second finds is what the drift breaks.
 */
export function consequencesOf(
  declared: DeclaredObjects,
  drifts: readonly ObjectDrift[],
  rules: Rules,
  cluster: string,
): Consequences {
  const changed = new Map(
    drifts
      .filter(({ verdict }) => verdict !== 'unknown')
      .map((drift) => [identityOf(drift.reference), drift]),
  );
  const { declarations, notes } = concerned(declared, [...changed.values()], rules);
  const before: LocatedResource[] = [];
  const after: LocatedResource[] = [];
  for (const [identity, declaration] of declarations) {
    const resource = readResource(objectOf(declaration));
    if (resource === undefined || resource.name === '') {
      continue;
    }
    const origin = originOf(declaration);
    before.push({ resource, origin });
    const drift = changed.get(identity);
    if (drift === undefined) {
      after.push({ resource, origin });
    } else {
      after.push(...asItLives(drift, origin));
    }
  }
  for (const drift of changed.values()) {
    if (drift.verdict === 'extra') {
      after.push(...asItLives(drift, liveOrigin(cluster)));
    }
  }
  const gate = { ...rules, gate: 'drift' } as const;
  const known = new Set(judge(before, gate).judged.map(({ finding }) => findingKey(finding)));
  const broken = judge(after, gate).judged.filter(({ finding }) => !known.has(findingKey(finding)));
  return { findings: broken.length === 0 ? [] : locateFindings(broken), notes };
}

function asItLives({ live }: ObjectDrift, origin: Origin): readonly LocatedResource[] {
  const resource = live === undefined ? undefined : readResource(withoutManagedFields(live));
  return resource === undefined ? [] : [{ resource, origin, defaulted: true }];
}

function withoutManagedFields(live: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = objectIn(live, 'metadata');
  return { ...live, metadata };
}

/** Where something stands that no file declares. */
function liveOrigin(cluster: string): Origin {
  return { file: cluster, line: 1, document: 0, prefix: pointer(), offset: 0, text: '' };
}

/** The declared objects to judge, each by its first declaration. */
function concerned(
  { byIdentity }: DeclaredObjects,
  drifts: readonly ObjectDrift[],
  { settings }: Rules,
): {
  readonly declarations: readonly (readonly [string, Declaration])[];
  readonly notes: readonly string[];
} {
  const all = [...byIdentity].flatMap(([identity, [first]]) =>
    first === undefined ? [] : [[identity, first] as const],
  );
  if (all.length <= mostJudged) {
    return { declarations: all, notes: [] };
  }
  const near = new Set(drifts.map(({ reference: { namespace, name } }) => namespace || name));
  near.add(settings.mesh.rootNamespace ?? 'istio-system');
  return {
    declarations: all.filter(
      ([, { reference }]) => reference.kind === 'Namespace' || near.has(reference.namespace),
    ),
    notes: [
      `what the drift breaks was judged within the namespaces that drift, since more than ${String(mostJudged)} objects are declared`,
    ],
  };
}
