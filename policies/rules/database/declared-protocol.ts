import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import type { Fix } from '../../core/finding.ts';
import { listIn, numberIn, stringIn, type Json } from '../../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import type { DatabaseKind } from '../../mesh/database-kinds.ts';
import {
  databaseOfPort,
  databaseOfServicePort,
  databasesOf,
  databasesParam,
  declaresRequests,
} from '../../mesh/databases.ts';
import type { Databases } from '../../mesh/database-index.ts';
import { isCarriedByZtunnelAlone } from '../../mesh/ambient-services.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { entryPortProtocol } from '../../mesh/entry-protocol.ts';
import { inboundProtocol, inboundRivals } from '../../mesh/inbound-protocol.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { servicePortProtocol } from '../../mesh/protocol.ts';
import { detectionTimeout } from '../../mesh/server-first.ts';
import { isExternalName, portsOf, workloadsOf } from '../../mesh/services.ts';
import { workloadPort } from '../../mesh/target-ports.ts';
import { declaredProtocolExamples } from './declared-protocol.examples.ts';

const params = z.object({
  databases: databasesParam,
  fill: z
    .boolean()
    .default(false)
    .describe('Offer appProtocol: tcp for Service ports that declare nothing.'),
});
type MessageId = 'sniffed' | 'requests' | 'other-service-decides' | 'unknown-word';

interface JudgedPort {
  readonly owner: Resource;
  readonly port: Json;
  readonly at: Pointer;
  readonly kind: DatabaseKind;
  readonly protocol: string;
}

/** A database's port must say that it carries raw bytes, or Istio guesses, or reads them as HTTP. */
export const declaredProtocol = definePolicy<typeof params, MessageId>({
  id: 'database/declared-protocol',
  title: 'Database ports declare a protocol that Istio knows and the database speaks',
  why: 'Istio takes the protocol from appProtocol or from the first word of the port name, and knows none of postgres, postgresql, mssql, oracle, cassandra or kafka. What it does not know it guesses from the first bytes of the client, for which a server-first database never sends its greeting; what is called http it reads as HTTP and answers with an error.',
  sources: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    'Istio pkg/config/kube/conversion.go, pkg/config/protocol/instance.go',
    'https://github.com/istio/istio/issues/38284',
  ],
  severity: 'error',
  subjects: ['Service', 'ServiceEntry'],
  consults: ['Service', 'ConfigMap', 'Namespace', ...workloadKinds],
  cost: 'O(ports x workloads behind the Service x Services in front of them); a ServiceEntry by itself.',
  params,
  messages: {
    sniffed: {
      text: 'Port {port} leads to {database}, but {reason}, so Istio guesses the protocol from the first bytes of the client: {outcome}.',
      remedy: '{advice}',
    },
    requests: {
      text: 'Port {port} leads to {database} but declares {declared}: Istio reads its bytes as HTTP and answers them with an error.',
      remedy: '{advice}',
    },
    'other-service-decides': {
      text: 'Port {servicePort} leads to Pod port {port} of {database} as {declared}, and this Service is the first by age and name that does: the proxies of the Pods read the port so for {services} too.',
      remedy: '{advice}',
    },
    'unknown-word': {
      text: 'Port {port} has protocol {declared}, which Istio refuses: it knows no {database}.',
      remedy: 'Set protocol: TCP.',
    },
  },
  unobserved:
    'What a sidecar makes of the port does not depend on how its server takes part in the mesh: the listener of the clients is that of the other examples.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0118',
      note: 'ours judges database ports only, reads targetPort and the Pods, and knows what the guess does',
    },
    {
      tool: 'kiali',
      code: 'KIA0601',
      note: 'ours knows the ports 3306 and 27017, which need no name',
    },
    { tool: 'kiali', code: 'KIA0602' },
  ],
  check({ resource }, mesh, settings) {
    const databases = databasesOf(settings.databases);
    const ports =
      resource.type === 'Service'
        ? servicePorts(resource, databases, mesh)
        : entryPorts(resource, databases);
    return ports.flatMap((judged) => reportsOn(judged, settings.fill, mesh));
  },
  examples: declaredProtocolExamples,
});

function servicePorts(service: Resource, databases: Databases, mesh: Mesh): readonly JudgedPort[] {
  if (isExternalName(service)) {
    return [];
  }
  return portsOf(service).flatMap((port, index) => {
    const kind = databaseOfServicePort(service, port, databases, mesh);
    return kind === undefined || isCarriedByZtunnelAlone(service, mesh)
      ? []
      : [
          {
            owner: service,
            port,
            at: pointer('spec', 'ports', index),
            kind,
            protocol: servicePortProtocol(port),
          },
        ];
  });
}

function entryPorts(entry: Resource, databases: Databases): readonly JudgedPort[] {
  return listIn(entry.object, 'spec', 'ports').flatMap((port, index) => {
    const kind = databaseOfPort(port, databases);
    return kind === undefined
      ? []
      : [
          {
            owner: entry,
            port,
            at: pointer('spec', 'ports', index),
            kind,
            protocol: entryPortProtocol(port),
          },
        ];
  });
}

function reportsOn(judged: JudgedPort, fill: boolean, mesh: Mesh): readonly Report<MessageId>[] {
  const { kind, protocol, owner } = judged;
  const isService = owner.type === 'Service';
  const fix = fixOf(judged, fill);
  if (protocol === 'unsupported') {
    return [report('unknown-word', judged, {}, fix)];
  }
  if (protocol === 'sniffed') {
    const severity = kind.serverFirst === true ? 'error' : 'warning';
    return [{ ...report('sniffed', judged, sniffedData(judged, mesh), fix), severity }];
  }
  if (declaresRequests(protocol)) {
    const others = isService ? overruled(judged, mesh) : undefined;
    const message = others === undefined ? 'requests' : 'other-service-decides';
    return [report(message, judged, others ?? {}, fix)];
  }
  // TLS declared for what is none passes as raw bytes wherever the port has an address of its own.
  return [];
}

function report(
  message: MessageId,
  judged: JudgedPort,
  data: Readonly<Record<string, Json>>,
  fix: Fix | undefined,
): Report<MessageId> {
  const { port, owner, kind, protocol, at } = judged;
  const appProtocol = owner.type === 'Service' ? stringIn(port, 'appProtocol') : undefined;
  const declaration =
    owner.type === 'ServiceEntry'
      ? (stringIn(port, 'protocol') ?? 'no protocol')
      : declarationOf(appProtocol, stringIn(port, 'name'));
  const wanted = owner.type === 'Service' ? 'appProtocol: tcp' : 'protocol: TCP';
  return {
    message,
    at,
    data: {
      port: numberIn(port, 'port') ?? numberIn(port, 'number') ?? 0,
      database: kind.name,
      protocol: protocol === 'sniffed' ? 'unsupported' : protocol.toLowerCase(),
      declared: declaration,
      advice: `Set ${wanted} for the port${owner.type === 'Service' ? ', or begin its name with tcp-' : ''}.`,
      ...data,
    },
    ...(fix === undefined ? {} : { fix }),
  };
}

function declarationOf(appProtocol: string | undefined, name: string | undefined): string {
  if (appProtocol !== undefined) {
    return `appProtocol ${appProtocol}`;
  }
  return name === undefined ? 'no name' : `the name ${name}`;
}

function sniffedData(
  { port, owner, kind }: JudgedPort,
  mesh: Mesh,
): Readonly<Record<string, Json>> {
  const appProtocol = stringIn(port, 'appProtocol');
  const name = stringIn(port, 'name');
  const overrides = appProtocol !== undefined && owner.type === 'Service';
  const declared = overrides ? `appProtocol ${appProtocol}` : `the name ${name ?? ''}`;
  const reason =
    owner.type === 'ServiceEntry'
      ? 'declares no protocol'
      : `${declared} is none that Istio knows${overrides ? ', and it overrides the name' : ''}`;
  const wait = detectionTimeout(mesh);
  const outcome =
    kind.serverFirst === true
      ? `the proxy waits ${wait === undefined ? 'for ever' : wait} for them, and the client for the greeting of the server`
      : 'a connection whose first bytes come late or look like HTTP goes wrong, and routes and TLS settings for TCP may not apply';
  return {
    reason: name === undefined && !overrides && owner.type === 'Service' ? 'has no name' : reason,
    outcome,
  };
}

/** The other Services over the same Pod port, where this one decides for them. */
function overruled(judged: JudgedPort, mesh: Mesh): Readonly<Record<string, Json>> | undefined {
  for (const workload of workloadsOf(judged.owner, mesh)) {
    const podPort = workloadPort(judged.port, workload);
    if (
      podPort === undefined ||
      inboundProtocol(workload, podPort, mesh)?.service !== judged.owner
    ) {
      continue;
    }
    const others = inboundRivals(judged.owner, workload, podPort, mesh);
    if (others.length > 0) {
      return {
        port: podPort,
        servicePort: numberIn(judged.port, 'port') ?? 0,
        services: others.map(describeReference),
      };
    }
  }
  return undefined;
}

function fixOf(judged: JudgedPort, fill: boolean): Fix | undefined {
  return judged.owner.type === 'Service'
    ? appProtocolFix(judged, fill || judged.protocol !== 'sniffed')
    : tcpProtocolFix(judged);
}

/** Declares raw bytes beside the name; a fill only where nothing is declared and the settings ask for it. */
function appProtocolFix({ port, at }: JudgedPort, fill: boolean): Fix | undefined {
  const replaces = stringIn(port, 'appProtocol') !== undefined;
  if (!fill && !replaces) {
    return undefined;
  }
  return declare(extendPointer(at, 'appProtocol'), 'tcp', replaces);
}

function tcpProtocolFix({ port, at }: JudgedPort): Fix {
  return declare(extendPointer(at, 'protocol'), 'TCP', stringIn(port, 'protocol') !== undefined);
}

function declare(at: Pointer, value: string, replaces: boolean): Fix {
  const changes = [{ at, value }];
  return { kind: replaces ? 'replacement' : 'fill', changes, filled: changes };
}
