import { effectOf } from '../../policies/core/finding.ts';
import type { Review, ReviewedFinding } from '../review.ts';
import { plainText } from './escape.ts';
import { toMarkdown } from './markdown-review.ts';
import { prose, shorten } from './markdown-text.ts';

/** A remark on lines of a file, wherever they are; shown in the list of changes and beside the check. */
export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column?: number;
  readonly end_column?: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title: string;
}

/** The outcome of a review as a check run shows it. */
export interface CheckOutcome {
  /** Cancelled: there was no outcome, and another run is to find one. */
  readonly conclusion: 'success' | 'neutral' | 'failure' | 'cancelled';
  readonly title: string;
  readonly summary: string;
  readonly text?: string;
  readonly annotations: readonly CheckAnnotation[];
}

/** GitHub takes 50 annotations a request; more than this many nobody reads, and each request takes a second. */
export const mostAnnotations = 500;
const longestMessage = 16_000;
const longestTitle = 255;

const levels = { block: 'failure', warn: 'warning', list: 'notice' } as const;

/**
 * A review as a check run. It fails where a policy in mode `enforce` found a new error or where something could not be
 * read, is neutral where there are new warnings only or where something was unreadable before, and else a success.
 */
export function toCheckOutcome(review: Review, unposted: readonly string[]): CheckOutcome {
  const ranked = review.introduced.toSorted((left, right) => rankOf(left) - rankOf(right));
  const unreadable = review.unreadable.filter(({ introduced }) => introduced);
  const annotations = [
    ...unreadable.map(({ path, text }) => annotation(path, 1, 'failure', text, 'cannot be read')),
    ...ranked.map(findingAnnotation),
  ];
  const rest = annotations.length - mostAnnotations;
  const notes = [
    ...(rest > 0 ? [`${String(rest)} more findings are not annotated.`] : []),
    ...unposted.map((note) => prose(note)),
  ];
  return {
    conclusion: conclusionOf(review),
    title: titleOf(review),
    summary: [summaryOf(review), ...notes.map((note) => `- ${note}`)].join('\n'),
    text: toMarkdown(review),
    annotations: annotations.slice(0, mostAnnotations),
  };
}

/** A check run where there could be no review. */
export function toCheckProblem(problem: string): CheckOutcome {
  return {
    conclusion: 'failure',
    title: 'This could not be reviewed',
    summary: problem
      .split('\n')
      .slice(0, 50)
      .map((line) => `- ${prose(line)}`)
      .join('\n'),
    annotations: [],
  };
}

/** A check run that ended without an outcome: it does not let anything through, and does not count as done. */
export function toCheckInterruption(problem: string): CheckOutcome {
  return { ...toCheckProblem(problem), conclusion: 'cancelled' };
}

function conclusionOf(review: Review): CheckOutcome['conclusion'] {
  if (review.verdict !== 'clear') {
    return 'failure';
  }
  const warns = review.introduced.some(({ finding }) => effectOf(finding) === 'warn');
  // What could not be read before either is nobody's fault here, but what it holds is not known: never green.
  return warns || review.unreadable.length > 0 ? 'neutral' : 'success';
}

function titleOf({ introduced, unreadable }: Review): string {
  const blocking = introduced.filter(({ finding }) => effectOf(finding) === 'block').length;
  const warnings = introduced.filter(({ finding }) => effectOf(finding) === 'warn').length;
  const parts = [
    ...(blocking > 0 ? [`${String(blocking)} to fix before merging`] : []),
    ...(warnings > 0 ? [`${String(warnings)} to look at`] : []),
    ...(unreadable.length > 0 ? ['not everything could be read'] : []),
  ];
  return parts.length === 0 ? 'Nothing new to fix' : parts.join(', ');
}

function summaryOf({ introduced, resolved, remaining, base, head, steps }: Review): string {
  const totals = `${String(introduced.length)} new, ${String(resolved.length)} resolved, ${String(remaining.length)} remaining from before`;
  const took = steps.map(({ name, milliseconds }) => `${name} ${String(milliseconds)} ms`);
  const time = took.length === 0 ? '' : `\nTook: ${took.join(', ')}.\n`;
  return `${totals}. Compared \`${head.slice(0, 10)}\` with its merge base \`${base.slice(0, 10)}\`.\n${time}`;
}

function rankOf({ finding }: ReviewedFinding): number {
  return Object.keys(levels).indexOf(effectOf(finding));
}

function findingAnnotation({ finding, file, line, endLine, column }: ReviewedFinding) {
  const level = levels[effectOf(finding)];
  const message = `${finding.text}\n${finding.remedy}`;
  const at = annotation(file, line, level, message, finding.policy);
  return endLine === line
    ? { ...at, start_column: column, end_column: column }
    : { ...at, end_line: Math.max(endLine, line) };
}

/** A remark on one line, with its text made harmless and cut to what GitHub takes. */
export function annotation(
  path: string,
  line: number,
  level: CheckAnnotation['annotation_level'],
  message: string,
  title: string,
): CheckAnnotation {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    message: shorten(plainText(message), longestMessage),
    title: shorten(plainText(`meshgate: ${title}`), longestTitle - 1),
  };
}
