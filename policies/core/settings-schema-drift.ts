import * as z from 'zod';
import { parseDuration } from './duration.ts';
import { nameGlob } from './settings-schema-match.ts';
import { driftTargets } from './settings-schema-targets.ts';

const flag = z.boolean();

const kindName = z.string().regex(/^[A-Z][A-Za-z0-9]*$/u, {
  error: 'must be a kind as manifests write it, such as VirtualService',
});

const managerGlob = z
  .string()
  .min(1)
  .describe('A field manager, such as flagger; * stands for any characters.');

const fieldPattern = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)+$/u, {
    error:
      'must be a JSON Pointer, such as /spec/replicas or /spec/http/[name=canary]/route/*/weight',
  })
  .describe(
    'A field as a JSON Pointer; a step may be * or name an element by its fields, [name=canary]. What lies below is meant too. Without it the whole object is meant.',
  );

/** The schema of one of the rules under `drift.ignore`. */
const ignoreRule = z
  .strictObject({
    kind: kindName.optional(),
    name: nameGlob.optional(),
    namespace: nameGlob.optional(),
    at: fieldPattern.optional(),
    manager: managerGlob.optional(),
    minimum: z.number().describe('The smallest live number that is accepted.').optional(),
    maximum: z.number().describe('The largest live number that is accepted.').optional(),
    reason: z
      .string({
        error: ({ input }) =>
          input === undefined ? 'is required: say why the difference is accepted' : undefined,
      })
      .regex(/\S/u, { error: 'must say why the difference is accepted' })
      .describe('Why the difference is accepted.'),
    expires: z.iso
      .date({
        error: ({ input }) =>
          input === undefined
            ? 'is required: name the last day on which the rule holds, such as 2027-01-31'
            : 'must be a day of the calendar, written like 2027-01-31 and quoted',
      })
      .describe('Last day of the rule, in UTC.'),
  })
  .refine(({ kind, name, namespace, at, manager }) => kind ?? name ?? namespace ?? at ?? manager, {
    error: 'must name at least one of kind, name, namespace, at, manager',
  });

/** The schema of `drift:`. */
export const drift = z
  .strictObject({
    deployers: z
      .array(
        z.strictObject({
          manager: z.string().min(1).describe('The name under which it writes.'),
          operation: z
            .enum(['Apply', 'Update'])
            .describe('Only what it writes so; both where it is not given.')
            .optional(),
        }),
      )
      .describe('Field managers that bring Git into the cluster, besides those of usual tools.')
      .optional(),
    ignore: z.array(ignoreRule).describe('Differences that somebody has accepted.').optional(),
    strict: flag
      .describe('Report every addition by others, not only those that change what the mesh does.')
      .optional(),
    extraKinds: z
      .array(kindName)
      .describe(
        "Kinds besides the mesh's own of which objects that Git does not declare are reported.",
      )
      .optional(),
    secrets: flag
      .describe('Read Secrets. Nothing is told of a value but that it differs.')
      .optional(),
    grace: z
      .string()
      .refine((text) => (parseDuration(text) ?? -1) >= 0, {
        error: 'must be a duration of at least 0, such as 15m',
      })
      .describe('How long after a commit what is not applied yet is no drift; 15m by default.')
      .optional(),
    canaryWeights: flag
      .describe('Ignore the weights of routes that Flagger or Argo Rollouts set.')
      .optional(),
    aggregatedRoles: flag
      .describe('Compare the rules of aggregated ClusterRoles, which a controller writes.')
      .optional(),
    dryRun: z
      .array(kindName)
      .describe(
        'Kinds of which the API server is asked what it would store, for exactness; takes the right to patch them, though nothing is stored.',
      )
      .optional(),
    targets: driftTargets.optional(),
    clusters: z
      .string()
      .min(1)
      .describe('Folder of Cluster entries, each a target in a file of its own.')
      .optional(),
  })
  .describe('How the cluster is compared with Git.');
