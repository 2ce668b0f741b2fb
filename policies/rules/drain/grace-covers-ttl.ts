import * as z from 'zod';
import { formatDuration, milliseconds, seconds, type Milliseconds } from '../../core/duration.ts';
import type { FilledValue, Fix, Severity } from '../../core/finding.ts';
import { workloadKinds } from '../../core/kinds.ts';
import type { Change } from '../../core/patch.ts';
import { pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  connectionTtlParam,
  durationParam,
  judgedTtls,
  longestTtl,
  wholeSeconds,
  type LongestTtl,
} from '../../mesh/drain-need.ts';
import { editProxyConfig } from '../../mesh/edit-proxy-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import {
  isDenied,
  proxyConfigAnnotation,
  readProxyConfigAnnotation,
} from '../../mesh/proxy-config-annotation.ts';
import { hasSidecar, proxyModeOf, type ProxyMode } from '../../mesh/proxy-mode.ts';
import { firstNames, workloadsReached } from '../../mesh/reach.ts';
import {
  classicWay,
  classicWindow,
  proxyMinimum,
  requiredServing,
  servingTime,
  shutdownOf,
  type Shutdown,
} from '../../mesh/shutdown.ts';
import {
  annotationPointer,
  podSpecPointer,
  workloadOf,
  type Workload,
} from '../../mesh/workload.ts';
import { graceCoversTtlExamples } from './grace-covers-ttl.examples.ts';

const params = z.object({
  minimumRatio: z
    .number()
    .min(1)
    .default(1.5)
    .describe('Below this multiple of the TTL the finding is an error.'),
  targetRatio: z
    .number()
    .min(1)
    .default(2)
    .describe('Below this multiple it is a warning; fixes reach it.'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of the TTL by which it may be longer, where no EnvoyFilter says it.'),
  propagationTime: durationParam(
    'Time until the slowest client has dropped the endpoint; mesh.propagationTime, then 5s, where absent.',
  ).optional(),
  connectionTtl: connectionTtlParam,
  marginSeconds: z
    .number()
    .int()
    .min(1)
    .default(10)
    .describe('Seconds that fixes leave between the drain and the end of the grace period.'),
});
type Params = z.output<typeof params>;
type MessageId = 'drain-too-short' | 'grace-too-short' | 'drain-unproven' | 'rule-outlives-drain';

interface Shortfall {
  readonly message: MessageId;
  readonly severity: Severity;
  readonly workload: Workload;
  readonly proxy: ProxyMode;
  readonly shutdown: Shutdown;
  readonly need: LongestTtl;
}

/** Pods must go on serving long enough for their connections to end by themselves. */
export const graceCoversTtl = definePolicy<typeof params, MessageId>({
  id: 'drain/grace-covers-ttl',
  title: 'A Pod serves long enough after its deletion for connections to reach their TTL',
  why: 'A client ends a connection only when its TTL is reached, and keeps opening new ones until it has dropped the endpoint. A Pod that ends before that cuts connections in mid-flight: with a life of once the TTL up to a third of them, from one and a half times to twice the TTL on none.',
  sources: [
    'Istio pkg/envoy/agent.go, pkg/envoy/admin.go',
    'https://github.com/istio/istio/issues/19564',
    'https://github.com/istio/istio/issues/34855',
  ],
  severity: 'error',
  subjects: [...workloadKinds, 'DestinationRule'],
  fills: true,
  consults: [
    'Namespace',
    'Service',
    'DestinationRule',
    'VirtualService',
    'ProxyConfig',
    'EnvoyFilter',
    'ConfigMap',
  ],
  cost: 'O(Services of the workload and rules that name them); for a DestinationRule, that for each workload it reaches.',
  params,
  messages: {
    'drain-too-short': {
      text: 'Pods serve for {serving} after their deletion (proxy preStop {proxyPreStop} + terminationDrainDuration {drain}, within a grace period of {grace}), but {connections} live up to {ttl} ({decidedBy}): {required} are needed, {target} wanted, or clients are cut off.',
      remedy:
        'Set terminationDrainDuration to {target} in the annotation proxy.istio.io/config of the pod template and terminationGracePeriodSeconds to {graceWanted}, or lower the TTL.',
    },
    'grace-too-short': {
      text: 'Pods have a grace period of {grace}, but {connections} live up to {ttl} ({decidedBy}): {required} are needed, {target} wanted, or the kubelet kills the proxy with connections open.',
      remedy: 'Set terminationGracePeriodSeconds to {graceWanted}, or lower the TTL.',
    },
    'drain-unproven': {
      text: 'The grace period of {grace} is long enough for {connections} with a TTL of {ttl} ({decidedBy}), but a native sidecar ends with the application, and the application is only known to stay for {appPreStop} of the {required} needed.',
      remedy:
        'Give the application a preStop sleep of {required}, or make it serve on after SIGTERM and exempt it with that reason.',
    },
    'rule-outlives-drain': {
      text: 'This rule lets connections live up to {ttl}, longer than {count} workload(s) serve after deletion: {workloads}.',
      remedy: 'Lower maxConnectionDuration, or give these workloads a longer drain first.',
    },
  },
  unobserved:
    'Connections are cut by the end of a process, which nothing that istiod sends can show: the evidence below counts them on a real Envoy, by life after deletion over TTL.',
  equivalents: [],
  check(subject, mesh, settings) {
    if (subject.resource.type === 'DestinationRule') {
      return checkRule(subject.resource, mesh, settings);
    }
    const workload = workloadOf(subject.resource);
    const shortfall = workload && shortfallOf(workload, mesh, settings, subject.defaulted);
    return shortfall === undefined ? [] : [toReport(shortfall, settings)];
  },
  examples: graceCoversTtlExamples,
});

function shortfallOf(
  workload: Workload,
  mesh: Mesh,
  settings: Params,
  defaulted: boolean,
): Shortfall | undefined {
  const proxy = proxyModeOf(workload, mesh);
  if (!hasSidecar(proxy) || isDenied(readProxyConfigAnnotation(workload))) {
    return undefined;
  }
  const need = longestTtl(workload, judgedTtls(workload, mesh), settings, mesh);
  if (need === undefined) {
    return undefined;
  }
  const shutdown = shutdownOf(workload, proxy, mesh, defaulted);
  const found = { workload, proxy, shutdown, need };
  const minimum = requiredServing(need, settings.minimumRatio);
  const target = requiredServing(need, settings.targetRatio);
  const serving = servingTime(shutdown);
  if (serving < target) {
    const severity: Severity = serving < minimum ? 'error' : 'warning';
    const drainLimits = shutdown.way === 'classic' && classicWindow(shutdown) < target;
    return { ...found, severity, message: drainLimits ? 'drain-too-short' : 'grace-too-short' };
  }
  return uncertainShortfall(found, minimum);
}

/** What is not certainly wrong: a native sidecar whose application may end early, or that may turn out classic. */
function uncertainShortfall(
  found: Omit<Shortfall, 'message' | 'severity'>,
  minimum: Milliseconds,
): Shortfall | undefined {
  const { proxy, shutdown } = found;
  if (proxy.nativeAssumed) {
    const classic: Shutdown = { ...shutdown, way: classicWay(shutdown.settings) };
    return servingTime(classic) < minimum
      ? {
          ...found,
          shutdown: classic,
          proxy: asClassic(proxy),
          severity: 'info',
          message: 'drain-too-short',
        }
      : undefined;
  }
  if (shutdown.way !== 'native' || shutdown.appPreStop >= minimum) {
    return undefined;
  }
  return { ...found, severity: 'info', message: 'drain-unproven' };
}

function asClassic(proxy: ProxyMode): ProxyMode {
  return {
    ...proxy,
    assumptions: [
      'classic sidecars; with native ones this holds (mesh.nativeSidecars tells for certain)',
    ],
  };
}

function toReport(shortfall: Shortfall, settings: Params): Report<MessageId> {
  const { workload, proxy, shutdown, need, message, severity } = shortfall;
  const target = requiredServing(need, settings.targetRatio);
  const graceSeconds = graceWanted(shortfall, target, settings);
  const fix = message === 'drain-unproven' ? undefined : fixOf(shortfall, target, graceSeconds);
  return {
    message,
    severity,
    at: placeOf(workload, shutdown, message),
    assumes: proxy.assumptions,
    data: {
      ttl: formatDuration(need.ttl),
      connections: need.connections,
      decidedBy: need.decidedBy,
      serving: formatDuration(servingTime(shutdown)),
      required: formatDuration(requiredServing(need, settings.minimumRatio)),
      target: formatDuration(target),
      grace: formatDuration(shutdown.grace),
      drain: formatDuration(shutdown.settings.terminationDrainDuration.value),
      proxyPreStop: formatDuration(shutdown.proxyPreStop),
      appPreStop: formatDuration(shutdown.appPreStop),
      graceWanted: graceSeconds,
      way: shutdown.way,
    },
    ...(fix === undefined ? {} : { fix }),
  };
}

function placeOf(workload: Workload, shutdown: Shutdown, message: MessageId): Pointer {
  const declared = shutdown.settings.terminationDrainDuration.source === 'annotation';
  return message === 'drain-too-short' && (declared || shutdown.declaredGrace === undefined)
    ? annotationPointer(workload, proxyConfigAnnotation)
    : podSpecPointer(workload, 'terminationGracePeriodSeconds');
}

function graceWanted({ shutdown }: Shortfall, target: Milliseconds, settings: Params): number {
  const proxyEnds = Math.max(proxyMinimum(shutdown), target, shutdown.appPreStop);
  const wanted = wholeSeconds(milliseconds(proxyEnds)) + settings.marginSeconds;
  return Math.max(wanted, wholeSeconds(shutdown.grace));
}

function fixOf(shortfall: Shortfall, target: Milliseconds, graceSeconds: number): Fix | undefined {
  const { workload, shutdown, proxy } = shortfall;
  const changes: Change[] = [];
  const filled: FilledValue[] = [];
  let replaces = false;
  const drainCounts =
    shutdown.way === 'classic' || (proxy.nativeAssumed && !shutdown.settings.exitOnZero);
  const drain = seconds(wholeSeconds(milliseconds(target - shutdown.proxyPreStop)));
  if (drainCounts && shutdown.settings.terminationDrainDuration.value < drain) {
    const at = annotationPointer(workload, proxyConfigAnnotation);
    const key = 'terminationDrainDuration';
    const value = editProxyConfig(
      workload.annotations[proxyConfigAnnotation],
      key,
      formatDuration(drain),
    );
    if (value === undefined) {
      return undefined;
    }
    changes.push({ at, value });
    filled.push({ at, key, value: formatDuration(drain) });
    replaces ||= shutdown.settings.terminationDrainDuration.source === 'annotation';
  }
  if (shutdown.grace < seconds(graceSeconds)) {
    const at = podSpecPointer(workload, 'terminationGracePeriodSeconds');
    changes.push({ at, value: graceSeconds });
    filled.push({ at, value: graceSeconds });
    replaces ||= shutdown.declaredGrace !== undefined;
  }
  return changes.length === 0
    ? undefined
    : { kind: replaces ? 'replacement' : 'fill', changes, filled };
}

function checkRule(rule: Resource, mesh: Mesh, settings: Params): readonly Report<MessageId>[] {
  const short = workloadsReached(rule, mesh)
    .flatMap((workload) => shortfallOf(workload, mesh, settings, true) ?? [])
    .filter(({ need, severity }) => need.view?.rule === rule && severity !== 'info');
  const [first] = short;
  if (first === undefined) {
    return [];
  }
  const worst = short.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
  return [
    {
      message: 'rule-outlives-drain',
      through: short.map(({ workload }) => workload.resource),
      severity: worst,
      at: first.need.view?.at ?? pointer('spec'),
      assumes: [...new Set(short.flatMap(({ proxy }) => proxy.assumptions))],
      data: {
        ttl: formatDuration(first.need.ttl),
        count: short.length,
        workloads: firstNames(short.map(({ workload }) => workload.resource)),
      },
    },
  ];
}
