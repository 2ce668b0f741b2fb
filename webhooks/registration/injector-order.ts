import { listIn, stringIn } from '../../policies/core/json.ts';
import { compareText, type Resource } from '../../policies/core/resource.ts';
import { mutatingName } from './registration.ts';

const istioNames = /^istio-(?:sidecar-injector|revision-tag)/u;

/**
 * The names of the injectors' MutatingWebhookConfigurations that the API server calls before ours (it goes by the bytes
 * of the names): what we fill in on a Pod comes too late for those. Empty: the order is right.
 */
export function injectorsBefore(configurations: Iterable<Resource>): readonly string[] {
  return [...configurations]
    .filter((resource) => isInjector(resource) && compareText(resource.name, mutatingName) < 0)
    .map(({ name }) => name)
    .sort(compareText);
}

/** Whether a MutatingWebhookConfiguration is one of Istio's injectors, of any revision or tag. */
export function isInjector({ name, object }: Resource): boolean {
  return (
    istioNames.test(name) ||
    listIn(object, 'webhooks').some(
      (webhook) =>
        (stringIn(webhook, 'clientConfig', 'service', 'path') ?? '').startsWith('/inject') ||
        /\/inject(?:\/|$)/u.test(stringIn(webhook, 'clientConfig', 'url') ?? ''),
    )
  );
}
