import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createRenderer, usualLimits } from '../../pipelines/render/wasm-renderer.ts';
import { findRenderer } from '../../pipelines/render/wasm-module.ts';
import { toolsFolder } from '../../tools/install/catalogue.ts';
import { readToolEnvironment } from '../../tools/install/environment.ts';
import { missingGo, runGo } from '../../tools/install/go.ts';
import { patchModules } from '../../tools/install/patched-modules.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { randomKustomization } from '../support/kustomizations.ts';
import { seededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = join(toolsFolder, 'render');
const environment = readToolEnvironment();
const describeBuilding =
  missingGo('', environment) === undefined ? describeRendering : describe.skip;
const buildMilliseconds = 1_200_000;
const kustomizations = 200;

describeBuilding('the renderer with its modules patched', () => {
  test(
    'gives what it gives with the modules as they are published, mistakes included',
    async () => {
      const files = findRenderer();
      const plain = join(temporaryFolder(), 'plain.wasm');
      const variables = { ...environment.variables, GOOS: 'wasip1', GOARCH: 'wasm' };
      const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', plain, '.'];
      expect(await runGo(args, folder, { ...environment, variables })).toMatchObject({ ok: true });
      const limits = { ...usualLimits, workers: 1, jobMilliseconds: 60_000 };
      const patched = createRenderer(limits, files);
      const published = createRenderer(limits, files && { ...files, module: plain });
      const random = seededRandom(5);
      let rendered = 0;
      try {
        for (let at = 0; at < kustomizations; at += 1) {
          const job = randomKustomization(random);
          const [ours, theirs] = await Promise.all([patched.render(job), published.render(job)]);
          expect({ job, result: ours }).toEqual({ job, result: theirs });
          rendered += 'documents' in ours ? 1 : 0;
        }
      } finally {
        await Promise.all([patched.close(), published.close()]);
      }
      expect(rendered).toBeGreaterThan(kustomizations / 4);
      expect(rendered).toBeLessThan(kustomizations);
    },
    buildMilliseconds,
  );

  test('is not built where a patch does not fit its module', async () => {
    const patches = temporaryFolder();
    const name = 'github.com+santhosh-tekuri+jsonschema+v6.patch';
    const text = readFileSync(join(folder, 'patches', name), 'utf8');
    writeFileSync(join(patches, name), text.replace('func init() {', 'func start() {'));
    const result = await patchModules(patches, temporaryFolder(), folder, environment);
    expect(result).toMatchObject({ ok: false, problem: expect.stringContaining('does not fit') });
  });
});
