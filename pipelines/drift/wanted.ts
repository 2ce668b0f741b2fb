import { kinds } from '../../policies/core/kinds.ts';
import { groupOf } from '../compare/manifest.ts';
import type { DeclaredObjects } from './declared.ts';
import type { WantedKind } from './live.ts';
import { isMeshGroup } from './steering.ts';

/** A kind to list, and why: because Git declares objects of it, or to find what Git does not declare. */
export interface KindToList extends WantedKind {
  readonly isDeclared: boolean;
}

const autoscaler: WantedKind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };
const scalable: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'Rollout',
]);

/**
 * The kinds whose live objects are needed: those of the declared objects, at the version in which most of them are
 * written, the mesh's own, the extra ones, and autoscalers where something is scaled. Secrets only where they are wanted.
 */
export function kindsToList(
  declared: DeclaredObjects,
  { extraKinds, secrets }: { readonly extraKinds: readonly string[]; readonly secrets: boolean },
): readonly KindToList[] {
  const found = new Map<string, KindToList>();
  function want(wanted: WantedKind, isDeclared: boolean): void {
    const { kind } = wanted;
    const key = `${groupOf(wanted.apiVersion)}/${kind}`;
    const isHidden = key === '/Secret' && !secrets;
    const passes = isDeclared || declared.filter.kinds?.has(kind) !== false;
    if (!found.has(key) && !isHidden && passes) {
      found.set(key, { ...wanted, isDeclared });
    }
  }
  let scales = false;
  for (const { kind, versions } of declaredKinds(declared)) {
    const [apiVersion = '', ...others] = versions;
    want({ apiVersion, kind, ...(others.length === 0 ? {} : { others }) }, true);
    scales ||= scalable.has(kind);
  }
  for (const info of Object.values(kinds)) {
    const isExtra = isMeshGroup(info.group) && info.namespaced;
    if (isExtra || extraKinds.includes(info.kind)) {
      const [version] = info.versions;
      const apiVersion = info.group === '' ? version : `${info.group}/${version}`;
      want({ apiVersion, kind: info.kind }, false);
    }
  }
  if (scales) {
    want(autoscaler, false);
  }
  return [...found.values()];
}

/** Each declared kind with its versions, the one that is used most first. */
function* declaredKinds({
  byIdentity,
}: DeclaredObjects): Generator<{ readonly kind: string; readonly versions: readonly string[] }> {
  const counts = new Map<string, { readonly kind: string; readonly uses: Map<string, number> }>();
  for (const declarations of byIdentity.values()) {
    for (const { reference } of declarations) {
      const { apiVersion, kind } = reference;
      const key = `${groupOf(apiVersion)}/${kind}`;
      const known = counts.get(key) ?? { kind, uses: new Map<string, number>() };
      known.uses.set(apiVersion, (known.uses.get(apiVersion) ?? 0) + 1);
      counts.set(key, known);
    }
  }
  for (const { kind, uses } of counts.values()) {
    const sorted = [...uses].toSorted(([, left], [, right]) => right - left);
    yield { kind, versions: sorted.map(([version]) => version) };
  }
}
