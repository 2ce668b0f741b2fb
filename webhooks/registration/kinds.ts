import type { LabelSelector, MatchCondition } from './conditions.ts';
import type { Rule } from './rules.ts';

/** One webhook of a configuration (admissionregistration.k8s.io/v1). */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: unknown;
  readonly rules: readonly Rule[];
  readonly failurePolicy: 'Ignore' | 'Fail';
  readonly matchPolicy: 'Equivalent';
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector?: LabelSelector;
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
