import type { Finding } from '../../policies/core/finding.ts';
import { pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import { describeReference, type ObjectReference } from '../../policies/core/resource.ts';

const warningLimit = 120;
const warningsLimit = 5;
const deniedLimit = 20;
const valueLimit = 1000;
const controlCharacters = /[\p{Cc}\u2028\u2029]+/gu;

/** A field as people write it: `spec.template.spec.containers[0].image`, `metadata.annotations["a.b/c"]`. */
export function fieldPath(at: Pointer): string {
  let path = '';
  for (const segment of pointerSegments(at)) {
    if (/^\d+$/u.test(segment)) {
      path += `[${segment}]`;
    } else if (/^[A-Za-z_][\w-]*$/u.test(segment)) {
      path += path === '' ? segment : `.${segment}`;
    } else {
      path += `[${JSON.stringify(segment)}]`;
    }
  }
  return path === '' ? 'the object' : path;
}

/**
 * Findings as warnings that the API server keeps whole: at most 5, each one line of at most 120 code points without
 * control characters. `reviewed` is the object of the request, where findings on others are among them. A finding goes on over several warnings where there is room, else it is cut and the rest counted.
 */
export function warningsFor(
  findings: readonly Finding[],
  reviewed?: ObjectReference,
): readonly string[] {
  const wrapped = findings.map((finding) => wrap(warningText(finding, reviewed)));
  if (wrapped.flat().length <= warningsLimit) {
    return distinct(wrapped.flat());
  }
  if (findings.length === 1) {
    return shorten(wrapped.flat().slice(0, warningsLimit));
  }
  const fits = findings.length <= warningsLimit;
  const shown = findings.slice(0, fits ? warningsLimit : warningsLimit - 1);
  const lines = distinct(shown.map((finding) => cut(warningText(finding, reviewed))));
  return fits ? lines : [...lines, `and ${String(findings.length - shown.length)} more`];
}

/** Two findings may read the same once they are cut; the API server would merge them too. */
function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}

/** The message of a denial: for each finding what, where, how to fix it, and the policy, on lines of their own. */
export function denialMessage(findings: readonly Finding[]): string {
  const [first] = findings;
  const lines = [`${first === undefined ? 'The object' : nameOf(first)} breaks mesh policy:`];
  for (const finding of findings.slice(0, deniedLimit)) {
    lines.push(
      `- ${finding.policy}: ${oneLine(finding.text)}`,
      `  Field: ${oneLine(fieldPath(finding.at))} (${oneLine(finding.at) || '/'})`,
      `  Fix: ${oneLine(finding.remedy)}`,
    );
  }
  if (findings.length > deniedLimit) {
    lines.push(`and ${String(findings.length - deniedLimit)} more`);
  }
  return lines.join('\n');
}

const plainLine = /^(?! )[ -~]{0,500}(?<! )$/u;

/** The text as one line that holds no control character, of at most 1000 code points. */
export function oneLine(text: string): string {
  if (plainLine.test(text)) {
    return text;
  }
  const clean = text
    .slice(0, 4 * valueLimit)
    .replaceAll(controlCharacters, ' ')
    .toWellFormed()
    .trim();
  return truncate(clean, valueLimit);
}

/** A finding on another object than the reviewed one, which this change breaks, names that object. */
function warningText(finding: Finding, reviewed: ObjectReference | undefined): string {
  const name = describeReference(finding.object);
  const elsewhere = reviewed !== undefined && describeReference(reviewed) !== name;
  const place = elsewhere ? `${name}, which this changes,` : fieldPath(finding.at);
  return oneLine(`${finding.policy} at ${place}: ${finding.text} ${finding.remedy}`);
}

function nameOf({ object }: Finding): string {
  return oneLine(describeReference({ ...object, name: object.name || '(name to be generated)' }));
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && codePoints(longer) > warningLimit) {
      lines.push(line);
      line = `… ${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map(cut);
}

function shorten(lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => (index === lines.length - 1 ? cut(`${line} …`) : line));
}

function cut(text: string): string {
  return truncate(text, warningLimit);
}

function truncate(text: string, limit: number): string {
  if (text.length <= limit || codePoints(text) <= limit) {
    return text;
  }
  return `${Array.from(text)
    .slice(0, limit - 1)
    .join('')}…`;
}

function codePoints(text: string): number {
  return Array.from(text).length;
}
