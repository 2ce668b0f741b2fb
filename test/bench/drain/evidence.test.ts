import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import type { Evidence } from '../../../bench/drain/evidence.ts';
import { evidencePage } from '../../../bench/drain/page.ts';
import { cutPlot } from '../../../bench/drain/plot.ts';

function read(file: string): string {
  return readFileSync(new URL(`../../../docs/evidence/${file}`, import.meta.url), 'utf8');
}

const evidence = JSON.parse(read('draining.json')) as Evidence;

test('the page is what the stored figures give', async () => {
  const page = await format(evidencePage(evidence), { parser: 'markdown', printWidth: 100 });
  expect(read('draining.md')).toBe(page);
});

test('the plot is what the stored figures give', () => {
  expect(read('draining.svg')).toBe(cutPlot(evidence));
});
