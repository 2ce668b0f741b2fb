import * as z from 'zod';
import { numberIn, stringIn } from '../../core/json.ts';
import { pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { clusterOf, copiesOf } from '../../mesh/clusters.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { isHeadless, portsOf } from '../../mesh/services.ts';
import { consistentServiceExamples } from './consistent-service.examples.ts';

const params = z.object({});
type MessageId = 'type-differs' | 'headless-differs' | 'ports-differ';

/** A Service is the same in all clusters, since the mesh sees one. */
export const consistentService = definePolicy<typeof params, MessageId>({
  id: 'multicluster/consistent-service',
  title: 'A Service has the same form in every cluster',
  why: 'Services of one namespace and name are one to the mesh: Istio joins their endpoints, and takes type and ports from the cluster that it reads first. What another cluster declares otherwise is then not there, or is reached by the wrong protocol.',
  sources: [
    'Istio pilot/pkg/serviceregistry/aggregate/controller.go',
    'https://istio.io/latest/docs/reference/config/analysis/ist0170/',
  ],
  severity: 'warning',
  subjects: ['Service'],
  consults: [],
  cost: 'O(clusters that have the Service).',
  params,
  messages: {
    'type-differs': {
      text: 'The Service is of type {own} in cluster {cluster} and {other} in cluster {otherCluster}: Istio takes it for one Service.',
      remedy: 'Give it the same type in all clusters, or different names.',
    },
    'headless-differs': {
      text: 'The Service is {own} in cluster {cluster} and {other} in cluster {otherCluster}: clients dial Pods in one and an address in the other.',
      remedy: 'Make it headless in all clusters or in none.',
    },
    'ports-differ': {
      text: 'The Service has ports {own} in cluster {cluster} and {other} in cluster {otherCluster}: Istio takes those of one cluster for all.',
      remedy: 'Give it the same ports, names and protocols in all clusters.',
    },
  },
  unobserved:
    'It takes several clusters in one istiod, which a witness does not have: see Istio `pilot/pkg/serviceregistry/aggregate/controller.go`.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0170',
      note: 'asks live clusters; this one compares their manifests, and appProtocol too',
    },
  ],
  check({ resource }, mesh) {
    const cluster = clusterOf(resource);
    const [first] = copiesOf('Service', resource.namespace, resource.name, mesh);
    return cluster === '' || first === undefined || clusterOf(first) === cluster
      ? []
      : differences(resource, first);
  },
  examples: consistentServiceExamples,
});

function differences(service: Resource, other: Resource): readonly Report<MessageId>[] {
  const compared: readonly (readonly [MessageId, Pointer, (service: Resource) => string])[] = [
    ['type-differs', pointer('spec', 'type'), typeOf],
    ['headless-differs', pointer('spec', 'clusterIP'), headlessness],
    ['ports-differ', pointer('spec', 'ports'), describePorts],
  ];
  return compared.flatMap(([message, at, describe]) => {
    const data = {
      own: describe(service),
      other: describe(other),
      cluster: clusterOf(service),
      otherCluster: clusterOf(other),
    };
    return data.own === data.other ? [] : [{ message, at, data }];
  });
}

function typeOf(service: Resource): string {
  return stringIn(service.object, 'spec', 'type') ?? 'ClusterIP';
}

function headlessness(service: Resource): string {
  return isHeadless(service) ? 'headless' : 'not headless';
}

function describePorts(service: Resource): string {
  return portsOf(service)
    .map((port) => {
      const protocol = stringIn(port, 'appProtocol') ?? stringIn(port, 'protocol') ?? 'TCP';
      return `${stringIn(port, 'name') ?? ''} ${String(numberIn(port, 'port') ?? '')}/${protocol}`.trim();
    })
    .sort()
    .join(', ');
}
