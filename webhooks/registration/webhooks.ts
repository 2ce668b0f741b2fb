import { configuresMesh } from '../admission/guards.ts';
import { clientConfig } from './address.ts';
import { configurationConditions, outsideNamespaces, workloadConditions } from './conditions.ts';
import type { Webhook } from './kinds.ts';
import { rootOf, type RegistrationOptions } from './options.ts';
import { rulesFor } from './rules.ts';

const mutatingSeconds = 2;
const validatingSeconds = 3;

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
