import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { check } from '../../pipelines/check.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { readSettings } from '../../policies/core/read-settings.ts';
import { readYaml } from '../../policies/core/yaml.ts';
import { catalogue } from '../../policies/index.ts';

const repository = fileURLToPath(new URL('../../examples/repository', import.meta.url));

test('the example repository has no other findings than those that its comments explain', async () => {
  const yaml = readYaml(readFileSync(`${repository}/meshgate.yaml`, 'utf8'));
  const read = readSettings('value' in yaml ? yaml.value : undefined, catalogue);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const readInput = (): Promise<Buffer> => Promise.reject(new Error('no input is asked for'));
  const sources = await readSources({ paths: [repository], ignore: [], readInput });
  const report = await check(sources, { catalogue, settings: read.settings, now: 0 });
  const notable = report.findings.filter(({ finding }) => finding.severity !== 'info');

  expect(report.errors).toEqual([]);
  expect(report.exempted).toBe(1);
  expect(notable.map(({ finding }) => `${finding.policy} ${finding.object.name}`)).toEqual([
    'drain/bounded-connection-ttl broker',
    'drain/grace-covers-ttl sessions',
  ]);
});
