import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Api } from './api.ts';
import { waitFor } from './wait.ts';

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const deadlineMilliseconds = 60_000;

/** Installs every custom resource definition of a folder, and waits until objects of all of them can be listed. */
export async function installCrds(api: Api, folder: string): Promise<void> {
  const definitions = readDefinitions(folder);
  await Promise.all(definitions.map((definition) => api.must('POST', definitionsPath, definition)));
  await waitFor('the custom resources being served', deadlineMilliseconds, async () => {
    const list = (await api.must('GET', definitionsPath)) as { readonly items: Definition[] };
    return list.items.every(isEstablished) ? true : undefined;
  });
  // For a moment after that a list is answered by 404, and then by 429: its storage is being initialised.
  for (const path of definitions.flatMap(listsOf)) {
    await waitFor(`${path} being served`, deadlineMilliseconds, async () =>
      (await api.send('GET', path)).status === 200 ? true : undefined,
    );
  }
}

function readDefinitions(folder: string): readonly Definition[] {
  return readdirSync(folder)
    .flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as (Definition | null)[])
    .filter((document) => document?.kind === 'CustomResourceDefinition') as Definition[];
}

function listsOf({ spec: { group, names, versions } }: Definition): readonly string[] {
  return versions
    .filter(({ served }) => served)
    .map(({ name }) => `/apis/${group}/${name}/${names.plural}`);
}

function isEstablished(definition: Definition): boolean {
  const conditions = definition.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}
