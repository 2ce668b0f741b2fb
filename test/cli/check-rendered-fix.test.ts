import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { classicSidecars, ledger } from '../fixtures/ledger.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const chartFiles = (values: string, template: string): Record<string, string> => ({
  'chart/Chart.yaml': 'apiVersion: v2\nname: ledger\nversion: 1.0.0\n',
  'chart/values.yaml': values,
  'chart/templates/ledger.yaml': template,
});

/** Lines of a text that another one lacks. */
const missing = (text: string, other: string): readonly string[] =>
  text.split('\n').filter((line) => !other.split('\n').includes(line));

describeRendering('check --fix on what a renderer made', () => {
  test('writes into the patch and the resource of a kustomization, and is done after one run', async () => {
    const patch = `apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: shop}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 25 # for now
`;
    const folder = temporaryFolder({
      'meshgate.yaml': classicSidecars,
      'base/kustomization.yaml': 'resources: [ledger.yaml]\n',
      'base/ledger.yaml': ledger,
      'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: grace.yaml}]\n',
      'prod/grace.yaml': patch,
    });
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
    const fix = await runCli(['check', '--fix'], { folder });
    expect(fix.err).toMatch(
      /^fixed: base\/ledger\.yaml:\d+ drain\/grace-covers-ttl, in prod\/grace\.yaml$/mu,
    );
    expect(missing(read('prod/grace.yaml'), patch)).toEqual([
      expect.stringMatching(/^ {6}terminationGracePeriodSeconds: \d+ # for now$/u),
    ]);
    expect(missing(read('base/ledger.yaml'), ledger)).toEqual([
      expect.stringMatching(/^ {10}terminationDrainDuration: \d+s$/u),
    ]);
    const again = await runCli(['check', '--diff'], { folder });
    expect([again.code, again.out, again.err]).toEqual([0, '', '']);
  });

  test('writes into the values of a chart', async () => {
    const folder = temporaryFolder({
      'meshgate.yaml': classicSidecars,
      ...chartFiles(
        'pod:\n  grace: 30\n  drain: 20s\n',
        ledger
          .replace(
            /terminationGracePeriodSeconds: 30/u,
            'terminationGracePeriodSeconds: {{ .Values.pod.grace }}',
          )
          .replace(
            'terminationDrainDuration: 20s',
            'terminationDrainDuration: {{ .Values.pod.drain }}',
          ),
      ),
    });
    const fix = await runCli(['check', '--fix', '-q'], { folder });
    expect(readFileSync(join(folder, 'chart/values.yaml'), 'utf8')).toMatch(
      /^pod:\n {2}grace: \d{3}\n {2}drain: "?\d{3}s"?\n$/u,
    );
    expect([fix.code, fix.err]).toEqual([0, '']);
  });

  test('says what it could not fix, and why', async () => {
    const folder = temporaryFolder({
      'meshgate.yaml': classicSidecars,
      ...chartFiles(
        'grace: 23\n',
        ledger.replace(
          /terminationGracePeriodSeconds: 30/u,
          'terminationGracePeriodSeconds: {{ add .Values.grace 7 }}',
        ),
      ),
    });
    const { err, code } = await runCli(['check', '--fix'], { folder });
    expect(err).toMatch(/^not fixed: chart\/.*: no edit of one source makes exactly this/mu);
    expect(code).toBe(1);
  });
});
