import { numberIn, objectIn, listIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import { compareText, type Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { matchesSelector, type Labels } from './labels.ts';
import type { Mesh } from './mesh.ts';

/** A webhook by which an API server asks istiod. */
export interface IstioWebhook {
  readonly configuration: Resource;
  readonly name: string;
  readonly at: Pointer;
  readonly role: 'injector' | 'validator';
  readonly url: string | undefined;
  readonly service: WebhookService | undefined;
  /** As the API server defaults it. */
  readonly failurePolicy: string;
  readonly namespaceSelector: Json | undefined;
  readonly objectSelector: Json | undefined;
}

/** The Service that a webhook names. */
export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path: string | undefined;
}

const roles = {
  MutatingWebhookConfiguration: 'injector',
  ValidatingWebhookConfiguration: 'validator',
} as const;

/** The webhooks of a configuration that are Istio's: by their own name, or by that of the configuration. */
export function istioWebhooks(configuration: Resource): readonly IstioWebhook[] {
  if (
    configuration.type !== 'MutatingWebhookConfiguration' &&
    configuration.type !== 'ValidatingWebhookConfiguration'
  ) {
    return [];
  }
  const role = roles[configuration.type];
  const named =
    /^(?:istio-sidecar-injector|istio-validator|istiod-default-validator|istio-revision-tag)/u.test(
      configuration.name,
    );
  const suffix = role === 'injector' ? 'sidecar-injector.istio.io' : 'validation.istio.io';
  return listIn(configuration.object, 'webhooks').flatMap((webhook, index) => {
    const name = stringIn(webhook, 'name') ?? '';
    return named || name.endsWith(suffix)
      ? [readWebhook(configuration, webhook, pointer('webhooks', index), role)]
      : [];
  });
}

/** The injectors' webhooks of the cluster that an object is of, by configuration and place. Costs O(webhook configurations). */
export function injectorsAround(resource: Resource, mesh: Mesh): readonly IstioWebhook[] {
  return allInjectors(mesh).filter(
    ({ configuration }) =>
      clusterOf(resource) === '' ||
      clusterOf(configuration) === '' ||
      clusterOf(configuration) === clusterOf(resource),
  );
}

/** The injectors' webhooks of all clusters. */
export function allInjectors(mesh: Mesh): readonly IstioWebhook[] {
  return [...mesh.inNamespace('MutatingWebhookConfiguration', '')]
    .sort(
      (left, right) =>
        compareText(left.name, right.name) || compareText(clusterOf(left), clusterOf(right)),
    )
    .flatMap(istioWebhooks);
}

/** Whether a webhook is asked about Pods with these labels in a namespace with those. */
export function isAsked(webhook: IstioWebhook, namespace: Labels, pod: Labels): boolean {
  return selects(webhook.namespaceSelector, namespace) && selects(webhook.objectSelector, pod);
}

/** Where a webhook's istiod is: the host of its URL without a dot at the end, or its Service. */
export function targetOf({ url, service }: IstioWebhook): string | undefined {
  if (service !== undefined) {
    return `${service.name}.${service.namespace}`;
  }
  return url === undefined || !URL.canParse(url)
    ? undefined
    : new URL(url).hostname.replace(/\.$/u, '');
}

/** The cluster that an injector's path names (`/inject/cluster/<name>/net/<network>`). */
export function clusterInPath({ url, service }: IstioWebhook): string | undefined {
  const path =
    service?.path ?? (url !== undefined && URL.canParse(url) ? new URL(url).pathname : '');
  return /\/cluster\/([^/]+)/u.exec(path)?.[1];
}

/** An absent selector of a webhook matches everything. */
function selects(selector: Json | undefined, labels: Labels): boolean {
  return selector === undefined || selector === null || matchesSelector(selector, labels);
}

function readWebhook(
  configuration: Resource,
  webhook: Json,
  at: Pointer,
  role: IstioWebhook['role'],
): IstioWebhook {
  const client = objectIn(webhook, 'clientConfig');
  const service = objectIn(client, 'service');
  const named = stringIn(service, 'name') ?? '';
  const url = stringIn(client, 'url');
  return {
    configuration,
    name: stringIn(webhook, 'name') ?? '',
    at,
    role,
    url: url === '' ? undefined : url,
    service:
      named === ''
        ? undefined
        : {
            name: named,
            namespace: stringIn(service, 'namespace') ?? '',
            port: numberIn(service, 'port') ?? 443,
            path: stringIn(service, 'path'),
          },
    failurePolicy: stringIn(webhook, 'failurePolicy') ?? 'Fail',
    namespaceSelector: valueIn(webhook, 'namespaceSelector'),
    objectSelector: valueIn(webhook, 'objectSelector'),
  };
}
