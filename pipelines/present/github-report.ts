import type { Severity } from '../../policies/core/finding.ts';
import type { CheckReport } from '../check.ts';

const commands: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};

/**
 * A report as GitHub Actions workflow commands, which become annotations on the lines.
 * Source: actions/toolkit `packages/core/src/command.ts`.
 */
export function* githubReport(report: CheckReport): Generator<string> {
  for (const { file, line, text } of report.errors) {
    yield command('error', { file, line, title: 'meshgate: cannot be read' }, text);
  }
  for (const { finding, file, line, column } of report.findings) {
    const body = `${finding.text}\n${finding.remedy}`;
    yield command(
      commands[finding.severity],
      { file, line, col: column, title: finding.policy },
      body,
    );
  }
}

function command(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  body: string,
): string {
  const pairs = Object.entries(properties).map(
    ([key, value]) => `${key}=${escapeProperty(String(value))}`,
  );
  return `::${name} ${pairs.join(',')}::${escapeData(body)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
