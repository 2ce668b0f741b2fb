import * as z from 'zod';
import { numberIn, stringIn } from '../../core/json.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { extendPointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { inClusterOf } from '../../mesh/clusters.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { isAddress } from '../../mesh/ip.ts';
import {
  istioWebhooks,
  type IstioWebhook,
  type WebhookService,
} from '../../mesh/istio-webhooks.ts';
import { clusterDomain } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { portsOf, selectorOf, workloadsOf } from '../../mesh/services.ts';
import { injectorReachableExamples } from './injector-reachable.examples.ts';

const params = z.object({});
type MessageId =
  | 'no-target'
  | 'two-targets'
  | 'url-refused'
  | 'address-not-name'
  | 'cluster-name-in-url'
  | 'wrong-path'
  | 'service-missing'
  | 'port-missing'
  | 'no-pods'
  | 'failure-ignored';

/** The API server reaches the istiod that injects and validates. */
export const injectorReachable = definePolicy<typeof params, MessageId>({
  id: 'controlplane/injector-reachable',
  title: 'Istio’s webhooks have a target that the API server reaches',
  why: 'The injector’s webhook fails closed: where the API server does not reach istiod, no Pod with a sidecar is created any more, and the owners of those Pods learn it from the events of a ReplicaSet. One that fails open is worse: Pods start outside the mesh and nobody is told.',
  sources: [
    'Istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml, pkg/config/analysis/analyzers/externalcontrolplane',
    'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    'https://github.com/istio/istio/issues/39905',
  ],
  severity: 'error',
  subjects: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  consults: ['Service', ...workloadKinds],
  cost: 'O(webhooks of the configuration + workloads behind their Services).',
  params,
  messages: {
    'no-target': {
      text: 'The webhook {webhook} names neither a url nor a service: the API server refuses the configuration.',
      remedy:
        'Set clientConfig.service to istiod of this cluster, or clientConfig.url to the name of the one elsewhere.',
    },
    'two-targets': {
      text: 'The webhook {webhook} names a url and a service: the API server refuses the configuration.',
      remedy:
        'Keep clientConfig.service for an istiod of this cluster, or clientConfig.url for one elsewhere.',
    },
    'url-refused': {
      text: 'The API server refuses {url} for a webhook: {reason}.',
      remedy: 'Write it as https://<name>:15017{path}.',
    },
    'address-not-name': {
      text: 'The webhook {webhook} calls the address {host}: istiod cannot move without a change here, and its certificate has to name the address.',
      remedy: 'Use a DNS name that leads to istiod.',
    },
    'cluster-name-in-url': {
      text: 'The webhook {webhook} calls {host} by url, a name that only Pods resolve for certain: API servers outside the cluster’s DNS do not find it.',
      remedy: 'Use clientConfig.service for an istiod of this cluster.',
    },
    'wrong-path': {
      text: 'The webhook {webhook} calls path {path}, where istiod answers 404: {consequence}.',
      remedy: 'Use {expected}.',
    },
    'service-missing': {
      text: 'The webhook {webhook} calls Service {service}, which is not there: {consequence}.',
      remedy: 'Name the Service of istiod, or delete the webhook with the revision that it was of.',
    },
    'port-missing': {
      text: 'The webhook {webhook} calls port {port} of Service {service}, which does not expose it: {consequence}.',
      remedy: 'Use the port of istiod’s Service that leads to 15017, which is 443.',
    },
    'no-pods': {
      text: 'The webhook {webhook} calls Service {service}, which {reason}: {consequence}.',
      remedy:
        'Let the selector of the Service match the labels of istiod’s Pods, and give istiod replicas.',
    },
    'failure-ignored': {
      text: 'The injector {webhook} has failurePolicy Ignore: while istiod is away, Pods start without a sidecar and stay so.',
      remedy: 'Use Fail, and give istiod more than one replica.',
    },
  },
  unobserved:
    'Which names an API server resolves that is outside the cluster’s DNS, and that istiod serves `/inject` and `/validate` alone, is in the sources. A port is looked up with its Service, whose absence is shown. That a Service without Pods refuses connections is kube-proxy’s doing.',
  equivalents: [
    { tool: 'istioctl', code: 'IST0163', note: 'looks at three configurations by name' },
    { tool: 'istioctl', code: 'IST0164' },
    {
      tool: 'istioctl',
      code: 'IST0139',
      note: 'injectors only; reports every Service that is not among the files',
    },
  ],
  check({ resource }, mesh) {
    return istioWebhooks(resource).flatMap((webhook) => [
      ...targetReports(webhook, mesh),
      ...(webhook.role === 'injector' && webhook.failurePolicy === 'Ignore'
        ? [
            {
              message: 'failure-ignored' as const,
              severity: 'warning' as const,
              at: extendPointer(webhook.at, 'failurePolicy'),
              data: { webhook: webhook.name },
            },
          ]
        : []),
    ]);
  },
  examples: injectorReachableExamples,
});

function targetReports(webhook: IstioWebhook, mesh: Mesh): readonly Report<MessageId>[] {
  if (webhook.service !== undefined && webhook.url !== undefined) {
    const at = extendPointer(webhook.at, 'clientConfig');
    return [{ message: 'two-targets', at, data: { webhook: webhook.name } }];
  }
  if (webhook.service !== undefined) {
    return serviceReports(webhook, webhook.service, mesh);
  }
  if (webhook.url !== undefined) {
    return urlReports(webhook, webhook.url, mesh);
  }
  const data = { webhook: webhook.name };
  return [{ message: 'no-target', at: extendPointer(webhook.at, 'clientConfig'), data }];
}

function serviceReports(
  webhook: IstioWebhook,
  { namespace, name, port, path }: WebhookService,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const at = extendPointer(webhook.at, 'clientConfig', 'service');
  const data = {
    webhook: webhook.name,
    service: `${namespace}/${name}`,
    port,
    consequence: consequenceOf(webhook),
  };
  const service = inClusterOf(webhook.configuration, 'Service', namespace, name, mesh);
  if (service === undefined) {
    // A namespace without any Service is one whose manifests are elsewhere.
    return mesh.inNamespace('Service', namespace).size === 0
      ? []
      : [{ message: 'service-missing', at, data }];
  }
  if (!portsOf(service).some((candidate) => numberIn(candidate, 'port') === port)) {
    const external = stringIn(service.object, 'spec', 'type') === 'ExternalName';
    return external ? [] : [{ message: 'port-missing', at: extendPointer(at, 'port'), data }];
  }
  const reports = pathReports(webhook, path ?? '', extendPointer(at, 'path'));
  const reason = emptinessOf(service, mesh);
  return reason === undefined
    ? reports
    : [...reports, { message: 'no-pods', at, data: { ...data, reason } }];
}

/** Why nothing answers behind a Service, as a clause; undefined where something does, or where its Pods are not among the inputs. */
function emptinessOf(service: Resource, mesh: Mesh): string | undefined {
  if (Object.keys(selectorOf(service)).length === 0) {
    return undefined;
  }
  const workloads = workloadsOf(service, mesh);
  if (workloads.length === 0) {
    const known = workloadKinds.some((kind) => mesh.inNamespace(kind, service.namespace).size > 0);
    return known ? 'selects no Pods of its namespace' : undefined;
  }
  return workloads.every(({ resource }) => numberIn(resource.object, 'spec', 'replicas') === 0)
    ? 'selects workloads with 0 replicas'
    : undefined;
}

function urlReports(webhook: IstioWebhook, url: string, mesh: Mesh): readonly Report<MessageId>[] {
  const at = extendPointer(webhook.at, 'clientConfig', 'url');
  const reason = refusalOf(url);
  if (reason !== undefined) {
    const path = webhook.role === 'injector' ? '/inject' : '/validate';
    return [{ message: 'url-refused', at, data: { url, reason, path } }];
  }
  const { hostname, pathname } = new URL(url);
  const host = hostname.replaceAll(/[[\]]/gu, '');
  const data = { webhook: webhook.name, host };
  const reports = pathReports(webhook, pathname, at);
  if (isAddress(host)) {
    return [...reports, { message: 'address-not-name', severity: 'warning', at, data }];
  }
  return host === 'localhost' ||
    host.endsWith('.svc') ||
    host.endsWith(`.svc.${clusterDomain(mesh)}`)
    ? [...reports, { message: 'cluster-name-in-url', severity: 'warning', at, data }]
    : reports;
}

function pathReports(
  webhook: IstioWebhook,
  path: string,
  at: Report['at'],
): readonly Report<MessageId>[] {
  const injects = webhook.role === 'injector';
  const right = injects ? /^\/inject(?:\/|$)/u.test(path) : /^\/validate(?:\/|$)/u.test(path);
  const data = {
    webhook: webhook.name,
    path: path === '' ? '/' : path,
    expected: injects ? '/inject, or /inject/cluster/<name>/net/<network>' : '/validate',
    consequence: consequenceOf(webhook),
  };
  return right ? [] : [{ message: 'wrong-path', at, data }];
}

/** Why the API server refuses a webhook's URL; undefined where it does not. */
function refusalOf(url: string): string | undefined {
  if (!URL.canParse(url)) {
    return 'it is no URL';
  }
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== 'https:') {
    return 'the scheme must be https';
  }
  if (username !== '' || password !== '') {
    return 'a user is not allowed';
  }
  return search !== '' || hash !== '' ? 'query and fragment are not allowed' : undefined;
}

function consequenceOf({ role, failurePolicy }: IstioWebhook): string {
  if (failurePolicy === 'Ignore') {
    return role === 'injector'
      ? 'Pods start without a sidecar'
      : 'Istio’s objects are accepted unchecked';
  }
  return role === 'injector'
    ? 'no Pod that it is asked about can be created'
    : 'no object that it is asked about can be applied';
}
