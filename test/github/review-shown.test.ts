import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { type Files } from '../support/git-repository.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { testClock } from '../support/github/clock.ts';
import { deployment } from '../support/github/manifests.ts';
import { openPull, runReview, summariesOf } from '../support/github/run-review.ts';
import { patientRendering } from '../support/patient-rendering.ts';

let rendering: Rendering;
beforeAll(() => {
  rendering = patientRendering();
});
afterAll(async () => {
  await rendering.renderer.close();
});
const served = servedForEachTest();

const overlays = (replicas: number, more: Files = {}): Files => ({
  'base/kustomization.yaml': 'resources: [a.yaml]\n',
  'base/a.yaml': deployment('a', replicas),
  'dev/kustomization.yaml': 'namespace: dev\nresources: [../base]\n',
  'prod/kustomization.yaml': 'namespace: prod\nresources: [../base]\n',
  ...more,
});

describeRendering('the summary', () => {
  test('counts changes by overlay and kind, and names the renderer and how far the base has moved', async () => {
    const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: dev}\n';
    const pull = openPull(
      served.double,
      overlays(2, { 'o|ld.yaml': service }),
      overlays(3, { 'new.yaml': service.replace('name: s', 'name: other, labels: {a: b}') }),
    );
    const newer = (commit: string): string =>
      served.repository.git('commit-tree', '-p', commit, '-m', 'x', `${commit}^{tree}`);
    pull.base = newer(newer(pull.base));
    await runReview(served.double, testClock(), { rendering });
    const [summary = ''] = summariesOf(served.double);
    expect(summary).toContain(', since when the base branch has moved by 2 commits.');
    expect(summary).toContain(
      '2 roots rendered by Kustomize 5.8.1 and Helm 3.20.2, for Kubernetes `1.34.0`.',
    );
    expect(summary).toContain('| `dev` | `Deployment` | 0 | 0 | 1 |\n');
    expect(summary).toContain('| `prod` | `Deployment` | 0 | 0 | 1 |\n');
    expect(summary).toContain('| `o\\|ld.yaml` | `Service` | 0 | 1 | 0 |\n');
    expect(summary).toContain('| `new.yaml` | `Service` | 1 | 0 | 0 |\n');
    expect(served.double.state.checks.at(-1)?.summary).toMatch(
      /Took: reading \d+ ms, rendering \d+ ms, judging \d+ ms, comparing \d+ ms, proving fixes \d+ ms\./u,
    );
    expect(summary).not.toContain(' ms');
  });

  test('shows what of Secrets changes, and no value, in diffs or in complaints', async () => {
    const secrets = (value: string, more = ''): Files => ({
      'app/kustomization.yaml':
        'resources: [secret.yaml]\nsecretGenerator: [{name: made, envs: [made.env]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n',
      'app/made.env': `PASSWORD=env-${value}\n`,
      'app/secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata:\n  name: kept\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"a":"applied-${value}"}}'\nstringData: {token: "string-${value}"}\ndata: {old: ${Buffer.from(value).toString('base64')}}\n`,
      'broken/kustomization.yaml': `secretGenerator: [{name: s, literals: [literal-${value}]}]\n`,
      'broken2/kustomization.yaml': `resources: [s.yaml]\npatches: [{target: {kind: Secret}, patch: '[{"op": "test", "path": "/stringData/a", "value": "x-${value}"}]'}]\n`,
      'broken2/s.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: "other-${value}"}\n${more}`,
    });
    openPull(served.double, secrets('hunter2-before'), secrets('hunter2-after', 'type: Opaque\n'));
    await runReview(served.double, testClock(), { rendering });
    const [summary = ''] = summariesOf(served.double);
    const check = JSON.stringify(served.double.state.checks.at(-1));
    for (const text of [summary, check]) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain(Buffer.from('hunter2-after').toString('base64'));
    }
    expect(summary).toMatch(/^- `broken\/kustomization.yaml`: .*\(hidden\)/mu);
    expect(served.double.state.checks.at(-1)?.text).toContain('Secret');
  });
});
