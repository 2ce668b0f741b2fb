import { stringify } from 'yaml';
import { suggestion } from '../../policies/core/nearest.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import type { ReviewedFinding } from '../review.ts';
import { codeSpan, fence, prose } from './markdown-text.ts';

const commands = [
  '- `/meshgate recheck` reviews this pull request again',
  '- `/meshgate explain <policy>` says what a policy wants and why',
  '- `/meshgate exempt <policy> <reason>` proposes an exemption for `meshgate.yaml`',
];

/** Objects that one proposal names; more are better matched by hand. */
const mostObjects = 20;

/** Whether a comment of ours answers that comment. */
export function isAnswerTo(comment: number, body: string): boolean {
  return body.startsWith(markAnswer(comment));
}

/** What a policy wants and why. */
export function explainAnswer(
  comment: number,
  id: string,
  catalogue: readonly MeshPolicy[],
): string {
  const policy = catalogue.find((candidate) => candidate.id === id);
  if (policy === undefined) {
    return unknownPolicy(comment, id, catalogue);
  }
  const messages = Object.entries<{ readonly text: string; readonly remedy: string }>(
    policy.messages,
  ).map(([name, { text, remedy }]) => `- ${codeSpan(name)}: ${prose(text)} ${prose(remedy)}`);
  return paragraphs(comment, [
    `**${prose(policy.title)}** (${codeSpan(policy.id)}, ${policy.severity})`,
    prose(policy.why),
    `What it says:\n${messages.join('\n')}`,
  ]);
}

/** An exemption to add to the configuration; nothing is exempt by this. */
export function exemptAnswer(
  comment: number,
  { policy, reason }: { readonly policy: string; readonly reason: string },
  catalogue: readonly MeshPolicy[],
  findings: readonly ReviewedFinding[],
): string {
  if (!catalogue.some(({ id }) => id === policy)) {
    return unknownPolicy(comment, policy, catalogue);
  }
  const objects = new Map(
    findings
      .filter(({ finding }) => finding.policy === policy)
      .map(({ finding: { object } }) => [JSON.stringify(object), object]),
  );
  if (objects.size === 0) {
    return paragraphs(comment, [`There is no finding of ${codeSpan(policy)} here to exempt.`]);
  }
  const exemptions = [...objects.values()].slice(0, mostObjects).map((object) => ({
    policy,
    match: {
      ...(object.namespace === '' ? {} : { namespaces: [object.namespace] }),
      kinds: [object.kind],
      names: [object.name],
    },
    reason,
  }));
  const yaml = stringify({ exemptions }, { lineWidth: 0 }).trimEnd().split('\n');
  const rest = objects.size - exemptions.length;
  return paragraphs(comment, [
    'Proposed for `meshgate.yaml` on the base branch. Nothing is exempt until it is merged there, since a pull request cannot excuse itself.',
    fence('yaml', yaml),
    ...(rest > 0 ? [`${String(rest)} more objects have such a finding.`] : []),
  ]);
}

/** Which commands there are. */
export function usageAnswer(comment: number): string {
  return paragraphs(comment, ['That is no command. There are:', commands.join('\n')]);
}

function unknownPolicy(comment: number, id: string, catalogue: readonly MeshPolicy[]): string {
  const near = suggestion(
    id,
    catalogue.map((policy) => policy.id),
  );
  return paragraphs(comment, [`There is no policy ${codeSpan(id)}${near}`]);
}

function paragraphs(comment: number, parts: readonly string[]): string {
  return [markAnswer(comment), ...parts].join('\n\n');
}

function markAnswer(comment: number): string {
  return `<!-- meshgate:answer ${String(comment)} -->`;
}
