import type { Finding } from '../../policies/core/finding.ts';
import type { Json } from '../../policies/core/json.ts';
import { describeReference } from '../../policies/core/resource.ts';
import type { DriftReport, DriftVerdict, FieldDrift, ObjectDrift } from '../drift/report.ts';
import { plainLine } from './escape.ts';
import type { Style } from './style.ts';

type ShownObject = Pick<
  ObjectDrift,
  'reference' | 'verdict' | 'why' | 'remedy' | 'file' | 'line'
> & {
  readonly fields: readonly (Pick<FieldDrift, 'declared' | 'live' | 'manager' | 'why'> & {
    readonly at: string;
  })[];
};

/** As much of a report as people are shown; another process may have made it. */
export interface ShownDrift extends Omit<DriftReport, 'drifts' | 'findings'> {
  readonly drifts: readonly ShownObject[];
  readonly findings: readonly {
    readonly finding: Pick<Finding, 'policy' | 'object' | 'text' | 'remedy'> & {
      readonly severity: string;
    };
    readonly file: string;
    readonly line: number;
  }[];
}

const headings: readonly (readonly [DriftVerdict, string])[] = [
  ['missing', 'Missing: Git declares it, the cluster does not have it'],
  ['changed', 'Changed: the cluster has another value than Git'],
  ['removed', 'Removed in Git: the cluster still has it'],
  ['foreign', 'Foreign: somebody added what Git does not declare'],
  ['extra', 'Extra: Git does not declare the object'],
  ['unknown', 'Unknown: it could not be told'],
];

const longestValue = 200;

const limits = [
  'Who: a manager is the name of a program, which its user chooses; it is no proof of a person. On a list that is one',
  'value the owner is that of the whole list. When: the last time that the manager changed any of its fields, so an upper',
  'bound for one of them. A removal leaves no trace of who or when.',
].join('\n  ');

/** A drift report for people, grouped by verdict, in pieces that end in a line break. */
export function* textDrift(report: ShownDrift, style: Style): Generator<string> {
  for (const [verdict, heading] of headings) {
    const drifts = report.drifts.filter((drift) => drift.verdict === verdict);
    if (drifts.length > 0) {
      yield `${style.strong(heading)}\n`;
      for (const drift of drifts) {
        yield describeDrift(drift, style);
      }
      yield '\n';
    }
  }
  if (report.unknown.length > 0) {
    yield `${style.strong('Could not be told')}\n`;
    for (const { object, why } of report.unknown) {
      yield `  ${plainLine(object)}: ${plainLine(why)}\n`;
    }
    yield '\n';
  }
  yield* findingsOf(report, style);
  yield* footer(report, style);
}

function describeDrift(drift: ShownObject, style: Style): string {
  const place = drift.file === undefined ? '' : ` ${style.dim(`(${placeOf(drift)})`)}`;
  const lines = [
    `  ${plainLine(describeReference(drift.reference))}${place}`,
    ...(drift.fields.length === 0 ? [`    ${plainLine(drift.why)}`] : []),
    ...drift.fields.flatMap((field) => describeField(field, style)),
    `    ${style.green('What to do')}: ${plainLine(drift.remedy)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function placeOf({ file, line }: ShownObject): string {
  return plainLine(`${file ?? ''}:${String(line ?? 1)}`);
}

function describeField(field: ShownObject['fields'][number], style: Style): readonly string[] {
  return [
    `    ${plainLine(field.at)}`,
    `      declared: ${shown(field.declared)}`,
    `      live:     ${shown(field.live)}`,
    `      ${style.dim(plainLine(field.why))}`,
  ];
}

function shown(value: Json | undefined): string {
  if (value === undefined) {
    return '(nothing)';
  }
  const text = plainLine(JSON.stringify(value));
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}

function* findingsOf({ findings }: ShownDrift, style: Style): Generator<string> {
  if (findings.length === 0) {
    return;
  }
  yield `${style.strong('What the drift breaks')}\n`;
  for (const { finding, file, line } of findings) {
    yield `  ${plainLine(file)}:${String(line)} ${plainLine(finding.severity)} ${style.dim(finding.policy)}\n`;
    yield `    ${plainLine(describeReference(finding.object))}: ${plainLine(finding.text)}\n`;
    yield `    ${style.green('What to do')}: ${plainLine(finding.remedy)}\n`;
  }
  yield '\n';
}

function* footer(report: ShownDrift, style: Style): Generator<string> {
  for (const { rule, count } of report.ignored) {
    yield style.dim(`ignored: ${plainLine(rule)} (${String(count)})`) + '\n';
  }
  for (const rule of report.unusedRules) {
    yield `${style.yellow('unused')}: ${plainLine(rule)}\n`;
  }
  for (const note of report.notes) {
    yield `note: ${plainLine(note)}\n`;
  }
  if (report.drifts.some(({ fields }) => fields.some(({ manager }) => manager !== undefined))) {
    yield style.dim(`  ${limits}`) + '\n';
  }
  yield `${plainLine(report.cluster)}: ${summary(report, style)}\n`;
}

function summary({ verdict, drifts, coverage, inSync }: ShownDrift, style: Style): string {
  const judged = `${String(coverage.judged)} of ${String(coverage.declared)} declared objects judged`;
  switch (verdict) {
    case 'in-sync':
      return `${style.green('in sync')}; ${judged}`;
    case 'drift':
      return `${style.red(`${String(drifts.length)} drifting`)}, ${String(inSync.length)} in sync; ${judged}`;
    case 'undetermined':
      return `${style.yellow(coverage.live === 0 ? 'could not be told: no live object was read' : 'could not be told')}; ${judged}`;
  }
}
