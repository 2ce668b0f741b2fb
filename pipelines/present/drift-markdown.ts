import { describeReference } from '../../policies/core/resource.ts';
import { pathOf } from '../drift/readable-path.ts';
import type { DriftReport, FieldDrift, ObjectDrift } from '../drift/report.ts';
import { ageOf, byEffect, shownValue, verdictCounts } from './drift-words.ts';
import { listedFinding } from './markdown-findings.ts';
import { composeSections, type Item, type Section } from './markdown-sections.ts';
import { codeSpan, prose } from './markdown-text.ts';

/** What a Markdown report says beside what the comparison found. */
export interface DriftMarkdownOptions {
  /** Bytes of UTF-8 that it may take. */
  readonly limit?: number;
  /** A line below the heading, in Markdown, such as when the cluster was last checked. */
  readonly note?: string;
  /** How long a difference has been there, in milliseconds; undefined where that is not known. */
  readonly ageOf?: (drift: ObjectDrift) => number | undefined;
  /** The address of a line of the repository. */
  readonly linkTo?: (file: string, line: number) => string;
}

/** Below GitHub's limit for an issue, with room for what others write around it. */
const usualLimit = 58_000;

/** Of fields of one object; the JSON report has all of them. */
const mostFields = 20;

/** A comparison as GitHub-flavoured Markdown in which text of manifests and of the cluster cannot act. */
export function driftMarkdown(report: DriftReport, options: DriftMarkdownOptions = {}): string {
  const drifts = byEffect(report);
  const sections: readonly Section[] = [
    headed('What it breaks', report.findings.map(listedFinding), 0),
    headed(
      'What differs',
      drifts.map((drift) => driftItem(drift, options)),
      1,
    ),
    headed('Could not be told', unknownItems(report), 2),
    headed('What to do', drifts.length === 0 ? [] : remedies.map(line), 3),
    folded('How to read this', [...attributionLimits, ...report.notes].map(proseLine), 4),
    folded('Seen and not called drift', ignoredItems(report), 5),
    folded('Ignore rules to clean up', report.unusedRules.map(proseLine), 6),
  ];
  return composeSections(top(report, drifts, options), sections, '', options.limit ?? usualLimit);
}

/** How many objects differ, or that none does, in a few words. */
export function driftHeadline({ verdict, drifts, cluster }: DriftReport): string {
  const differing = drifts.filter((drift) => drift.verdict !== 'unknown').length;
  if (differing > 0) {
    return `${cluster} differs from Git in ${String(differing)} object${differing === 1 ? '' : 's'}`;
  }
  return verdict === 'in-sync'
    ? `${cluster} is as Git declares`
    : `${cluster} could not be compared with Git as a whole`;
}

const remedies = [
  '- To go back to Git: `meshgate drift --revert` prints the smallest commands that restore these fields, and runs none.',
  '- To keep what the cluster has: `meshgate drift --adopt` writes the live values into the source files, with `--pull-request` as a pull request.',
  '- To accept a difference: `meshgate drift --tolerate` prints an ignore rule for `meshgate.yaml`, with a reason and an end to fill in.',
];

/** What field managers can and cannot tell. Source: the API server's own handling of `metadata.managedFields`. */
const attributionLimits = [
  'A manager is the name of a program, which its user may choose, and never a person. The audit log names people.',
  'A time is the last one at which that manager changed any of its fields, so it is the latest that this field can have been set.',
  'A removal leaves no trace, and what a mutating webhook wrote belongs to nobody.',
];

function top(
  report: DriftReport,
  drifts: readonly ObjectDrift[],
  { note }: DriftMarkdownOptions,
): string {
  const { judged, declared } = report.coverage;
  const facts = [
    ...(drifts.length === 0 ? [] : [`${verdictCounts({ drifts })}.`]),
    `${String(judged)} of ${String(declared)} declared objects could be judged.`,
  ];
  const below = note === undefined ? '' : `\n${note}\n`;
  return `### meshgate: ${prose(driftHeadline(report))}\n\n${facts.join(' ')}\n${below}`;
}

function headed(title: string, items: readonly Item[], rank: number): Section {
  return { open: `\n#### ${title}\n\n`, close: '', items, rank };
}

function folded(title: string, items: readonly Item[], rank: number): Section {
  return {
    open: `\n<details><summary>${title}</summary>\n\n`,
    close: '\n</details>\n',
    items,
    rank,
  };
}

function line(text: string): Item {
  return { brief: text, full: () => text };
}

function proseLine(text: string): Item {
  return line(`- ${prose(text)}`);
}

function driftItem(drift: ObjectDrift, options: DriftMarkdownOptions): Item {
  const { verdict, reference, why } = drift;
  const age = options.ageOf?.(drift);
  const since = age === undefined ? '' : `, seen first ${ageOf(age)} ago`;
  const brief = `- **${verdict}** ${codeSpan(describeReference(reference))}${placeOf(drift, options)}${since}`;
  return {
    brief,
    full: () => {
      const fields = drift.fields.slice(0, mostFields).map((field) => fieldLine(drift, field));
      const rest = drift.fields.length - fields.length;
      const more = rest > 0 ? [`  - ${String(rest)} more fields`] : [];
      const head = fields.length === 0 ? `${brief}: ${prose(why)}` : `${brief}:`;
      return [head, ...fields, ...more].join('\n');
    },
  };
}

function placeOf({ file, line: at }: ObjectDrift, { linkTo }: DriftMarkdownOptions): string {
  if (file === undefined) {
    return '';
  }
  const place = codeSpan(`${file}:${String(at ?? 1)}`);
  return linkTo === undefined ? ` at ${place}` : ` at [${place}](${linkTo(file, at ?? 1)})`;
}

function fieldLine(drift: ObjectDrift, field: FieldDrift): string {
  const path = codeSpan(pathOf(drift, field));
  const values = `Git has ${codeValue(field.declared)}, the cluster ${codeValue(field.live)}`;
  return `  - ${path} (${field.class}): ${values}; ${prose(field.why)}`;
}

function codeValue(value: FieldDrift['live']): string {
  return value === undefined ? 'nothing' : codeSpan(shownValue(value));
}

function unknownItems({ unknown, drifts }: DriftReport): readonly Item[] {
  const objects = drifts
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ reference, why }) => ({ object: describeReference(reference), why }));
  return [...unknown, ...objects].map(({ object, why }) => {
    const brief = `- ${codeSpan(object)}`;
    return { brief, full: () => `${brief}: ${prose(why)}` };
  });
}

function ignoredItems({ ignored }: DriftReport): readonly Item[] {
  return ignored.map(({ rule, source, count }) =>
    line(`- ${prose(rule)} (${source}): ${String(count)}`),
  );
}
