import { afterAll, expect, test } from '@jest/globals';
import type { HelmJob } from '../../../pipelines/render/wasm-jobs.ts';
import { createRenderer, usualLimits } from '../../../pipelines/render/wasm-renderer.ts';
import { describeRendering } from '../../support/describe-rendering.ts';

const limits = { ...usualLimits, workers: 1, mostOutputBytes: 1024 * 1024 };
const hasty = createRenderer({ ...limits, jobMilliseconds: 3000 });
/** Has time for a slow machine to come to the other limits. */
const patient = createRenderer({ ...limits, jobMilliseconds: 100_000 });

afterAll(async () => {
  await hasty.close();
  await patient.close();
});

function job(template: string): HelmJob {
  return {
    kind: 'helm',
    path: 'app',
    texts: {
      'app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
      'app/templates/a.yaml': template,
    },
    binaries: {},
    helm: {
      release: 'a',
      namespace: 'b',
      values: [],
      sets: [],
      kubeVersion: '1.34.0',
      apiVersions: [],
      skipSchema: false,
    },
  };
}

const huge = '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}';
const eater = `{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range until 40 }}{{ $x = printf "%s%s" $x $x }}{{ end }}`;

describeRendering('a job that is too much', () => {
  test.each([
    ['time', hasty, huge, 'rendering was ended after 3 s: does a template loop?'],
    ['memory', patient, eater, 'rendering was ended: it needs more memory than it may have'],
    [
      'output',
      patient,
      `{{ repeat 2000000 "a" }}`,
      'rendering was ended: it gives more than 1 MiB',
    ],
  ])('of %s ends alone, and the next one is rendered', async (_, renderer, template, problem) => {
    const answers = await Promise.all([
      renderer.render(job(template)),
      renderer.render(job('a: b\n')),
    ]);
    expect(answers).toEqual([
      { problem, ended: true },
      { documents: [{ origin: 'templates/a.yaml', text: 'a: b\n' }] },
    ]);
  });
});
