import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCommit } from '../../pipelines/read-commit.ts';
import { findRenderer, missingRenderer } from '../../pipelines/render/wasm-module.ts';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import { gitHubStore } from '../../pipelines/source/github-store.ts';
import { catalogue } from '../../policies/index.ts';
import { describeWith } from '../support/describe-with.ts';
import { appClient } from '../support/github/app-client.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { testClock } from '../support/github/clock.ts';
import { servedRepository } from '../support/github/state.ts';
import { patientRendering } from '../support/patient-rendering.ts';

let rendering: Rendering;
beforeAll(() => {
  rendering = patientRendering();
});
afterAll(() => rendering.renderer.close());
const served = servedForEachTest();

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\n`;
const config = (more: object): string =>
  JSON.stringify({ apiVersion: 'meshgate.dev/v1alpha1', kind: 'MeshgateConfig', ...more });

function read(paths: readonly string[] = ['.']): ReturnType<typeof readCommit> {
  const { owner, repo } = servedRepository;
  return readCommit({
    store: gitHubStore(appClient(served.double, testClock()), { owner, repo }),
    commit: served.repository.git('rev-parse', 'HEAD'),
    paths,
    catalogue,
    rendering,
  });
}

async function filesOf(paths?: readonly string[]): Promise<readonly string[]> {
  const reading = await read(paths);
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.sources.texts.map(({ file }) => file);
}

test('gives the manifests below the paths, without what is ignored, and the settings', async () => {
  served.repository.commit({
    'meshgate.yaml': config({ files: { ignore: ['**/old/**'] }, drift: { grace: '1m' } }),
    'prod/a.yaml': service('a'),
    'prod/old/b.yaml': service('b'),
    'prod/values.yaml': 'a: 1\n',
    'production/c.yaml': service('c'),
    'stage/d.json': JSON.stringify({ apiVersion: 'v1', kind: 'Namespace' }),
  });
  expect(await filesOf()).toEqual(['prod/a.yaml', 'production/c.yaml', 'stage/d.json']);
  expect(await filesOf(['./prod/'])).toEqual(['prod/a.yaml']);
  expect(await filesOf(['stage/d.json', 'nowhere'])).toEqual(['stage/d.json']);
  expect(await read()).toMatchObject({ settings: { drift: { grace: '1m' } } });
});

test('names what cannot be read, and refuses a broken configuration', async () => {
  served.repository.commit({ 'a.yaml': `${service('a')}# \u0000\n`, 'b.yaml': service('b') });
  expect(await read()).toMatchObject({
    sources: {
      texts: [{ file: 'b.yaml' }],
      errors: [{ file: 'a.yaml', line: 1, text: expect.stringContaining('NUL') }],
    },
  });
  served.repository.commit({ 'meshgate.yaml': config({ drift: { gracious: '1m' } }) });
  expect(await read()).toEqual({ problem: expect.stringContaining('gracious') });
});

describeWith(
  findRenderer() === undefined ? missingRenderer : undefined,
  'what a renderer makes',
  () => {
    test('takes the place of what it read, wherever that lies', async () => {
      served.repository.commit({
        'base/a.yaml': service('a'),
        'base/kustomization.yaml': 'resources: [a.yaml]\n',
        'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
        'prod/b.yaml': service('b'),
      });
      const reading = await read(['prod']);
      if ('problem' in reading) throw new Error(reading.problem);
      const { texts, rendered = [], renderedOthers = [], errors } = reading.sources;
      expect(errors).toEqual([]);
      expect(texts.map(({ file }) => file)).toEqual(['prod/b.yaml']);
      expect([
        ...rendered.map(({ resource }) => resource.name),
        ...renderedOthers.map(({ object }) => object['kind']),
      ]).toEqual(['prod-a']);
    });
  },
);
