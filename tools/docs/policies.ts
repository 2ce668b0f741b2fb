import * as z from 'zod';
import { defaultModes } from '../../policies/core/settings.ts';
import type { Equivalent, Example } from '../../policies/core/policy.ts';
import type { JsonObject } from '../../policies/core/json.ts';
import { catalogue } from '../../policies/index.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { evidenceFor } from './evidence.ts';
import type { GeneratedFile } from './generated-file.ts';
import { membersTable, row, table } from './tables.ts';

/** The folder of the pages, which holds nothing else. */
export const policiesFolder = 'docs/policies';

/** A page for every policy, and one that lists them. */
export function policyFiles(): readonly GeneratedFile[] {
  return [
    { path: `${policiesFolder}/README.md`, text: listPage() },
    ...catalogue.map((policy) => ({
      path: `${policiesFolder}/${policy.id}.md`,
      text: policyPage(policy),
    })),
  ];
}

function listPage(): string {
  const rows = catalogue.map(({ id, title, severity, subjects }) =>
    row([`[${id}](${id}.md)`, title, severity, subjects.join(', ')]),
  );
  const modes = Object.entries(defaultModes).map(([gate, mode]) => `\`${mode}\` at ${gate}`);
  return paragraphs([
    '# Policies',
    `Generated from \`policies/rules\`. Where the configuration says nothing, a policy is in ${modes.join(', ')}; [the configuration](../configuration.md) changes modes and params, and exempts.`,
    table(['Policy', 'What must hold', 'Severity', 'Judges'], rows),
  ]);
}

function policyPage(policy: MeshPolicy): string {
  return paragraphs([
    `# ${policy.id}`,
    `**${policy.title}.**`,
    policy.why,
    '## What it reads',
    table(
      ['Judges', 'Consults', 'Cost of one evaluation'],
      [row([policy.subjects.join(', '), policy.consults.join(', '), policy.cost])],
    ),
    '## Params',
    paramsPart(policy),
    '## Messages',
    messagesTable(policy),
    ...examplesPart('Holds', policy, (example) => example.expect.length === 0),
    ...examplesPart('Does not hold', policy, (example) => example.expect.length > 0),
    ...(policy.unobserved === undefined ? [] : ['## What Istio was not asked', policy.unobserved]),
    '## Exempt an object',
    exemptionPart(policy.id),
    ...equivalentsPart(policy.equivalents),
    ...evidencePart(policy.id),
    '## Sources',
    policy.sources.map((source) => `- ${source}`).join('\n'),
  ]);
}

function paramsPart({ params }: MeshPolicy): string {
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }) as JsonObject;
  return Object.keys(params.shape).length === 0 ? 'None.' : membersTable(schema);
}

function messagesTable({ messages, severity }: MeshPolicy): string {
  const rows = Object.entries(messages).map(([id, { text, remedy }]) =>
    row([`\`${id}\``, text, remedy]),
  );
  return paragraphs([
    `Severity \`${severity}\` unless the finding says otherwise.`,
    table(['Id', 'What is wrong', 'What to do'], rows),
  ]);
}

function examplesPart(
  title: string,
  { examples }: MeshPolicy,
  wanted: (example: Example) => boolean,
): readonly string[] {
  return [`## ${title}`, ...examples.filter(wanted).map(examplePart)];
}

function examplePart({ name, yaml, params, mesh, expect, observed }: Example): string {
  const settings = Object.entries({ mesh, params })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `\`${key}: ${JSON.stringify(value)}\``);
  return paragraphs([
    `### ${name}`,
    ...(settings.length === 0 ? [] : [`With ${settings.join(' and ')}.`]),
    `\`\`\`yaml\n${yaml.trim()}\n\`\`\``,
    ...(expect.length === 0 ? [] : [expect.map(foundLine).join('\n')]),
    ...(observed === undefined ? [] : [`What Istio does with it: ${withoutMarkup(observed)}`]),
  ]);
}

/** Names of wildcards and placeholders are no markup. */
function withoutMarkup(text: string): string {
  return text.replaceAll(/[*_<[\]]/gu, String.raw`\$&`);
}

function foundLine(expectation: string): string {
  const [message = '', object = ''] = expectation.split(' | ');
  return `- \`${message}\` on ${object}`;
}

function exemptionPart(id: string): string {
  return paragraphs([
    'In `meshgate.yaml`, with an optional last day:',
    `\`\`\`yaml
exemptions:
  - policy: ${id}
    match: { namespaces: [shop], names: [ledger] }
    reason: Why the finding is accepted.
    expires: '2027-01-31'
\`\`\``,
    `Or on the object itself, in the namespaces that the configuration lists under \`annotationExemptions\`: \`meshgate.dev/exempt: "${id}: why the finding is accepted"\`.`,
  ]);
}

function equivalentsPart(equivalents: readonly Equivalent[]): readonly string[] {
  const lines = equivalents.map(
    ({ tool, code, note }) => `- ${tool} ${code}${note === undefined ? '' : `: ${note}`}`,
  );
  return lines.length === 0 ? [] : ['## Equivalents', lines.join('\n')];
}

function evidencePart(id: string): readonly string[] {
  // From docs/policies/<topic>/<name>.md to docs/.
  const up = '../'.repeat(id.split('/').length);
  const lines = evidenceFor(id).map(({ title, path }) => `- [${title}](${up}${path})`);
  return lines.length === 0 ? [] : ['## Evidence', lines.join('\n')];
}

function paragraphs(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
