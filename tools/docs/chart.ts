import { readFile } from 'node:fs/promises';
import { dump } from 'js-yaml';
import { objectIn, type JsonObject } from '../../policies/core/json.ts';
import { kindInfo } from '../../policies/core/kinds.ts';
import { settingsJsonSchema } from '../../policies/core/read-settings.ts';
import { compareText } from '../../policies/core/resource.ts';
import { catalogue } from '../../policies/index.ts';
import { consultedKinds } from '../../cli/serve/mesh-source.ts';
import type { GeneratedFile } from './generated-file.ts';

const chart = 'deploy/charts/meshgate';
const schemaFile = `${chart}/values.schema.json`;
const readVerbs = ['get', 'list', 'watch'];

/** What the chart takes from the catalogue: the rights to read, and the schema of the configuration among its values. */
export async function chartFiles(): Promise<readonly GeneratedFile[]> {
  const text = await readFile(new URL(`../../${schemaFile}`, import.meta.url), 'utf8');
  const schema = JSON.parse(text) as JsonObject;
  const properties = { ...objectIn(schema, 'properties'), config: configSchema() };
  return [
    { path: schemaFile, text: JSON.stringify({ ...schema, properties }) },
    { path: `${chart}/files/reads.yaml`, text: dump(readRules(), { noRefs: true }) },
  ];
}

/** The configuration as a value, where the chart adds what kind of file it is. */
function configSchema(): JsonObject {
  const { $schema: _, required: __, ...schema } = settingsJsonSchema(catalogue);
  return schema;
}

/** RBAC rules for what is followed in all namespaces: everything but ConfigMaps. */
function readRules(): readonly JsonObject[] {
  const resources = new Map<string, string[]>();
  for (const type of consultedKinds(catalogue)) {
    const { group, plural } = kindInfo(type);
    if (type !== 'ConfigMap') {
      resources.set(group, [...(resources.get(group) ?? []), plural]);
    }
  }
  return [...resources]
    .toSorted(([left], [right]) => compareText(left, right))
    .map(([group, plurals]) => ({
      apiGroups: [group],
      resources: plurals.toSorted(compareText),
      verbs: readVerbs,
    }));
}
