import type { KindName } from '../core/kinds.ts';
import type { Resource } from '../core/resource.ts';
import { wildcardsOver } from './hosts.ts';
import { hostKey, partialWildcard, wildcardKey } from './keys.ts';
import type { Mesh } from './mesh.ts';

/**
 * A host and the wildcards over it, narrowest first, as far as some object of a kind names them in any namespace: most
 * hosts fall under none, so that what is asked for each namespace need not try them all.
 */
export function namedPatterns(type: KindName, host: string, mesh: Mesh): readonly string[] {
  return mesh.memo(host, `patterns of ${type}`, () => {
    const patterns = hasWildcards(type, mesh) ? [host, ...wildcardsOver(host)] : [host];
    return patterns.filter((pattern) => mesh.byKey(type, hostKey('', pattern)).size > 0);
  });
}

/** The objects of a kind that name a partial wildcard, in a namespace, or in any where that is ''. */
export function namingPartialWildcards(
  type: KindName,
  namespace: string,
  mesh: Mesh,
): Iterable<Resource> {
  return hasWildcards(type, mesh) ? mesh.byKey(type, hostKey(namespace, partialWildcard)) : [];
}

function hasWildcards(type: KindName, mesh: Mesh): boolean {
  return mesh.byKey(type, wildcardKey).size > 0;
}
