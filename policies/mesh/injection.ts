import { listIn, objectIn, stringIn } from '../core/json.ts';
import { matchesSelector } from './labels.ts';
import { injectorConfig, injectorValues } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import type { Workload } from './workload.ts';

/** Whether Istio's injector gives a workload's Pods a proxy, and what decided it. */
export interface Injection {
  /** `unknown`: the namespace is not among the inputs and nothing else decides. */
  readonly decision: 'injected' | 'not-injected' | 'unknown';
  /** What decided, as a clause: `the namespace has label istio-injection=disabled`. */
  readonly reason: string;
}

/** The label, and deprecated annotation, by which a Pod asks for or refuses injection. */
export const injectLabel = 'sidecar.istio.io/inject';

const uninjectableNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

/**
 * Injection by Istio's precedence: first whether the webhook's selectors let the Pod reach the injector, then the
 * injector's own rules. Source: Istio `mutatingwebhook.yaml` and `pkg/kube/inject/inject.go`.
 */
export function injectionOf(workload: Workload, mesh: Mesh): Injection {
  const selected = webhookSelects(workload, mesh);
  if (selected.decision === 'not-injected') {
    return selected;
  }
  const refused = injectorRefuses(workload, mesh);
  return refused === undefined ? selected : { decision: 'not-injected', reason: refused };
}

function webhookSelects(workload: Workload, mesh: Mesh): Injection {
  const label = workload.labels[injectLabel];
  const namespace = mesh.get('Namespace', '', workload.namespace);
  if (namespace === undefined) {
    return namespaceUnknown(workload, mesh);
  }
  const switched = namespace.labels['istio-injection'];
  const labelled = switched ?? namespace.labels['istio.io/rev'];
  if (labelled !== undefined) {
    if (switched !== undefined && switched !== 'enabled') {
      return {
        decision: 'not-injected',
        reason: `the namespace has label istio-injection=${switched}`,
      };
    }
    if (label === 'false') {
      return { decision: 'not-injected', reason: `the Pod has label ${injectLabel}=false` };
    }
    return { decision: 'injected', reason: 'the namespace is labelled for injection' };
  }
  if (Object.hasOwn(workload.labels, 'istio.io/rev') && label !== 'false') {
    return { decision: 'injected', reason: 'the Pod has label istio.io/rev' };
  }
  if (label !== undefined) {
    return label === 'true'
      ? { decision: 'injected', reason: `the Pod has label ${injectLabel}=true` }
      : {
          decision: 'not-injected',
          reason: `the Pod has label ${injectLabel}=${label} in a namespace without a label`,
        };
  }
  return injectsByDefault(mesh)
    ? { decision: 'injected', reason: 'namespaces are injected by default' }
    : {
        decision: 'not-injected',
        reason: 'neither the namespace nor the Pod is labelled for injection',
      };
}

function namespaceUnknown(workload: Workload, mesh: Mesh): Injection {
  const label = workload.labels[injectLabel];
  if (label === 'false') {
    return { decision: 'not-injected', reason: `the Pod has label ${injectLabel}=false` };
  }
  if (label === 'true' || Object.hasOwn(workload.labels, 'istio.io/rev')) {
    return { decision: 'injected', reason: 'the Pod is labelled for injection' };
  }
  const known = mesh.facts.injectUnknownNamespaces;
  if (known !== undefined) {
    return {
      decision: known ? 'injected' : 'not-injected',
      reason: `the configuration says mesh.injectUnknownNamespaces: ${String(known)}`,
    };
  }
  return { decision: 'unknown', reason: `Namespace ${workload.namespace} is not among the inputs` };
}

function injectorRefuses(workload: Workload, mesh: Mesh): string | undefined {
  if (workload.spec['hostNetwork'] === true) {
    return 'the Pod uses the host network';
  }
  if (uninjectableNamespaces.has(workload.namespace)) {
    return `the injector refuses namespace ${workload.namespace}`;
  }
  const asked = workload.labels[injectLabel] ?? workload.annotations[injectLabel];
  if (asked === 'true') {
    return undefined;
  }
  if (asked === 'false') {
    return `the Pod has ${injectLabel}=false`;
  }
  const config = injectorConfig(mesh);
  const selects = (key: string): boolean =>
    listIn(config, key).some((selector) => matchesSelector(selector, workload.labels));
  if (selects('neverInjectSelector')) {
    return "the injector's neverInjectSelector matches the Pod";
  }
  return stringIn(config, 'policy') === 'disabled' && !selects('alwaysInjectSelector')
    ? "the injector's policy is disabled"
    : undefined;
}

/** Whether Pods of a namespace get a sidecar where they say nothing themselves, as far as its labels tell. */
export function isInjectedNamespace(namespace: string, mesh: Mesh): boolean {
  const labels = mesh.get('Namespace', '', namespace)?.labels ?? {};
  const asked = labels['istio-injection'];
  if (uninjectableNamespaces.has(namespace)) {
    return false;
  }
  if (asked !== undefined) {
    return asked === 'enabled';
  }
  return Object.hasOwn(labels, 'istio.io/rev') || injectsByDefault(mesh);
}

function injectsByDefault(mesh: Mesh): boolean {
  const configured = objectIn(injectorValues(mesh), 'sidecarInjectorWebhook')[
    'enableNamespacesByDefault'
  ];
  return mesh.facts.injectByDefault ?? configured === true;
}
