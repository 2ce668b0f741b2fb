import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { metricCatalogue } from '../../webhooks/metrics/catalogue.ts';
import { makeHistogram } from '../../webhooks/metrics/histogram.ts';
import { makeTally } from '../../webhooks/metrics/make.ts';

test('the documentation has each metric with its type and labels, and no other', async () => {
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = page
    .split('\n')
    // Other commands have tables of their own, without types.
    .filter((line) => /^\| `meshgate_\w+` *\| (?:counter|gauge|histogram) /u.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name = '', type, labels = '']) => ({
      name: name.replaceAll('`', ''),
      type,
      labels: labels.split(' ').flatMap((label) => label.replaceAll('`', '') || []),
    }));
  const byName = (left: { name: string }, right: { name: string }): number =>
    left.name < right.name ? -1 : 1;
  const catalogue = metricCatalogue.map(({ name, type, labels }) => ({ name, type, labels }));
  expect(rows.toSorted(byName)).toEqual(catalogue.toSorted(byName));
});

test('a tally counts on from scrape to scrape', async () => {
  const registry = new Registry();
  const spec = { name: 'calls_total', type: 'counter', labels: ['a', 'b'], help: 'x' } as const;
  const add = makeTally(registry, spec);
  add(1, 'x', 'y"z');
  add(2, 'x', 'y"z');
  expect(await registry.metrics()).toContain('calls_total{a="x",b="y\\"z"} 3');
  add(1, 'x', 'y"z');
  add(5, '', 'x');
  const text = await registry.metrics();
  expect(text).toContain('calls_total{a="x",b="y\\"z"} 4');
  expect(text).toContain('calls_total{a="",b="x"} 5');
});

test('a histogram counts by upper bounds, as Prometheus reads it', async () => {
  const registry = new Registry();
  const spec = { name: 'time', type: 'histogram', labels: ['gate'], help: 'x' } as const;
  const observe = makeHistogram(registry, spec, [0.1, 1]);
  observe(0.1, 'mutate');
  observe(0.5, 'mutate');
  observe(7, 'mutate');
  expect((await registry.metrics()).split('\n')).toEqual([
    '# HELP time x',
    '# TYPE time histogram',
    'time_bucket{le="0.1",gate="mutate"} 1',
    'time_bucket{le="1",gate="mutate"} 2',
    'time_bucket{le="+Inf",gate="mutate"} 3',
    'time_sum{gate="mutate"} 7.6',
    'time_count{gate="mutate"} 3',
    '',
  ]);
});
