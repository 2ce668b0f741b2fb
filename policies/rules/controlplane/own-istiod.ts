import * as z from 'zod';
import { stringIn, stringMapIn } from '../../core/json.ts';
import { extendPointer, pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { clusterOf, copiesOf, inClusterOf } from '../../mesh/clusters.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  allInjectors,
  clusterInPath,
  injectorsAround,
  istioWebhooks,
  targetOf,
  type IstioWebhook,
} from '../../mesh/istio-webhooks.ts';
import { isMeshConfig, protoMember, rootNamespace, yamlIn } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { ownIstiodExamples } from './own-istiod.examples.ts';

const params = z.object({});
type MessageId =
  'external-istiod' | 'shared-istiod' | 'shared-discovery' | 'single-revision' | 'led-by-others';

const leadersAnnotation = 'topology.istio.io/controlPlaneClusters';

/** A cluster does not stop when another one's istiod does. */
export const ownIstiod = definePolicy<typeof params, MessageId>({
  id: 'controlplane/own-istiod',
  title: 'Every cluster has an istiod of its own',
  why: 'An istiod that serves several clusters is one thing that stops all of them: while it is away no Pod with a sidecar starts in any, because the injector fails closed, and no proxy learns of a change. A cluster runs its own control plane exactly when its injector’s webhook leads to a Service of that cluster.',
  sources: [
    'Istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml',
    'https://istio.io/latest/docs/ops/deployment/deployment-models/#control-plane-models',
    'https://github.com/istio/istio/issues/39905',
  ],
  severity: 'warning',
  subjects: ['MutatingWebhookConfiguration', 'Namespace', 'ConfigMap'],
  consults: ['Service'],
  cost: 'O(webhook configurations of all clusters).',
  params,
  messages: {
    'external-istiod': {
      text: 'Pods of this cluster are injected by an istiod elsewhere ({target}): while it is away, none is created.',
      remedy: 'Run istiod in the cluster, or keep a second revision to change over to.',
    },
    'shared-istiod': {
      text: 'The istiod at {target} injects the Pods of several clusters ({clusters}): while it is away, none is created in any of them.',
      remedy: 'Give each cluster an istiod of its own.',
    },
    'shared-discovery': {
      text: 'The proxies of several clusters ({clusters}) take their configuration from one istiod, {target}.',
      remedy: 'Give each cluster an istiod of its own, and leave discoveryAddress out.',
    },
    'single-revision': {
      text: 'The istiod elsewhere ({target}) is the only revision that injects here: it is upgraded, and fails, for all Pods at once.',
      remedy: 'Install a second revision, and point namespaces at it by istio.io/rev or a tag.',
    },
    'led-by-others': {
      text: 'The annotation {annotation} lets istiods of {leaders} lead this cluster.',
      remedy: 'Remove it where the cluster has an istiod of its own.',
    },
  },
  unobserved:
    'What hangs on one istiod shows when it is away, and in several clusters at once; a witness has one cluster, whose istiod is there. The consequences are those of Istio’s deployment models, in the sources.',
  equivalents: [],
  check({ resource }, mesh) {
    switch (resource.type) {
      case 'MutatingWebhookConfiguration':
        return injectorReports(resource, mesh);
      case 'Namespace':
        return resource.name === rootNamespace(mesh) ? leaderReports(resource) : [];
      default:
        return isMeshConfig(resource, mesh) ? discoveryReports(resource, mesh) : [];
    }
  },
  examples: ownIstiodExamples,
});

function injectorReports(configuration: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const webhook = istioWebhooks(configuration).find((candidate) => isElsewhere(candidate, mesh));
  const target = webhook && targetOf(webhook);
  if (webhook === undefined || target === undefined) {
    return [];
  }
  const at = extendPointer(webhook.at, 'clientConfig');
  const clusters = clustersInjectedBy(target, mesh);
  const reports: Report<MessageId>[] =
    clusters.length > 1
      ? [{ message: 'shared-istiod', at, data: { target, clusters } }]
      : [{ message: 'external-istiod', severity: 'info', at, data: { target } }];
  const targets = new Set(injectorsAround(configuration, mesh).map(revisionOf));
  return targets.size > 1
    ? reports
    : [
        ...reports,
        { message: 'single-revision', at: pointer('metadata', 'labels'), data: { target } },
      ];
}

/** A URL leads out of the cluster, and so does a Service without Pods of its own. */
function isElsewhere({ configuration, url, service }: IstioWebhook, mesh: Mesh): boolean {
  if (service === undefined) {
    return url !== undefined;
  }
  const { namespace, name } = service;
  const found = inClusterOf(configuration, 'Service', namespace, name, mesh);
  return (
    found !== undefined && Object.keys(stringMapIn(found.object, 'spec', 'selector')).length === 0
  );
}

/** Services of one name are another cluster's where the clusters differ, so only hosts of URLs are compared. */
function clustersInjectedBy(target: string, mesh: Mesh): readonly string[] {
  const clusters = allInjectors(mesh)
    .filter((webhook) => webhook.service === undefined && targetOf(webhook) === target)
    .map((webhook) => clusterOf(webhook.configuration) || clusterInPath(webhook) || '');
  return [...new Set(clusters)].filter((cluster) => cluster !== '').sort();
}

function revisionOf({ configuration }: IstioWebhook): string {
  return configuration.labels['istio.io/rev'] ?? 'default';
}

function leaderReports(namespace: Resource): readonly Report<MessageId>[] {
  const leaders = (namespace.annotations[leadersAnnotation] ?? '')
    .split(',')
    .map((cluster) => cluster.trim())
    .filter((cluster) => cluster !== '' && cluster !== clusterOf(namespace));
  const anybody = leaders.includes('*');
  return leaders.length === 0
    ? []
    : [
        {
          message: 'led-by-others',
          severity: anybody || leaders.length > 1 ? 'warning' : 'info',
          at: pointer('metadata', 'annotations', leadersAnnotation),
          data: {
            annotation: leadersAnnotation,
            leaders: anybody ? ['any cluster'] : leaders,
          },
        },
      ];
}

function discoveryReports(configMap: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const target = discoveryOf(configMap);
  if (target === undefined || clusterOf(configMap) === '') {
    return [];
  }
  const clusters = copiesOf('ConfigMap', configMap.namespace, configMap.name, mesh)
    .filter((copy) => discoveryOf(copy) === target)
    .map(clusterOf);
  return clusters.length < 2
    ? []
    : [{ message: 'shared-discovery', at: pointer('data', 'mesh'), data: { target, clusters } }];
}

/** Where proxies get their configuration, unless it is a Service of their own cluster. */
function discoveryOf(configMap: Resource): string | undefined {
  const address = protoMember(
    protoMember(yamlIn(configMap, 'mesh'), 'defaultConfig'),
    'discoveryAddress',
  );
  const text = stringIn({ address: address ?? null }, 'address') ?? '';
  return text === '' || /\.svc(?:[.:]|$)/u.test(text) ? undefined : text;
}
