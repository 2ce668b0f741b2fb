import type { Severity } from '../core/finding.ts';
import { stringIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import type { Mesh } from './mesh.ts';
import {
  gatewayPort,
  gatewayPortLabel,
  gatewayState,
  isPortLabelUnreadable,
  targetedBy,
} from './network-gateways.ts';
import { ambientKey, networkLabel } from './topology-keys.ts';

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
