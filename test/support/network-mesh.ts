import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  stringMapIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import type { Example } from '../../policies/core/policy.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import { resourcesOf } from './examples.ts';
import type { ProxyXds } from './oracle.ts';
import { asYaml, namespaceObject, podObject } from './witness-mesh.ts';

/** The address that load balancers are given. */
export const balancerAddress = '203.0.113.9';

const started = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

/**
 * The mesh of an example as it would run: Pods are ready, Deployments have made one, load balancers have an address,
 * Services their endpoints.
 */
export function running({ yaml }: Example): string {
  const resources = resourcesOf(yaml);
  const pods = resources.flatMap(podOf);
  const others = resources.filter(
    ({ type }) => type !== 'Pod' && type !== 'Deployment' && type !== 'Namespace',
  );
  return asYaml([
    namespaceObject('shop'),
    namespaceObject('istio-system'),
    ...pods,
    ...others.flatMap((resource) =>
      resource.type === 'Service'
        ? [runningService(resource), slice(resource, pods)]
        : [resource.object],
    ),
  ]);
}

/** The addresses and ports behind a cluster of a proxy, sorted. */
export function socketsOf(xds: ProxyXds, cluster: string): readonly string[] {
  const found = xds.endpoints.find((entry) => stringIn(entry, 'clusterName') === cluster);
  return listIn(found, 'endpoints')
    .flatMap((locality) => listIn(locality, 'lbEndpoints'))
    .map((entry) => objectIn(entry, 'endpoint', 'address', 'socketAddress'))
    .map((at) => `${stringIn(at, 'address') ?? ''}:${String(numberIn(at, 'portValue'))}`)
    .sort();
}

function podOf(resource: Resource): readonly JsonObject[] {
  if (resource.type === 'Pod') {
    const podIP = stringIn(resource.object, 'status', 'podIP') ?? '';
    return [{ ...resource.object, status: { ...started, podIP, podIPs: [{ ip: podIP }] } }];
  }
  const workload = resource.type === 'Deployment' ? workloadOf(resource) : undefined;
  return workload === undefined
    ? []
    : [podObject(resource.namespace, resource.name, '10.2.0.9', workload.labels)];
}

function runningService({ object, name }: Resource): JsonObject {
  const spec = objectIn(object, 'spec');
  const ports = listIn(spec, 'ports').map((port) => ({
    targetPort: numberIn(port, 'port') ?? 0,
    ...(isObject(port) ? port : {}),
    name: portName(port),
  }));
  const clusterIP = stringIn(spec, 'clusterIP') ?? (name === 'web' ? '10.96.0.20' : '10.97.0.5');
  const balanced =
    stringIn(spec, 'type') === 'LoadBalancer' && stringIn(spec, 'clusterIP') === undefined;
  return {
    ...object,
    spec: { ...spec, ports, clusterIP },
    ...(balanced ? { status: { loadBalancer: { ingress: [{ ip: balancerAddress }] } } } : {}),
  };
}

function slice(service: Resource, pods: readonly JsonObject[]): JsonObject {
  const { namespace, name } = service;
  const app = stringMapIn(service.object, 'spec', 'selector')['app'];
  const behind = pods.filter((pod) => stringIn(pod, 'metadata', 'labels', 'app') === app);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: listIn(service.object, 'spec', 'ports').map((port) => ({
      name: portName(port),
      port: numberIn(port, 'targetPort') ?? numberIn(port, 'port') ?? 0,
      protocol: 'TCP',
    })),
    endpoints: behind.map((pod) => ({
      addresses: [stringIn(pod, 'status', 'podIP') ?? ''],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: stringIn(pod, 'metadata', 'name') ?? '', namespace },
    })),
  };
}

function portName(port: Json): string {
  return stringIn(port, 'name') ?? `port-${String(numberIn(port, 'port'))}`;
}
