/** DNS suffix of Services where the configuration names no other. */
export const defaultClusterDomain = 'cluster.local';

/** The host of a Service: `ledger.shop.svc.cluster.local`. */
export function serviceHost(
  name: string,
  namespace: string,
  clusterDomain = defaultClusterDomain,
): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

/**
 * A host as Istio completes it: only a name without any dot gets the object's namespace and the cluster domain;
 * `ledger.shop` stays as it is. Lower-cased, since hosts compare without case. Source: Istio `pilot/pkg/model`.
 */
export function resolveHost(
  host: string,
  namespace: string,
  clusterDomain = defaultClusterDomain,
): string {
  const lower = host.toLowerCase();
  return lower.includes('.') || lower.startsWith('*') || lower === ''
    ? lower
    : serviceHost(lower, namespace, clusterDomain);
}

/** True for `*`, `*.example.com` and the partial `*-db.example.com`. */
export function isWildcardHost(host: string): boolean {
  return host.startsWith('*');
}

/** Whether a host, or a narrower wildcard, falls under a pattern that may be a wildcard. */
export function hostMatches(pattern: string, host: string): boolean {
  if (!isWildcardHost(pattern)) {
    return pattern === host;
  }
  const suffix = pattern.slice(1);
  return isWildcardHost(host)
    ? host.slice(1).endsWith(suffix)
    : host.length > suffix.length && host.endsWith(suffix);
}

/** Orders patterns as Istio prefers them: exact before wildcard, then the longer, that is narrower, wildcard. */
export function compareSpecificity(left: string, right: string): number {
  const leftWild = isWildcardHost(left);
  const rightWild = isWildcardHost(right);
  if (leftWild !== rightWild) {
    return leftWild ? 1 : -1;
  }
  return right.length - left.length;
}

/** The wildcards `*.x` that a host falls under, narrowest first, `*` last: as many as the host has dots, and one. */
export function wildcardsOver(host: string): readonly string[] {
  const wildcards: string[] = [];
  for (
    let dot = host.indexOf('.', isWildcardHost(host) ? 2 : 0);
    dot >= 0;
    dot = host.indexOf('.', dot + 1)
  ) {
    wildcards.push(`*${host.slice(dot)}`);
  }
  wildcards.push('*');
  return wildcards;
}
