import * as z from 'zod';
import { match } from './settings-schema-match.ts';

/** The schema of one of the `scopes:`. */
export function scope(policies: z.ZodObject): z.ZodObject {
  return z.strictObject({
    name: z.string().regex(/\S/u, { error: 'must be a name for this scope, such as strict-teams' }),
    match,
    policies: policies.describe('What differs for the objects that match.'),
  });
}

/** Adds an issue for every scope whose name an earlier one has. */
export function refuseRepeatedNames(
  scopes: readonly Record<string, unknown>[],
  context: z.RefinementCtx,
): void {
  const seen = new Set<unknown>();
  for (const [index, { name }] of scopes.entries()) {
    if (seen.has(name)) {
      const message = `another scope has the name ${JSON.stringify(name)}; give each its own`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
    seen.add(name);
  }
}
