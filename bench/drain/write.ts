import { mkdir, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import type { Evidence } from './evidence.ts';
import { evidencePage } from './page.ts';
import { cutPlot } from './plot.ts';

const folder = new URL('../../docs/evidence/', import.meta.url);

/** Writes what was measured, and the page and the plot that are made of it. */
export async function writeEvidence(evidence: Evidence): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    new URL('draining.json', folder),
    await format(JSON.stringify(evidence), { parser: 'json', printWidth: 100 }),
  );
  await writeFile(
    new URL('draining.md', folder),
    await format(evidencePage(evidence), { parser: 'markdown', printWidth: 100 }),
  );
  await writeFile(new URL('draining.svg', folder), cutPlot(evidence));
}
