import type { Severity } from '../core/finding.ts';
import { stringIn } from '../core/json.ts';
import { workloadKinds } from '../core/kinds.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import type { Mesh } from './mesh.ts';
import {
  gatewayPort,
  gatewayPortLabel,
  gatewayState,
  isPortLabelUnreadable,
  leadsAmbientAcross,
  leadsSidecarsAcross,
  sidecarGatewayPort,
  targetedBy,
} from './network-gateways.ts';
import { hasSidecar, proxyModeOf } from './proxy-mode.ts';
import { ambientKey, networkKey, networkLabel } from './topology-keys.ts';
import { workloadOf } from './workload.ts';

const mostClientsRead = 100;

/** Why istiod does not take a Service for the gateway of the network that it is labelled with, or not as written. */
export interface GatewayFault {
  readonly message:
    | 'port-not-exposed'
    | 'ambient-only'
    | 'no-outside-address'
    | 'address-pending'
    | 'gateway-port-unreadable';
  readonly severity: Severity;
  readonly at: Pointer;
  readonly data: Readonly<Record<string, string | number>>;
}

/** What is wrong with a Service as a gateway; nothing for one without the label. Costs O(its ports). */
export function gatewayFaults(service: Resource, mesh: Mesh): readonly GatewayFault[] {
  const network = service.labels[networkLabel] ?? '';
  if (network === '') {
    return [];
  }
  const fault = stateFault(service, network, mesh);
  const faults = fault === undefined ? [] : [fault];
  if (!isPortLabelUnreadable(service)) {
    return faults;
  }
  const value = service.labels[gatewayPortLabel] ?? '';
  const at = pointer('metadata', 'labels', gatewayPortLabel);
  return [
    ...faults,
    { message: 'gateway-port-unreadable', severity: 'warning', at, data: { network, value } },
  ];
}

/** What is wrong with a Gateway of the Gateway API that is labelled as the gateway of a network. Costs O(its listeners + {@link mostClientsRead}). */
export function kubernetesGatewayFaults(gateway: Resource, mesh: Mesh): readonly GatewayFault[] {
  const network = gateway.labels[networkLabel] ?? '';
  const ambientOnly = leadsAmbientAcross(gateway) && !leadsSidecarsAcross(gateway);
  if (network === '' || !ambientOnly || !hasSidecarsOutside(network, mesh)) {
    return [];
  }
  const data = { network, port: sidecarGatewayPort };
  return [{ message: 'ambient-only', severity: 'warning', at: pointer('spec', 'listeners'), data }];
}

/** Whether some workload that is labelled with another network has a sidecar, among the first of each kind. */
function hasSidecarsOutside(network: string, mesh: Mesh): boolean {
  return workloadKinds.some((kind) =>
    mesh
      .byKey(kind, networkKey(''))
      .values()
      .take(mostClientsRead)
      .some((resource) => {
        const workload = workloadOf(resource);
        return (
          workload !== undefined &&
          workload.labels[networkLabel] !== network &&
          hasSidecar(proxyModeOf(workload, mesh))
        );
      }),
  );
}

function stateFault(service: Resource, network: string, mesh: Mesh): GatewayFault | undefined {
  const port = gatewayPort(service);
  const type = stringIn(service.object, 'spec', 'type') ?? 'ClusterIP';
  const data = { network, port, type };
  switch (gatewayState(service)) {
    case 'other-port': {
      const targeted = targetedBy(service, port);
      const instead = targeted === undefined ? '' : ' (a targetPort does not count)';
      return {
        message: 'port-not-exposed',
        severity: 'error',
        at: targeted ?? pointer('spec', 'ports'),
        data: { ...data, instead },
      };
    }
    case 'ambient-only':
      return mesh.byKey('Namespace', ambientKey).size > 0
        ? undefined
        : { message: 'ambient-only', severity: 'warning', at: pointer('spec', 'ports'), data };
    case 'inside': {
      const missing =
        type === 'NodePort' ? ' without annotation traffic.istio.io/nodeSelector' : '';
      return {
        message: 'no-outside-address',
        severity: 'error',
        at: pointer('spec', 'type'),
        data: { ...data, missing },
      };
    }
    case 'pending':
      return {
        message: 'address-pending',
        severity: 'warning',
        at: pointer('status', 'loadBalancer'),
        data,
      };
    default:
      return undefined;
  }
}
