import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import type { Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference } from '../../core/resource.ts';
import { bypassedServers, excludedInbound, knownBypass } from '../../mesh/database-bypass.ts';
import type { Databases } from '../../mesh/database-index.ts';
import { databasesOf, databasesParam } from '../../mesh/databases.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  interceptionOf,
  type Interception,
  type InterceptionSetting,
} from '../../mesh/interception.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { hasSidecar, proxyModeOf } from '../../mesh/proxy-mode.ts';
import { annotationPointer, workloadOf, type Workload } from '../../mesh/workload.ts';
import { interceptedPortsExamples } from './intercepted-ports.examples.ts';

const params = z.object({ databases: databasesParam });
type MessageId = 'inbound-tls-unread' | 'outbound-refused' | 'outbound-bypass' | 'refused-value';

/** Traffic that is kept away from the proxy also goes without mutual TLS, authorization and telemetry. */
export const interceptedPorts = definePolicy<typeof params, MessageId>({
  id: 'database/intercepted-ports',
  title: 'Database ports are excluded from the proxy only where both sides know it',
  why: 'Excluding 3306, 5432 or 27017 is the usual way around trouble with a database. istiod does not read the exclusion: clients go on sending mutual TLS to a port behind which no proxy is left, and servers go on asking for it. Where it works, it takes away mutual TLS, authorization and telemetry without a word.',
  sources: [
    'Istio pkg/kube/inject/validate.go, tools/istio-iptables',
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://github.com/istio/istio/issues/17457',
  ],
  severity: 'error',
  subjects: [...workloadKinds],
  consults: [
    'Namespace',
    'Service',
    'VirtualService',
    'DestinationRule',
    'Sidecar',
    'PeerAuthentication',
    'ConfigMap',
  ],
  cost: 'Nothing without such a setting; else O(Services in front of the workload), or O(Services on the excluded ports, or on the well-known ports of databases for ranges of addresses), of which 100 are judged, those of its namespace first.',
  params,
  messages: {
    'inbound-tls-unread': {
      text: '{annotation}: "{value}" keeps port {port} of {database} away from the proxy, but {clients} still send Istio\'s mutual TLS to it, which {database} cannot read.',
      remedy:
        'Intercept the port; or tell the clients by a PeerAuthentication with portLevelMtls "{port}" DISABLE (a DestinationRule with tls mode DISABLE for headless Services).',
    },
    'outbound-refused': {
      text: '{annotation}: "{value}" keeps connections to port {port} away from the proxy, so they leave in plaintext, but {service} ({database}) takes mutual TLS only: {outcome}.',
      remedy:
        'Let the proxy intercept them, or set the Pod port {workloadPort} to PERMISSIVE or DISABLE.',
    },
    'outbound-bypass': {
      text: '{annotation}: "{value}" keeps connections to port {port} ({database}) away from the proxy: a trade-off, since they go without mutual TLS, authorization by identity and telemetry.',
      remedy:
        'Let the proxy intercept them, unless that is what you want; then exempt it with the reason.',
    },
    'refused-value': {
      text: '{annotation}: "{value}" is not a list of {form}, so the injector refuses the Pod.',
      remedy: 'Write {form}, separated by commas.',
    },
  },
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0125',
      note: 'ours reads pod templates too, and judges what a good value does',
    },
  ],
  check({ resource }, mesh, { databases: extra }) {
    const workload = workloadOf(resource);
    if (workload === undefined || !hasSidecar(proxyModeOf(workload, mesh))) {
      return [];
    }
    const interception = interceptionOf(workload, mesh);
    const databases = databasesOf(extra);
    return [
      ...interception.refused.map((setting) => refusedReport(setting, workload)),
      ...inboundReports(workload, interception, databases, mesh),
      ...outboundReports(workload, interception, databases, mesh),
    ];
  },
  examples: interceptedPortsExamples,
});

function inboundReports(
  workload: Workload,
  interception: Interception,
  databases: Databases,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  return excludedInbound(workload, interception, databases, mesh).map(
    ({ setting, port, kind, clients }) => ({
      message: 'inbound-tls-unread',
      at: placeOf(setting, workload),
      data: { ...settingData(setting), port, direction: 'inbound', database: kind.name, clients },
    }),
  );
}

function outboundReports(
  workload: Workload,
  interception: Interception,
  databases: Databases,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const servers = bypassedServers(workload, interception, databases, mesh);
  const refused = servers.filter(({ takes }) => takes === 'mtls');
  const reports: Report<MessageId>[] = refused.map(({ setting, database, server }) => ({
    message: 'outbound-refused',
    at: placeOf(setting, workload),
    data: {
      ...settingData(setting),
      port: database.number,
      direction: 'outbound',
      database: database.kind.name,
      service: describeReference(database.service),
      workloadPort: server.workloadPort,
      outcome:
        database.kind.serverFirst === true
          ? 'the client waits for the greeting for ever'
          : 'connections are reset',
    },
  }));
  const bypassed = knownBypass(interception, databases, servers).map(
    ({ setting, port, kind }): Report<MessageId> => ({
      message: 'outbound-bypass',
      severity: 'info',
      at: placeOf(setting, workload),
      data: { ...settingData(setting), port, direction: 'outbound', database: kind.name },
    }),
  );
  return [...reports, ...bypassed];
}

function refusedReport(setting: InterceptionSetting, workload: Workload): Report<MessageId> {
  const ranges = setting.annotation.endsWith('Ranges');
  const form = ranges ? 'ranges such as 10.0.0.0/8' : 'ports such as 3306';
  return {
    message: 'refused-value',
    at: placeOf(setting, workload),
    data: { ...settingData(setting), form },
  };
}

/** A default of the injector has no place in the object: the Pod's annotations are where to override it. */
function placeOf(setting: InterceptionSetting, workload: Workload): Pointer {
  return setting.at ?? annotationPointer(workload, setting.annotation);
}

function settingData({ annotation, text }: InterceptionSetting): {
  readonly annotation: string;
  readonly value: string;
} {
  return { annotation, value: text };
}
