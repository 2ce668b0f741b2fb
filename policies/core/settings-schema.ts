import * as z from 'zod';
import { exemptibleNames } from './policy-name.ts';
import type { Policy } from './policy.ts';
import { drift } from './settings-schema-drift.ts';
import { exemption } from './settings-schema-exemption.ts';
import { nameGlob } from './settings-schema-match.ts';
import { mesh } from './settings-schema-mesh.ts';
import { render } from './settings-schema-render.ts';
import { scope, refuseRepeatedNames } from './settings-schema-scope.ts';

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
        failurePolicy: z
          .enum(['Ignore', 'Fail'])
          .describe(
            'What happens to an object while meshgate does not answer: Ignore lets it through, at once and whatever the server was started with; Fail refuses it, once the way has been proven.',
          )
          .optional(),
      })
      .describe('The admission gate.')
      .optional(),
    drift: drift.optional(),
    files: z
      .strictObject({
        ignore: z.array(z.string().min(1)).describe('Globs of paths that are not read.').optional(),
      })
      .describe('Which files are read.')
      .optional(),
    render: render.optional(),
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
