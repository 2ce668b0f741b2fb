import type { DriftReport } from '../../pipelines/drift/report.ts';
import { writeAll } from '../check/print-text.ts';
import type { Terminal } from '../terminal.ts';
import type { DriftOptions } from './options.ts';

/** Writes a report in the format that was asked for; each format's module is loaded only when it is used. */
export async function printDrift(
  report: DriftReport,
  { output, color }: DriftOptions,
  terminal: Terminal,
): Promise<void> {
  if (output === 'markdown' || output === 'sarif') {
    const { printOther } = await import('./print-other.ts');
    await printOther([report], output, terminal);
    return;
  }
  if (output === 'json') {
    const { toJsonDrift } = await import('../../pipelines/present/json-drift.ts');
    terminal.out(`${JSON.stringify(toJsonDrift(report), null, 2)}\n`);
    return;
  }
  const { textDrift } = await import('../../pipelines/present/text-drift.ts');
  const { styleFor } = await import('../../pipelines/present/style.ts');
  writeAll(
    textDrift(report, styleFor(color ?? (terminal.outIsTerminal && !terminal.noColour))),
    terminal,
  );
}
