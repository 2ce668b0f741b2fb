import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import {
  accepts,
  tlsConflicts,
  type DatabasePort,
  type TlsConflict,
} from '../../mesh/database-connections.ts';
import { databaseServices, servicesOfPolicy } from '../../mesh/database-services.ts';
import type { Databases } from '../../mesh/database-index.ts';
import { databasesOf, databasesParam } from '../../mesh/databases.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { isMeshConfig } from '../../mesh/mesh-config.ts';
import { misplacedPortLevels } from '../../mesh/port-level-mtls.ts';
import { refusedClients } from '../../mesh/plaintext-clients.ts';
import { proxyModeOf } from '../../mesh/proxy-mode.ts';
import { servicesReached } from '../../mesh/reach.ts';
import { permissivePorts } from '../../mesh/server-first.ts';
import { hostOf } from '../../mesh/services.ts';
import { workloadOf } from '../../mesh/workload.ts';
import { serverFirstMtlsExamples } from './server-first-mtls.examples.ts';

const params = z.object({ databases: databasesParam });
type MessageId =
  | 'permissive-server-first'
  | 'rule-refused'
  | 'policy-unseen'
  | 'client-without-sidecar'
  | 'auto-mtls-off'
  | 'auto-mtls-off-for'
  | 'port-level-elsewhere'
  | 'port-level-without-selector';
type DatabaseReport = Report<MessageId>;

/** The mutual TLS that a database's proxy asks for must be what its clients speak, and leave room for a greeting. */
export const serverFirstMtls = definePolicy<typeof params, MessageId>({
  id: 'database/server-first-mtls',
  title: 'A database and its clients agree on mutual TLS, also where the server speaks first',
  why: 'The proxy of a PERMISSIVE port waits for the first bytes of the client to tell TLS from plaintext. A MySQL client without a sidecar waits for the greeting of the server meanwhile, so both wait for ever. And where rules and policies make clients send what the server does not take, each connection fails with an error of the database driver that names neither.',
  sources: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols',
    'Istio pilot/pkg/security/authn/policy_applier.go, pilot/pkg/model/push_context.go (BestEffortInferServiceMTLSMode)',
    'https://github.com/istio/istio/issues/10062',
    'https://github.com/istio/istio/issues/26235',
  ],
  severity: 'error',
  subjects: ['Service', 'DestinationRule', 'PeerAuthentication', 'ConfigMap', ...workloadKinds],
  consults: ['Namespace', 'VirtualService', 'Sidecar'],
  cost: 'O(workloads of the Service + rules that name its host + PeerAuthentications of its namespace); for a rule or policy, that for each Service it reaches; for the mesh config, for each Service on a well-known port of a database, 500 at most.',
  params,
  messages: {
    'permissive-server-first': {
      text: 'Port {port} leads to {database} on Pod port {workloadPort}, whose proxy is {mode}: it waits {wait} for the first bytes of the client, while a client without a sidecar waits for the greeting of the server.',
      remedy:
        'Set mode STRICT for the Pods, or for their port {workloadPort} by portLevelMtls; or DISABLE, if clients outside the mesh must reach it.',
    },
    'rule-refused': {
      text: 'This rule makes {clients} send {sends} to port {port} of {service} ({database}), whose Pod port {workloadPort} takes {takes} only (mTLS {mode}): {outcome}.',
      remedy: '{advice}',
    },
    'policy-unseen': {
      text: 'mTLS is {mode} for Pod port {workloadPort} of {service} ({database}), but {clients} go by {seen} and send {sends}: {outcome}.',
      remedy: '{advice}',
    },
    'client-without-sidecar': {
      text: 'These Pods have no sidecar ({reason}) and dial {service} ({database}, by {named}), which takes mutual TLS only (mTLS STRICT): {outcome}.',
      remedy:
        'Give these Pods a sidecar, or set the Pod port {workloadPort} of the database to {wanted}.',
    },
    'auto-mtls-off': {
      text: 'enableAutoMtls is false and no DestinationRule has tls for this host, so {clients} send plaintext to port {port} ({database}), whose Pod port {workloadPort} takes mutual TLS only (mTLS STRICT): {outcome}.',
      remedy:
        'Add a DestinationRule for {service} with tls mode ISTIO_MUTUAL, or turn enableAutoMtls on.',
    },
    'auto-mtls-off-for': {
      text: 'enableAutoMtls is false, so clients send plaintext to {count} database Service(s) whose Pods take mutual TLS only: {services}.',
      remedy:
        'Turn enableAutoMtls on, or add DestinationRules with tls mode ISTIO_MUTUAL for them.',
    },
    'port-level-elsewhere': {
      text: 'portLevelMtls names port {key}, which is {what}: the proxies go by the Pod port {workloadPort}, so {key} changes nothing.',
      remedy: 'Name port {workloadPort} instead of {key}.',
    },
    'port-level-without-selector': {
      text: 'portLevelMtls needs a selector, so Istio refuses this PeerAuthentication.',
      remedy: 'Add spec.selector.matchLabels with the labels of the database Pods.',
    },
  },
  equivalents: [
    { tool: 'kiali', code: 'KIA0207', note: 'ours resolves the mode of the very Pod port' },
    { tool: 'kiali', code: 'KIA0208', note: 'ours resolves the mode of the very Pod port' },
  ],
  check({ resource }, mesh, { databases: extra }) {
    const databases = databasesOf(extra);
    switch (resource.type) {
      case 'Service':
        return [
          ...permissiveReports(resource, databases, mesh),
          ...tlsConflicts(resource, databases, mesh)
            .filter(({ client }) => client.why === 'auto-mtls-off')
            .map((conflict) => autoMtlsReport(conflict, mesh)),
        ];
      case 'DestinationRule':
        return servicesReached(resource, mesh)
          .flatMap((service) => tlsConflicts(service, databases, mesh))
          .filter(({ client }) => client.rule === resource)
          .map((conflict) => ruleReport(conflict, mesh));
      case 'PeerAuthentication':
        return [
          ...portLevelReports(resource, databases, mesh),
          ...unseenReports(resource, databases, mesh),
        ];
      case 'ConfigMap':
        return isMeshConfig(resource, mesh) ? meshReports(databases, mesh) : [];
      default:
        return clientReports(resource, databases, mesh);
    }
  },
  examples: serverFirstMtlsExamples,
});

function permissiveReports(
  service: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly DatabaseReport[] {
  return permissivePorts(service, databases, mesh).map(({ database, server, wait }) => ({
    message: 'permissive-server-first',
    severity: database.kind.serverFirst === 'documented' ? 'info' : 'warning',
    at: pointer('spec', 'ports', database.index),
    data: {
      port: database.number,
      database: database.kind.name,
      workloadPort: server.workloadPort,
      mode: server.mtls.mode,
      wait: wait ?? 'for ever',
    },
  }));
}

function ruleReport(conflict: TlsConflict, mesh: Mesh): DatabaseReport {
  const takesMtls = accepts(conflict.server) === 'mtls';
  return {
    message: 'rule-refused',
    at: conflict.client.at ?? pointer('spec', 'trafficPolicy'),
    data: {
      ...dataOf(conflict, mesh),
      advice: takesMtls
        ? 'Set tls mode ISTIO_MUTUAL, or leave tls out and let auto mTLS decide; or set the Pod port to DISABLE in a PeerAuthentication, if it shall be plaintext.'
        : 'Set tls mode DISABLE, or leave tls out and let auto mTLS decide; or give the database a sidecar that takes mutual TLS.',
    },
  };
}

function autoMtlsReport(conflict: TlsConflict, mesh: Mesh): DatabaseReport {
  return {
    message: 'auto-mtls-off',
    at: pointer('spec', 'ports', conflict.database.index),
    data: dataOf(conflict, mesh),
  };
}

function unseenReports(
  policy: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly DatabaseReport[] {
  return servicesOfPolicy(policy, mesh)
    .flatMap((service) => tlsConflicts(service, databases, mesh))
    .filter(
      ({ client, server }) =>
        (client.why === 'auto' || client.why === 'namespace') && server.mtls.policy === policy,
    )
    .map((conflict) => {
      const seen =
        conflict.client.why === 'namespace'
          ? 'the policy of the namespace, which is DISABLE,'
          : 'the policies of the namespace and the mesh alone, since it has one socket for all Pods,';
      const advice =
        conflict.client.why === 'namespace'
          ? 'Add a DestinationRule for {service} with tls mode ISTIO_MUTUAL.'
          : 'Add a DestinationRule for {service} with tls mode DISABLE, or set DISABLE for the whole namespace.';
      const data = dataOf(conflict, mesh);
      return {
        message: 'policy-unseen' as const,
        at: conflict.server.mtls.at,
        data: { ...data, seen, advice: advice.replace('{service}', data.service) },
      };
    });
}

function portLevelReports(
  policy: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly DatabaseReport[] {
  const misplaced = misplacedPortLevels(policy, databases, mesh);
  if (misplaced === 'no-selector') {
    return [{ message: 'port-level-without-selector', at: pointer('spec', 'portLevelMtls') }];
  }
  return misplaced.map(({ key, what, workloadPort, at }) => ({
    message: 'port-level-elsewhere',
    severity: 'warning',
    at,
    data: { key, what, workloadPort },
  }));
}

function meshReports(databases: Databases, mesh: Mesh): readonly DatabaseReport[] {
  const refused = databaseServices(databases, mesh).filter((service) =>
    tlsConflicts(service, databases, mesh).some(({ client }) => client.why === 'auto-mtls-off'),
  );
  if (refused.length === 0) {
    return [];
  }
  const services = refused.slice(0, 10).map(describeReference);
  const more = refused.length > services.length ? ['...'] : [];
  return [
    {
      message: 'auto-mtls-off-for',
      at: pointer('data', 'mesh'),
      data: { count: refused.length, services: [...services, ...more] },
    },
  ];
}

function clientReports(
  resource: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly DatabaseReport[] {
  const workload = workloadOf(resource);
  const refused = workload === undefined ? [] : refusedClients(workload, databases, mesh);
  return refused.map(({ database, server, named }) => ({
    message: 'client-without-sidecar',
    at: pointer(),
    data: {
      service: hostOf(database.service, mesh),
      port: database.number,
      workloadPort: server.workloadPort,
      database: database.kind.name,
      mode: server.mtls.mode,
      named,
      reason: workload === undefined ? '' : proxyModeOf(workload, mesh).reason,
      outcome: refusalOf(database),
      wanted: database.kind.serverFirst === true ? 'DISABLE' : 'PERMISSIVE',
    },
  }));
}

function refusalOf({ kind }: DatabasePort): string {
  return kind.serverFirst === true
    ? 'the client waits for the greeting for ever'
    : 'connections are reset';
}

function dataOf({ database, server, client, view }: TlsConflict, mesh: Mesh): ConflictData {
  const takes = accepts(server) === 'mtls' ? 'mutual TLS' : 'plaintext';
  return {
    service: hostOf(database.service, mesh),
    port: database.number,
    workloadPort: server.workloadPort,
    database: database.kind.name,
    mode: server.endpoint.proxy === false ? 'none, without a sidecar' : server.mtls.mode,
    clients: view.description,
    takes,
    sends: sentWords[client.sends],
    outcome:
      takes === 'plaintext'
        ? 'the database gets a TLS hello that it cannot read'
        : refusalOf(database),
  };
}

type ConflictData = Readonly<
  Record<'service' | 'database' | 'mode' | 'clients' | 'takes' | 'sends' | 'outcome', string>
> &
  Readonly<Record<'port' | 'workloadPort', number>>;

const sentWords = {
  istio: "Istio's mutual TLS",
  plaintext: 'plaintext',
  tls: 'a TLS of their own',
  'per-endpoint': 'TLS by endpoint',
} as const;
