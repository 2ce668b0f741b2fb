import { createServer, type Server } from 'node:net';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRenderCache } from '../../../pipelines/render/render-cache.ts';
import type { Rendering } from '../../../pipelines/render/rendering.ts';
import type { RenderJob } from '../../../pipelines/render/wasm-jobs.ts';
import { createRenderer, usualLimits } from '../../../pipelines/render/wasm-renderer.ts';
import { describeRendering } from '../../support/describe-rendering.ts';
import type { Files } from '../../support/git-repository.ts';
import { renderFiles } from '../../support/render-files.ts';

let rendering: Rendering;
let server: Server;
let requests = 0;
let folder = '';

beforeAll(async () => {
  rendering = {
    renderer: createRenderer({ ...usualLimits, jobMilliseconds: 4000 }),
    cache: createRenderCache(),
  };
  folder = mkdtempSync(join(tmpdir(), 'meshgate-trap-'));
  server = createServer((socket) => {
    requests += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  await rendering.renderer.close();
  server.close();
  rmSync(folder, { recursive: true });
});

function portOfTrap(): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Texts in which TRAP stands for an address that must not be asked and FILE for a file that must not come to be. */
function armed(text: string): string {
  return text
    .replaceAll('TRAP', `127.0.0.1:${String(portOfTrap())}`)
    .replaceAll('FILE', join(folder, 'ran'));
}

const honest: Files = {
  'honest/kustomization.yaml': 'resources: [a.yaml]\n',
  'honest/a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n',
};
const chart: Files = {
  'evil/Chart.yaml': 'apiVersion: v2\nname: evil\nversion: 1.0.0\n',
  'evil/templates/a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: evil}\n',
};
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghij'
    .split('')
    .map(
      (name, index) =>
        `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[index] ?? ''}`).join(', ')}]`,
    ),
].join('\n');

function kustomization(text: string, more: Files = {}): Files {
  return { 'evil/kustomization.yaml': text, ...more };
}

const cases: readonly (readonly [string, Files])[] = [
  ['an HTTP resource', kustomization('resources: ["http://TRAP/a.yaml"]\n')],
  ['an HTTP patch', kustomization('patches: [{path: "http://TRAP/a.yaml"}]\n')],
  [
    'an HTTP file of a generator',
    kustomization('configMapGenerator: [{name: a, files: ["k=http://TRAP/a"]}]\n'),
  ],
  [
    'an HTTP environment of a generator',
    kustomization('secretGenerator: [{name: a, envs: ["http://TRAP/a"]}]\n'),
  ],
  ['HTTP transformers', kustomization('transformers: ["http://TRAP/a.yaml"]\n')],
  ['an HTTP schema', kustomization('openapi: {path: "http://TRAP/a.json"}\n')],
  ['an HTTP replacement', kustomization('replacements: [{path: "http://TRAP/a.yaml"}]\n')],
  [
    'a git repository over HTTP',
    kustomization('resources: ["git::http://TRAP/r.git//a?ref=main"]\n'),
  ],
  ['a git repository over SSH', kustomization('resources: ["git@127.0.0.1:o/r"]\n')],
  ['a repository by its short name', kustomization('resources: [github.com/o/r]\n')],
  [
    'a program in the reference',
    kustomization('resources: ["file:///none//a?ref=--upload-pack=touch FILE"]\n'),
  ],
  [
    'a program as an old base',
    kustomization('bases: ["file:///none//a?ref=--upload-pack=touch FILE"]\n'),
  ],
  [
    'a program as a component',
    kustomization('components: ["file:///none//a?ref=--upload-pack=touch FILE"]\n'),
  ],
  ['a base above the tree', kustomization('resources: [../../../../etc]\n')],
  ['an absolute path', kustomization('resources: [/etc/passwd]\n')],
  [
    'a file of a generator above the tree',
    kustomization('configMapGenerator: [{name: a, files: [../../../../etc/passwd]}]\n'),
  ],
  [
    'a flag as a release name',
    kustomization('helmCharts: [{name: app, releaseName: "--post-renderer=./run.sh"}]\n', {
      'evil/run.sh': '#!/bin/sh\ntouch FILE\n',
    }),
  ],
  [
    'an exec plugin',
    kustomization('generators: [plugin.yaml]\n', {
      'evil/plugin.yaml':
        'apiVersion: x/v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: "exec: {path: ./run.sh}"\n',
      'evil/run.sh': '#!/bin/sh\ntouch FILE\n',
    }),
  ],
  [
    'a link to a file outside',
    kustomization('resources: [a.yaml]\n', { 'evil/a.yaml': { link: '/etc/passwd' } }),
  ],
  [
    'a link to a folder outside',
    kustomization('resources: [a]\n', { 'evil/a': { link: '../../../etc' } }),
  ],
  [
    'a link in a circle',
    kustomization('resources: [a.yaml]\n', { 'evil/a.yaml': { link: 'a.yaml' } }),
  ],
  [
    'an alias bomb',
    kustomization('resources: [a.yaml]\n', {
      'evil/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${bomb}\n`,
    }),
  ],
  [
    'bases in a circle',
    {
      'evil/kustomization.yaml': 'resources: [../evil2]\n',
      'evil2/kustomization.yaml': 'resources: [../evil]\n',
    },
  ],
  [
    'a loop in a template',
    {
      ...chart,
      'evil/templates/b.yaml': '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}',
    },
  ],
  [
    'a template that eats memory',
    {
      ...chart,
      'evil/templates/b.yaml':
        '{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}',
    },
  ],
  [
    'a template that writes without end',
    { ...chart, 'evil/templates/b.yaml': '{{ repeat 200000000 "a" }}' },
  ],
  [
    'a template that calls itself',
    {
      ...chart,
      'evil/templates/b.yaml': '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
    },
  ],
  [
    'a schema elsewhere',
    {
      ...chart,
      'evil/values.schema.json': '{"properties": {"a": {"$ref": "http://TRAP/s.json"}}}',
    },
  ],
  ['a schema in a file', { ...chart, 'evil/values.schema.json': '{"$ref": "file:///etc/passwd"}' }],
  ['values that are a link outside', { ...chart, 'evil/values.yaml': { link: '/etc/passwd' } }],
  ['a chart folder that is a link outside', { ...chart, 'evil/files': { link: '../../../etc' } }],
  [
    'values by URL',
    {
      ...chart,
      'evil/app.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: evil}\nspec: {source: {path: evil, helm: {valueFiles: ["http://TRAP/v.yaml"]}}}\n',
    },
  ],
  [
    'a path above the tree',
    {
      'evil/app.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: evil}\nspec: {source: {path: ../../../etc}}\n',
    },
  ],
  [
    'a release name that is a flag',
    {
      ...chart,
      'evil/app.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: evil}\nspec: {source: {path: evil, helm: {releaseName: "--post-renderer=x"}}}\n',
    },
  ],
];

describeRendering('a hostile root ends in an error of its own', () => {
  test.each(cases)('%s', async (_, files) => {
    const given = Object.fromEntries(
      Object.entries({ ...honest, ...files }).map(([path, content]) => [
        path,
        typeof content === 'string' ? armed(content) : content,
      ]),
    );
    const { objects, problems } = await renderFiles(rendering, given);
    expect([...objects.keys()]).toContain('Service /a');
    expect([...objects.keys()].filter((id) => id !== 'Service /a')).toEqual([]);
    expect(problems.join('\n')).toContain('evil');
    expect(problems.join('\n')).not.toContain('root:');
    expect(requests).toBe(0);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });
});

describeRendering('past our own scan the module still reaches nothing', () => {
  test.each<readonly [string, string]>([
    ['HTTP', '{"resources": ["http://TRAP/a.yaml"]}'],
    ['git', '{"resources": ["file:///none//a?ref=--upload-pack=touch FILE"]}'],
    ['an absolute path', '{"resources": ["/etc/passwd"]}'],
  ])('%s', async (_, wrapper) => {
    const job: RenderJob = { kind: 'kustomize', wrapper: armed(wrapper), texts: {}, binaries: {} };
    expect(await rendering.renderer.render(job)).toEqual({ problem: expect.any(String) });
    expect(requests).toBe(0);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test('the environment is empty', async () => {
    const texts = {
      ...(chart as Record<string, string>),
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

  test('a file name of a megabyte does no harm', async () => {
    const name = 'a'.repeat(1_000_000);
    const { problems } = await renderFiles(rendering, kustomization(`resources: [${name}.yaml]\n`));
    expect(problems.join('').length).toBeLessThan(2000);
  });
});
