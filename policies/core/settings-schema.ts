import { z } from 'zod';
import { suggestion } from './nearest.ts';
import { exemptibleNames } from './policy-name.ts';
import type { Policy } from './policy.ts';
import { match, nameGlob } from './settings-schema-match.ts';
import { mesh } from './settings-schema-mesh.ts';

/** The `apiVersion` of `meshgate.yaml`. */
export const settingsApiVersion = 'meshgate.dev/v1alpha1';
/** The `kind` of `meshgate.yaml`. */
export const settingsKind = 'MeshgateConfig';

const modes = z.enum(['off', 'audit', 'warn', 'enforce']);

const modeSetting = z
  .union([
    modes,
    z.strictObject({
      admission: modes.optional(),
      review: modes.optional(),
      drift: modes.optional(),
    }),
  ])
  .describe('One mode for all gates, or one for each: off, audit, warn or enforce.');

/**
 * The schema of `meshgate.yaml` for a catalogue: strict, with every policy's params. It serves to find what is wrong
 * and to make the editors' JSON Schema; its output is not used, because params must stay as given to be merged.
 */
export function settingsSchema<Mesh>(catalogue: readonly Policy<Mesh>[]): z.ZodObject {
  const policies = z.strictObject(
    Object.fromEntries(catalogue.map((policy) => [policy.id, policySetting(policy).optional()])),
  );
  return z.strictObject({
    apiVersion: z.literal(settingsApiVersion),
    kind: z.literal(settingsKind),
    mesh: mesh.optional(),
    policies: policies.describe('Modes and params by policy.').optional(),
    scopes: z
      .array(scope(policies))
      .superRefine(refuseRepeatedNames)
      .describe('Other modes and params for some objects; of several that match, later ones win.')
      .optional(),
    exemptions: z
      .array(exemption(exemptibleNames(catalogue)))
      .describe('Findings that somebody has accepted.')
      .optional(),
    annotationExemptions: z
      .strictObject({ namespaces: z.array(nameGlob) })
      .describe(
        'Namespaces whose objects may exempt themselves with the annotation meshgate.dev/exempt.',
      )
      .optional(),
    admission: z
      .strictObject({
        fill: z.boolean().describe('Fill in on Pods what is absent; true by default.').optional(),
      })
      .describe('The admission gate.')
      .optional(),
    files: z
      .strictObject({
        ignore: z.array(z.string().min(1)).describe('Globs of paths that are not read.').optional(),
      })
      .describe('Which files are read.')
      .optional(),
  });
}

function policySetting<Mesh>(policy: Policy<Mesh>): z.ZodObject {
  return z
    .strictObject({
      mode: modeSetting.optional(),
      params: policy.params.strict().describe(`Params of ${policy.id}.`).optional(),
    })
    .meta({ title: policy.title, description: policy.why });
}

function scope(policies: z.ZodObject): z.ZodObject {
  return z.strictObject({
    name: z.string().regex(/\S/u, { error: 'must be a name for this scope, such as strict-teams' }),
    match,
    policies: policies.describe('What differs for the objects that match.'),
  });
}

function exemption(names: readonly string[]): z.ZodObject {
  return z.strictObject({
    policy: z
      .enum(names, {
        error: ({ input }) =>
          typeof input === 'string'
            ? `unknown policy ${JSON.stringify(input)}${suggestion(input, names) || '; `meshgate policies` lists them'}`
            : undefined,
      })
      .describe('A policy, or all of a topic, such as drain/*.'),
    match,
    reason: z
      .string({
        error: ({ input }) =>
          input === undefined ? 'is required: say why the finding is accepted' : undefined,
      })
      .regex(/\S/u, { error: 'must say why the finding is accepted' })
      .describe('Why the finding is accepted.'),
    expires: z.iso
      .date({ error: 'must be a day of the calendar, written like 2027-01-31 and quoted' })
      .describe('Last day of the exemption, in UTC; without it the exemption does not end.')
      .optional(),
  });
}

function refuseRepeatedNames(
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
