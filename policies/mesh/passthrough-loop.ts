import { stringMapIn } from '../core/json.ts';
import { describeReference, type Resource } from '../core/resource.ts';
import { gatewayReference } from './gateway-names.ts';
import { proxiesBehind } from './gateway-proxies.ts';
import { serversOf } from './gateway-servers.ts';
import { matchesLabels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import type { PassthroughChain } from './passthrough-legs.ts';
import type { BrokenLink } from './passthrough-links.ts';
import { serviceOfHost } from './services.ts';

/**
 * A match that names no gateways is for the gateway too; where the first one there leads to the gateway's Service, the
 * gateway sends to itself, and a later match for the server name is skipped. Source: Istio
 * `pilot/pkg/networking/core/gateway.go`, observed.
 */
export function loopingLinks(
  { virtualService, host, legs, clientLegs }: PassthroughChain,
  gateway: Resource,
  mesh: Mesh,
): readonly BrokenLink[] {
  const reference = gatewayReference(gateway);
  const ports = serversOf(gateway).map(({ port }) => port);
  const first = legs.find(
    ({ gateways, port }) =>
      gateways.includes(reference) && (port === undefined || ports.includes(port)),
  );
  const service = first && serviceOfHost(first.destination.host, mesh);
  if (first === undefined || service === undefined || !clientLegs.includes(first)) {
    return [];
  }
  const selector = stringMapIn(gateway.object, 'spec', 'selector');
  const ownPods = proxiesBehind(service, mesh).some(({ labels }) =>
    matchesLabels(selector, labels),
  );
  const data = { host, gateway: reference, service: describeReference(service) };
  return ownPods ? [{ object: virtualService, link: 'gateway-to-itself', at: first.at, data }] : [];
}
