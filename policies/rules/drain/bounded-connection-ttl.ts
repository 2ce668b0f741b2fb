import * as z from 'zod';
import type { Severity } from '../../core/finding.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import type { ConnectionTtl } from '../../mesh/connection-ttl.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { connectionTtlParam, judgedTtls } from '../../mesh/drain-need.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { hasSidecar, proxyModeOf } from '../../mesh/proxy-mode.ts';
import { firstNames, workloadsReached } from '../../mesh/reach.ts';
import { podSpecPointer, workloadOf, type Workload } from '../../mesh/workload.ts';
import { boundedConnectionTtlExamples } from './bounded-connection-ttl.examples.ts';

const params = z.object({
  rawSeverity: z
    .enum(['error', 'warning'])
    .default('warning')
    .describe('Severity for TCP connections and long streams, which no drain ends by itself.'),
  connectionTtl: connectionTtlParam,
});
type Params = z.output<typeof params>;
type MessageId =
  | 'unbounded-tcp'
  | 'unbounded-stream'
  | 'unbounded-http'
  | 'unbounded-undeclared'
  | 'rule-without-ttl';

const messageOf: Readonly<
  Record<ConnectionTtl['connections'], Exclude<MessageId, 'rule-without-ttl'>>
> = {
  tcp: 'unbounded-tcp',
  stream: 'unbounded-stream',
  http: 'unbounded-http',
  sniffed: 'unbounded-undeclared',
};

/** Connections that nothing ends are cut by every rollout, however long the drain. */
export const boundedConnectionTtl = definePolicy<typeof params, MessageId>({
  id: 'drain/bounded-connection-ttl',
  title: 'Connections to a workload end by themselves after a known time',
  why: 'Envoy drains HTTP by telling clients to close, but it leaves a raw TCP connection, a WebSocket or a long stream untouched until it dies. Without a maximum duration every such connection is cut at each rollout, whatever the drain settings are; an idle timeout bounds idle connections only.',
  sources: [
    'Envoy docs, arch_overview/operations/draining',
    'Istio pilot/pkg/networking/core/networkfilter.go',
    'https://github.com/istio/istio/issues/60009',
  ],
  severity: 'warning',
  subjects: [...workloadKinds, 'DestinationRule'],
  consults: [
    'Namespace',
    'Service',
    'DestinationRule',
    'VirtualService',
    'EnvoyFilter',
    'ConfigMap',
    'ProxyConfig',
  ],
  cost: 'O(Services of the workload and rules that name them); for a DestinationRule, that for each workload it reaches.',
  params,
  messages: {
    'unbounded-tcp': {
      text: 'Nothing ends TCP {connections} ({clients}): every one is cut when a Pod ends, however long it drains.',
      remedy:
        'Set trafficPolicy.connectionPool.tcp.maxConnectionDuration at the top level of a DestinationRule for {host}, or declare the TTL that clients keep themselves with annotation meshgate.dev/connection-ttl.',
    },
    'unbounded-stream': {
      text: 'Nothing ends WebSocket {connections} ({clients}): every one is cut when a Pod ends, however long it drains.',
      remedy:
        'Set trafficPolicy.connectionPool.tcp.maxConnectionDuration in a DestinationRule for {host}, or declare the TTL with annotation meshgate.dev/connection-ttl.',
    },
    'unbounded-http': {
      text: 'HTTP {connections} have no maximum duration ({clients}): a drain asks clients to close them, and only requests longer than the drain are cut.',
      remedy:
        'Nothing, unless there are long requests or streams: then set connectionPool.tcp.maxConnectionDuration for {host}.',
    },
    'unbounded-undeclared': {
      text: 'Nothing ends raw {connections}, whose protocol is not declared ({clients}): if it is not HTTP, every one is cut when a Pod ends.',
      remedy:
        'Declare the protocol by appProtocol or the port name and, if it is TCP, set connectionPool.tcp.maxConnectionDuration for {host}.',
    },
    'rule-without-ttl': {
      text: 'This rule governs raw connections and sets no maxConnectionDuration at its top level, so that nothing ends the connections to {workloads}.',
      remedy:
        'Set trafficPolicy.connectionPool.tcp.maxConnectionDuration, to at most two thirds of what these workloads serve after deletion.',
    },
  },
  unobserved:
    'How long istiod lets each kind of connection live is compared with it rule by rule, and on 100 random meshes, in `test/policies/witness/drain.test.ts`. What becomes of connections that nothing ends is the last row of the evidence below.',
  equivalents: [],
  check(subject, mesh, settings) {
    if (subject.resource.type === 'DestinationRule') {
      return checkRule(subject.resource, mesh, settings);
    }
    const workload = workloadOf(subject.resource);
    return workload === undefined ? [] : checkWorkload(workload, mesh, settings);
  },
  examples: boundedConnectionTtlExamples,
});

function unboundedViews(
  workload: Workload,
  mesh: Mesh,
  settings: Params,
): readonly ConnectionTtl[] {
  if (settings.connectionTtl !== undefined || !hasSidecar(proxyModeOf(workload, mesh))) {
    return [];
  }
  return judgedTtls(workload, mesh).filter(({ ttl }) => ttl === undefined);
}

function checkWorkload(
  workload: Workload,
  mesh: Mesh,
  settings: Params,
): readonly Report<MessageId>[] {
  const proxy = proxyModeOf(workload, mesh);
  const byPort = new Map<string, ConnectionTtl[]>();
  for (const view of unboundedViews(workload, mesh, settings)) {
    const key = `${view.service.name}:${String(view.port)}`;
    byPort.set(key, [...(byPort.get(key) ?? []), view]);
  }
  return [...byPort.values()].flatMap((views) => {
    const [view] = views;
    return view === undefined
      ? []
      : [
          {
            message: messageOf[view.connections],
            severity: severityOf(view, proxy.gateway, settings),
            at: podSpecPointer(workload),
            assumes: proxy.assumptions,
            data: {
              connections: `connections to ${describeReference(view.service)} port ${String(view.port)}`,
              clients: views.map(({ clients }) => clients),
              host: `${view.service.name}.${view.service.namespace}`,
              service: describeReference(view.service),
              port: view.port,
            },
          },
        ];
  });
}

/** A gateway's clients are outside the mesh, so no rule of the mesh bounds them: worth knowing, no fault. */
function severityOf(view: ConnectionTtl, gateway: boolean, settings: Params): Severity {
  const raw = view.connections === 'tcp' || view.connections === 'stream';
  return raw && !gateway ? settings.rawSeverity : 'info';
}

function checkRule(rule: Resource, mesh: Mesh, settings: Params): readonly Report<MessageId>[] {
  const workloads = workloadsReached(rule, mesh).filter((workload) =>
    unboundedViews(workload, mesh, settings).some(
      (view) => view.rule === rule && (view.connections === 'tcp' || view.connections === 'stream'),
    ),
  );
  if (workloads.length === 0) {
    return [];
  }
  return [
    {
      message: 'rule-without-ttl',
      through: workloads.map(({ resource }) => resource),
      severity: settings.rawSeverity,
      at: pointer('spec', 'trafficPolicy', 'connectionPool', 'tcp', 'maxConnectionDuration'),
      data: {
        workloads: firstNames(workloads.map(({ resource }) => resource)),
        count: workloads.length,
      },
    },
  ];
}
