import type { KindName } from '../../policies/core/kinds.ts';
import { configuresMesh, defaultRootNamespace } from '../admission/guards.ts';
import {
  configurationConditions,
  outsideNamespaces,
  workloadConditions,
  type LabelSelector,
  type MatchCondition,
} from './conditions.ts';
import { rulesFor, type Rule } from './rules.ts';

/** Name of the mutating configuration: the digits sort it before Istio's injector, which must see what was filled. */
export const mutatingName = '00-meshgate-mutating';

const validatingName = 'meshgate-validating';

/** Where the API server finds the webhooks; `caBundle` is the authority of the serving certificate, in base64. */
export type WebhookAddress = (
  | { readonly url: string; readonly service?: never }
  | {
      readonly service: {
        readonly name: string;
        readonly namespace: string;
        readonly port?: number;
      };
      readonly url?: never;
    }
) & { readonly caBundle?: string };

/** What the configurations are generated from. */
export interface RegistrationOptions {
  /** The kinds that some policy that is not off judges: `Plan.subjects`. */
  readonly subjects: ReadonlySet<KindName>;
  /** Fill in on Pods what is absent. */
  readonly fill: boolean;
  readonly address: WebhookAddress;
  readonly ownNamespace: string;
  readonly rootNamespace?: string | undefined;
  /** What happens to objects while no webhook answers; `Ignore` unless the operator has proven the set-up. */
  readonly validatingFailurePolicy?: 'Ignore' | 'Fail';
}

/** One webhook of a configuration (admissionregistration.k8s.io/v1). */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: unknown;
  readonly rules: readonly Rule[];
  readonly failurePolicy: 'Ignore' | 'Fail';
  readonly matchPolicy: 'Equivalent';
  readonly namespaceSelector: LabelSelector;
  readonly matchConditions: readonly MatchCondition[];
  readonly sideEffects: 'None';
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy?: 'IfNeeded';
  readonly admissionReviewVersions: readonly ['v1'];
}

/** A MutatingWebhookConfiguration or ValidatingWebhookConfiguration. */
export interface WebhookConfiguration {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly webhooks: readonly Webhook[];
}

const mutatingSeconds = 2;
const validatingSeconds = 3;
const labels = { 'app.kubernetes.io/name': 'meshgate' };

/**
 * The configurations that have the API server ask for exactly what the policies judge. One that would hold no webhook
 * is left out, so that policies that are off register nothing.
 */
export function webhookConfigurations(
  options: RegistrationOptions,
): readonly WebhookConfiguration[] {
  const mutating = options.fill && options.subjects.has('Pod') ? [fillWebhook(options)] : [];
  const validating = [workloadWebhook(options), configurationWebhook(options)];
  return [
    configuration('MutatingWebhookConfiguration', mutatingName, mutating),
    configuration(
      'ValidatingWebhookConfiguration',
      validatingName,
      validating.filter(({ rules }) => rules.length > 0),
    ),
  ].filter(({ webhooks }) => webhooks.length > 0);
}

function configuration(
  kind: WebhookConfiguration['kind'],
  name: string,
  webhooks: readonly Webhook[],
): WebhookConfiguration {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return { apiVersion, kind, metadata: { name, labels }, webhooks };
}

function fillWebhook(options: RegistrationOptions): Webhook {
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

function workloadWebhook(options: RegistrationOptions): Webhook {
  const types = [...options.subjects].filter((type) => !configuresMesh(type));
  return {
    name: 'workloads.meshgate.dev',
    ...validatingDefaults(options),
    rules: rulesFor(types),
    namespaceSelector: outsideNamespaces(options.ownNamespace, rootOf(options)),
    matchConditions: workloadConditions(),
  };
}

function configurationWebhook(options: RegistrationOptions): Webhook {
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

function rootOf({ rootNamespace }: RegistrationOptions): string {
  return rootNamespace ?? defaultRootNamespace;
}

function clientConfig(address: WebhookAddress, path: string): unknown {
  const trust = address.caBundle === undefined ? {} : { caBundle: address.caBundle };
  return address.url === undefined
    ? { service: { ...address.service, path }, ...trust }
    : { url: address.url.replace(/\/+$/u, '') + path, ...trust };
}
