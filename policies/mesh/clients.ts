import type { Resource } from '../core/resource.ts';
import { effectiveRule, namespacesWithRulesFor, type EffectiveRule } from './destination-rules.ts';
import { exportsOf, namespacesExportedTo } from './exports.ts';
import { isInjectedNamespace } from './injection.ts';
import { meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { destinationHosts, virtualServicesAround } from './routes.ts';

/** Clients that Istio treats alike for one host. */
export interface ClientView {
  /** Their namespace; undefined: every namespace that has no rules of its own for the host. */
  readonly namespace: string | undefined;
  /** For people: `clients in namespace shop`. */
  readonly description: string;
}

const clientKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Rollout'] as const;

/**
 * The groups of clients of a Service that may see different rules: its own namespace, namespaces with rules of their
 * own, namespaces that a rule is exported to by name, and all others where their view differs and there are any.
 */
export function clientViews(host: string, service: Resource, mesh: Mesh): readonly ClientView[] {
  return mesh.memo(service, `clientViews ${host}`, () => readClientViews(host, service, mesh));
}

/** For people, whose connections a view is about: those of the Service's own namespace stand for all without rules. */
export function clientsOf(view: ClientView, service: Resource): string {
  return view.namespace === service.namespace ? 'clients' : view.description;
}

function readClientViews(host: string, service: Resource, mesh: Mesh): readonly ClientView[] {
  const own = service.namespace;
  const named = new Set([own]);
  const ruled = namespacesWithRulesFor(host, mesh);
  for (const namespace of ruled) {
    if (namespace !== meshWideNamespace(mesh)) {
      named.add(namespace);
    }
  }
  const routed = addRoutedNamespaces(host, ruled, named, mesh);
  const views: ClientView[] = [...named].map((namespace) => ({
    namespace,
    description: `clients in namespace ${namespace}`,
  }));
  const ownRule = effectiveRule(host, own, own, mesh);
  const others = effectiveRule(host, own, undefined, mesh);
  if ((routed || !sameRule(ownRule, others)) && hasOtherClients(named, mesh)) {
    views.push({ namespace: undefined, description: 'clients in other namespaces' });
  }
  return views;
}

/** Adds the namespaces that routes around a host, or rules that these take, name; true where routes are not for all. */
function addRoutedNamespaces(
  host: string,
  ruled: ReadonlySet<string>,
  named: Set<string>,
  mesh: Mesh,
): boolean {
  let routed = false;
  for (const virtualService of virtualServicesAround(host, mesh)) {
    routed = true;
    if (!exportsOf(virtualService, mesh).includes('*')) {
      named.add(virtualService.namespace);
    }
    for (const namespace of namespacesExportedTo(virtualService, mesh)) {
      named.add(namespace);
    }
    for (const destination of destinationHosts(virtualService, mesh)) {
      const others = destination === host ? ruled : namespacesWithRulesFor(destination, mesh);
      for (const namespace of others) {
        named.add(namespace);
      }
    }
  }
  return routed;
}

function sameRule(left: EffectiveRule | undefined, right: EffectiveRule | undefined): boolean {
  const [one] = left?.rules ?? [];
  const [other] = right?.rules ?? [];
  return one === other && left?.policyRule === right?.policyRule;
}

function hasOtherClients(known: ReadonlySet<string>, mesh: Mesh): boolean {
  for (const kind of clientKinds) {
    for (const namespace of mesh.namespacesWith(kind)) {
      if (!known.has(namespace) && isInjectedNamespace(namespace, mesh)) {
        return true;
      }
    }
  }
  return false;
}
