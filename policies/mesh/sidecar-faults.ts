import { listIn, valueIn } from '../core/json.ts';
import { pointer } from '../core/pointer.ts';
import type { Report } from '../core/policy.ts';
import { describeReference, type Resource } from '../core/resource.ts';
import { consumerKinds } from './consumers.ts';
import { isInjectedNamespace } from './injection.ts';
import { meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { proxyModeOf } from './proxy-mode.ts';
import { deadEntry, refusalOf } from './sidecar-dead-hosts.ts';
import { hostEntries } from './sidecar-hosts.ts';
import { selectedWorkloads, sidecarLabels } from './sidecar-rivals.ts';
import { ambientLabel } from './labels.ts';
import { hasSelector, listenerPort } from './sidecar-scope.ts';

/** A part of a Sidecar that does nothing, or for which Istio refuses it, whatever other Sidecars there are. */
export type SidecarFault = Report<
  'host-refused' | 'listener-order' | 'dead-host' | 'selects-nothing' | 'without-effect'
>;

/** A Sidecar acts on sidecars: not in ambient, not on gateways, not where its labels match nothing. */
export function selectionFaults(sidecar: Resource, mesh: Mesh): readonly SidecarFault[] {
  const { namespace } = sidecar;
  const labels = mesh.get('Namespace', '', namespace)?.labels ?? {};
  const selector = pointer('spec', 'workloadSelector');
  if (!hasSelector(sidecar) || Object.keys(sidecarLabels(sidecar)).length === 0) {
    const ambient = labels[ambientLabel] === 'ambient' && !isInjectedNamespace(namespace, mesh);
    const data = {
      workloads: `namespace ${namespace}`,
      reason: 'it is in ambient mode, without sidecars',
    };
    return ambient
      ? [{ message: 'without-effect', at: pointer('metadata', 'namespace'), data }]
      : [];
  }
  const selected = selectedWorkloads(sidecar, mesh);
  const [first] = selected;
  if (first === undefined) {
    const known = consumerKinds.some((kind) => mesh.inNamespace(kind, namespace).size > 0);
    return known ? [{ message: 'selects-nothing', at: selector, data: { namespace } }] : [];
  }
  const modes = selected.map((workload) => proxyModeOf(workload, mesh));
  const workloads = describeReference(first.resource);
  if (modes.every(({ gateway }) => gateway)) {
    const data = { workloads, reason: 'gateways are not scoped by Sidecars' };
    return [{ message: 'without-effect', at: selector, data }];
  }
  if (modes.every(({ mode }) => mode === 'ambient')) {
    const data = { workloads, reason: 'it is in ambient mode, without a sidecar' };
    return [{ message: 'without-effect', at: selector, data }];
  }
  return [];
}

/** What Istio's validator refuses. */
export function formFaults(sidecar: Resource, mesh: Mesh): readonly SidecarFault[] {
  const listeners = listIn(sidecar.object, 'spec', 'egress');
  return listeners.flatMap((listener, index) => {
    const refused = listIn(listener, 'hosts').flatMap((host, place): SidecarFault[] => {
      const reason = refusalOf(host, mesh);
      const at = pointer('spec', 'egress', index, 'hosts', place);
      return reason === undefined
        ? []
        : [{ message: 'host-refused', severity: 'error', at, data: { host, reason } }];
    });
    const early = valueIn(listener, 'port') === undefined && index < listeners.length - 1;
    const at = pointer('spec', 'egress', index);
    return early
      ? [...refused, { message: 'listener-order', severity: 'error', at } as const]
      : refused;
  });
}

/** Hosts that look right and import nothing. */
export function hostFaults(sidecar: Resource, mesh: Mesh): readonly SidecarFault[] {
  const { namespace } = sidecar;
  if (namespace === meshWideNamespace(mesh)) {
    return [];
  }
  return listIn(sidecar.object, 'spec', 'egress').flatMap((listener, index) =>
    hostEntries(listener).flatMap((entry): SidecarFault[] => {
      const reason = deadEntry(entry, namespace, mesh);
      const at = pointer('spec', 'egress', index, 'hosts', entry.index);
      return reason === undefined || listenerPort(listener) !== undefined
        ? []
        : [{ message: 'dead-host', at, data: { host: entry.written, reason } }];
    }),
  );
}
