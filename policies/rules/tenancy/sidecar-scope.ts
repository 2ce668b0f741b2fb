import * as z from 'zod';
import { listIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { consumerKinds, workloadGroups } from '../../mesh/consumers.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { isDiscovered } from '../../mesh/exports.ts';
import { isInjectedNamespace } from '../../mesh/injection.ts';
import { meshWideNamespace } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { mostServices, scopeSize } from '../../mesh/scope-size.ts';
import { formFaults, hostFaults, selectionFaults } from '../../mesh/sidecar-faults.ts';
import { hostEntries, listenerReach } from '../../mesh/sidecar-hosts.ts';
import { rivalOf } from '../../mesh/sidecar-rivals.ts';
import { hasSelector, sidecarFor } from '../../mesh/sidecar-scope.ts';
import { sidecarScopeExamples } from './sidecar-scope.examples.ts';

const params = z.object({
  services: z
    .number()
    .int()
    .positive()
    .default(500)
    .describe(
      'From how many visible Services on a namespace needs a Sidecar, since every proxy then holds the clusters of all.',
    ),
});
type MessageId =
  | 'no-scope'
  | 'imports-everything'
  | 'undoes-mesh-scope'
  | 'imports-nothing'
  | 'host-refused'
  | 'listener-order'
  | 'dead-host'
  | 'ignored-in-root'
  | 'never-taken'
  | 'selects-nothing'
  | 'without-effect';

/** What a proxy is told of the mesh: all of it, unless one Sidecar, rightly written, says what it needs. */
export const sidecarScope = definePolicy<typeof params, MessageId>({
  id: 'tenancy/sidecar-scope',
  title: 'Proxies know what they need, and one Sidecar says so',
  why: 'Without a Sidecar every proxy holds every Service of the mesh: memory, and pushes by istiod, grow with the product of the two. A Sidecar that imports everything, or that another one comes before, looks like a scope and is none; nothing is merged.',
  sources: [
    'Istio pilot/pkg/model/sidecar.go, pkg/config/validation/validation.go',
    'https://istio.io/latest/docs/ops/deployment/performance-and-scalability/',
    'https://github.com/istio/istio/issues/26350',
  ],
  severity: 'warning',
  subjects: ['Namespace', 'Sidecar'],
  consults: [
    'Service',
    'ServiceEntry',
    'VirtualService',
    'ConfigMap',
    'ProxyConfig',
    ...consumerKinds,
  ],
  cost: 'O(own Services, Sidecars and at most 100 workloads of the namespace); the mesh is counted by the sizes of index sets.',
  params,
  messages: {
    'no-scope': {
      text: 'No Sidecar scopes namespace {namespace}, and it sees {services} Services: each of its proxies holds about {clustersBefore} clusters, where its own and those of the root namespace are {clustersAfter}.',
      remedy:
        'Add a Sidecar without workloadSelector that imports what the namespace calls: egress hosts "./*", "{root}/*" and the namespaces that it needs; or one in {root} for all.',
    },
    'imports-everything': {
      text: 'This Sidecar imports everything: its proxies hold about {clustersBefore} clusters, as without it, where its own namespace and {root} have {clustersAfter}.',
      remedy:
        'Name the namespaces that the workloads call in egress.hosts: "./*", "{root}/*", and others by name.',
    },
    'undoes-mesh-scope': {
      text: 'This Sidecar imports everything and takes the place of {rootSidecar}, which would scope the namespace: of several Sidecars one counts, nothing is merged.',
      remedy: 'Name what the workloads call in egress.hosts, or remove this Sidecar.',
    },
    'imports-nothing': {
      text: 'This listener imports nothing although it names hosts ({hosts}): "~/*" empties it whatever stands beside it, and an exclusion imports nothing by itself.',
      remedy: 'Remove "~/*", or add the hosts from which the exclusion is taken, such as "*/*".',
    },
    'host-refused': {
      text: 'Istio refuses this Sidecar because of {host}: {reason}.',
      remedy:
        'Write namespace/dnsName with a full name, such as "shop/web.shop.svc.cluster.local".',
    },
    'listener-order': {
      text: 'Istio refuses this Sidecar: an egress listener without a port may only be the last one.',
      remedy: 'Keep one listener without port, and put it at the end.',
    },
    'dead-host': {
      text: 'Nothing is imported by {host}: {reason}.',
      remedy: 'Correct the name, or remove it.',
    },
    'ignored-in-root': {
      text: 'This Sidecar does nothing: in the root namespace {namespace} one with a workloadSelector is ignored.',
      remedy:
        'Remove the workloadSelector, so that it scopes the whole mesh, or move it to the namespace of the workloads.',
    },
    'never-taken': {
      text: 'Proxies take {winnerObject} in place of this Sidecar: {reason}; nothing is merged.',
      remedy: 'Keep one of the two, or make their workloadSelectors disjoint.',
    },
    'selects-nothing': {
      text: 'This Sidecar does nothing: no workload in namespace {namespace} has the labels of its workloadSelector.',
      remedy: 'Correct the labels, or remove the Sidecar.',
    },
    'without-effect': {
      text: 'This Sidecar does nothing for {workloads}: {reason}.',
      remedy: 'Remove it, or select workloads with a sidecar.',
    },
  },
  unobserved:
    'Older versions of Istio cannot be asked: see `pkg/config/validation/validation.go` of 1.30. Where no sidecar is, or none that is selected, there is no proxy that would show what it gets.',
  equivalents: [
    { tool: 'istioctl', code: 'IST0106', note: 'the validator' },
    { tool: 'istioctl', code: 'IST0110', note: 'names both Sidecars, not which counts' },
    { tool: 'istioctl', code: 'IST0111', note: 'names both Sidecars, not which counts' },
    { tool: 'istioctl', code: 'IST0167' },
    { tool: 'kiali', code: 'KIA0002' },
    { tool: 'kiali', code: 'KIA0003' },
    { tool: 'kiali', code: 'KIA0004' },
    { tool: 'kiali', code: 'KIA1004', note: 'any host that it cannot find' },
    { tool: 'kiali', code: 'KIA1006' },
  ],
  check({ resource }, mesh, { services }) {
    switch (resource.type) {
      case 'Namespace':
        return judgeNamespace(resource, services, mesh);
      case 'Sidecar':
        return judgeSidecar(resource, services, mesh);
      default:
        return [];
    }
  },
  examples: sidecarScopeExamples,
});

function judgeNamespace(
  { name }: Resource,
  services: number,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const large = mostServices(mesh) >= services;
  if (
    !large ||
    name === meshWideNamespace(mesh) ||
    !isInjectedNamespace(name, mesh) ||
    !isDiscovered(name, mesh)
  ) {
    return [];
  }
  const size = scopeSize(name, mesh);
  return size.services < services || isScoped(name, mesh)
    ? []
    : [
        {
          message: 'no-scope',
          at: pointer('metadata', 'name'),
          data: { namespace: name, root: meshWideNamespace(mesh), ...size },
        },
      ];
}

function isScoped(namespace: string, mesh: Mesh): boolean {
  const known = consumerKinds.some((kind) => mesh.count(kind) > 0);
  return known
    ? workloadGroups(namespace, mesh).every(({ sidecar }) => sidecar !== undefined)
    : sidecarFor({ namespace, labels: {} }, mesh) !== undefined;
}

function judgeSidecar(
  sidecar: Resource,
  services: number,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const { namespace } = sidecar;
  const selects = hasSelector(sidecar);
  if (namespace === meshWideNamespace(mesh) && selects) {
    const at = pointer('spec', 'workloadSelector');
    return [{ message: 'ignored-in-root', at, data: { namespace } }, ...formFaults(sidecar, mesh)];
  }
  const useless = selectionFaults(sidecar, mesh);
  if (useless.length > 0) {
    return [...useless, ...formFaults(sidecar, mesh)];
  }
  return [
    ...judgeRivals(sidecar, mesh),
    ...formFaults(sidecar, mesh),
    ...judgeWidth(sidecar, services, mesh),
    ...hostFaults(sidecar, mesh),
  ];
}

function judgeRivals(sidecar: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const rival = rivalOf(sidecar, mesh);
  if (rival === undefined) {
    return [];
  }
  const { winner, reason } = rival;
  const data = {
    winner: winner.name,
    winnerObject: describeReference(winner),
    loser: sidecar.name,
    reason,
  };
  const at = hasSelector(sidecar)
    ? pointer('spec', 'workloadSelector')
    : pointer('metadata', 'name');
  return [{ message: 'never-taken', at, data }];
}

function judgeWidth(sidecar: Resource, services: number, mesh: Mesh): readonly Report<MessageId>[] {
  const listeners = listIn(sidecar.object, 'spec', 'egress');
  if (listeners.length === 0) {
    return [wide(sidecar, undefined, services, mesh)];
  }
  return listeners.flatMap((listener, index) => {
    const reach = listenerReach(listener, mesh);
    const at = pointer('spec', 'egress', index, 'hosts');
    if (reach === 'nothing by accident') {
      const hosts = hostEntries(listener).map(({ written }) => written);
      return [{ message: 'imports-nothing', at, data: { hosts } } as const];
    }
    return reach === 'everything' ? [wide(sidecar, index, services, mesh)] : [];
  });
}

/** In a small mesh a Sidecar without egress may be there for its other fields, so it is only told of. */
function wide(
  sidecar: Resource,
  listener: number | undefined,
  services: number,
  mesh: Mesh,
): Report<MessageId> {
  const { namespace } = sidecar;
  const root = meshWideNamespace(mesh);
  const rootSidecar =
    namespace === root ? undefined : sidecarFor({ namespace: root, labels: {} }, mesh);
  const narrowRoot =
    rootSidecar !== undefined &&
    listIn(rootSidecar.object, 'spec', 'egress').length > 0 &&
    listIn(rootSidecar.object, 'spec', 'egress').every(
      (egress) => listenerReach(egress, mesh) !== 'everything',
    );
  const size = scopeSize(namespace, mesh);
  const small = listener === undefined && size.services < services && !narrowRoot;
  return {
    message: narrowRoot ? 'undoes-mesh-scope' : 'imports-everything',
    severity: small ? 'info' : 'warning',
    at: listener === undefined ? pointer('spec') : pointer('spec', 'egress', listener, 'hosts'),
    data: {
      root,
      ...size,
      ...(narrowRoot ? { rootSidecar: describeReference(rootSidecar) } : {}),
    },
  };
}
