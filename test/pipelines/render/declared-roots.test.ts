import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { valueIn } from '../../../policies/core/json.ts';
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

/** Services as `namespace/name port`, then what was not rendered. */
async function outcome(files: Files): Promise<readonly string[]> {
  const { objects, problems } = await renderFiles(rendering, files);
  const services = [...objects]
    .filter(([, { object }]) => object['kind'] === 'Service')
    .map(
      ([id, { object }]) =>
        `${id.replace('Service ', '')} ${JSON.stringify(valueAt(object, pointer('spec', 'ports', 0, 'port')))}`,
    );
  return [...services.toSorted(), ...problems];
}

function service(name: string, port = '80'): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`;
}

const chart: Files = {
  'app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'app/values.yaml': 'port: 80\n',
  'app/templates/service.yaml': service('{{ .Release.Name }}', '{{ .Values.port }}'),
};

function application(source: string): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source: ${source}\n`;
}

function fluxKustomization(postBuild: string): Files {
  return {
    'flux.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k, namespace: flux-system}\nspec:\n  path: ./k\n  targetNamespace: shop\n  sourceRef: {kind: GitRepository, name: x}\n${postBuild}`,
    'k/kustomization.yaml': 'resources: [service.yaml]\n',
    'k/service.yaml': service('${NAME:=plain}-x${MORE}', '${PORT:=80}'),
  };
}

describeRendering('Kustomize', () => {
  test('fields that it warns of as deprecated are rendered like others', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: [service.yaml]\n',
      'base/service.yaml': service('api'),
      'top/kustomization.yaml':
        'bases: [../base]\nnamespace: shop\ncommonLabels: {a: b}\npatchesStrategicMerge:\n- "{apiVersion: v1, kind: Service, metadata: {name: api, annotations: {x: y}}}"\n',
    };
    expect(await outcome(files)).toEqual(['shop/api 80']);
  });
});

describeRendering('Helm', () => {
  test('charts know the API versions of Kubernetes and of Istio', async () => {
    const files = {
      ...chart,
      'app/templates/service.yaml': ['policy/v1', 'networking.istio.io/v1/Sidecar', 'none.io/v1']
        .map(
          (version, index) =>
            `{{ if .Capabilities.APIVersions.Has "${version}" }}\n---\n${service(`s${String(index)}`)}{{ end }}\n`,
        )
        .join(''),
    };
    expect(await outcome(files)).toEqual(['/s0 80', '/s1 80']);
  });

  test('lookup finds nothing and asks nobody', async () => {
    const files = {
      ...chart,
      'app/templates/service.yaml': `{{ if not (lookup "v1" "Service" "shop" "api") }}\n${service('new')}{{ end }}\n`,
    };
    expect(await outcome(files)).toEqual(['/new 80']);
  });
});

describeRendering('Argo CD', () => {
  test('a value may be the text of a file, which must be in the repository', async () => {
    const source = (path: string): string =>
      `{repoURL: x, path: app, helm: {fileParameters: [{name: port, path: ${path}}]}}`;
    const files = { ...chart, 'port.txt': '85', 'shop.yaml': application(source('../port.txt')) };
    expect(await outcome(files)).toEqual(['shop/shop 85']);
    expect(
      await outcome({ ...files, 'shop.yaml': application(source('../../port.txt')) }),
    ).toContainEqual(expect.stringContaining('its file parameter "../../port.txt" is not in'));
  });

  test('Jsonnet is named as not rendered', async () => {
    const files = {
      'm/a.jsonnet': '{}',
      'm/b.yaml': service('b'),
      'shop.yaml': application('{repoURL: x, path: m}'),
    };
    expect(await outcome(files)).toEqual([
      'shop.yaml: Application shop: Jsonnet is not run: commit what m/a.jsonnet makes',
    ]);
  });
});

describeRendering('Flux', () => {
  test('a variable that no source gives is an empty text, its default where it has one', async () => {
    const files = fluxKustomization('  postBuild: {substitute: {PORT: "81"}}\n');
    expect(await outcome(files)).toEqual(['shop/plain-x 81']);
  });

  test('without any variable nothing is replaced', async () => {
    const { objects } = await renderFiles(rendering, fluxKustomization('  postBuild: {}\n'));
    expect([...objects.keys()]).toContain('Service shop/${NAME:=plain}-x${MORE}');
  });

  test('what a Secret of the cluster may give is left', async () => {
    const files = fluxKustomization(
      '  postBuild: {substituteFrom: [{kind: Secret, name: s}], substitute: {PORT: "81"}}\n',
    );
    expect(await outcome(files)).toEqual(['shop/plain-x${MORE} 81']);
  });

  test('post-renderers of a release are applied, and objects keep their origins', async () => {
    const files = {
      ...chart,
      'release.yaml':
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: api, namespace: shop}\nspec:\n  chart: {spec: {chart: ./app, sourceRef: {kind: GitRepository, name: x}}}\n  postRenderers:\n  - kustomize:\n      patches:\n      - target: {kind: Service}\n        patch: "- {op: replace, path: /spec/ports/0/port, value: 77}"\n',
    };
    expect(await outcome(files)).toEqual(['shop/api 77']);
    const { objects } = await renderFiles(rendering, files);
    expect(valueIn(objects.get('Service shop/api')?.origin, 'file')).toBe(
      'app/templates/service.yaml',
    );
  });
});

describeRendering('Declarations that others read', () => {
  const release =
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: "api-${ENV}", namespace: shop}\nspec:\n  chart: {spec: {chart: app, sourceRef: {kind: GitRepository, name: x}}}\n';

  test('a release is rendered as the Flux Kustomization around it makes it, not as it is written', async () => {
    const files = {
      ...chart,
      'apps/api.yaml': release,
      'cluster/flux-system/sync.yaml':
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {path: ./cluster, sourceRef: {kind: GitRepository, name: x}}\n',
      'cluster/apps.yaml':
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: x}\n  postBuild: {substitute: {ENV: prod}}\n  patches:\n  - target: {kind: HelmRelease}\n    patch: "- {op: add, path: /spec/values, value: {port: 12}}"\n',
    };
    expect(await outcome(files)).toEqual(['shop/api-prod 12']);
  });

  test('an Application of Applications renders what they render, once', async () => {
    const files = {
      ...chart,
      'root.yaml': application('{repoURL: x, path: apps}').replace('name: shop', 'name: root'),
      'apps/shop.yaml': application('{repoURL: x, path: app}'),
    };
    expect(await outcome(files)).toEqual(['shop/shop 80']);
  });

  test('Applications in folders that each other render are rendered too', async () => {
    const files = {
      ...chart,
      'a/b.yaml': application('{repoURL: x, path: b}').replace('name: shop', 'name: b'),
      'b/a.yaml': application('{repoURL: x, path: a}').replace('name: shop', 'name: a'),
      'b/shop.yaml': application('{repoURL: x, path: app}'),
    };
    expect(await outcome(files)).toEqual(['shop/shop 80']);
  });
});

describeRendering('ApplicationSets', () => {
  function set(goTemplate: boolean, generator: string, name: string, namespace: string): string {
    return `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s, namespace: argocd}\nspec:\n  goTemplate: ${String(goTemplate)}\n  generators:\n  - ${generator}\n  template:\n    metadata: {name: "${name}"}\n    spec:\n      destination: {namespace: "${namespace}"}\n      source: {repoURL: x, path: app}\n`;
  }

  test.each([
    ['{{ .path.basename }}-ns', '{{ .path.basename }}', '{{ .values.z }}', true],
    ['{{path.basename}}-ns', '{{path.basename}}', '{{values.z}}', false],
  ])('values of a git generator may name its params: %s', async (value, name, namespace, go) => {
    const generator = `git: {repoURL: x, directories: [{path: "teams/*"}], values: {z: "${value}"}}`;
    const files = { ...chart, 'teams/a/x': '', 'set.yaml': set(go, generator, name, namespace) };
    expect(await outcome(files)).toEqual(['a-ns/a 80']);
  });

  test('a selector picks sets of params', async () => {
    const generator =
      'list: {elements: [{team: a, env: one}, {team: b, env: two}, {team: c}]}\n    selector: {matchExpressions: [{key: env, operator: In, values: [two]}]}';
    const files = { ...chart, 'set.yaml': set(false, generator, '{{team}}', 'x') };
    expect(await outcome(files)).toEqual(['x/b 80']);
  });

  test("a generator's own template goes before that of the set", async () => {
    const generator =
      'list: {elements: [{team: a}], template: {spec: {destination: {namespace: own}}}}';
    const files = { ...chart, 'set.yaml': set(false, generator, '{{team}}', 'x') };
    expect(await outcome(files)).toEqual(['own/a 80']);
  });
});
