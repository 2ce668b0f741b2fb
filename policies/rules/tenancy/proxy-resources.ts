import * as z from 'zod';
import type { Fix } from '../../core/finding.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { hasSidecar, proxyModeOf } from '../../mesh/proxy-mode.ts';
import {
  droppedDefaults,
  limitsBelowRequests,
  misplacedResources,
  unreadableResources,
  type DroppedDefault,
  type ProxyResource,
} from '../../mesh/proxy-resources.ts';
import { annotationPointer, workloadOf, type Workload } from '../../mesh/workload.ts';
import { proxyResourcesExamples } from './proxy-resources.examples.ts';

const params = z.object({
  requireCpuLimit: z
    .boolean()
    .default(false)
    .describe(
      'Whether a missing CPU limit alone is a warning too; many leave it out on purpose, so it is only told of.',
    ),
});
type MessageId = 'defaults-dropped' | 'limit-below-request' | 'unreadable' | 'misplaced';

/** A proxy without requests is evicted first; one without a memory limit takes the node's. */
export const proxyResources = definePolicy<typeof params, MessageId>({
  id: 'tenancy/proxy-resources',
  title: 'Proxies that are sized are sized in full',
  why: 'The chart gives every proxy requests and limits for CPU and memory. A Pod that sets one of the four by annotation loses the other three: the injection template takes all from the annotations, or all from the chart. The proxy then runs without a memory limit, or as the first to be evicted.',
  sources: [
    'Istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml, manifests/charts/istio-control/istio-discovery/values.yaml',
  ],
  severity: 'warning',
  subjects: workloadKinds,
  fills: true,
  consults: ['Namespace', 'ConfigMap'],
  cost: 'O(1): the annotations of the workload, and one look-up each of its Namespace and of the injector.',
  params,
  messages: {
    'defaults-dropped': {
      text: 'The proxy gets no {dropped}: {declared} is set by annotation, and then none of the defaults ({defaults}) counts.',
      remedy: 'Set {missing} as well.',
    },
    'limit-below-request': {
      text: 'No Pod can be made: the proxy would request {request} {resource}, more than its limit of {limit}.',
      remedy: 'Raise the limit, or lower the request.',
    },
    unreadable: {
      text: 'No Pod can be made: {annotation} is {value}, which is no quantity.',
      remedy: 'Write it as Kubernetes does, such as 100m for CPU or 128Mi for memory, in quotes.',
    },
    misplaced: {
      text: 'The annotation {annotation} stands on the {kind} itself, where the injector does not read it.',
      remedy: 'Move it to the metadata of the pod template.',
    },
  },
  unobserved:
    'The other examples differ in numbers alone: what the real injector makes of one, two and all four annotations is in `test/end-to-end/proxy-resources-istio.test.ts`. An annotation of a Deployment is not on the Pods that the injector sees.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0125',
      note: 'unreadable quantities, on Pods and Deployments alone',
    },
    { tool: 'istioctl', code: 'IST0107', note: 'misplaced annotations, only against a cluster' },
  ],
  check({ resource }, mesh, { requireCpuLimit }) {
    const workload = workloadOf(resource);
    if (workload === undefined || !hasSidecar(proxyModeOf(workload, mesh))) {
      return [];
    }
    const misplaced = misplacedResources(workload).map(({ annotation }): Report<MessageId> => ({
      message: 'misplaced',
      at: pointer('metadata', 'annotations', annotation),
      data: { annotation, kind: resource.kind },
    }));
    return [...misplaced, ...judge(workload, requireCpuLimit, mesh)];
  },
  examples: proxyResourcesExamples,
});

function judge(
  workload: Workload,
  requireCpuLimit: boolean,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const unreadable = unreadableResources(workload);
  if (unreadable.length > 0) {
    return unreadable.map(({ annotation }) => ({
      message: 'unreadable',
      severity: 'error',
      at: annotationPointer(workload, annotation),
      data: { annotation, value: JSON.stringify(workload.annotations[annotation]) },
    }));
  }
  const tooLow = limitsBelowRequests(workload).map((limit) => reportLimit(limit, workload));
  const dropped = droppedDefaults(workload, mesh);
  return dropped.length === 0
    ? tooLow
    : [...tooLow, reportDropped(dropped, workload, requireCpuLimit)];
}

function reportLimit(
  { annotation, resource }: ProxyResource,
  workload: Workload,
): Report<MessageId> {
  const request = workload.annotations[annotation.slice(0, -'Limit'.length)] ?? '';
  return {
    message: 'limit-below-request',
    severity: 'error',
    at: annotationPointer(workload, annotation),
    data: { resource, request, limit: workload.annotations[annotation] ?? '' },
  };
}

function reportDropped(
  dropped: readonly DroppedDefault[],
  workload: Workload,
  requireCpuLimit: boolean,
): Report<MessageId> {
  const onlyCpuLimit = dropped.every(
    ({ list, resource }) => list === 'limits' && resource === 'cpu',
  );
  const declared = Object.keys(workload.annotations)
    .filter((name) => /^sidecar\.istio\.io\/proxy(?:CPU|Memory)(?:Limit)?$/u.test(name))
    .sort();
  const [first = ''] = declared;
  return {
    message: 'defaults-dropped',
    severity: onlyCpuLimit && !requireCpuLimit ? 'info' : 'warning',
    at: annotationPointer(workload, first),
    data: {
      declared,
      dropped: dropped.map(({ list, resource }) => `${list}.${resource}`),
      defaults: dropped.map(({ list, resource, standard }) => `${list}.${resource} ${standard}`),
      missing: dropped.map(({ annotation, wanted }) => `${annotation}: "${wanted}"`),
    },
    fix: fixOf(dropped, workload),
  };
}

function fixOf(dropped: readonly DroppedDefault[], workload: Workload): Fix {
  const filled = dropped.map(({ annotation, wanted }) => ({
    at: annotationPointer(workload, annotation),
    value: wanted,
  }));
  return { kind: 'fill', changes: filled, filled };
}
