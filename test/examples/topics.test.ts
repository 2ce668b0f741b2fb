import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { check } from '../../pipelines/check.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';

const folder = fileURLToPath(new URL('../../examples/topics', import.meta.url));
const files = readdirSync(folder);
const topics = new Set(catalogue.map(({ id }) => id.split('/', 1)[0]));

test('there is an example for every topic of the catalogue', () => {
  expect(new Set(files.map((file) => file.replace('.yaml', '')))).toEqual(topics);
});

test.each(files)('%s shows its topic at work', async (file) => {
  const readInput = (): Promise<Buffer> => Promise.reject(new Error('no input is asked for'));
  const sources = await readSources({ paths: [`${folder}/${file}`], ignore: [], readInput });
  const report = await check(sources, { catalogue, settings: defaultSettings, now: 0 });
  const notable = report.findings.filter(({ finding }) => finding.severity !== 'info');

  expect(report.errors).toEqual([]);
  expect(notable.map(({ finding }) => finding.policy.split('/', 1)[0])).toContain(
    file.replace('.yaml', ''),
  );
});
