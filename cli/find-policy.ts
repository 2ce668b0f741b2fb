import { suggestion } from '../policies/core/nearest.ts';
import { catalogue } from '../policies/index.ts';
import type { MeshPolicy } from '../policies/mesh/mesh.ts';
import { UsageError } from './usage-error.ts';

/** The policy with this id. Throws a UsageError that names the nearest id where there is none. */
export function findPolicy(id: string): MeshPolicy {
  const found = catalogue.find((policy) => policy.id === id);
  if (found !== undefined) {
    return found;
  }
  const ids = catalogue.map((policy) => policy.id);
  const hint = suggestion(id, ids) || '; `meshgate policies` lists them';
  throw new UsageError(`there is no policy ${JSON.stringify(id)}${hint}`);
}
