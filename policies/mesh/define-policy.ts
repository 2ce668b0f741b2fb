import type * as z from 'zod';
import { freezePolicy, type Policy } from '../core/policy.ts';
import type { Mesh, MeshPolicy } from './mesh.ts';

/** Declares a policy over the mesh: checks its types, freezes it and gives it the catalogue's common type. */
export function definePolicy<Params extends z.ZodObject, MessageId extends string>(
  policy: Policy<Mesh, Params, MessageId>,
): MeshPolicy {
  return freezePolicy(policy);
}
