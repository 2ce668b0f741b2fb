import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { loadAll } from 'js-yaml';
import { usualKubeVersion } from '../../pipelines/render/cluster-facts.ts';
import { chartObjects, type ChartObject } from '../support/chart.ts';
import { describeWith } from '../support/describe-with.ts';
import { findProgram, missingPrograms } from '../support/programs.ts';

const chart = fileURLToPath(new URL('../../deploy/charts/meshgate', import.meta.url));
const everything =
  'audit.reports=openreports.io,metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.dashboard.enabled=true,createNamespace=true';

function helm(...args: readonly string[]): string {
  return execFileSync(findProgram('helm') ?? 'helm', args, { encoding: 'utf8' });
}

function byName(objects: readonly ChartObject[]): readonly ChartObject[] {
  const key = ({ kind, metadata }: ChartObject): string =>
    `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
  return objects.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

describeWith(missingPrograms('helm'), 'the chart by the real Helm', () => {
  test.each([
    ['as it is', []],
    ['with everything', ['--set', everything]],
    ['with cert-manager', ['--set', 'certificates.provider=cert-manager']],
  ])('has nothing to complain of, %s', (_, args) => {
    const out = helm('lint', '--strict', chart, ...args);

    expect(out).toContain('0 chart(s) failed');
    expect(out).not.toMatch(/\[(?:WARNING|ERROR)\]/u);
  });

  test('makes what `meshgate install` prints', async () => {
    const args = ['meshgate', chart, '--namespace', 'meshgate-system', '--set', everything];
    const made = loadAll(
      helm('template', '--kube-version', usualKubeVersion, ...args),
    ) as readonly ChartObject[];

    expect(byName(made)).toEqual(byName(await chartObjects([everything])));
  });

  test('refuses values that do not fit before anything is sent', () => {
    expect(() =>
      helm(
        'template',
        '--kube-version',
        usualKubeVersion,
        'meshgate',
        chart,
        '--set',
        'config.policies.no/such.mode=warn',
      ),
    ).toThrow(/no\/such/u);
  });
});
