import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Api } from './api.ts';
import { waitFor } from './wait.ts';

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const deadlineMilliseconds = 30_000;

/** Installs every custom resource definition of a folder, and waits until the API server serves them. */
export async function installCrds(api: Api, folder: string): Promise<void> {
  const definitions = readDefinitions(folder);
  await Promise.all(definitions.map((definition) => api.must('POST', definitionsPath, definition)));
  await waitFor('the custom resources being served', deadlineMilliseconds, async () => {
    const list = (await api.must('GET', definitionsPath)) as { readonly items: Definition[] };
    return list.items.every(isEstablished) ? true : undefined;
  });
}

function readDefinitions(folder: string): readonly Definition[] {
  return readdirSync(folder)
    .flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as (Definition | null)[])
    .filter((document) => document?.kind === 'CustomResourceDefinition') as Definition[];
}

function isEstablished(definition: Definition): boolean {
  const conditions = definition.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}
