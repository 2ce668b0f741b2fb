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

const canaryWeights: BuiltInIgnore = {
  rule: 'a progressive delivery controller sets the weights of routes (drift.canaryWeights)',
  kinds: [
    'networking.istio.io/VirtualService',
    'gateway.networking.k8s.io/HTTPRoute',
    'gateway.networking.k8s.io/GRPCRoute',
    'gateway.networking.k8s.io/TLSRoute',
    'gateway.networking.k8s.io/TCPRoute',
  ],
  at: [
    '/spec/http/*/route/*/weight',
    '/spec/tls/*/route/*/weight',
    '/spec/tcp/*/route/*/weight',
    '/spec/rules/*/backendRefs/*/weight',
  ],
  by: ['flagger', 'rollouts-controller', 'argo-rollouts', 'gatewayAPI'],
};

interface Compiled {
  readonly rule: string;
  readonly patterns: readonly FieldPattern[];
  readonly by: ReadonlySet<string>;
}

type RulesByKind = ReadonlyMap<string, readonly Compiled[]>;

const usual = compile(ignores);
const withCanaries = compile([...ignores, canaryWeights]);

function compile(rules: readonly BuiltInIgnore[]): RulesByKind {
  const found = new Map<string, Compiled[]>();
  for (const { rule, kinds, at, by } of rules) {
    const patterns = at.map(parseFieldPattern).filter((pattern) => pattern !== undefined);
    for (const kind of kinds) {
      const same = found.get(kind) ?? [];
      same.push({ rule, patterns, by: new Set(by) });
      found.set(kind, same);
    }
  }
  return found;
}

/** The built-in rule that explains a difference, in words; undefined where none does. */
export function builtInIgnore(
  judging: Judging,
  difference: OwnedDifference,
  canaries: boolean,
): string | undefined {
  const rules =
    (canaries ? withCanaries : usual).get(`${groupOf(judging.apiVersion)}/${judging.kind}`) ?? [];
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
