import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import type { Report } from '../../core/policy.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  ineffectiveRuleSettings,
  ineffectiveSidecarSettings,
} from '../../mesh/ineffective-rules.ts';
import {
  ineffectiveProxySettings,
  ineffectiveResourceSettings,
  unreadableTtl,
  type IneffectiveSetting,
} from '../../mesh/ineffective-settings.ts';
import { workloadOf } from '../../mesh/workload.ts';
import { effectiveSettingsExamples } from './effective-settings.examples.ts';

const params = z.object({});

/** A drain or TTL setting that does nothing is worse than none: it reads as if the problem were solved. */
export const effectiveSettings = definePolicy<typeof params, IneffectiveSetting['message']>({
  id: 'drain/effective-settings',
  title: 'Every drain and TTL setting does what it says',
  why: 'Istio accepts many settings in silence that have no effect in the mode at hand, in the place where they stand, or in the form they are written in; others make the injector refuse the Pod, which a Deployment shows only in the events of its ReplicaSet.',
  sources: [
    'Istio pkg/envoy/agent.go, pilot/cmd/pilot-agent/app/request.go, pilot/pkg/networking/core/networkfilter.go',
    'https://github.com/istio/istio/issues/44690',
  ],
  severity: 'warning',
  subjects: [...workloadKinds, 'DestinationRule', 'Sidecar', 'ProxyConfig'],
  consults: ['Namespace', 'Service', 'ProxyConfig', 'ConfigMap'],
  cost: 'O(ProxyConfigs of two namespaces); for a DestinationRule or a Sidecar O(Services or workloads that it names).',
  params,
  messages: {
    'annotation-on-controller': {
      text: 'The annotation proxy.istio.io/config stands on the {kind} itself, where Istio does not read it: the Pods run without it.',
      remedy: 'Move it to the metadata of the pod template.',
    },
    'annotation-denied': {
      text: 'The injector refuses every Pod because of line {line} of proxy.istio.io/config: {key}{reason}.',
      remedy:
        'Correct it: durations are texts such as 150s (drainDuration in whole seconds), values of proxyMetadata are quoted.',
    },
    'annotation-ignored': {
      text: 'Line {line} of proxy.istio.io/config sets {key}, which does nothing: {reason}.',
      remedy: '{advice}',
    },
    'native-ignores': {
      text: '{key} does nothing for a native sidecar: it has drained by then and ends at once when the application has ended.',
      remedy:
        'Remove it, and let the application serve on, by a preStop sleep for instance; the grace period bounds both.',
    },
    'exit-on-zero-ignores': {
      text: 'terminationDrainDuration {drain} does nothing beside EXIT_ON_ZERO_ACTIVE_CONNECTIONS: the proxy waits for MINIMUM_DRAIN_DURATION ({minimumDrain}), then for open connections.',
      remedy:
        'Keep one of the two: remove terminationDrainDuration, or EXIT_ON_ZERO_ACTIVE_CONNECTIONS.',
    },
    'minimum-drain-unused': {
      text: 'MINIMUM_DRAIN_DURATION does nothing without EXIT_ON_ZERO_ACTIVE_CONNECTIONS: the proxy drains for terminationDrainDuration ({drain}).',
      remedy:
        'Set EXIT_ON_ZERO_ACTIVE_CONNECTIONS to "true" as well, or set terminationDrainDuration instead.',
    },
    'minimum-drain-unreadable': {
      text: 'MINIMUM_DRAIN_DURATION is {value}, which is no duration: the proxy takes 5s.',
      remedy: 'Write it with a unit, such as 30s.',
    },
    'exit-on-zero-unreadable': {
      text: 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS is {value}, which the proxy reads as false: it ends after terminationDrainDuration ({drain}) whatever is open.',
      remedy: 'Write "true".',
    },
    'drain-not-positive': {
      text: 'terminationDrainDuration {drain} makes the proxy end at once, with every connection.',
      remedy: 'Set it to at least one and a half times the connection TTL.',
    },
    'drain-hook-port': {
      text: 'The drain of a native sidecar cannot start: its preStop hook speaks to the status port, and accepts 15000, 15004, 15020 and 15021 only, not {port}.',
      remedy: 'Remove the annotation status.sidecar.istio.io/port, or set it to 15020.',
    },
    'status-port-denied': {
      text: 'The injector refuses every Pod because of annotation status.sidecar.istio.io/port "{port}", which is no port number.',
      remedy: 'Remove the annotation, or set it to 15020.',
    },
    'no-proxy': {
      text: 'The annotation proxy.istio.io/config does nothing: these Pods get no proxy, since {reason}.',
      remedy: 'Remove it, or have the Pods injected.',
    },
    'ttl-unreadable': {
      text: 'The annotation meshgate.dev/connection-ttl is "{value}", which is no duration above zero: it declares no TTL.',
      remedy: 'Write it with a unit, such as 60s or 1h30m.',
    },
    'port-ttl-for-tcp': {
      text: 'maxConnectionDuration {ttl} does nothing for port {port} of {host}: TCP listeners read the top level of a rule alone, not {place}.',
      remedy: 'Set it at spec.trafficPolicy.connectionPool.tcp.',
    },
    'sidecar-ttl-for-tcp': {
      text: 'maxConnectionDuration {ttl} of a Sidecar does nothing for TCP: the inbound listener of {workload} reads no such bound.',
      remedy: 'Set it at the top level of the DestinationRule by which clients reach the workload.',
    },
  },
  unobserved:
    'What the agent heeds when it ends a proxy, and what its hook may call, is not in what istiod sends: it is in Istio `pkg/envoy/agent.go` and `pilot/cmd/pilot-agent/app/request.go`, and the evidence below ends a real Envoy that way. Which TTLs listeners and clusters read is compared with istiod in `test/policies/witness/drain.test.ts`; the sidecar that the real injector makes of these settings, in `test/end-to-end/admission-istio.test.ts`.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0107',
      note: 'only against a cluster, and only for misplaced annotations',
    },
  ],
  check(subject, mesh) {
    const { resource } = subject;
    const workload = workloadOf(resource);
    if (workload !== undefined) {
      return [...ineffectiveProxySettings(workload, mesh), ...unreadableTtl(workload, mesh)].map(
        toReport,
      );
    }
    switch (resource.type) {
      case 'DestinationRule':
        return ineffectiveRuleSettings(resource, mesh).map(toReport);
      case 'Sidecar':
        return ineffectiveSidecarSettings(resource, mesh).map(toReport);
      default:
        return ineffectiveResourceSettings(resource, mesh).map(toReport);
    }
  },
  examples: effectiveSettingsExamples,
});

function toReport(setting: IneffectiveSetting): Report<IneffectiveSetting['message']> {
  return setting;
}
