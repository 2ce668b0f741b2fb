import * as z from 'zod';

/** The schema of the name of a network. */
export const networkName = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/u, {
  error: 'must be the name of a network, which is the value of a label',
});

/** YAML reads an unquoted 1.31 as a number, which is accepted as long as no trailing zero can have been lost. */
export function istioVersion(): z.ZodType {
  return z
    .union([
      z.string().regex(/^1\.\d{1,3}(?:\.\d{1,3})?$/u, {
        error: 'must be a version of Istio, such as "1.31" or "1.31.2"',
      }),
      z.number().refine((version) => /^1\.\d\d$/u.test(String(version)), {
        error: ({ input }) =>
          `is the number ${String(input)} without quotes, which YAML makes of "1.30" as well as of "1.3": quote it`,
      }),
    ])
    .describe(
      'Version of Istio, such as "1.31" or "1.31.2"; the newest supported where it is not given.',
    );
}

/** The schema of a DNS name; the example is shown where it is none. */
export function dnsName(example: string): z.ZodType {
  return z.string().regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u, {
    error: `must be a DNS name, such as ${example}`,
  });
}
