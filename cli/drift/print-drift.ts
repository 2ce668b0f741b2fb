import type { DriftReport } from '../../pipelines/drift/report.ts';
import type { ShownDrift } from '../../pipelines/present/text-drift.ts';
import { writeAll } from '../check/print-text.ts';
import type { Terminal } from '../terminal.ts';
import type { DriftOptions } from './options.ts';

type Look = Pick<DriftOptions, 'output' | 'color'>;

/** Writes reports in the format that was asked for; each format's module is loaded only when it is used. */
export async function printDrift(
  reports: readonly DriftReport[],
  look: Look,
  terminal: Terminal,
): Promise<void> {
  const { output } = look;
  if (output === 'markdown' || output === 'sarif') {
    const { printOther } = await import('./print-other.ts');
    await printOther(reports, output, terminal);
    return;
  }
  if (output === 'text') {
    await printTexts(reports, look, terminal);
    return;
  }
  const { toJsonDrift } = await import('../../pipelines/present/json-drift.ts');
  const [only, ...others] = reports.map(toJsonDrift);
  if (only !== undefined && others.length === 0) {
    printJson(only, terminal);
    return;
  }
  const { fleetReport } = await import('../../pipelines/present/fleet-report.ts');
  const members = reports.map((report) => ({
    cluster: report.cluster,
    report: toJsonDrift(report),
  }));
  printJson(fleetReport(members), terminal);
}

/** Writes reports for people, one after the other. */
export async function printTexts(
  reports: readonly ShownDrift[],
  { color }: Look,
  terminal: Terminal,
): Promise<void> {
  const { textDrift } = await import('../../pipelines/present/text-drift.ts');
  const { styleFor } = await import('../../pipelines/present/style.ts');
  const style = styleFor(color ?? (terminal.outIsTerminal && !terminal.noColour));
  for (const [index, report] of reports.entries()) {
    terminal.out(index === 0 ? '' : '\n');
    writeAll(textDrift(report, style), terminal);
  }
}

/** Writes a value as JSON. */
export function printJson(value: unknown, terminal: Terminal): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
