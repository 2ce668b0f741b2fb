import type { JsonObject } from '../../policies/core/json.ts';
import { readResource, type Resource } from '../../policies/core/resource.ts';

/** How large a synthetic mesh is. */
export interface MeshSize {
  readonly services: number;
  readonly podsPerService: number;
}

const servicesPerNamespace = 25;

/**
 * A mesh in the proportions of a large one: 25 Services a namespace, each with a Deployment and Pods, every second
 * object set with a DestinationRule, some with a VirtualService, a ServiceEntry, a PeerAuthentication or a Sidecar.
 */
export function* syntheticMesh({ services, podsPerService }: MeshSize): Generator<Resource> {
  for (let index = 0; index < Math.ceil(services / servicesPerNamespace); index += 1) {
    yield* resources([namespace(index), ...(index % 4 === 0 ? [sidecar(index)] : [])]);
  }
  for (let index = 0; index < services; index += 1) {
    yield* resources(serviceObjects(index, podsPerService));
  }
}

/** Objects of each judged sort, as a change would bring them into the mesh. */
export function subjectsOf(index: number): readonly Resource[] {
  return [...resources(serviceObjects(index * 20, 1))];
}

function* resources(objects: readonly JsonObject[]): Generator<Resource> {
  for (const object of objects) {
    const resource = readResource(object);
    if (resource !== undefined) {
      yield resource;
    }
  }
}

function namespace(index: number): JsonObject {
  const name = `team-${String(index)}`;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'istio-injection': 'enabled' } },
  };
}

function sidecar(index: number): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: 'default', namespace: `team-${String(index)}` },
    spec: { egress: [{ hosts: ['./*', 'istio-system/*'] }] },
  };
}

function serviceObjects(index: number, podsPerService: number): readonly JsonObject[] {
  const place = {
    namespace: `team-${String(Math.floor(index / servicesPerNamespace))}`,
    name: `svc-${String(index)}`,
  };
  const host = `${place.name}.${place.namespace}.svc.cluster.local`;
  const pods = Array.from({ length: podsPerService }, (_, pod) =>
    workload('Pod', place, `-${String(pod)}`),
  );
  return [
    workload('Deployment', place, ''),
    ...pods,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: place,
      spec: {
        selector: { app: place.name },
        ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      },
    },
    ...istioObjects(index, place, host),
  ];
}

function workload(
  kind: 'Pod' | 'Deployment',
  place: { namespace: string; name: string },
  suffix: string,
): JsonObject {
  const metadata = {
    labels: { app: place.name, version: 'v1' },
    annotations: { 'proxy.istio.io/config': 'terminationDrainDuration: 600s\n' },
  };
  const spec = {
    terminationGracePeriodSeconds: 620,
    containers: [
      {
        name: 'app',
        image: `registry.example.com/${place.name}:1`,
        ports: [{ containerPort: 8080 }],
      },
    ],
  };
  return kind === 'Pod'
    ? {
        apiVersion: 'v1',
        kind,
        metadata: { ...metadata, namespace: place.namespace, name: `${place.name}${suffix}` },
        spec,
      }
    : {
        apiVersion: 'apps/v1',
        kind,
        metadata: place,
        spec: { selector: { matchLabels: { app: place.name } }, template: { metadata, spec } },
      };
}

function istioObjects(
  index: number,
  place: { namespace: string; name: string },
  host: string,
): readonly JsonObject[] {
  const networking = { apiVersion: 'networking.istio.io/v1', metadata: place };
  const tcp = { maxConnectionDuration: '300s' };
  const objects: JsonObject[] = [];
  if (index % 4 === 0) {
    objects.push({
      ...networking,
      kind: 'DestinationRule',
      spec: { host, trafficPolicy: { connectionPool: { tcp } } },
    });
  }
  if (index % 10 === 0) {
    objects.push({
      ...networking,
      kind: 'VirtualService',
      spec: { hosts: [host], http: [{ route: [{ destination: { host } }] }] },
    });
  }
  if (index % 20 === 0) {
    const ports = [{ number: 20_000 + index, name: 'tcp-db', protocol: 'TCP' }];
    objects.push({
      ...networking,
      kind: 'ServiceEntry',
      spec: {
        hosts: [`db-${String(index)}.example.com`],
        resolution: 'DNS',
        location: 'MESH_EXTERNAL',
        ports,
      },
    });
    objects.push({
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: place,
      spec: { selector: { matchLabels: { app: place.name } }, mtls: { mode: 'STRICT' } },
    });
  }
  return objects;
}
