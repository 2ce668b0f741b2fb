import * as z from 'zod';
import type { Fix } from '../../core/finding.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import {
  databaseOf,
  databaseOfManifest,
  databasesOf,
  databasesParam,
} from '../../mesh/databases.ts';
import type { Databases } from '../../mesh/database-index.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  injectLabelPointer,
  lostIntents,
  misspeltInjection,
  type LostIntent,
} from '../../mesh/injection-intent.ts';
import {
  endsProxyItself,
  intentFix,
  labelFix,
  meantValue,
  nativeFix,
} from '../../mesh/injection-fixes.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { mixedServices } from '../../mesh/mixed-endpoints.ts';
import { hasSidecar, nativeSidecarAnnotation, proxyModeOf } from '../../mesh/proxy-mode.ts';
import { workloadsSelected } from '../../mesh/reach.ts';
import { annotationPointer, workloadOf, type Workload } from '../../mesh/workload.ts';
import { sidecarInjectionExamples } from './sidecar-injection.examples.ts';

const params = z.object({
  require: z
    .enum(['consistent', 'injected', 'forbidden'])
    .default('consistent')
    .describe(
      'Whether databases must have a sidecar, must have none, or only must have what their manifests ask for.',
    ),
  databases: databasesParam,
});
type Params = z.output<typeof params>;
type MessageId =
  | LostIntent['problem']
  | 'namespace-misspelt'
  | 'sidecar-missing'
  | 'sidecar-unwanted'
  | 'mixed-headless'
  | 'job-never-ends';

/** Whether a database has a sidecar must be decided, and the decision must be one that the injector reads. */
export const sidecarInjection = definePolicy<typeof params, MessageId>({
  id: 'database/sidecar-injection',
  title: 'Databases get, or do without, a sidecar as their manifests say',
  why: 'A database with a sidecar that nobody wanted, or without the one that its clients count on, is found out by its clients. The injector accepts many ways of asking and reads few of them: exact values of a label on the Pod, in namespaces that it sees. One Pod of a headless Service without a sidecar takes mutual TLS away from all the others, and a Job with a classic sidecar never completes.',
  sources: [
    'Istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml',
    'Istio pkg/kube/inject/inject.go (injectRequired)',
    'https://github.com/istio/istio/issues/26235',
    'https://github.com/istio/istio/issues/6324',
  ],
  severity: 'warning',
  subjects: [...workloadKinds, 'Namespace'],
  fills: true,
  consults: ['Service', 'VirtualService', 'DestinationRule', 'PeerAuthentication', 'ConfigMap'],
  cost: 'O(Services in front of the workload x their Pods); for a Namespace O(its workloads), where its label is misspelt.',
  params,
  messages: {
    'value-unread': {
      text: 'The {declared} is neither "true" nor "false", so it does nothing: {database} is {outcome}, since {reason}.',
      remedy: 'Set the label sidecar.istio.io/inject on the Pods to exactly "true" or "false".',
    },
    'asked-in-vain': {
      text: 'The {declared} asks for a sidecar, but {database} gets none: {reason}.',
      remedy: 'Remove what stands against it ({reason}), or the label.',
    },
    'annotation-unseen': {
      text: 'The {declared} has no effect: {database} is {outcome}, since {reason}. The injector never sees Pods by their annotations.',
      remedy: 'Use the label sidecar.istio.io/inject on the Pods instead.',
    },
    'annotation-hidden': {
      text: 'The {declared} is not read beside a label sidecar.istio.io/inject, whatever that says: {database} is {outcome}, since {reason}.',
      remedy: 'Remove the annotation, and say it by the label: exactly "true" or "false".',
    },
    'label-on-controller': {
      text: 'The {declared} stands on the {kind} itself, where the injector does not look: {database} is {outcome}, since {reason}.',
      remedy: 'Move it to the labels of the pod template.',
    },
    'revision-unread': {
      text: 'The {declared} is not read in a namespace that is labelled for injection itself: {database} is injected by the revision of the namespace.',
      remedy: 'Remove the label from the Pods, or the injection labels from the Namespace.',
    },
    'namespace-overruled': {
      text: 'The namespace is labelled for injection, but {database} gets no sidecar: {reason}.',
      remedy:
        'Remove what stands against it, or say by the label sidecar.istio.io/inject: "false" on the Pods that none is wanted.',
    },
    'namespace-misspelt': {
      text: 'istio-injection: "{value}" is not "enabled", so nothing in the namespace is injected, labelled Pods neither: {count} database workload(s) run without a sidecar.',
      remedy: 'Set istio-injection to enabled, or to disabled if that is meant.',
    },
    'sidecar-missing': {
      text: '{database} ({evidence}) runs without a sidecar, and the configuration requires one for databases: {reason}.',
      remedy: '{advice}',
    },
    'sidecar-unwanted': {
      text: '{database} ({evidence}) gets a sidecar, and the configuration forbids one for databases: {reason}.',
      remedy: 'Set the label sidecar.istio.io/inject: "false" on the Pods.',
    },
    'mixed-headless': {
      text: 'These Pods offer no mutual TLS, but {other} behind {service} do: {clients} have one socket for all of them, so they send plaintext to all{consequence}.',
      remedy: 'Give these Pods a sidecar too, or take it from all Pods of the Service.',
    },
    'job-never-ends': {
      text: 'The Pods of this {kind} get a classic sidecar ({reason}), which runs on after the application has ended: the Job never completes.',
      remedy:
        'Use a native sidecar (annotation sidecar.istio.io/nativeSidecar: "true" on the pod template), or no sidecar (label sidecar.istio.io/inject: "false"), or end the proxy by POST /quitquitquit.',
    },
  },
  unobserved:
    'Whether a database has to have a sidecar, or must not have one, is said by the configuration of meshgate, not by Istio; what Istio does with its labels is in the other examples.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0103',
      note: 'ours reads revisions, Pod labels and controllers, and asks whether it matters',
    },
    {
      tool: 'istioctl',
      code: 'IST0135',
      note: 'ours says what the annotation does or does not do',
    },
  ],
  check({ resource }, mesh, settings) {
    const databases = databasesOf(settings.databases);
    if (resource.type === 'Namespace') {
      return namespaceReports(resource, databases, mesh);
    }
    const workload = workloadOf(resource);
    const database = workload && databaseOf(workload, databases, mesh);
    if (workload === undefined || database === undefined) {
      return [];
    }
    const isJob = resource.type === 'Job' || resource.type === 'CronJob';
    const subject = { workload, ...database, name: database.kind.name };
    return [
      ...lostIntents(workload, mesh).map((intent) => intentReport(intent, subject, mesh)),
      ...(isJob
        ? jobReports(workload, mesh)
        : [
            ...requiredReports(subject, settings, mesh),
            ...mixedReports(workload, databases, mesh),
          ]),
    ];
  },
  examples: sidecarInjectionExamples,
});

interface DatabaseSubject {
  readonly workload: Workload;
  readonly name: string;
  readonly evidence: string;
}

function intentReport(
  { problem, at, declared, injection }: LostIntent,
  { workload, name }: DatabaseSubject,
  mesh: Mesh,
): Report<MessageId> {
  const fix = intentFix({ problem, declared }, workload, mesh);
  return {
    message: problem,
    ...(problem === 'namespace-overruled' ? { severity: 'info' } : {}),
    at,
    data: {
      declared,
      database: name,
      kind: workload.resource.kind,
      outcome: injection.decision === 'injected' ? 'injected' : 'not injected',
      reason: injection.reason,
    },
    ...(fix === undefined ? {} : { fix }),
  };
}

function requiredReports(
  { workload, name, evidence }: DatabaseSubject,
  { require }: Params,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  if (require === 'consistent') {
    return [];
  }
  const proxy = proxyModeOf(workload, mesh);
  const misses =
    require === 'injected' ? proxy.mode === 'none' : hasSidecar(proxy) && !proxy.gateway;
  if (!misses) {
    return [];
  }
  const value = require === 'injected' ? 'true' : 'false';
  const fix = labelFix(workload, value, mesh);
  return [
    {
      message: require === 'injected' ? 'sidecar-missing' : 'sidecar-unwanted',
      severity: 'error',
      at: injectLabelPointer(workload),
      data: {
        database: name,
        evidence,
        reason: proxy.reason,
        advice:
          fix === undefined
            ? `Remove what stands against it: ${proxy.reason}.`
            : 'Set the label sidecar.istio.io/inject: "true" on the Pods.',
      },
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

function mixedReports(
  workload: Workload,
  databases: Databases,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const [mixed] = mixedServices(workload, databases, mesh);
  if (mixed === undefined) {
    return [];
  }
  const { refusing, offering, service, clients, database } = mixed;
  const other = describeReference((refusing ?? offering).workload.resource);
  return [
    {
      message: 'mixed-headless',
      severity: refusing === undefined ? 'warning' : 'error',
      at: injectLabelPointer(workload),
      data: {
        service: describeReference(service),
        port: database.number,
        clients,
        other,
        consequence:
          refusing === undefined
            ? ', without mutual TLS'
            : `, which ${other} refuses (mTLS STRICT)`,
      },
    },
  ];
}

/** Where nothing tells classic from native sidecars, Istio's newer default is taken and nothing said. */
function jobReports(workload: Workload, mesh: Mesh): readonly Report<MessageId>[] {
  const proxy = proxyModeOf(workload, mesh);
  if (proxy.mode !== 'classic' || endsProxyItself(workload)) {
    return [];
  }
  const fix = nativeFix(workload, mesh);
  return [
    {
      message: 'job-never-ends',
      severity: 'error',
      at: annotationPointer(workload, nativeSidecarAnnotation),
      data: { kind: workload.resource.kind, reason: proxy.reason },
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

function namespaceReports(
  namespace: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const value = misspeltInjection(namespace);
  if (value === undefined) {
    return [];
  }
  const count = workloadsSelected(namespace.name, undefined, mesh).filter(
    (workload) => databaseOfManifest(workload, databases) !== undefined,
  ).length;
  const at = pointer('metadata', 'labels', 'istio-injection');
  const set = { at, value: 'enabled' };
  const fix: Fix = { kind: 'replacement', changes: [set], filled: [set] };
  return count === 0
    ? []
    : [
        {
          message: 'namespace-misspelt',
          at,
          data: { value, count },
          ...(meantValue(value) === 'true' ? { fix } : {}),
        },
      ];
}
