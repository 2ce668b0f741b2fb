import { isObject, listIn, stringIn, type Json, type JsonObject } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { contains, readRange } from './ip.ts';
import { meshNetworksConfig, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { addressState } from './service-addresses.ts';
import { serviceOfHost } from './services.ts';

/** A network of `meshNetworks`. */
export interface DeclaredNetwork {
  readonly name: string;
  readonly cidrs: readonly string[];
  readonly registries: readonly string[];
  readonly gateways: readonly DeclaredGateway[];
}

/** A gateway of a network of `meshNetworks`: an address, or a Service of a registry that the network is of. */
export interface DeclaredGateway {
  readonly address: string | undefined;
  readonly service: string | undefined;
  readonly usable: boolean;
}

/** The networks of ConfigMap `istio`, key `meshNetworks`, by name. */
export function declaredNetworks(mesh: Mesh): readonly DeclaredNetwork[] {
  const networks = protoMember(meshNetworksConfig(mesh), 'networks');
  return isObject(networks)
    ? Object.keys(networks)
        .sort()
        .map((name) => readNetwork(name, networks[name] ?? null, mesh))
    : [];
}

/** The network that an address belongs to by `fromCidr`: of several the widest. */
export function networkOfAddress(address: string, mesh: Mesh): string | undefined {
  const wanted = readRange(address);
  const matches = declaredNetworks(mesh).flatMap(({ name, cidrs }) =>
    cidrs.flatMap((cidr) => {
      const range = cidr.includes('/') ? readRange(cidr) : undefined;
      return range !== undefined && wanted !== undefined && contains(range, wanted)
        ? [{ name, length: range.length }]
        : [];
    }),
  );
  return matches.sort((left, right) => left.length - right.length)[0]?.name;
}

function readNetwork(name: string, network: Json, mesh: Mesh): DeclaredNetwork {
  const endpoints = listOf(network, 'endpoints');
  const registries = endpoints.flatMap((endpoint) => textOf(endpoint, 'fromRegistry') ?? []);
  return {
    name,
    cidrs: endpoints.flatMap((endpoint) => textOf(endpoint, 'fromCidr') ?? []),
    registries,
    gateways: listOf(network, 'gateways').map((gateway) =>
      readGateway(gateway, registries.length > 0, mesh),
    ),
  };
}

function readGateway(gateway: JsonObject, ofRegistry: boolean, mesh: Mesh): DeclaredGateway {
  const address = textOf(gateway, 'address');
  const service = textOf(gateway, 'registryServiceName');
  const usable =
    address !== undefined ||
    (service !== undefined && ofRegistry && isReachable(serviceOfHost(service, mesh)));
  return { address, service, usable };
}

/** A Service that is not among the objects may be another cluster's. */
function isReachable(service: Resource | undefined): boolean {
  return service === undefined || addressState(service) === 'usable';
}

function listOf(value: Json, name: string): readonly JsonObject[] {
  const list = protoMember(value, name);
  return listIn({ list: list ?? null }, 'list').filter(isObject);
}

function textOf(value: Json, name: string): string | undefined {
  const text = stringIn({ text: protoMember(value, name) ?? null }, 'text');
  return text === '' ? undefined : text;
}
