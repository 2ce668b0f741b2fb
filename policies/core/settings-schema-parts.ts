import * as z from 'zod';

/** The keys that a part of a schema has; none where it is no mapping. */
export function memberNames(schema: z.ZodType | undefined): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The part of a schema that speaks of a path; of a union, the part that has members. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject && typeof key === 'string') {
      at = Object.hasOwn(at.shape, key) ? (at.shape[key] as z.ZodType) : undefined;
    } else if (at instanceof z.ZodArray) {
      at = at.element as z.ZodType;
    } else {
      return undefined;
    }
    at = at && unwrap(at);
  }
  return at;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodUnion) {
    const members = (schema.options as readonly z.ZodType[]).find(
      (option) => option instanceof z.ZodObject,
    );
    return members ?? schema;
  }
  return schema;
}
