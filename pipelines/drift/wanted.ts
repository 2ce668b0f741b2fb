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
  function want({ apiVersion, kind }: WantedKind, isDeclared: boolean): void {
    const key = `${groupOf(apiVersion)}/${kind}`;
    const isHidden = key === '/Secret' && !secrets;
    if (
      !found.has(key) &&
      !isHidden &&
      (isDeclared || declared.filter.kinds?.has(kind) !== false)
    ) {
      found.set(key, { apiVersion, kind, isDeclared });
    }
  }
  let scales = false;
  for (const [first] of declared.byIdentity.values()) {
    if (first !== undefined) {
      want(first.reference, true);
      scales ||= scalable.has(first.reference.kind);
    }
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
