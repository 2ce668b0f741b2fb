import type { JsonObject } from '../../policies/core/json.ts';

/** The addresses that the objects of a mesh for the real Istio have. */
export interface Addresses {
  readonly service: string;
  readonly pod: string;
}

/** A namespace that is injected, as istiod wants it labelled. */
export function namespaceObject(name: string): JsonObject {
  const labels = { 'istio-injection': 'enabled', 'kubernetes.io/metadata.name': name };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A running Pod with a proxy. */
export function podObject(
  namespace: string,
  name: string,
  podIP: string,
  labels: Readonly<Record<string, string>>,
): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels, 'security.istio.io/tlsMode': 'istio' } },
    spec: { serviceAccountName: 'default', containers: [{ name: 'app', image: 'app' }] },
    status: {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

/** The address of a client Pod by its namespace's place in the list. */
export function clientPod(namespace: string, index: number): JsonObject {
  return podObject(namespace, 'client', `10.7.0.${String(index + 1)}`, { app: 'client' });
}

/** A port of a Service, as an author names it. */
export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly appProtocol?: string;
  readonly protocol?: string;
}

/** A Service with one Pod behind it, labelled `app: <name>` and `version: v1`. */
export function serviceObjects(
  namespace: string,
  name: string,
  ports: readonly ServicePort[],
  addresses: Addresses,
): readonly JsonObject[] {
  const metadata = { name, namespace };
  const targets = ports.map((port) => ({ ...port, targetPort: port.port }));
  const slicePorts = ports.map(({ name: portName, port, protocol }) => ({
    name: portName ?? '',
    port,
    protocol: protocol ?? 'TCP',
  }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: addresses.service, selector: { app: name }, ports: targets },
    },
    podObject(namespace, name, addresses.pod, { app: name, version: 'v1' }),
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: slicePorts,
      endpoints: [
        {
          addresses: [addresses.pod],
          conditions: { ready: true },
          targetRef: { kind: 'Pod', name, namespace },
        },
      ],
    },
  ];
}

/** An Istio networking object. */
export function istioObject(
  kind: string,
  namespace: string,
  name: string,
  spec: JsonObject,
  created = '2026-01-01T00:00:00Z',
): JsonObject {
  const metadata = { name, namespace, creationTimestamp: created };
  return { apiVersion: 'networking.istio.io/v1', kind, metadata, spec };
}

/** The mesh config, where it is not Istio's default. */
export function meshConfigObject(mesh: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(mesh) },
  };
}

/** The objects as a stream of documents; JSON is YAML. */
export function asYaml(objects: readonly JsonObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}
