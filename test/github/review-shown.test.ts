import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { createRepository, type Files, type TestRepository } from '../support/git-repository.ts';
import { testClock } from '../support/github/clock.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { deployment } from '../support/github/manifests.ts';
import { openPull, runReview, summariesOf } from '../support/github/run-review.ts';
import { patientRendering } from '../support/patient-rendering.ts';

let rendering: Rendering;
let repository: TestRepository;
let double: GitHubDouble;
beforeAll(() => {
  rendering = patientRendering();
});
afterAll(async () => {
  await rendering.renderer.close();
});
beforeEach(async () => {
  repository = createRepository();
  double = await startGitHub(repository);
});
afterEach(async () => {
  await double.close();
  repository.remove();
});

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
      double,
      overlays(2, { 'o|ld.yaml': service }),
      overlays(3, { 'new.yaml': service.replace('name: s', 'name: other, labels: {a: b}') }),
    );
    const newer = (commit: string): string =>
      repository.git('commit-tree', '-p', commit, '-m', 'x', `${commit}^{tree}`);
    pull.base = newer(newer(pull.base));
    await runReview(double, testClock(), { rendering });
    const [summary = ''] = summariesOf(double);
    expect(summary).toContain(', since when the base branch has moved by 2 commits.');
    expect(summary).toContain(
      '2 roots rendered by Kustomize 5.8.1 and Helm 3.20.2, for Kubernetes `1.34.0`.',
    );
    expect(summary).toContain('| `dev` | `Deployment` | 0 | 0 | 1 |\n');
    expect(summary).toContain('| `prod` | `Deployment` | 0 | 0 | 1 |\n');
    expect(summary).toContain('| `o\\|ld.yaml` | `Service` | 0 | 1 | 0 |\n');
    expect(summary).toContain('| `new.yaml` | `Service` | 1 | 0 | 0 |\n');
    expect(double.state.checks.at(-1)?.summary).toMatch(
      /Took: reading \d+ ms, rendering \d+ ms, judging \d+ ms, comparing \d+ ms, proving fixes \d+ ms\./u,
    );
    expect(summary).not.toContain(' ms');
  });
});
