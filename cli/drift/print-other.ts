import type { DriftReport } from '../../pipelines/drift/report.ts';
import type { Terminal } from '../terminal.ts';

/** Writes reports as Markdown, one after the other, or as one SARIF log with a run for each. */
export async function printOther(
  reports: readonly DriftReport[],
  output: 'markdown' | 'sarif',
  terminal: Terminal,
): Promise<void> {
  if (output === 'markdown') {
    const { driftMarkdown } = await import('../../pipelines/present/drift-markdown.ts');
    terminal.out(reports.map((report) => driftMarkdown(report)).join('\n'));
    return;
  }
  const { sarifDrift } = await import('../../pipelines/present/sarif-drift.ts');
  const { builtinPolicies } = await import('../../policies/core/builtin.ts');
  const { catalogue } = await import('../../policies/index.ts');
  const { version } = await import('../version.ts');
  const rules = [...catalogue, ...builtinPolicies];
  const logs = reports.map((report) => sarifDrift(report, { version, rules }));
  const runs = logs.flatMap((log) => log['runs']);
  terminal.out(`${JSON.stringify({ ...logs[0], runs }, null, 2)}\n`);
}
