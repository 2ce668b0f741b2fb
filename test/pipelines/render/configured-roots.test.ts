import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pointer, valueAt } from '../../../policies/core/pointer.ts';
import { readSettings } from '../../../policies/core/read-settings.ts';
import type { RenderSettings } from '../../../policies/core/settings.ts';
import { createRendering, type Rendering } from '../../../pipelines/render/rendering.ts';
import { describeRendering } from '../../support/describe-rendering.ts';
import type { Files } from '../../support/git-repository.ts';
import { renderFiles } from '../../support/render-files.ts';

let rendering: Rendering;

beforeAll(() => {
  rendering = createRendering();
});

afterAll(async () => {
  await rendering.renderer.close();
});

async function outcome(
  files: Files,
  settings: Partial<RenderSettings>,
): Promise<readonly string[]> {
  const { objects, problems } = await renderFiles(rendering, files, settings);
  const made = [...objects].map(
    ([id, { object }]) =>
      `${id} ${JSON.stringify(valueAt(object, pointer('spec', 'ports', 0, 'port')))}`,
  );
  return [...made.toSorted(), ...problems];
}

const service = (name: string, port: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`;
const files: Files = {
  'charts/app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'charts/app/values.yaml': 'port: 80\n',
  'charts/app/templates/service.yaml': service('{{ .Release.Name }}', '{{ .Values.port }}'),
  'charts/app/templates/new.yaml': `{{ if semverCompare ">=1.34-0" .Capabilities.KubeVersion.Version }}\n${service('new', '1')}{{ end }}\n`,
  'charts/app/templates/monitored.yaml': `{{ if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}\n${service('monitored', '2')}{{ end }}\n`,
  'values/prod.yaml': 'port: 81\n',
  'old/kustomization.yaml': 'resources: [service.yaml]\n',
  'old/service.yaml': service('old', '3'),
};

describeRendering('render: of the configuration', () => {
  test('nothing said, everything is found', async () => {
    expect(await outcome(files, {})).toEqual([
      'Service /app 80',
      'Service /new 1',
      'Service /old 3',
    ]);
  });

  test('a folder is rendered as the configuration says, in the place of what would be found', async () => {
    const roots = [
      { path: 'charts/app', namespace: 'prod', values: ['values/prod.yaml'] },
      { path: 'charts/app', release: 'second', namespace: 'test', kubeVersion: '1.30' },
      { path: 'old', namespace: 'legacy' },
    ];
    expect(await outcome(files, { roots })).toEqual([
      'Service legacy/old 3',
      'Service prod/app 81',
      'Service prod/new 1',
      'Service test/second 80',
    ]);
  });

  test('what is ignored is neither rendered nor taken as it is', async () => {
    expect(await outcome(files, { ignore: ['old', 'charts/*'] })).toEqual([]);
  });

  test('charts are told further API versions, all or one', async () => {
    const apiVersions = ['monitoring.coreos.com/v1'];
    expect(await outcome(files, { apiVersions, ignore: ['old'] })).toContain(
      'Service /monitored 2',
    );
    expect(
      await outcome(files, { roots: [{ path: 'charts/app', apiVersions }], ignore: ['old'] }),
    ).toContain('Service /monitored 2');
  });

  test('variables that the repository does not hold are given to Flux Kustomizations', async () => {
    const flux = {
      'k/service.yaml': service('x-${ENV}', '${PORT}'),
      'k.yaml':
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k, namespace: flux}\nspec: {path: ./k, sourceRef: {kind: GitRepository, name: r}, postBuild: {substitute: {PORT: "5"}, substituteFrom: [{kind: Secret, name: s}]}}\n',
    };
    expect(await outcome(flux, { substitute: { ENV: 'eu', PORT: '6' } })).toEqual([
      'Service /x-eu 5',
    ]);
  });

  test('what cannot be meant is named with the remedy', async () => {
    const roots = [
      { path: 'values' },
      { path: 'old', values: ['values/prod.yaml'] },
      { path: 'gone' },
    ];
    expect(await outcome(files, { roots, ignore: ['charts/*'] })).toEqual([
      'values: values has neither a Chart.yaml nor a kustomization: correct render.roots in meshgate.yaml',
      'old/kustomization.yaml: old is a kustomization, which takes no values: correct render.roots in meshgate.yaml',
    ]);
  });
});

test('the configuration is strict about what it takes', () => {
  const problemsOf = (render: unknown): readonly string[] => {
    const document = { apiVersion: 'meshgate.dev/v1alpha1', kind: 'MeshgateConfig', render };
    const reading = readSettings(document, []);
    return 'problems' in reading ? reading.problems.map(({ path }) => path) : [];
  };
  expect(problemsOf({ roots: [{ path: 'a', values: ['b.yaml'] }], kubeVersion: '1.33' })).toEqual(
    [],
  );
  expect(problemsOf({ rots: [] })).toEqual(['/render/rots']);
  expect(problemsOf({ roots: [{ path: '../a' }] })).toEqual(['/render/roots/0/path']);
  expect(problemsOf({ roots: [{ path: 'a', values: ['/b'] }] })).toEqual([
    '/render/roots/0/values/0',
  ]);
  expect(problemsOf({ kubeVersion: 'new' })).toEqual(['/render/kubeVersion']);
  expect(problemsOf({ apiVersions: ['a b'] })).toEqual(['/render/apiVersions/0']);
});
