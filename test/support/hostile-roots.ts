import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import type { Files } from './git-repository.ts';

/** A root beside the hostile one that must be rendered all the same. */
export const honestRoot: Files = {
  'honest/kustomization.yaml': 'resources: [a.yaml]\n',
  'honest/a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n',
};

/** A chart that does nothing wrong by itself. */
export const hostileChart: Files = {
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

const forged = '<!-- meshgate:review --><img src=x>[x](http://TRAP)`\u202e';

/** A gzipped tar with one entry, whatever its name. */
function archive(path: string, text: string): Buffer {
  const header = new Header({ path, size: text.length, type: 'File', mode: 0o644 });
  const block = Buffer.alloc(512);
  header.encode(block);
  return gzipSync(Buffer.concat([block, Buffer.from(text.padEnd(512, '\0')), Buffer.alloc(1024)]));
}

/** A kustomization that is hostile. */
function hostileKustomization(text: string, more: Files = {}): Files {
  return { 'evil/kustomization.yaml': text, ...more };
}

/**
 * Roots that end in an error of their own, by what is wrong with them. TRAP stands for an address that must not be asked
 * and FILE for a file that must not come to be.
 */
export const hostileRoots: readonly (readonly [string, Files])[] = [
  ['an HTTP resource', hostileKustomization('resources: ["http://TRAP/a.yaml"]\n')],
  ['an HTTP patch', hostileKustomization('patches: [{path: "http://TRAP/a.yaml"}]\n')],
  [
    'an HTTP file of a generator',
    hostileKustomization('configMapGenerator: [{name: a, files: ["k=http://TRAP/a"]}]\n'),
  ],
  [
    'an HTTP environment of a generator',
    hostileKustomization('secretGenerator: [{name: a, envs: ["http://TRAP/a"]}]\n'),
  ],
  ['HTTP transformers', hostileKustomization('transformers: ["http://TRAP/a.yaml"]\n')],
  ['an HTTP schema', hostileKustomization('openapi: {path: "http://TRAP/a.json"}\n')],
  ['an HTTP replacement', hostileKustomization('replacements: [{path: "http://TRAP/a.yaml"}]\n')],
  [
    'a git repository over HTTP',
    hostileKustomization('resources: ["git::http://TRAP/r.git//a?ref=main"]\n'),
  ],
  ['a git repository over SSH', hostileKustomization('resources: ["git@127.0.0.1:o/r"]\n')],
  ['a repository by its short name', hostileKustomization('resources: [github.com/o/r]\n')],
  [
    'a program in the reference',
    hostileKustomization('resources: ["file:///none//a?ref=--upload-pack=touch FILE"]\n'),
  ],
  [
    'a program as an old base',
    hostileKustomization('bases: ["file:///none//a?ref=--upload-pack=touch FILE"]\n'),
  ],
  [
    'a program as a component',
    hostileKustomization('components: ["file:///none//a?ref=--upload-pack=touch FILE"]\n'),
  ],
  ['a base above the tree', hostileKustomization('resources: [../../../../etc]\n')],
  ['an absolute path', hostileKustomization('resources: [/etc/passwd]\n')],
  [
    'a file of a generator above the tree',
    hostileKustomization('configMapGenerator: [{name: a, files: [../../../../etc/passwd]}]\n'),
  ],
  [
    'a flag as a release name',
    hostileKustomization('helmCharts: [{name: app, releaseName: "--post-renderer=./run.sh"}]\n', {
      'evil/run.sh': '#!/bin/sh\ntouch FILE\n',
    }),
  ],
  [
    'an exec plugin',
    hostileKustomization('generators: [plugin.yaml]\n', {
      'evil/plugin.yaml':
        'apiVersion: x/v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: "exec: {path: ./run.sh}"\n',
      'evil/run.sh': '#!/bin/sh\ntouch FILE\n',
    }),
  ],
  [
    'a link to a file outside',
    hostileKustomization('resources: [a.yaml]\n', { 'evil/a.yaml': { link: '/etc/passwd' } }),
  ],
  [
    'a link to a folder outside',
    hostileKustomization('resources: [a]\n', { 'evil/a': { link: '../../../etc' } }),
  ],
  [
    'a link in a circle',
    hostileKustomization('resources: [a.yaml]\n', { 'evil/a.yaml': { link: 'a.yaml' } }),
  ],
  [
    'an alias bomb',
    hostileKustomization('resources: [a.yaml]\n', {
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
      ...hostileChart,
      'evil/templates/b.yaml': '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}',
    },
  ],
  [
    'a template that eats memory',
    {
      ...hostileChart,
      'evil/templates/b.yaml':
        '{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}',
    },
  ],
  [
    'a template that writes without end',
    { ...hostileChart, 'evil/templates/b.yaml': '{{ repeat 200000000 "a" }}' },
  ],
  [
    'a template that calls itself',
    {
      ...hostileChart,
      'evil/templates/b.yaml': '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
    },
  ],
  [
    'a schema elsewhere',
    {
      ...hostileChart,
      'evil/values.schema.json': '{"properties": {"a": {"$ref": "http://TRAP/s.json"}}}',
    },
  ],
  [
    'a schema in a file',
    { ...hostileChart, 'evil/values.schema.json': '{"$ref": "file:///etc/passwd"}' },
  ],
  [
    'values that are a link outside',
    { ...hostileChart, 'evil/values.yaml': { link: '/etc/passwd' } },
  ],
  [
    'a chart folder that is a link outside',
    { ...hostileChart, 'evil/files': { link: '../../../etc' } },
  ],
  [
    'values by URL',
    {
      ...hostileChart,
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
      ...hostileChart,
      'evil/app.yaml':
        'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: evil}\nspec: {source: {path: evil, helm: {releaseName: "--post-renderer=x"}}}\n',
    },
  ],
  [
    'a vendored chart that unpacks above its folder',
    { ...hostileChart, 'evil/charts/sub.tgz': archive('../../../../FILE', 'x') },
  ],
  [
    'a vendored chart that is cut short',
    {
      ...hostileChart,
      'evil/charts/sub.tgz': archive('sub/Chart.yaml', 'name: sub\n').subarray(0, 40),
    },
  ],
  [
    'a message that is Markdown',
    hostileKustomization(`patches: [{target: {kind: "@all ${forged}"}, path: "${forged}"}]\n`),
  ],
  ['a name of a megabyte', hostileKustomization(`resources: [${'a'.repeat(1_000_000)}.yaml]\n`)],
  [
    'keys that are prototypes',
    hostileKustomization(
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}\n',
    ),
  ],
];
