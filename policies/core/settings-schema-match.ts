import * as z from 'zod';
import { kinds } from './kinds.ts';
import { suggestion } from './nearest.ts';

/** A name of a Kubernetes object or a pattern for some. */
export const nameGlob = z.string().regex(/^[a-z0-9.*-]+$/u, {
  error:
    'must be a name or a pattern in which * stands for any characters: lower case letters, digits, ".", "-" and "*"',
});

const labels = z
  .record(z.string(), z.string())
  .refine((given) => Object.keys(given).length > 0, { error: 'must hold at least one label' })
  .meta({ minProperties: 1 });

/** The schema of a `match`: which objects something applies to. */
export const match = z
  .strictObject({
    namespaces: someOf(nameGlob)
      .describe('Names or patterns of namespaces. A Namespace object is matched by its own name.')
      .optional(),
    kinds: someOf(kindName()).describe('Kinds, as `meshgate policies` names them.').optional(),
    names: someOf(nameGlob)
      .describe('Names or patterns. A Pod that is still to be named has none.')
      .optional(),
    labels: labels
      .describe('Labels that the object itself carries; * in a value matches any characters.')
      .optional(),
    namespaceLabels: labels
      .describe("Labels of the object's namespace. An unknown namespace never matches.")
      .optional(),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: 'must name at least one of namespaces, kinds, names, labels, namespaceLabels',
  })
  .meta({
    description: 'Which objects are meant: every field that is given must match.',
    minProperties: 1,
  });

function someOf<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item).min(1);
}

function kindName(): z.ZodType {
  const names = Object.keys(kinds);
  return z.enum(names, {
    error: ({ input }) =>
      typeof input === 'string'
        ? `unknown kind ${JSON.stringify(input)}${suggestion(input, names) || `; valid are ${names.join(', ')}`}`
        : undefined,
  });
}
