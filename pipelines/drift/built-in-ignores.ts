import { groupOf } from '../compare/manifest.ts';
import { matchesField, parseFieldPattern, type FieldPattern } from './field-pattern.ts';
import type { Judging, OwnedDifference } from './judging.ts';

/** A difference that is nobody's fault, scoped to kind, field and owner; listed in the footer of a report. */
interface BuiltInIgnore {
  readonly rule: string;
  readonly kinds: readonly string[];
  readonly at: readonly string[];
  /** Who may have written it; `nobody` for a field without owners. */
  readonly by: readonly string[];
}

const webhookKinds = [
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
];
const certificateWriters = [
  'pilot-discovery',
  'istiod',
  'cainjector',
  'cert-manager-cainjector',
  'nobody',
];
const workloads = ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet', 'argoproj.io/Rollout'];

const ignores: readonly BuiltInIgnore[] = [
  {
    rule: 'istiod turns failurePolicy of its validating webhooks to Fail once it is ready',
    kinds: ['admissionregistration.k8s.io/ValidatingWebhookConfiguration'],
    at: ['/webhooks/*/failurePolicy'],
    by: ['pilot-discovery'],
  },
  {
    rule: 'controllers keep the caBundle of webhooks, API services and conversions up to date',
    kinds: [
      ...webhookKinds,
      'apiregistration.k8s.io/APIService',
      'apiextensions.k8s.io/CustomResourceDefinition',
    ],
    at: [
      '/webhooks/*/clientConfig/caBundle',
      '/spec/caBundle',
      '/spec/conversion/webhook/clientConfig/caBundle',
    ],
    by: certificateWriters,
  },
  {
    rule: 'a restart of a workload stamps its pod template',
    kinds: workloads,
    at: ['/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt'],
    by: ['*'],
  },
];

interface Compiled {
  readonly rule: string;
  readonly patterns: readonly FieldPattern[];
  readonly by: ReadonlySet<string>;
}

const byKind: ReadonlyMap<string, readonly Compiled[]> = compile();

function compile(): ReadonlyMap<string, readonly Compiled[]> {
  const found = new Map<string, Compiled[]>();
  for (const { rule, kinds, at, by } of ignores) {
    const patterns = at.map(parseFieldPattern).filter((pattern) => pattern !== undefined);
    for (const kind of kinds) {
      const rules = found.get(kind) ?? [];
      rules.push({ rule, patterns, by: new Set(by) });
      found.set(kind, rules);
    }
  }
  return found;
}

/** The built-in rule that explains a difference, in words; undefined where none does. */
export function builtInIgnore(judging: Judging, difference: OwnedDifference): string | undefined {
  const rules = byKind.get(`${groupOf(judging.apiVersion)}/${judging.kind}`) ?? [];
  const object = difference.class === 'missing-field' ? judging.declared : judging.live;
  return rules.find(
    ({ patterns, by }) =>
      isBy(difference, by) &&
      patterns.some((pattern) => matchesField(pattern, difference.at, object)),
  )?.rule;
}

function isBy({ owners, class: drift }: OwnedDifference, by: ReadonlySet<string>): boolean {
  if (by.has('*')) {
    return true;
  }
  if (owners.length === 0) {
    return drift !== 'missing-field' && by.has('nobody');
  }
  const [latest] = owners;
  return latest !== undefined && by.has(latest.manager);
}
