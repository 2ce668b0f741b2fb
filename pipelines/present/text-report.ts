import { effectOf, type Severity } from '../../policies/core/finding.ts';
import { describeReference } from '../../policies/core/resource.ts';
import type { CheckReport } from '../check.ts';
import type { LocatedFinding } from '../locate.ts';
import type { InputError } from '../render/manifests.ts';
import { codeFrame } from './code-frame.ts';
import { plainLine, plainText } from './escape.ts';
import type { Style } from './style.ts';

/** How much is shown. */
export interface TextOptions {
  readonly style: Style;
  /** One line a finding; no frames, notes or summary. */
  readonly quiet: boolean;
  /** How many findings are not among those of the report because of their severity. */
  readonly hidden: number;
  /** Fixes are in place: they do not do what is left. */
  readonly fixed: boolean;
}

/** A report for people, in pieces that end in a line break. */
export function* textReport(report: CheckReport, options: TextOptions): Generator<string> {
  for (const error of report.errors) {
    yield `${inputErrorLine(error, options.style)}\n`;
  }
  if (report.errors.length > 0 && report.findings.length > 0 && !options.quiet) {
    yield '\n';
  }
  for (const located of report.findings) {
    yield options.quiet
      ? `${heading(located, options.style)}: ${plainLine(located.finding.text)}\n`
      : full(located, options);
  }
  if (!options.quiet) {
    yield `${summaryLine(report, options)}\n`;
  }
}

/** `12 things`, `1 thing`. */
function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function inputErrorLine({ file, line, text }: InputError, style: Style): string {
  return `${plainLine(file)}:${String(line)}: ${style.red('cannot be read')}: ${plainLine(text)}`;
}

function heading({ finding, file, line, column }: LocatedFinding, style: Style): string {
  const place = `${plainLine(file)}:${String(line)}:${String(column)}`;
  const mode =
    finding.severity === 'error' && effectOf(finding) !== 'block' ? ` (${finding.mode})` : '';
  return `${style.strong(place)} ${severityWord(finding.severity, style)}${mode} ${style.dim(finding.policy)}`;
}

function full(located: LocatedFinding, { style, fixed }: TextOptions): string {
  const { finding } = located;
  const hint = !fixed && isFixable(located) ? style.dim(' (--fix does it)') : '';
  const lines = [
    heading(located, style),
    `  ${plainLine(describeReference(finding.object))}: ${indented(finding.text)}`,
    ...codeFrame(located, style),
    `  ${style.green('What to do')}: ${indented(finding.remedy)}${hint}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** Text of several lines, set in below its first one; nothing in it that a terminal would obey. */
export function indented(text: string): string {
  return plainText(text).replaceAll('\n', '\n    ');
}

/** A severity in its colour. */
export function severityWord(severity: Severity, style: Style): string {
  switch (severity) {
    case 'error':
      return style.red(severity);
    case 'warning':
      return style.yellow(severity);
    case 'info':
      return style.blue(severity);
  }
}

function summaryLine(
  { summary, errors, exempted }: CheckReport,
  { style, hidden }: TextOptions,
): string {
  const parts = [
    counted(summary.error, 'error'),
    counted(summary.warning, 'warning'),
    `${String(summary.info)} info`,
  ];
  const found = summary.error + summary.warning + summary.info;
  const verdict = found === 0 ? style.green('nothing to report') : parts.join(', ');
  const more = [
    ...(hidden === 0 ? [] : [`${String(hidden)} not shown, see --min-severity`]),
    ...(exempted === 0 ? [] : [`${String(exempted)} exempted`]),
    ...(errors.length === 0 ? [] : [style.red(`${counted(errors.length, 'input')} not readable`)]),
  ];
  const read = `${counted(summary.objects, 'object')} in ${counted(summary.documents, 'document')}`;
  return `${read}: ${[verdict, ...more].join('; ')}`;
}

/** What a renderer made cannot be edited: its source may make other objects too. */
function isFixable({ operations, origin }: LocatedFinding): boolean {
  return operations !== undefined && origin.rendered === undefined;
}
