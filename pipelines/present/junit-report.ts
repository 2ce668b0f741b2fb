import type { CheckReport } from '../check.ts';
import type { LocatedFinding } from '../locate.ts';

/** What XML 1.0 cannot hold at all, not even escaped. Source: XML 1.0, 2.2 Characters. */
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/gu;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/**
 * A report as JUnit XML: one case for each finding, failed for errors and warnings, and an error for each input that
 * cannot be read. A clean run has one passing case, so that it is not taken for one that did not happen.
 */
export function* junitReport(report: CheckReport): Generator<string> {
  const failures = report.findings.filter(({ finding }) => finding.severity !== 'info').length;
  const cases = report.findings.length + report.errors.length;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites>\n<testsuite name="meshgate check" tests="${String(Math.max(cases, 1))}" failures="${String(failures)}" errors="${String(report.errors.length)}">\n`;
  if (cases === 0) {
    yield `<testcase name="${String(report.summary.objects)} objects" classname="meshgate"/>\n`;
  }
  for (const { file, line, text } of report.errors) {
    yield `<testcase name="${escapeXml(file)}" classname="meshgate.input"><error message="${escapeXml(text)}">${escapeXml(`${file}:${String(line)}: ${text}`)}</error></testcase>\n`;
  }
  for (const located of report.findings) {
    yield testCase(located);
  }
  yield '</testsuite>\n</testsuites>\n';
}

function testCase({ finding, file, line, column }: LocatedFinding): string {
  const { policy, object, at, text, remedy, severity } = finding;
  const name = `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name} ${at}`;
  const open = `<testcase name="${escapeXml(name)}" classname="${escapeXml(policy)}" file="${escapeXml(file)}" line="${String(line)}">`;
  const body = escapeXml(`${file}:${String(line)}:${String(column)}\n${text}\n${remedy}`);
  if (severity === 'info') {
    return `${open}<system-out>${body}</system-out></testcase>\n`;
  }
  return `${open}<failure type="${severity}" message="${escapeXml(text)}">${body}</failure></testcase>\n`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll(forbidden, '\uFFFD')
    .replaceAll(/[&<>"\t\n\r]/gu, (character) => entities[character] ?? character);
}
