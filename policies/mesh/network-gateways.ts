import { listIn, numberIn, stringIn, type Json } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { addressState } from './service-addresses.ts';
import { portsOf } from './services.ts';

/** The label that names another port of a network's gateway than 15443. */
export const gatewayPortLabel = 'networking.istio.io/gatewayPort';

/** The port by which ambient proxies cross networks. */
const ambientGatewayPort = 15008;
/** The port by which sidecars cross networks, unless a label names another. */
export const sidecarGatewayPort = 15443;

/**
 * What istiod makes of a Service that is labelled as the gateway of a network. `usable`: sidecars go through it;
 * `other-port`: it does not expose the port; `ambient-only`: only the port of ambient proxies; `inside`: its type gives
 * it no address outside the cluster; `pending`: the load balancer has not given it one yet.
 */
export type GatewayState = 'usable' | 'other-port' | 'ambient-only' | 'inside' | 'pending';

/** The state of a network's gateway. Source: Istio `pilot/pkg/serviceregistry/kube/controller/network.go`. */
export function gatewayState(service: Resource): GatewayState {
  if (!exposes(service, gatewayPort(service))) {
    return exposes(service, ambientGatewayPort) ? 'ambient-only' : 'other-port';
  }
  return addressState(service);
}

/** The Service port by which sidecars enter: the label's where it is a number, else 15443. */
export function gatewayPort(service: Resource): number {
  return readPortLabel(service.labels[gatewayPortLabel]) ?? sidecarGatewayPort;
}

/** Whether the label for the port is there but no number, so that istiod passes over it. */
export function isPortLabelUnreadable(service: Resource): boolean {
  const label = service.labels[gatewayPortLabel] ?? '';
  return label !== '' && readPortLabel(label) === undefined;
}

/** Where a Service has the port that leads to a targetPort in place of the port itself. */
export function targetedBy(service: Resource, port: number): Pointer | undefined {
  const index = portsOf(service).findIndex(
    (candidate) => numberIn(candidate, 'targetPort') === port,
  );
  return index < 0 ? undefined : extendPointer(pointer('spec', 'ports'), index, 'port');
}

/** Whether a Gateway of the Gateway API has a listener by which sidecars enter its network. */
export function leadsSidecarsAcross(gateway: Resource): boolean {
  return listenersOf(gateway).some(
    (listener) =>
      numberIn(listener, 'port') === sidecarGatewayPort ||
      stringIn(listener, 'tls', 'options', 'gateway.istio.io/listener-protocol') ===
        'auto-passthrough',
  );
}

/** Whether a Gateway of the Gateway API has a listener by which ambient proxies enter its network. */
export function leadsAmbientAcross(gateway: Resource): boolean {
  return listenersOf(gateway).some((listener) => stringIn(listener, 'protocol') === 'HBONE');
}

function listenersOf(gateway: Resource): readonly Json[] {
  return listIn(gateway.object, 'spec', 'listeners');
}

function exposes(service: Resource, port: number): boolean {
  return portsOf(service).some(
    (candidate) =>
      numberIn(candidate, 'port') === port &&
      (stringIn(candidate, 'protocol') ?? 'TCP').toUpperCase() === 'TCP',
  );
}

function readPortLabel(label: string | undefined): number | undefined {
  return label !== undefined && /^\d{1,5}$/u.test(label) ? Number(label) : undefined;
}
