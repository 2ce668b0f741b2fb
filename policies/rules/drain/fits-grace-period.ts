import * as z from 'zod';
import { formatDuration, seconds, type Milliseconds } from '../../core/duration.ts';
import type { Fix, Severity } from '../../core/finding.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { wholeSeconds } from '../../mesh/drain-need.ts';
import { hasSidecar, proxyModeOf } from '../../mesh/proxy-mode.ts';
import { classicWay, proxyMinimum, shutdownOf, type Shutdown } from '../../mesh/shutdown.ts';
import { podSpecPointer, workloadOf, type Workload } from '../../mesh/workload.ts';
import { fitsGracePeriodExamples } from './fits-grace-period.examples.ts';

const params = z.object({
  marginSeconds: z
    .number()
    .int()
    .min(1)
    .default(10)
    .describe('Seconds that fixes leave between the last step and the end of the grace period.'),
});
type MessageId =
  'drain-exceeds-grace' | 'minimum-drain-exceeds-grace' | 'pre-stop-exceeds-grace' | 'no-grace';

interface Overrun {
  readonly message: MessageId;
  readonly severity: Severity;
  readonly needed: Milliseconds;
}

/** What a Pod does at its end must fit into its grace period. */
export const fitsGracePeriod = definePolicy<typeof params, MessageId>({
  id: 'drain/fits-grace-period',
  title: 'Drain and preStop hooks end before the grace period does',
  why: 'The kubelet counts everything against the grace period: the preStop hooks, the application, the proxy. When it is over, whatever still runs is killed with its connections, so that a drain longer than the grace period is never finished and reads as if it were.',
  sources: [
    'https://github.com/istio/istio/issues/19564',
    'https://github.com/istio/istio/issues/25575',
    'Kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go',
  ],
  severity: 'error',
  subjects: [...workloadKinds],
  fills: true,
  consults: ['Namespace', 'ProxyConfig', 'ConfigMap'],
  cost: 'O(ProxyConfigs of the namespace and of the root namespace).',
  params,
  messages: {
    'drain-exceeds-grace': {
      text: 'The proxy takes {proxyTime} to end (preStop {proxyPreStop} + terminationDrainDuration {drain}), but the grace period is {grace}: the kubelet kills it in the middle of its drain.',
      remedy: 'Set terminationGracePeriodSeconds to {graceWanted}, or drain for less.',
    },
    'minimum-drain-exceeds-grace': {
      text: 'The proxy waits at least {proxyTime} (preStop {proxyPreStop} + MINIMUM_DRAIN_DURATION {minimumDrain} + 1s), but the grace period is {grace}: it is killed before it looks for open connections.',
      remedy:
        'Set terminationGracePeriodSeconds to {graceWanted}, or lower MINIMUM_DRAIN_DURATION.',
    },
    'pre-stop-exceeds-grace': {
      text: 'A preStop hook takes {appPreStop}, but the grace period is {grace}: the kubelet kills the Pod before the application is asked to stop.',
      remedy: 'Set terminationGracePeriodSeconds to {graceWanted}, or shorten the hook.',
    },
    'no-grace': {
      text: 'A grace period of 0 kills the Pod at once: neither the application nor the proxy ends its connections.',
      remedy: 'Set terminationGracePeriodSeconds to {graceWanted} unless clients may be cut off.',
    },
  },
  unobserved:
    'When the grace period is over the kubelet kills what still runs: that is Kubernetes’ own rule, in the sources. How long a proxy takes until then is measured on a real Envoy that ends as Istio’s agent ends it: the evidence below.',
  equivalents: [],
  check(subject, mesh, settings) {
    const workload = workloadOf(subject.resource);
    const proxy = workload && proxyModeOf(workload, mesh);
    if (workload === undefined || proxy === undefined || !hasSidecar(proxy)) {
      return [];
    }
    const real = shutdownOf(workload, proxy, mesh, subject.defaulted);
    const declaresDrain = real.settings.terminationDrainDuration.source === 'annotation';
    const assumedClassic = proxy.nativeAssumed && (declaresDrain || real.settings.exitOnZero);
    const shutdown: Shutdown = assumedClassic ? { ...real, way: classicWay(real.settings) } : real;
    const overrun = overrunOf(shutdown, assumedClassic);
    if (overrun === undefined) {
      return [];
    }
    const graceWanted = wholeSeconds(overrun.needed) + settings.marginSeconds;
    return [
      {
        message: overrun.message,
        severity: overrun.severity,
        at: podSpecPointer(workload, 'terminationGracePeriodSeconds'),
        assumes: assumedClassic
          ? [
              'classic sidecars, since drain settings are declared (mesh.nativeSidecars tells for certain)',
            ]
          : [],
        data: {
          proxyTime: formatDuration(proxyMinimum(shutdown)),
          proxyPreStop: formatDuration(shutdown.proxyPreStop),
          drain: formatDuration(shutdown.settings.terminationDrainDuration.value),
          minimumDrain: formatDuration(shutdown.settings.minimumDrain),
          appPreStop: formatDuration(shutdown.appPreStop),
          grace: formatDuration(shutdown.grace),
          graceWanted,
        },
        ...(overrun.message === 'no-grace' ? {} : { fix: fixOf(workload, shutdown, graceWanted) }),
      },
    ];
  },
  examples: fitsGracePeriodExamples,
});

function overrunOf(shutdown: Shutdown, assumed: boolean): Overrun | undefined {
  const proxyTime = proxyMinimum(shutdown);
  if (shutdown.grace === seconds(0)) {
    return { message: 'no-grace', severity: 'info', needed: proxyTime };
  }
  const severity: Severity = assumed ? 'warning' : 'error';
  if (shutdown.way !== 'native' && shutdown.grace <= proxyTime) {
    const message =
      shutdown.way === 'classic' ? 'drain-exceeds-grace' : 'minimum-drain-exceeds-grace';
    return shutdown.way === 'exit-on-zero' && shutdown.grace === proxyTime
      ? undefined
      : { message, severity, needed: proxyTime };
  }
  return shutdown.appPreStop >= shutdown.grace
    ? { message: 'pre-stop-exceeds-grace', severity: 'error', needed: shutdown.appPreStop }
    : undefined;
}

function fixOf(workload: Workload, shutdown: Shutdown, graceSeconds: number): Fix {
  const at = podSpecPointer(workload, 'terminationGracePeriodSeconds');
  return {
    kind: shutdown.declaredGrace === undefined ? 'fill' : 'replacement',
    changes: [{ at, value: graceSeconds }],
    filled: [{ at, value: graceSeconds }],
  };
}
