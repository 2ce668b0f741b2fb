import { systemNamespaces } from '../admission/guards.ts';

/** A matchCondition of a webhook: a CEL expression that must hold for it to be called. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** A namespaceSelector or objectSelector. */
export interface LabelSelector {
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly string[];
  }[];
}

// At DELETE `object` is null, and an expression that errors rejects or skips, so each asks for null and has() first.
const notDeleted: MatchCondition = {
  name: 'not-being-deleted',
  expression:
    "request.operation == 'DELETE' || object == null || !has(object.metadata) || !has(object.metadata.deletionTimestamp)",
};
const notMirror: MatchCondition = {
  name: 'not-a-mirror-pod',
  expression:
    "object == null || !has(object.metadata) || !has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
};
const istioConfigMap: MatchCondition = {
  name: 'only-istio-config-maps',
  expression:
    "request.resource.resource != 'configmaps' || object == null || (has(object.metadata.name) && object.metadata.name.startsWith('istio'))",
};

/** The guards of a webhook for Pods and what makes them. */
export function workloadConditions(): readonly MatchCondition[] {
  return [notDeleted, notMirror];
}

/** The guards of the webhook for the mesh's own configuration. */
export function configurationConditions(withConfigMaps: boolean): readonly MatchCondition[] {
  return withConfigMaps ? [notDeleted, istioConfigMap] : [notDeleted];
}

/** Leaves out the system's namespaces and these. Counts for Namespace objects too, by their own label. */
export function outsideNamespaces(...others: readonly string[]): LabelSelector {
  const values = [...new Set([...systemNamespaces, ...others])];
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }] };
}
