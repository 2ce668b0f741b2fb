import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { rendererVersions } from '../../../pipelines/render/renderer-versions.ts';

test('the releases that are named are those that the renderer is built of', () => {
  const pinned = readFileSync(new URL('../../../tools/render/go.mod', import.meta.url), 'utf8');
  expect(pinned).toContain(`sigs.k8s.io/kustomize/api v${rendererVersions.kustomizeApi}\n`);
  expect(pinned).toContain(`helm.sh/helm/v3 v${rendererVersions.helm}\n`);
});
