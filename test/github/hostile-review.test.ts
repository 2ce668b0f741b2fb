import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRenderCache } from '../../pipelines/render/render-cache.ts';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import { createRenderer, usualLimits } from '../../pipelines/render/wasm-renderer.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { testClock } from '../support/github/clock.ts';
import { deployment } from '../support/github/manifests.ts';
import { openPull, runReview, summariesOf } from '../support/github/run-review.ts';
import { hostileRoots } from '../support/hostile-roots.ts';
import { setTrap, type Trap } from '../support/trap.ts';

let trap: Trap;
let rendering: Rendering;
beforeAll(async () => {
  trap = await setTrap();
  rendering = {
    renderer: createRenderer({ ...usualLimits, jobMilliseconds: 3000 }),
    cache: createRenderCache(),
  };
});
afterAll(async () => {
  await rendering.renderer.close();
  trap.close();
});
const served = servedForEachTest();

const honest = (replicas: number) => ({
  'honest/kustomization.yaml': 'resources: [a.yaml]\n',
  'honest/a.yaml': deployment('a', replicas),
});

describeRendering('a hostile pull request', () => {
  test.each(hostileRoots)(
    'with %s: the error is in the comment, the rest is reviewed, nothing is reached',
    async (_, files) => {
      openPull(served.double, honest(2), { ...honest(1), ...trap.arm(files) });
      expect(await runReview(served.double, testClock(), { rendering })).toMatchObject({
        state: 'reviewed',
        verdict: 'incomplete',
        unposted: [],
      });
      const [summary = ''] = summariesOf(served.double);
      expect(summary).toMatch(/^#### Could not be read\n\n- `evil/mu);
      expect(served.double.state.diffComments).toMatchObject([{ path: 'honest/a.yaml', line: 7 }]);
      expect(served.double.state.checks.at(-1)).toMatchObject({ conclusion: 'failure' });
      const said = [summary, ...served.double.state.reviews.map(({ body }) => body)].join('\n');
      expect(said).not.toMatch(/root:.*:0:0|BEGIN [A-Z ]*PRIVATE KEY/u);
      const outside = said.replaceAll(/(?<marks>`+)[^`](?:.*?[^`])?\k<marks>(?!`)/gsu, '');
      expect(outside).not.toMatch(/<img|@all|\u202e|(?<!\\)\]\(http/u);
      expect(said.match(/<!-- meshgate:review -->/gu)).toHaveLength(1);
      expect(Object.prototype).not.toHaveProperty('polluted');
      expect(trap.sprung()).toEqual([]);
    },
  );
});
