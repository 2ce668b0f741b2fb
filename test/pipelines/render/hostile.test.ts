import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRenderCache } from '../../../pipelines/render/render-cache.ts';
import type { Rendering } from '../../../pipelines/render/rendering.ts';
import type { RenderJob } from '../../../pipelines/render/wasm-jobs.ts';
import { createRenderer, usualLimits } from '../../../pipelines/render/wasm-renderer.ts';
import { describeRendering } from '../../support/describe-rendering.ts';
import { honestRoot, hostileChart, hostileRoots } from '../../support/hostile-roots.ts';
import { renderFiles } from '../../support/render-files.ts';
import { setTrap, type Trap } from '../../support/trap.ts';

let rendering: Rendering;
let trap: Trap;

beforeAll(async () => {
  rendering = {
    renderer: createRenderer({ ...usualLimits, jobMilliseconds: 4000 }),
    cache: createRenderCache(),
  };
  trap = await setTrap();
});

afterAll(async () => {
  await rendering.renderer.close();
  trap.close();
});

describeRendering('a hostile root ends in an error of its own', () => {
  test.each(hostileRoots)('%s', async (_, files) => {
    const { objects, problems } = await renderFiles(
      rendering,
      trap.arm({ ...honestRoot, ...files }),
    );
    expect([...objects.keys()]).toContain('Service /a');
    expect([...objects.keys()].filter((id) => id !== 'Service /a')).toEqual([]);
    expect(problems.join('\n')).toContain('evil');
    expect(problems.join('\n').length).toBeLessThan(5000);
    expect(problems.join('\n')).not.toContain('root:');
    expect(trap.sprung()).toEqual([]);
  });
});

describeRendering('past our own scan the module still reaches nothing', () => {
  test.each<readonly [string, string]>([
    ['HTTP', '{"resources": ["http://TRAP/a.yaml"]}'],
    ['git', '{"resources": ["file:///none//a?ref=--upload-pack=touch FILE"]}'],
    ['an absolute path', '{"resources": ["/etc/passwd"]}'],
  ])('%s', async (_, wrapper) => {
    const job: RenderJob = {
      kind: 'kustomize',
      wrapper: trap.armText(wrapper),
      texts: {},
      binaries: {},
    };
    expect(await rendering.renderer.render(job)).toEqual({ problem: expect.any(String) });
    expect(trap.sprung()).toEqual([]);
  });

  test('the environment is empty', async () => {
    const texts = {
      ...(hostileChart as Record<string, string>),
      'evil/templates/a.yaml': 'a: {{ getHostByName "localhost" | quote }}\n',
    };
    const helm = {
      release: 'x',
      namespace: 'x',
      values: [],
      sets: [],
      kubeVersion: '1.34.0',
      apiVersions: [],
      skipSchema: false,
    };
    expect(
      await rendering.renderer.render({ kind: 'helm', path: 'evil', texts, binaries: {}, helm }),
    ).toEqual({
      documents: [{ origin: 'templates/a.yaml', text: 'a: ""\n' }],
    });
  });
});
