import { readFile } from 'node:fs/promises';
import { builtinPolicies } from '../../policies/core/builtin.ts';
import { objectIn, stringIn, valueIn, type JsonObject } from '../../policies/core/json.ts';
import { settingsJsonSchema } from '../../policies/core/read-settings.ts';
import { defaultModes } from '../../policies/core/settings.ts';
import { catalogue } from '../../policies/index.ts';
import type { GeneratedFile } from './generated-file.ts';

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

function membersTable(schema: JsonObject): string {
  const rows = Object.entries(objectIn(schema, 'properties')).map(([name, member]) =>
    row([`\`${name}\``, formOf(member), defaultOf(member), stringIn(member, 'description') ?? '']),
  );
  return table(['Key', 'Form', 'Default', 'Meaning'], rows);
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

function formOf(member: unknown): string {
  const branches = valueIn(member, 'anyOf');
  if (Array.isArray(branches)) {
    return branches.map(formOf).join(' or ');
  }
  const values = valueIn(member, 'enum');
  const fixed = stringIn(member, 'const');
  if (fixed !== undefined) {
    return `\`${fixed}\``;
  }
  if (Array.isArray(values) && values.length < 8) {
    return values.map((value) => `\`${String(value)}\``).join(', ');
  }
  const type = stringIn(member, 'type');
  return type === 'array' ? `list of ${formOf(valueIn(member, 'items'))}` : (type ?? 'any');
}

function defaultOf(member: unknown): string {
  const value = valueIn(member, 'default');
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`;
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
