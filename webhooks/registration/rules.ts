import { kindInfo, type KindName } from '../../policies/core/kinds.ts';
import { compareText } from '../../policies/core/resource.ts';

/** A rule of a webhook configuration. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
}

// The spec of a Pod and the template of a Job cannot change.
const createdOnly: ReadonlySet<KindName> = new Set(['Pod', 'Job']);
// The API server calls no webhook for these.
const neverReviewed: ReadonlySet<KindName> = new Set([
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/** The rules that name exactly these kinds, those with the same group, versions, operations and scope in one. */
export function rulesFor(types: Iterable<KindName>): readonly Rule[] {
  const rules = new Map<string, Rule & { resources: string[] }>();
  const known = [...types].filter((type) => !neverReviewed.has(type)).sort(compareText);
  for (const type of known) {
    const { group, versions, plural, namespaced } = kindInfo(type);
    const operations = createdOnly.has(type) ? ['CREATE'] : ['CREATE', 'UPDATE'];
    const scope = namespaced ? 'Namespaced' : 'Cluster';
    const key = JSON.stringify([group, versions, operations, scope]);
    const rule = rules.get(key);
    if (rule === undefined) {
      rules.set(key, {
        apiGroups: [group],
        apiVersions: versions,
        operations,
        resources: [plural],
        scope,
      });
    } else {
      rule.resources.push(plural);
    }
  }
  return [...rules.values()];
}
