import type { Json } from '../core/json.ts';
import { isWildcardHost, serviceHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { atLeastIstio, clusterDomain, istioVersion } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { serviceOfHost } from './services.ts';
import type { HostEntry } from './sidecar-hosts.ts';

/** Why Istio's validator refuses an entry; undefined where it accepts it. */
export function refusalOf(written: Json, mesh: Mesh): string | undefined {
  if (typeof written !== 'string') {
    return undefined;
  }
  const slash = written.indexOf('/');
  if (slash < 0) {
    return 'it has no namespace: the form is namespace/dnsName';
  }
  const [dnsName, namespace] = [written.slice(slash + 1), written.slice(0, slash)];
  if (dnsName !== '*' && !dnsName.includes('.')) {
    return 'short names are not allowed';
  }
  if (namespace.length > 1 && namespace.startsWith('~') && !atLeastIstio(mesh, 1, 31)) {
    return `exclusions are known from Istio 1.31 on, and the mesh runs ${istioVersion(mesh).join('.')}`;
  }
  return undefined;
}

/**
 * Why an entry imports nothing although it looks right; undefined where it does, or where the inputs cannot tell: they
 * hold no Service of its namespace.
 */
export function deadEntry(entry: HostEntry, ownNamespace: string, mesh: Mesh): string | undefined {
  const { dnsName, excludes } = entry;
  const namespace = entry.namespace === '.' ? ownNamespace : entry.namespace;
  if (excludes || isWildcardHost(dnsName) || !dnsName.includes('.') || namespace === '~') {
    return undefined;
  }
  const scope = namespace === '*' ? '' : namespace;
  const defined = (['ServiceEntry', 'VirtualService'] as const).some(
    (kind) => mesh.byKey(kind, hostKey(scope, dnsName)).size > 0,
  );
  if (defined) {
    return undefined;
  }
  const service = serviceOfHost(dnsName, mesh);
  if (service !== undefined) {
    return namespace === '*' || namespace === service.namespace
      ? undefined
      : `the Service is in namespace ${service.namespace}, not ${namespace}`;
  }
  return missingService(dnsName, namespace, mesh);
}

function missingService(dnsName: string, namespace: string, mesh: Mesh): string | undefined {
  const domain = clusterDomain(mesh);
  const [name = '', second = '', third] = dnsName.split('.');
  if (mesh.get('Service', second, name) !== undefined && (third === undefined || third === 'svc')) {
    return `hosts are compared in full, as ${serviceHost(name, second, domain)}`;
  }
  return dnsName === serviceHost(name, namespace, domain) &&
    mesh.inNamespace('Service', namespace).size > 0
    ? `namespace ${namespace} has no Service ${name}`
    : undefined;
}
