import * as z from 'zod';
import { catalogue } from '../../policies/index.ts';

/** The policies in columns: id, severity, title. */
export function listPolicies(): string {
  const widest = Math.max(...catalogue.map(({ id }) => id.length));
  const lines = catalogue.map(
    ({ id, severity, title }) => `${id.padEnd(widest)}  ${severity.padEnd(7)}  ${title}`,
  );
  return `${lines.join('\n')}\n\nmeshgate explain <policy> tells more.\n`;
}

/** The policies as JSON: `{ policies: [...] }`, params as a JSON Schema. */
export function policiesAsJson(): string {
  const policies = catalogue.map((policy) => ({
    id: policy.id,
    title: policy.title,
    severity: policy.severity,
    why: policy.why,
    sources: policy.sources,
    subjects: policy.subjects,
    consults: policy.consults,
    cost: policy.cost,
    params: z.toJSONSchema(policy.params, { io: 'input', unrepresentable: 'any' }),
    messages: policy.messages,
    equivalents: policy.equivalents,
  }));
  return `${JSON.stringify({ policies }, null, 2)}\n`;
}
