import * as z from 'zod';
import { suggestion } from './nearest.ts';
import { match } from './settings-schema-match.ts';

/** The schema of one of the `exemptions:`; `names` are the policies and topics that can be exempted from. */
export function exemption(names: readonly string[]): z.ZodObject {
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
