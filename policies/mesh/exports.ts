import { jsonText, listIn, type Json } from '../core/json.ts';
import type { KindName } from '../core/kinds.ts';
import type { Resource } from '../core/resource.ts';
import { matchesSelector } from './labels.ts';
import { meshConfig, meshWideNamespace, protoMember, rootNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** How an object reaches a namespace: exported to it by `.` or by name, or to everybody. Istio reads private ones first. */
export type ExportGroup = 'private' | 'public';

const everybody: readonly Json[] = ['*'];
const serviceAnnotation = 'networking.istio.io/exportTo';
const meshDefaults: Partial<Readonly<Record<KindName, string>>> = {
  DestinationRule: 'defaultDestinationRuleExportTo',
  VirtualService: 'defaultVirtualServiceExportTo',
  ServiceEntry: 'defaultServiceExportTo',
  Service: 'defaultServiceExportTo',
};

/**
 * The group by which a namespace sees an object; undefined where it does not. `undefined` as the namespace stands for
 * one that no object names. A name does not include the object's own namespace; `~` hides from everybody, and `*`
 * beats whatever stands beside it.
 */
export function exportGroup(
  resource: Resource,
  clientNamespace: string | undefined,
  mesh: Mesh,
): ExportGroup | undefined {
  const exports = exportsOf(resource, mesh);
  if (exports.includes('*')) {
    return 'public';
  }
  if (clientNamespace !== undefined && !exports.includes('~')) {
    const byName = exports.includes(clientNamespace);
    if (byName || (clientNamespace === resource.namespace && exports.includes('.'))) {
      return 'private';
    }
  }
  return undefined;
}

/** Where an object is exported to, as declared or by the mesh's default for its kind. */
export function exportsOf(resource: Resource, mesh: Mesh): readonly Json[] {
  const own = declaredExports(resource);
  if (own.length > 0) {
    return own;
  }
  const configured = protoMember(meshConfig(mesh), meshDefaults[resource.type] ?? '');
  return Array.isArray(configured) && configured.length > 0
    ? (configured as readonly Json[])
    : everybody;
}

/** The namespaces that an object is exported to by name. */
export function namespacesExportedTo(resource: Resource, mesh: Mesh): readonly string[] {
  const exports = exportsOf(resource, mesh);
  return exports === everybody
    ? []
    : exports.filter(
        (to): to is string => typeof to === 'string' && to !== '*' && to !== '.' && to !== '~',
      );
}

/** Where an object says it is exported to; empty where it says nothing. */
export function declaredExports(resource: Resource): readonly Json[] {
  if (resource.type !== 'Service') {
    return listIn(resource.object, 'spec', 'exportTo');
  }
  const text = resource.annotations[serviceAnnotation];
  return text === undefined || text === '' ? [] : text.split(',').map((name) => name.trim());
}

/** Whether istiod reads a namespace at all (`discoverySelectors` of the mesh config); its own and that of mesh-wide resources always. */
export function isDiscovered(namespace: string, mesh: Mesh): boolean {
  const selectors = listIn(meshConfig(mesh), 'discoverySelectors');
  if (
    selectors.length === 0 ||
    namespace === rootNamespace(mesh) ||
    namespace === meshWideNamespace(mesh)
  ) {
    return true;
  }
  const labels = {
    'kubernetes.io/metadata.name': namespace,
    ...mesh.get('Namespace', '', namespace)?.labels,
  };
  return selectors.some((selector) => matchesSelector(selector, labels));
}

/** The outbound clusters that a Service or ServiceEntry makes in a proxy that sees it: hosts times ports. */
export function clustersOf(resource: Resource): number {
  const ports = listIn(resource.object, 'spec', 'ports').length;
  return resource.type === 'Service'
    ? ports
    : ports * listIn(resource.object, 'spec', 'hosts').length;
}

/** Why Istio's validator refuses an `exportTo`; undefined where it accepts it. Source: Istio `pkg/config/validation`. */
export function exportsRefusal(resource: Resource): string | undefined {
  const seen = new Set<Json>();
  const declared = declaredExports(resource);
  const alone = declared.length === 1;
  for (const to of declared) {
    const refusal = alone ? undefined : besideOthers(to);
    if (refusal !== undefined) {
      return refusal;
    }
    if (typeof to !== 'string' || !/^(?:[.*~]|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/u.test(to)) {
      return `${jsonText(to)} is no name of a namespace`;
    }
    if (to === '~' && resource.type !== 'ServiceEntry') {
      return `"~" hides Services and ServiceEntries alone, not a ${resource.kind}`;
    }
    const namespace = to === '.' ? resource.namespace : to;
    if (seen.has(namespace)) {
      return `namespace ${namespace} is named twice`;
    }
    seen.add(namespace);
  }
  return undefined;
}

function besideOthers(to: Json): string | undefined {
  return to === '*' || to === '~' ? `"${to}" stands beside other names` : undefined;
}
