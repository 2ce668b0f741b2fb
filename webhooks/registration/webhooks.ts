import { configuresMesh } from '../admission/guards.ts';
import { canaryLabel } from '../admission/canary.ts';
import { clientConfig } from './address.ts';
import {
  configurationConditions,
  outsideNamespaces,
  workloadConditions,
  type LabelSelector,
} from './conditions.ts';
import type { Webhook } from './kinds.ts';
import { rootOf, type RegistrationOptions } from './options.ts';
import { rulesFor, type Rule } from './rules.ts';

const mutatingSeconds = 2;
const validatingSeconds = 3;
/** Name of the webhook that only the canary comes to. */
export const canaryWebhookName = 'canary.meshgate.dev';
const canaryRule: Rule = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['configmaps'],
  scope: 'Namespaced',
};

/** The webhook that fills in on Pods what is absent. */
export function fillWebhook(options: RegistrationOptions): Webhook {
  return {
    name: 'fill.meshgate.dev',
    clientConfig: clientConfig(options.address, '/mutate'),
    rules: rulesFor(['Pod']),
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    namespaceSelector: outsideNamespaces(options.ownNamespace, rootOf(options)),
    matchConditions: workloadConditions(),
    sideEffects: 'None',
    timeoutSeconds: mutatingSeconds,
    reinvocationPolicy: 'IfNeeded',
    admissionReviewVersions: ['v1'],
  };
}

/** The webhook that judges workloads; without rules where no such kind is judged. */
export function workloadWebhook(options: RegistrationOptions): Webhook {
  const types = [...options.subjects].filter((type) => !configuresMesh(type));
  return {
    name: 'workloads.meshgate.dev',
    ...validatingDefaults(options),
    rules: rulesFor(types),
    namespaceSelector: outsideNamespaces(options.ownNamespace, rootOf(options)),
    matchConditions: workloadConditions(),
  };
}

/** The webhook that judges what configures the mesh; without rules where no such kind is judged. */
export function configurationWebhook(options: RegistrationOptions): Webhook {
  const types = [...options.subjects].filter(configuresMesh);
  return {
    name: 'configuration.meshgate.dev',
    ...validatingDefaults(options),
    rules: rulesFor(types),
    namespaceSelector: outsideNamespaces(options.ownNamespace),
    matchConditions: configurationConditions(types.includes('ConfigMap')),
  };
}

/**
 * The webhook that only the canary comes to: a labelled ConfigMap in our own namespace, which nobody stores. It goes the
 * way of the others, and always ignores failures, so that a failure shows.
 */
export function canaryWebhook(options: RegistrationOptions): Webhook {
  return {
    name: canaryWebhookName,
    ...validatingDefaults(options),
    failurePolicy: 'Ignore',
    rules: [canaryRule],
    namespaceSelector: only('kubernetes.io/metadata.name', options.ownNamespace),
    objectSelector: only(canaryLabel, 'true'),
    matchConditions: [],
  };
}

function only(key: string, value: string): LabelSelector {
  return { matchExpressions: [{ key, operator: 'In', values: [value] }] };
}

function validatingDefaults(
  options: RegistrationOptions,
): Omit<Webhook, 'name' | 'rules' | 'namespaceSelector' | 'matchConditions'> {
  return {
    clientConfig: clientConfig(options.address, '/validate'),
    failurePolicy: options.validatingFailurePolicy ?? 'Ignore',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: validatingSeconds,
    admissionReviewVersions: ['v1'],
  };
}
