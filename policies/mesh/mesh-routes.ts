import { listIn, numberIn } from '../core/json.ts';
import { compareAge } from '../core/resource.ts';
import { hostKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import type { RegistryService } from './registry.ts';

/** What VirtualServices of the mesh say of a host's chains. */
export interface MeshRoutes {
  /** The SNI sets of its `tls` matches on the port; empty where there are none. */
  readonly serverNames: readonly (readonly string[])[];
  /** A `tcp` match names destination subnets, so that the host has a chain of its own beside a catch-all. */
  readonly hasSubnets: boolean;
}

/** The matches by which the oldest VirtualService of the mesh for a host makes chains. Costs O(VirtualServices of the host). */
export function meshRoutesOf({ host, port }: RegistryService, mesh: Mesh): MeshRoutes {
  const [virtualService] = [...mesh.byKey('VirtualService', hostKey('', host))]
    .filter(({ object }) => {
      const gateways = listIn(object, 'spec', 'gateways');
      return gateways.length === 0 || gateways.includes('mesh');
    })
    .sort(compareAge);
  const matchesOf = (protocol: string): readonly unknown[] =>
    listIn(virtualService?.object, 'spec', protocol)
      .flatMap((rule) => listIn(rule, 'match'))
      .filter((match) => (numberIn(match, 'port') ?? port) === port && isForMesh(match));
  const serverNames = matchesOf('tls')
    .map((match) =>
      listIn(match, 'sniHosts').filter((name): name is string => typeof name === 'string'),
    )
    .filter((names) => names.length > 0);
  return {
    serverNames,
    hasSubnets: matchesOf('tcp').some((match) => listIn(match, 'destinationSubnets').length > 0),
  };
}

function isForMesh(match: unknown): boolean {
  const gateways = listIn(match, 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}
