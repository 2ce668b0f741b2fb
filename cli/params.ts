import * as z from 'zod';
import { objectIn, stringIn, valueIn, type Json } from '../policies/core/json.ts';
import type { MeshPolicy } from '../policies/mesh/mesh.ts';

/** A parameter of a policy as people meet it. */
export interface ParamDoc {
  readonly name: string;
  readonly description: string;
  /** Undefined where there is none. */
  readonly fallback: Json | undefined;
}

/** The parameters of a policy, from the schema that checks them. */
export function paramDocs(policy: MeshPolicy): readonly ParamDoc[] {
  const schema = z.toJSONSchema(policy.params, { io: 'input', unrepresentable: 'any' });
  return Object.entries(objectIn(schema, 'properties')).map(([name, property]) => ({
    name,
    description: stringIn(property, 'description') ?? '',
    fallback: valueIn(property, 'default'),
  }));
}
