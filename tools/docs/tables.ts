import { objectIn, stringIn, valueIn, type JsonObject } from '../../policies/core/json.ts';

/** The members of an object's JSON Schema as a Markdown table. */
export function membersTable(schema: JsonObject): string {
  const rows = Object.entries(objectIn(schema, 'properties')).map(([name, member]) =>
    row([`\`${name}\``, formOf(member), defaultOf(member), stringIn(member, 'description') ?? '']),
  );
  return table(['Key', 'Form', 'Default', 'Meaning'], rows);
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

/** A Markdown table; `rows` are made by {@link row}. */
export function table(head: readonly string[], rows: readonly string[]): string {
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

/** A row of a Markdown table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`;
}
