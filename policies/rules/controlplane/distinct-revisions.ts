import * as z from 'zod';
import { listIn, stringIn } from '../../core/json.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { extendPointer, pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { inClusterOf } from '../../mesh/clusters.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  injectorsAround,
  isAsked,
  targetOf,
  type IstioWebhook,
} from '../../mesh/istio-webhooks.ts';
import type { Labels } from '../../mesh/labels.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { isControlled, workloadOf } from '../../mesh/workload.ts';
import { ambientLabel } from '../../mesh/labels.ts';
import { distinctRevisionsExamples } from './distinct-revisions.examples.ts';

const params = z.object({});
type MessageId = 'injectors-overlap' | 'nobody-injects' | 'revision-ignored' | 'ambient-ignored';

const revisionLabel = 'istio.io/rev';
const injectionLabel = 'istio-injection';
const podLabel = 'sidecar.istio.io/inject';

/** Every Pod that asks for a proxy gets it from one revision. */
export const distinctRevisions = definePolicy<typeof params, MessageId>({
  id: 'controlplane/distinct-revisions',
  title: 'Every Pod that asks for a sidecar is injected by exactly one revision',
  why: 'Labels choose the revision that injects a Pod. A label that no webhook selects leaves Pods outside the mesh without an error, which is how an upgrade loses a namespace; labels that two webhooks select inject twice.',
  sources: [
    'Istio cni/pkg/util/podutil.go',
    'Istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml, pkg/config/analysis/analyzers/webhook',
    'https://istio.io/latest/docs/setup/upgrade/canary/',
  ],
  severity: 'warning',
  subjects: [...workloadKinds, 'Namespace', 'MutatingWebhookConfiguration'],
  consults: [],
  cost: 'O(webhooks of the injectors); for a configuration times the revisions that they name.',
  params,
  messages: {
    'injectors-overlap': {
      text: 'The webhooks {webhooks} are both asked about Pods with {labels}: the second injects what the first has injected.',
      remedy:
        'Give each revision its own label value, and one tag to one revision; remove what is left of the old revision.',
    },
    'nobody-injects': {
      text: '{label} asks for a sidecar, but no injector is asked: those that are installed select {known}. The Pods start outside the mesh.',
      remedy: 'Use the label of a revision or tag that is installed, or create the tag.',
    },
    'revision-ignored': {
      text: 'The label istio.io/rev={revision} does nothing beside {winner}, which wins.',
      remedy: '{advice}',
    },
    'ambient-ignored': {
      text: 'The label istio.io/dataplane-mode=ambient does nothing beside {label} for Pods that get a sidecar: the node leaves those out of ambient mode.',
      remedy: 'Keep the label of the mode that is wanted, and remove the other.',
    },
  },
  unobserved:
    'The API server decides by labels alone which webhooks it calls, as the other examples show on a real one; these differ from them in a label. Which Pods a node leaves out of ambient mode is not in istiod’s hands: Istio `cni/pkg/util/podutil.go`.',
  equivalents: [
    { tool: 'istioctl', code: 'IST0139', note: 'the overlapping half of it' },
    { tool: 'istioctl', code: 'IST0123', note: 'does not say which label wins' },
  ],
  check({ resource }, mesh) {
    switch (resource.type) {
      case 'MutatingWebhookConfiguration':
        return overlapReports(resource, mesh);
      case 'Namespace':
        return [
          ...ignoredRevision(resource),
          ...ignoredAmbient(resource),
          ...namespaceReports(resource, mesh),
        ];
      default:
        return workloadReports(resource, mesh);
    }
  },
  examples: distinctRevisionsExamples,
});

/** A label that asks for injection, and what the webhooks see of a Pod for which it stands. */
interface Request {
  readonly resource: Resource;
  readonly at: Pointer;
  readonly label: string;
  readonly namespaceLabels: Labels;
  readonly podLabels: Labels;
}

function namespaceReports(namespace: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const { labels } = namespace;
  const name = labels[injectionLabel] === undefined ? revisionLabel : injectionLabel;
  const value = labels[name];
  if (value === undefined || (name === injectionLabel && value !== 'enabled')) {
    return [];
  }
  return unanswered(
    {
      resource: namespace,
      at: pointer('metadata', 'labels', name),
      label: `${name}=${value}`,
      namespaceLabels: withName(namespace),
      podLabels: {},
    },
    mesh,
  );
}

function workloadReports(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const workload = workloadOf(resource);
  const namespace = inClusterOf(resource, 'Namespace', '', resource.namespace, mesh);
  if (
    workload === undefined ||
    namespace === undefined ||
    isControlled(resource) ||
    workload.labels[podLabel] === 'false'
  ) {
    return [];
  }
  const name = [revisionLabel, podLabel].find((label) => Object.hasOwn(workload.labels, label));
  const value = name === undefined ? undefined : workload.labels[name];
  if (name === undefined || value === undefined) {
    return [];
  }
  const request = {
    resource,
    at: extendPointer(workload.template, 'metadata', 'labels', name),
    label: `${name}=${value}`,
    namespaceLabels: withName(namespace),
    podLabels: workload.labels,
  };
  if (![injectionLabel, revisionLabel].some((label) => Object.hasOwn(namespace.labels, label))) {
    return name === revisionLabel || value === 'true' ? unanswered(request, mesh) : [];
  }
  return name === revisionLabel ? overruledRevision(request, value, mesh) : [];
}

/** The webhooks look at the revision of a Pod only where its namespace has no label of either kind. */
function overruledRevision(
  { resource, at, namespaceLabels, podLabels }: Request,
  revision: string,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const name = namespaceLabels[injectionLabel] === undefined ? revisionLabel : injectionLabel;
  const value = namespaceLabels[name] ?? '';
  const injectors = injectorsAround(resource, mesh);
  const targets = (namespace: Labels): string =>
    injectors
      .filter((webhook) => isAsked(webhook, namespace, podLabels))
      .map(targetOf)
      .join();
  const same =
    injectors.length === 0
      ? value === revision || (name === injectionLabel && revision === 'default')
      : targets(namespaceLabels) === targets({});
  const advice = 'Remove the label of the Pod, or the label of the namespace to choose by Pod.';
  const assumes =
    injectors.length === 0 ? [`${revision} and ${value} are two revisions`] : undefined;
  return same
    ? []
    : [
        {
          message: 'revision-ignored',
          at,
          data: { revision, winner: `${name}=${value} of the namespace`, advice },
          ...(assumes === undefined ? {} : { assumes }),
        },
      ];
}

function unanswered(request: Request, mesh: Mesh): readonly Report<MessageId>[] {
  const { resource, at, label, namespaceLabels, podLabels } = request;
  const injectors = injectorsAround(resource, mesh);
  const answered = injectors.some((webhook) => isAsked(webhook, namespaceLabels, podLabels));
  if (injectors.length === 0 || answered) {
    return [];
  }
  const known = revisionsSelected(injectors);
  const data = { label, known: known.length === 0 ? 'nothing' : known };
  const assumes = ['the webhooks of all revisions are among the inputs'];
  return [{ message: 'nobody-injects', at, data, assumes }];
}

function ignoredRevision(namespace: Resource): readonly Report<MessageId>[] {
  const revision = namespace.labels[revisionLabel];
  const injection = namespace.labels[injectionLabel];
  return revision === undefined || injection === undefined || injection === 'disabled'
    ? []
    : [
        {
          message: 'revision-ignored',
          at: pointer('metadata', 'labels', revisionLabel),
          data: {
            revision,
            winner: `${injectionLabel}=${injection}`,
            advice: 'Remove one of the two labels: istio-injection to follow the revision.',
          },
        },
      ];
}

/** Source: Istio `cni/pkg/util/podutil.go`, where a Pod with `sidecar.istio.io/status` is never redirected. */
function ignoredAmbient({ labels }: Resource): readonly Report<MessageId>[] {
  const revision = labels[revisionLabel];
  const injection = labels[injectionLabel];
  const asks = injection === undefined ? revision !== undefined : injection === 'enabled';
  if (labels[ambientLabel] !== 'ambient' || !asks) {
    return [];
  }
  const label =
    injection === undefined
      ? `${revisionLabel}=${revision ?? ''}`
      : `${injectionLabel}=${injection}`;
  const at = pointer('metadata', 'labels', ambientLabel);
  return [{ message: 'ambient-ignored', at, data: { label } }];
}

function overlapReports(configuration: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const injectors = injectorsAround(configuration, mesh);
  const revisions = revisionsSelected(injectors);
  for (const namespaceLabels of labelSets(injectionLabel, ['enabled', 'disabled'], revisions)) {
    for (const podLabels of labelSets(podLabel, ['true', 'false'], revisions)) {
      const asked = injectors.filter((webhook) => isAsked(webhook, namespaceLabels, podLabels));
      const own = asked.find((webhook) => webhook.configuration === configuration);
      const others = asked.filter((webhook) => webhook.configuration !== configuration);
      if (own !== undefined && others.length > 0) {
        const webhooks = [own, ...others].map(
          (webhook) => `${webhook.configuration.name}/${webhook.name}`,
        );
        const labels = describeLabels(namespaceLabels, podLabels);
        return [{ message: 'injectors-overlap', at: own.at, data: { webhooks, labels } }];
      }
    }
  }
  return [];
}

/** Every way of labelling that the webhooks tell apart: a switch, a revision, both or neither. */
function labelSets(
  name: string,
  values: readonly string[],
  revisions: readonly string[],
): readonly Labels[] {
  const switches: readonly Labels[] = [{}, ...values.map((value) => ({ [name]: value }))];
  return switches.flatMap((labels) => [
    labels,
    ...revisions.map((revision) => ({ ...labels, [revisionLabel]: revision })),
  ]);
}

function revisionsSelected(injectors: readonly IstioWebhook[]): readonly string[] {
  const found = new Set<string>();
  for (const { namespaceSelector, objectSelector } of injectors) {
    for (const selector of [namespaceSelector, objectSelector]) {
      const exact = stringIn(selector, 'matchLabels', revisionLabel);
      const expressions = listIn(selector, 'matchExpressions').filter(
        (expression) =>
          stringIn(expression, 'key') === revisionLabel &&
          stringIn(expression, 'operator') === 'In',
      );
      const listed = expressions.flatMap((expression) => listIn(expression, 'values'));
      for (const revision of [exact, ...listed]) {
        if (typeof revision === 'string') {
          found.add(revision);
        }
      }
    }
  }
  return [...found].sort();
}

function describeLabels(namespaceLabels: Labels, podLabels: Labels): string {
  const words = [
    ...Object.entries(namespaceLabels).map(([name, value]) => `${name}=${value} on the namespace`),
    ...Object.entries(podLabels).map(([name, value]) => `${name}=${value}`),
  ];
  return words.length === 0 ? 'no label at all' : words.join(' and ');
}

function withName({ name, labels }: Resource): Labels {
  return { 'kubernetes.io/metadata.name': name, ...labels };
}
