import * as z from 'zod';
import type { Json, JsonObject } from '../../../policies/core/json.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import { freezePolicy, type Policy, type Subject } from '../../../policies/core/policy.ts';
import { readSettings } from '../../../policies/core/read-settings.ts';
import { readResource } from '../../../policies/core/resource.ts';
import type { Settings } from '../../../policies/core/settings.ts';

/** A policy over no mesh, which reports its params on whatever it judges. */
export function reportingPolicy(id: string, change: Partial<Policy<undefined>> = {}) {
  return freezePolicy<undefined, z.ZodObject, string>({
    id,
    title: 'Reports its params',
    why: 'For tests.',
    sources: [],
    severity: 'error',
    subjects: ['Pod', 'Deployment'],
    consults: [],
    cost: 'nothing',
    params: z.object({
      ratio: z.number().min(1).default(2),
      label: z.string().default('none'),
      wait: z
        .string()
        .regex(/^\d+s$/u, { error: 'must be seconds, such as 5s' })
        .default('5s'),
    }),
    messages: { reported: { text: 'The ratio is {ratio}.', remedy: 'Take {label}.' } },
    equivalents: [],
    check: (_subject, _mesh, params) => [
      { message: 'reported', at: pointer('spec'), data: params as JsonObject },
    ],
    examples: [],
    ...change,
  });
}

/** A catalogue of three policies in two topics. */
export const catalogue: readonly Policy<undefined>[] = [
  reportingPolicy('drain/first'),
  reportingPolicy('drain/second'),
  reportingPolicy('egress/only', { subjects: ['ServiceEntry', 'Namespace'] }),
];

/** An object as a subject, as files give it. */
export function subject(kind: string, name: string, object: JsonObject = {}): Subject {
  const apiVersions: Readonly<Record<string, string>> = {
    Deployment: 'apps/v1',
    CronJob: 'batch/v1',
    ServiceEntry: 'networking.istio.io/v1',
    GatewayClass: 'gateway.networking.k8s.io/v1',
  };
  const { metadata, ...rest } = object;
  const resource = readResource({
    apiVersion: apiVersions[kind] ?? 'v1',
    kind,
    metadata: { name, ...(metadata as JsonObject | undefined) },
    ...rest,
  });
  if (resource === undefined) throw new Error(`no such kind: ${kind}`);
  return { resource, defaulted: false };
}

/** Valid settings for the catalogue. */
export function settings(document: Readonly<Record<string, Json>> = {}): Settings {
  const reading = readSettings(withHead(document), catalogue);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.settings;
}

/** A document with the two lines that every configuration has. */
export function withHead(document: Readonly<Record<string, Json>>): JsonObject {
  return { apiVersion: 'meshgate.dev/v1alpha1', kind: 'MeshgateConfig', ...document };
}
