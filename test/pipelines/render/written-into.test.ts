import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

async function outcome(files: Files): Promise<readonly string[]> {
  const { objects, problems } = await renderFiles(rendering, files);
  const services = [...objects.keys()].filter((id) => id.startsWith('Service '));
  return [...services.map((id) => id.replace('Service ', '')).toSorted(), ...problems];
}

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: 80\n`;

const flux = (spec: string): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k, namespace: flux}\nspec:\n  sourceRef: {kind: GitRepository, name: r}\n  path: ./apps/web\n${spec}`;

const component: Files = {
  'apps/extra/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [service.yaml]\n',
  'apps/extra/service.yaml': service('extra'),
};

describeRendering('what Argo CD and Flux write into a kustomization', () => {
  const own: Files = {
    'apps/web/kustomization.yaml': 'namePrefix: own-\nresources: [service.yaml]\n',
    'apps/web/service.yaml': service('web'),
  };

  test('a component is found from the folder of the kustomization, and named as it names its own', async () => {
    const files = { ...own, ...component, 'k.yaml': flux('  components: [../extra]\n') };
    expect(await outcome(files)).toEqual(['/own-extra', '/own-web']);
  });

  test('a component beside manifests that have no kustomization', async () => {
    const files = {
      ...component,
      'apps/web/service.yaml': service('web'),
      'k.yaml': flux('  components: [../extra]\n'),
    };
    expect(await outcome(files)).toEqual(['/extra', '/web']);
  });

  test('a prefix takes the place of the one that is there', async () => {
    expect(await outcome({ ...own, 'k.yaml': flux('  namePrefix: other-\n') })).toEqual([
      '/other-web',
    ]);
  });

  test('a component of an Application', async () => {
    const application =
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {namespace: shop}\n  source: {repoURL: r, path: apps/web, kustomize: {components: [../extra]}}\n';
    expect(await outcome({ ...own, ...component, 'a.yaml': application })).toEqual([
      'shop/own-extra',
      'shop/own-web',
    ]);
  });
});

describeRendering('links and neighbours', () => {
  test('a base through a link to a folder above it', async () => {
    const files: Files = {
      'lib/web/kustomization.yaml': 'resources: [service.yaml]\n',
      'lib/web/service.yaml': service('web'),
      current: { link: 'lib' },
      'top/kustomization.yaml': 'namespace: shop\nresources: [../current/web]\n',
    };
    expect(await outcome(files)).toEqual(['shop/web']);
  });

  test('a chart that depends on one beside it, and that on another', async () => {
    const chart = (name: string, dependency: string): string =>
      `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${dependency === '' ? '' : `dependencies: [{name: ${dependency}, version: 1.0.0, repository: "file://../${dependency}"}]\n`}`;
    const files: Files = {
      'app/Chart.yaml': chart('app', 'lib'),
      'app/templates/s.yaml': service('{{ include "deep.name" . }}'),
      'lib/Chart.yaml': `${chart('lib', 'deep')}type: library\n`,
      'deep/Chart.yaml': chart('deep', ''),
      'deep/templates/_names.tpl': '{{- define "deep.name" -}}from-deep{{- end -}}\n',
      'deep/templates/s.yaml': service('of-deep'),
    };
    const { objects, problems } = await renderFiles(rendering, files);
    expect(problems).toEqual([]);
    expect([...objects.keys()].toSorted()).toEqual(['Service /from-deep', 'Service /of-deep']);
    expect(objects.get('Service /of-deep')?.origin.file).toBe('deep/templates/s.yaml');
  });

  test('charts that depend on one another in circles, by many names, come to an end', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `c${String(index)}`);
    const dependencies = names
      .map((name) => `- {name: ${name}, version: 1.0.0, repository: "file://../${name}"}\n`)
      .join('');
    const files: Files = Object.fromEntries(
      names.map((name) => [
        `${name}/Chart.yaml`,
        `apiVersion: v2\nname: ${name}\nversion: 1.0.0\ndependencies:\n${dependencies}`,
      ]),
    );
    const { problems } = await renderFiles(rendering, files);
    expect(problems[0]).toContain('missing in charts/ directory');
  });

  test('a folder that a git generator leaves out by name is not rendered by itself', async () => {
    const set = (more: string): string =>
      `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  goTemplate: true\n  generators: [{git: {repoURL: r, directories: [{path: 'envs/*'}${more}]}}]\n  template:\n    metadata: {name: '{{.path.basename}}'}\n    spec:\n      destination: {namespace: '{{.path.basename}}'}\n      source: {repoURL: r, path: '{{.path.path}}'}\n`;
    const envs: Files = {
      'envs/a/kustomization.yaml': 'resources: [s.yaml]\n',
      'envs/a/s.yaml': service('web'),
      'envs/b/kustomization.yaml': 'resources: [s.yaml]\n',
      'envs/b/s.yaml': service('web'),
    };
    expect(await outcome({ ...envs, 'set.yaml': set('') })).toEqual(['a/web', 'b/web']);
    const without = await renderFiles(rendering, {
      ...envs,
      'set.yaml': set(", {path: 'envs/b', exclude: true}"),
    });
    expect([...without.objects.keys()]).toEqual(['Service a/web']);
    expect(without.parts).toContain('envs/b/s.yaml');
  });
});
