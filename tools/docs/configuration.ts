import { readFile } from 'node:fs/promises';
import { builtinPolicies } from '../../policies/core/builtin.ts';
import { objectIn, type JsonObject } from '../../policies/core/json.ts';
import { settingsJsonSchema } from '../../policies/core/read-settings.ts';
import { defaultModes } from '../../policies/core/settings.ts';
import { catalogue } from '../../policies/index.ts';
import type { GeneratedFile } from './generated-file.ts';
import { membersTable, row, table } from './tables.ts';

const page = 'docs/configuration.md';

/** The editors' JSON Schema of `meshgate.yaml`, and the tables of the page that explains it. */
export async function configurationFiles(): Promise<readonly GeneratedFile[]> {
  const schema = settingsJsonSchema(catalogue);
  const prose = await readFile(new URL(`../../${page}`, import.meta.url), 'utf8');
  return [
    { path: 'schemas/meshgate-config.schema.json', text: JSON.stringify(schema) },
    { path: page, text: withTables(prose, tables(schema)) },
  ];
}

function tables(schema: JsonObject): ReadonlyMap<string, string> {
  const modes = Object.entries(defaultModes).map(([gate, mode]) => `\`${mode}\` at ${gate}`);
  return new Map([
    ['default modes', `Where nothing is said, a policy is in ${modes.join(', ')}.`],
    ['mesh', membersTable(objectIn(schema, 'properties', 'mesh'))],
    ['match', membersTable(matchSchema(schema))],
    ['params', paramsTables(objectIn(schema, 'properties', 'policies'))],
    ['builtin', builtinTable()],
  ]);
}

function matchSchema(schema: JsonObject): JsonObject {
  return objectIn(schema, 'properties', 'scopes', 'items', 'properties', 'match');
}

function paramsTables(policies: JsonObject): string {
  return catalogue
    .map(({ id, title }) => {
      const params = objectIn(policies, 'properties', id, 'properties', 'params');
      const none = Object.keys(objectIn(params, 'properties')).length === 0;
      return `### ${id}\n\n${title}.\n\n${none ? 'No params.' : membersTable(params)}`;
    })
    .join('\n\n');
}

function builtinTable(): string {
  const rows = builtinPolicies.map(({ id, severity, mode, why }) =>
    row([`\`${id}\``, severity, mode, why]),
  );
  return table(['Id', 'Severity', 'Mode', 'Why'], rows);
}

/** The page with what stands between `<!-- generated: name -->` and `<!-- end -->` replaced. */
function withTables(prose: string, generated: ReadonlyMap<string, string>): string {
  return prose.replaceAll(
    /(<!-- generated: ([\w ]+) -->\n)[\s\S]*?(<!-- end -->)/gu,
    (_, open: string, name: string, close: string) => {
      const text = generated.get(name);
      if (text === undefined) {
        throw new Error(`${page} asks for ${name}, which is not generated`);
      }
      return `${open}\n${text}\n\n${close}`;
    },
  );
}
