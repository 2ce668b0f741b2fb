import type { CheckReport } from '../../pipelines/check.ts';
import { severities } from '../../policies/core/finding.ts';
import type { Terminal } from '../terminal.ts';
import { mildestShown, type CheckOptions } from './options.ts';
import { printNotes, writeAll } from './print-text.ts';

/** Writes a report in the format that was asked for; each format's module is loaded only when it is used. */
export async function printReport(
  whole: CheckReport,
  options: CheckOptions,
  terminal: Terminal,
): Promise<void> {
  const report = filtered(whole, options);
  if (!options.quiet) {
    printNotes(report.notes, terminal);
  }
  switch (options.output) {
    case 'json': {
      const { toJsonReport } = await import('../../pipelines/present/json-report.ts');
      terminal.out(`${JSON.stringify(toJsonReport(report), null, 2)}\n`);
      return;
    }
    case 'sarif':
      await printSarif(report, terminal);
      return;
    case 'junit': {
      const { junitReport } = await import('../../pipelines/present/junit-report.ts');
      writeAll(junitReport(report), terminal);
      return;
    }
    case 'github': {
      const { githubReport } = await import('../../pipelines/present/github-report.ts');
      writeAll(githubReport(report), terminal);
      return;
    }
    case 'text': {
      const { textReport } = await import('../../pipelines/present/text-report.ts');
      const { styleFor } = await import('../../pipelines/present/style.ts');
      const style = styleFor(options.color ?? (terminal.outIsTerminal && !terminal.noColour));
      const { error, warning, info } = whole.summary;
      const hidden = error + warning + info - report.findings.length;
      const { quiet, fix: fixed } = options;
      writeAll(textReport(report, { style, quiet, hidden, fixed }), terminal);
    }
  }
}

async function printSarif(report: CheckReport, terminal: Terminal): Promise<void> {
  const { sarifReport } = await import('../../pipelines/present/sarif-report.ts');
  const { builtinPolicies } = await import('../../policies/core/builtin.ts');
  const { catalogue } = await import('../../policies/index.ts');
  const { version } = await import('../version.ts');
  const log = sarifReport(report, { version, rules: [...catalogue, ...builtinPolicies] });
  terminal.out(`${JSON.stringify(log, null, 2)}\n`);
}

function filtered(report: CheckReport, options: CheckOptions): CheckReport {
  const least = severities.indexOf(mildestShown(options));
  return {
    ...report,
    findings: report.findings.filter(
      ({ finding }) => severities.indexOf(finding.severity) >= least,
    ),
  };
}
