import {
  isObject,
  listIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { endpointTls } from '../../policies/mesh/endpoint-tls.ts';
import { matchesLabels } from '../../policies/mesh/labels.ts';
import { selectorOf } from '../../policies/mesh/services.ts';
import { workloadPort } from '../../policies/mesh/target-ports.ts';
import { workloadOf, type Workload } from '../../policies/mesh/workload.ts';
import { meshOf, resourcesOf } from './examples.ts';
import { asYaml, clientPod, namespaceObject } from './witness-mesh.ts';

interface RunningPod {
  readonly name: string;
  readonly address: string;
  readonly workload: Workload;
}

/**
 * Manifests as the real Istio wants them: a running Pod for each workload, with the label that the injector would set;
 * addresses and EndpointSlices for Services; all Namespaces; and a Pod `app/client` with a proxy.
 */
export function runnableMesh(yaml: string): string {
  const resources = resourcesOf(yaml);
  const mesh = meshOf(resources);
  const pods = resources.flatMap((resource, index): readonly RunningPod[] => {
    const workload = workloadOf(resource);
    const address = `10.9.${String(Math.floor(index / 250))}.${String((index % 250) + 1)}`;
    return workload === undefined ? [] : [{ name: `${resource.name}-0`, address, workload }];
  });
  const namespaces = new Set(['app', ...resources.map(({ namespace }) => namespace)]);
  namespaces.delete('');
  return asYaml([
    ...[...namespaces].map((name) => namespaceObject(name)),
    clientPod('app', 0),
    ...pods.map((pod) => podOf(pod, endpointTls(pod.workload, mesh).offered === true)),
    ...resources.flatMap((resource, index) => rendered(resource, index, pods)),
  ]);
}

function podOf({ name, address, workload }: RunningPod, injected: boolean): JsonObject {
  const tls = injected ? { 'security.istio.io/tlsMode': 'istio' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: workload.namespace, labels: { ...workload.labels, ...tls } },
    spec: { ...workload.spec, serviceAccountName: 'default' },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function rendered(
  resource: Resource,
  index: number,
  pods: readonly RunningPod[],
): readonly JsonObject[] {
  if (resource.type === 'Namespace' || workloadOf(resource) !== undefined) {
    return [];
  }
  return resource.type === 'Service' ? serviceOf(resource, index, pods) : [resource.object];
}

function serviceOf(
  service: Resource,
  index: number,
  pods: readonly RunningPod[],
): readonly JsonObject[] {
  const { name, namespace, object } = service;
  const spec = isObject(object['spec']) ? object['spec'] : {};
  const ports = listIn(spec, 'ports').map((port): JsonObject => {
    const given = isObject(port) ? port : {};
    return { ...given, targetPort: given['targetPort'] ?? given['port'] ?? 0 };
  });
  const address = spec['clusterIP'] ?? `10.96.1.${String(index + 1)}`;
  const alias = spec['type'] === 'ExternalName' ? {} : { clusterIP: address };
  const selected = pods.filter(
    ({ workload }) =>
      workload.namespace === namespace && matchesLabels(selectorOf(service), workload.labels),
  );
  const slice: JsonObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: ports.map((port) => slicePort(port, selected[0]?.workload)),
    endpoints: selected.map((pod) => ({
      addresses: [pod.address],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: pod.name, namespace },
    })),
  };
  return [{ ...object, spec: { ...spec, ...alias, ports } }, slice];
}

function slicePort(port: Json, workload: Workload | undefined): JsonObject {
  const target = workload === undefined ? undefined : workloadPort(port, workload);
  return { name: stringIn(port, 'name') ?? '', port: target ?? 1, protocol: 'TCP' };
}
