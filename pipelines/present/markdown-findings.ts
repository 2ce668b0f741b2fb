import { describeReference } from '../../policies/core/resource.ts';
import type { LocatedFinding } from '../locate.ts';
import type { ReviewedFinding } from '../review.ts';
import { diffBlock, sourceDiff } from './markdown-diff.ts';
import type { Item } from './markdown-sections.ts';
import { codeSpan, prose } from './markdown-text.ts';

/** A finding with its text, remedy and suggested change; in one line where there is no room. */
export function findingItem(reviewed: ReviewedFinding): Item {
  return { brief: `- ${headOf(reviewed)}`, full: () => fullFinding(reviewed) };
}

/** A finding in one line, with its text. */
export function listedFinding(located: LocatedFinding): Item {
  const head = `- ${headOf(located)}`;
  return { brief: head, full: () => `${head}: ${prose(located.finding.text)}` };
}

function fullFinding(reviewed: ReviewedFinding): string {
  const parts = [...findingParagraphs(reviewed), ...suggestedChange(reviewed)];
  return `\n${parts.join('\n\n')}\n`;
}

/** What is wrong where, why, and what to do. */
export function findingParagraphs(reviewed: ReviewedFinding): readonly string[] {
  const { text, remedy } = reviewed.finding;
  return [headOf(reviewed), prose(text), `**What to do:** ${prose(remedy)}`];
}

/** The fix as a diff to copy from, where there is one: of the sources where it was proven there, else of the object. */
export function suggestedChange({ suggestion, edits = [] }: ReviewedFinding): readonly string[] {
  if (edits.length > 0) {
    return edits.flatMap((edit) => [
      `Suggested change in ${codeSpan(edit.file)}:`,
      sourceDiff(edit),
    ]);
  }
  return suggestion.length === 0 ? [] : ['Suggested change:', diffBlock(suggestion)];
}

function headOf({ finding, file, line, column }: LocatedFinding): string {
  const place = codeSpan(`${file}:${String(line)}:${String(column)}`);
  const object = codeSpan(describeReference(finding.object));
  return `**${finding.severity}** ${codeSpan(finding.policy)} on ${object} at ${place}`;
}
