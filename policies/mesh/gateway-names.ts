import { listIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';

/** The name by which a VirtualService means the sidecars instead of a Gateway. */
export const meshGateway = 'mesh';

/** The Gateways that a VirtualService is bound to, as `namespace/name`, or `mesh`; `mesh` alone where it names none. */
export function gatewaysOf(virtualService: Resource): readonly string[] {
  return resolvedNames(listIn(virtualService.object, 'spec', 'gateways'), virtualService.namespace);
}

/**
 * The Gateways that a match of a VirtualService is for: those that it names, else all of the VirtualService's. A name
 * that the VirtualService is not bound to has no effect.
 */
export function gatewaysOfMatch(match: unknown, virtualService: Resource): readonly string[] {
  const all = gatewaysOf(virtualService);
  const named = namedGateways(match, virtualService);
  return named.length === 0 ? all : named.filter((name) => all.includes(name));
}

/** The Gateways that a match names, whether the VirtualService is bound to them or not. */
export function namedGateways(match: unknown, virtualService: Resource): readonly string[] {
  const named = listIn(match, 'gateways');
  return named.length === 0 ? [] : resolvedNames(named, virtualService.namespace);
}

/** The `namespace/name` of a Gateway. */
export function gatewayReference({
  namespace,
  name,
}: Pick<Resource, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function resolvedNames(names: readonly unknown[], namespace: string): readonly string[] {
  return names.length === 0
    ? [meshGateway]
    : names.flatMap((name) => (typeof name === 'string' ? resolvedName(name, namespace) : []));
}

/** `egress` and `./egress` are of the own namespace; `egress.shop.svc.cluster.local` is how old objects say `shop/egress`. */
function resolvedName(name: string, ownNamespace: string): string {
  if (name === meshGateway) {
    return name;
  }
  const slash = name.indexOf('/');
  if (slash >= 0) {
    return name.startsWith('./') ? `${ownNamespace}${name.slice(slash)}` : name;
  }
  const [first = '', namespace] = name.split('.');
  return `${namespace ?? ownNamespace}/${first}`;
}
