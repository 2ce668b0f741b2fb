import { stringIn, type Json } from '../core/json.ts';
import { describeReference, type Resource } from '../core/resource.ts';
import { isAddress } from './ip.ts';
import type { Mesh } from './mesh.ts';
import { gatewayAssumed, hasGateway } from './networks.ts';
import { resolutionOf } from './workload-entries.ts';

/** Why the readable address of a WorkloadEntry, or its absence, gives no endpoint. */
export interface AddressFault {
  readonly message: 'address-missing' | 'address-without-gateway' | 'hostname-without-dns';
  readonly data: Readonly<Record<string, Json>>;
  readonly assumes?: readonly string[];
}

/** What keeps an entry from being an endpoint of the services that select it, as far as its address goes. */
export function addressFault(
  entry: Resource,
  services: readonly Resource[],
  mesh: Mesh,
): AddressFault | undefined {
  const address = stringIn(entry.object, 'spec', 'address') ?? '';
  if (address === '') {
    return missingAddress(stringIn(entry.object, 'spec', 'network') ?? '', mesh);
  }
  if (isAddress(address) || address.startsWith('unix://')) {
    return undefined;
  }
  const blind = services.find((service) => !resolutionOf(service).startsWith('DNS'));
  return (
    blind && {
      message: 'hostname-without-dns',
      data: { address, service: describeReference(blind), resolution: resolutionOf(blind) },
    }
  );
}

function missingAddress(network: string, mesh: Mesh): AddressFault | undefined {
  if (network === '') {
    return { message: 'address-missing', data: {} };
  }
  return hasGateway(network, mesh)
    ? undefined
    : {
        message: 'address-without-gateway',
        data: { network },
        assumes: gatewayAssumed(network),
      };
}
