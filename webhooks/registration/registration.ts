import type { Webhook, WebhookConfiguration } from './kinds.ts';
import type { RegistrationOptions } from './options.ts';
import { canaryWebhook, configurationWebhook, fillWebhook, workloadWebhook } from './webhooks.ts';

/** Name of the mutating configuration: the digits sort it before Istio's injector, which must see what was filled. */
export const mutatingName = '00-meshgate-mutating';

/** Name of the validating configuration. */
export const validatingName = 'meshgate-validating';

const labels = { 'app.kubernetes.io/name': 'meshgate' };

/**
 * The configurations that have the API server ask for exactly what the policies judge. One that would hold no webhook
 * is left out, so that policies that are off register nothing.
 */
export function webhookConfigurations(
  options: RegistrationOptions,
): readonly WebhookConfiguration[] {
  const mutating = options.fill && options.subjects.has('Pod') ? [fillWebhook(options)] : [];
  const judging = [workloadWebhook(options), configurationWebhook(options)].filter(
    ({ rules }) => rules.length > 0,
  );
  const proving = options.canary === true && judging.length > 0 ? [canaryWebhook(options)] : [];
  return [
    configuration('MutatingWebhookConfiguration', mutatingName, mutating),
    configuration('ValidatingWebhookConfiguration', validatingName, [...judging, ...proving]),
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
