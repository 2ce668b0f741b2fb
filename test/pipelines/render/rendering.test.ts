import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringIn, valueIn } from '../../../policies/core/json.ts';
import { pointer, valueAt } from '../../../policies/core/pointer.ts';
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

const service =
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: api\nspec:\n  ports: [{port: 80}]\n';
const base: Files = {
  'base/kustomization.yaml': 'resources: [service.yaml]\n',
  'base/service.yaml': `# the service\n---\n${service}`,
};
const chart: Files = {
  'charts/app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'charts/app/values.yaml': 'port: 80\n',
  'charts/app/templates/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  ports:\n  - port: {{ .Values.port }}\n',
};

function application(name: string, source: string, more = ''): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source: ${source}\n${more}`;
}

const portAt = pointer('spec', 'ports', 0, 'port');

async function portsOf(files: Files): Promise<readonly string[]> {
  const { objects, problems } = await renderFiles(rendering, files);
  expect(problems).toEqual([]);
  return [...objects]
    .filter(([, { object }]) => object['kind'] === 'Service')
    .map(([id, { object }]) => `${id} ${JSON.stringify(valueAt(object, portAt))}`)
    .toSorted();
}

describeRendering('Kustomize', () => {
  test('a base is rendered through its overlays, not alone; origins are files and lines', async () => {
    const { objects, problems, parts } = await renderFiles(rendering, {
      ...base,
      'overlays/prod/kustomization.yaml':
        'namespace: prod\nnamePrefix: x-\nresources: [../../base]\n',
      'overlays/test/kustomization.yml': 'namespace: test\nresources: [../../base]\n',
    });
    expect(problems).toEqual([]);
    expect([...objects.keys()].toSorted()).toEqual(['Service prod/x-api', 'Service test/api']);
    expect(objects.get('Service prod/x-api')?.origin).toMatchObject({
      file: 'base/service.yaml',
      line: 2,
      rendered: { by: 'kustomize' },
    });
    expect(parts).toContain('base/service.yaml');
  });

  test('one that fails says why, and the others go on', async () => {
    const { objects, problems } = await renderFiles(rendering, {
      ...base,
      'bad/kustomization.yaml': 'resources: [gone.yaml]\n',
    });
    expect([...objects.keys()]).toEqual(['Service /api']);
    expect(problems).toEqual([
      expect.stringContaining('bad/kustomization.yaml: resources: gone.yaml'),
    ]);
  });

  test('a custom schema version of one root does not reach the next', async () => {
    const files = {
      ...base,
      'base/kustomization.yaml': 'resources: [service.yaml]\nopenapi: {version: v1.0.0}\n',
    };
    expect((await renderFiles(rendering, files)).problems).toHaveLength(1);
    expect(await portsOf(base)).toEqual(['Service /api 80']);
  });
});

describeRendering('Helm', () => {
  test('a chart that nobody releases comes with its defaults, or with each values file beside it', async () => {
    expect(await portsOf(chart)).toEqual(['Service /app 80']);
    expect(await portsOf({ ...chart, 'charts/app/values-eu.yaml': 'port: 81\n' })).toEqual([
      'Service /app 81',
    ]);
  });

  test('hooks, CRDs and notes are left out; Istio and a recent Kubernetes are known', async () => {
    const { objects, problems } = await renderFiles(rendering, {
      ...chart,
      'charts/app/crds/a.yaml': service.replace('api', 'crd'),
      'charts/app/templates/NOTES.txt': 'hello',
      'charts/app/templates/hook.yaml': service.replace(
        'name: api',
        'name: hook\n  annotations: {helm.sh/hook: test}',
      ),
      'charts/app/templates/istio.yaml':
        '{{ if .Capabilities.APIVersions.Has "networking.istio.io/v1/VirtualService" }}\n{{ if semverCompare ">=1.30" .Capabilities.KubeVersion.Version }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: known}\n{{ end }}\n{{ end }}\n',
    });
    expect(problems).toEqual([]);
    expect([...objects.keys()].toSorted()).toEqual(['ConfigMap /known', 'Service /app']);
  });

  test('what is random is the same in each render', async () => {
    const files = {
      ...chart,
      'charts/app/templates/secret.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {fixed: a, key: {{ randAlphaNum 20 }}}\n',
    };
    const { objects } = await renderFiles(rendering, files);
    const secret = objects.get('Secret /s')?.object;
    expect(stringIn(secret, 'stringData', 'fixed')).toBe('a');
    expect(stringIn(secret, 'stringData', 'key')).toBe('(differs in each render)');
  });

  test('a dependency that is not vendored is missing; a vendored one renders', async () => {
    const dependency =
      'dependencies: [{name: sub, version: 1.0.0, repository: https://charts.example.com}]\n';
    const umbrella = {
      ...chart,
      'charts/app/Chart.yaml': `apiVersion: v2\nname: app\nversion: 1.0.0\n${dependency}`,
    };
    const { problems } = await renderFiles(rendering, umbrella);
    expect(problems).toEqual([expect.stringContaining('missing in charts/ directory: sub')]);
    const vendored = {
      ...umbrella,
      'charts/app/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
      'charts/app/charts/sub/templates/s.yaml': service,
    };
    expect(await portsOf(vendored)).toEqual(['Service /api 80', 'Service /app 80']);
  });
});

describeRendering('Argo CD', () => {
  test('an Application fills in its namespace; value files, values and parameters win in this order', async () => {
    const helm =
      'helm: {releaseName: web, valueFiles: [../../values/eu.yaml], values: "port: 82", parameters: [{name: other, value: x}]}';
    const files = {
      ...chart,
      'values/eu.yaml': 'port: 81\n',
      'apps/web.yaml': application('web', `{repoURL: r, path: charts/app, ${helm}}`),
    };
    expect(await portsOf(files)).toEqual(['Service shop/web 82']);
    const parameters = files['apps/web.yaml'].replace(
      'name: other, value: x',
      'name: port, value: "83"',
    );
    expect(await portsOf({ ...files, 'apps/web.yaml': parameters })).toEqual([
      'Service shop/web 83',
    ]);
  });

  test('$values of another source is this repository', async () => {
    const sources =
      '  sources:\n  - {repoURL: r, ref: values}\n  - {repoURL: c, path: charts/app, helm: {valueFiles: [$values/values/eu.yaml]}}\n';
    expect(
      await portsOf({
        ...chart,
        'values/eu.yaml': 'port: 81\n',
        'apps/web.yaml': application('web', '{}', sources).replace('  source: {}\n', ''),
      }),
    ).toEqual(['Service shop/web 81']);
  });

  test('an app of apps is followed, and does not go round in circles', async () => {
    expect(
      await portsOf({
        ...base,
        'root/app.yaml': application('root', '{repoURL: r, path: root}'),
        'root/web.yaml': application(
          'web',
          '{repoURL: r, path: base, kustomize: {namePrefix: eu-}}',
        ),
      }),
    ).toEqual(['Service shop/eu-api 80']);
  });

  test.each<readonly [string, string, readonly string[]]>([
    ['list', '- list: {elements: [{env: a}, {env: b}]}', ['a', 'b']],
    [
      'git directories',
      '- git: {repoURL: r, directories: [{path: envs/*}, {path: envs/b, exclude: true}]}',
      ['a'],
    ],
    ['git files', '- git: {repoURL: r, files: [{path: envs/*/config.yaml}]}', ['a', 'b']],
    [
      'matrix',
      '- matrix: {generators: [{list: {elements: [{x: a}]}}, {list: {elements: [{env: "{{.x}}"}]}}]}',
      ['a'],
    ],
    [
      'merge',
      '- merge: {mergeKeys: [env], generators: [{list: {elements: [{env: a}]}}, {list: {elements: [{env: a, y: 1}, {env: c}]}}]}',
      ['a'],
    ],
  ])('an ApplicationSet with the generator %s', async (_, generator, expected) => {
    const files = {
      ...chart,
      'envs/a/config.yaml': 'env: a\n',
      'envs/b/config.yaml': 'env: b\n',
      'sets/set.yaml': `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  goTemplate: true\n  generators:\n  ${generator}\n  template:\n    metadata: {name: 'x-{{ default .path.basename .env }}'}\n    spec:\n      destination: {namespace: '{{ default .path.basename .env }}'}\n      source: {repoURL: r, path: charts/app}\n`,
    };
    const ports = await portsOf(files);
    expect(ports).toEqual(expected.map((env) => `Service ${env}/x-${env} 80`));
  });

  test('a generator that asks a cluster is named as not expanded', async () => {
    const { problems } = await renderFiles(rendering, {
      ...chart,
      'sets/set.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec: {generators: [{clusters: {}}], template: {}}\n',
    });
    expect(problems).toEqual([expect.stringContaining('generator clusters')]);
  });
});

describeRendering('Flux', () => {
  const kustomization = (spec: string): string =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k, namespace: flux}\nspec:\n  sourceRef: {kind: GitRepository, name: r}\n${spec}`;

  test('a Kustomization builds its path, into its namespace, and substitutes', async () => {
    const files = {
      'apps/a.yaml': service.replace(
        'port: 80',
        () => 'port: "${PORT:=80}", name: "${NAME}-$${KEPT}"',
      ),
      'clusters/eu.yaml': kustomization(
        '  path: ./apps\n  targetNamespace: shop\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}], substitute: {NAME: tcp}}\n',
      ),
      'clusters/vars.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux}\ndata: {PORT: "81"}\n',
    };
    const { objects, problems } = await renderFiles(rendering, files);
    expect(problems).toEqual([]);
    expect(valueIn(objects.get('Service shop/api')?.object, 'spec', 'ports')).toEqual([
      { port: 81, name: 'tcp-${KEPT}' },
    ]);
  });

  test('a HelmRelease renders a chart of the repository, one from elsewhere is named', async () => {
    const release = (source: string): string =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: ./charts/app, sourceRef: {kind: ${source}, name: r}}}\n  values: {port: 82}\n`;
    expect(await portsOf({ ...chart, 'clusters/web.yaml': release('GitRepository') })).toEqual([
      'Service shop/web 82',
    ]);
    const { problems } = await renderFiles(rendering, {
      ...chart,
      'clusters/web.yaml': release('HelmRepository'),
    });
    expect(problems).toEqual([
      expect.stringContaining('clusters/web.yaml: HelmRelease web: the chart'),
    ]);
  });
});
