import type { Example } from '../../policies/core/policy.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { paramDocs } from '../params.ts';
import { section, indent, wrap } from './layout.ts';

/** Everything that someone who met a policy's finding wants to know, as text. */
export function explainPolicy(policy: MeshPolicy): string {
  const bad = policy.examples.find(({ expect }) => expect.length > 0);
  const good = policy.examples.find(({ expect }) => expect.length === 0);
  const sections = [
    `${policy.id}: ${policy.title}`,
    wrap(policy.why),
    readingLines(policy),
    section('Parameters', paramLines(policy)),
    section('Messages', messageLines(policy)),
    exampleSection('Reported', bad),
    exampleSection('In order', good),
    section('How to exempt an object', exemptionLines(policy)),
    section('The same in other tools', equivalentLines(policy)),
    section('Sources', policy.sources),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function readingLines({ subjects, consults, cost, severity }: MeshPolicy): string {
  return [
    wrap(`Judges: ${subjects.join(', ')}.`),
    ...(consults.length === 0 ? [] : [wrap(`Reads too: ${consults.join(', ')}.`)]),
    wrap(`Cost: ${cost}`),
    `Severity: ${severity} unless a message says otherwise.`,
  ].join('\n');
}

function paramLines(policy: MeshPolicy): readonly string[] {
  return paramDocs(policy).map(({ name, description, fallback }) => {
    const value = fallback === undefined ? '' : ` (default ${JSON.stringify(fallback)})`;
    return wrap(`${name}${value}: ${description}`);
  });
}

function messageLines(policy: MeshPolicy): readonly string[] {
  return Object.entries(policy.messages).map(
    ([id, { text, remedy }]) => `${id}\n${indent(wrap(text))}\n${indent(wrap(remedy))}`,
  );
}

function exampleSection(title: string, example: Example | undefined): string {
  if (example === undefined) {
    return '';
  }
  const { name, yaml, observed } = example;
  const seen = observed === undefined ? '' : `\n\n${wrap(`What Istio does with it: ${observed}`)}`;
  return `${title}: ${name}\n\n${indent(yaml.trim())}${seen}`;
}

function exemptionLines({ id }: MeshPolicy): readonly string[] {
  return [
    'In meshgate.yaml:',
    '',
    'exemptions:',
    `  - policy: ${id}`,
    '    match: { namespaces: [shop], names: [ledger] }',
    '    reason: why this is right here',
    "    expires: '2027-01-31'",
    '',
    `or, where annotationExemptions.namespaces allows it, on the object: meshgate.dev/exempt: "${id}: why"`,
  ];
}

function equivalentLines({ equivalents }: MeshPolicy): readonly string[] {
  return equivalents.map(
    ({ tool, code, note }) => `${tool} ${code}${note === undefined ? '' : `: ${note}`}`,
  );
}
