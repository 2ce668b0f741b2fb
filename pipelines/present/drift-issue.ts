import { describeReference } from '../../policies/core/resource.ts';
import { entriesOf, type DriftEntry } from '../drift/entries.ts';
import { pathOf } from '../drift/readable-path.ts';
import type { DriftDelta, DriftRecord } from '../drift/record.ts';
import { writeRecord } from '../drift/record-text.ts';
import type { DriftReport, ObjectDrift } from '../drift/report.ts';
import { driftMarkdown } from './drift-markdown.ts';
import { momentOf } from './drift-words.ts';
import { plainLine } from './escape.ts';
import { codeSpan, prose, shorten } from './markdown-text.ts';

/** GitHub's limit is 65,536; what a person adds by hand shall still fit. */
const largestBytes = 58_000;
const mostListed = 20;
const commentMarker = /^<!-- meshgate:drift-change (\d+) ([\da-f]{16}) -->/u;

/** What an issue says of a cluster. */
export interface DriftIssueText {
  readonly title: string;
  readonly body: string;
}

/** The issue as a whole; the record at its beginning is what the next check compares with. */
export function driftIssue(
  report: DriftReport,
  record: DriftRecord,
  { commit, linkTo }: { commit?: string; linkTo?: (file: string, line: number) => string },
): DriftIssueText {
  const marker = writeRecord(record);
  const at = commit === undefined ? '' : ` against commit ${codeSpan(commit.slice(0, 10))}`;
  const text = driftMarkdown(report, {
    limit: largestBytes - Buffer.byteLength(marker),
    note: `Last checked ${momentOf(record.checked)}${at}.`,
    ageOf: ageIn(report, record),
    ...(linkTo === undefined ? {} : { linkTo }),
  });
  return { title: issueTitle(report.cluster), body: `${marker}\n${text}` };
}

/** The title, which is the same for a cluster whatever differs. */
function issueTitle(cluster: string): string {
  return shorten(plainLine(`Drift: the cluster ${cluster} and Git`), 200);
}

/** What changed since people were last told, as a comment that says which change it tells. */
export function deltaComment(
  report: DriftReport,
  delta: DriftDelta,
  state: 'open' | 'closing' | 'reopening',
): string {
  const { added, altered, gone, kept, record } = delta;
  const counts = [
    ...(added.length > 0 ? [`${String(added.length)} new`] : []),
    ...(altered.length > 0 ? [`${String(altered.length)} with another value`] : []),
    ...(gone.length > 0 ? [`${String(gone.length)} gone`] : []),
    ...(kept.length > 0 ? [`${String(kept.length)} that could not be checked again`] : []),
  ];
  const lines = [
    `<!-- meshgate:drift-change ${String(record.sequence)} ${record.fingerprint} -->`,
    `${openings[state]}${counts.length === 0 ? '' : ` Differences: ${counts.join(', ')}.`}`,
    '',
    ...listed('new', added),
    ...listed('another value', altered),
    ...listedObjects(delta.mended),
    ...(report.verdict === 'undetermined' ? ['- Not everything could be told; see above.'] : []),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const openings = {
  open: 'The drift has changed.',
  closing: 'The cluster is as Git declares again.',
  reopening: 'The cluster still differs from Git, or does again, so this is open again.',
} as const;

/** Which change a comment tells of; undefined for comments that tell of none. */
export function toldChange(
  body: string,
): { readonly sequence: number; readonly fingerprint: string } | undefined {
  const [, sequence, fingerprint] = commentMarker.exec(body) ?? [];
  return sequence === undefined || fingerprint === undefined
    ? undefined
    : { sequence: Number(sequence), fingerprint };
}

/** The text of an issue that another one stands for. */
export function duplicateText(original: number): string {
  return `The same is told in #${String(original)}, which goes on.\n`;
}

function ageIn(report: DriftReport, { known, checked }: DriftRecord) {
  const oldest = new Map<ObjectDrift, number>();
  for (const { id, drift } of entriesOf(report)) {
    const since = known.get(id)?.since ?? checked;
    oldest.set(drift, Math.min(oldest.get(drift) ?? since, since));
  }
  return (drift: ObjectDrift): number | undefined => {
    const since = oldest.get(drift);
    return since === undefined ? undefined : checked - since;
  };
}

function listed(word: string, entries: readonly DriftEntry[]): readonly string[] {
  const lines = entries.slice(0, mostListed).map(({ drift, field }) => {
    const object = codeSpan(describeReference(drift.reference));
    return field === undefined
      ? `- ${word}: ${drift.verdict} ${object}`
      : `- ${word}: ${codeSpan(pathOf(drift, field))} of ${object}`;
  });
  const rest = entries.length - lines.length;
  return rest > 0 ? [...lines, `- ${String(rest)} more, see above`] : lines;
}

function listedObjects(objects: readonly string[]): readonly string[] {
  const lines = objects.slice(0, mostListed).map((object) => `- in order: ${prose(object)}`);
  const rest = objects.length - lines.length;
  return rest > 0 ? [...lines, `- ${String(rest)} more objects in order`] : lines;
}
