import type { Resource } from '../../policies/core/resource.ts';
import { exportsOf } from '../../policies/mesh/exports.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { listed, sorted } from './meaning-statement.ts';

/** The namespaces that an object is exported to, `*` for all; none where it hides from everybody (`~`). */
export function audienceOf(resource: Resource, mesh: Mesh): readonly string[] {
  const names = exportsOf(resource, mesh).filter((to) => typeof to === 'string');
  return names.includes('~')
    ? []
    : sorted(names.map((to) => (to === '.' ? resource.namespace : to)));
}

/** `every namespace`, `namespace bank, shop`. */
export function describeAudience(audience: readonly string[]): string {
  if (audience.includes('*')) {
    return 'every namespace';
  }
  return audience.length === 0 ? 'no namespace' : `namespace ${listed(sorted(audience))}`;
}
