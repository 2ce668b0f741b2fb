import { describe, expect, test } from '@jest/globals';
import { pointer } from '../../policies/core/pointer.ts';
import { readResource, type Resource } from '../../policies/core/resource.ts';
import { layerPlace } from '../../pipelines/layer-place.ts';
import type { Layer, Origin, RenderedFrom } from '../../pipelines/render/manifests.ts';

const at = pointer('spec', 'replicas');

function deployment(replicas: number | string): Resource {
  const resource = readResource({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'eu-web' },
    spec: { replicas },
  });
  if (resource === undefined) {
    throw new Error('a Deployment is known');
  }
  return resource;
}

function origin(by: RenderedFrom['by'], layers: readonly Layer[], text = ''): Origin {
  return {
    file: 'a.yaml',
    line: 1,
    document: 0,
    prefix: pointer(),
    offset: 0,
    text,
    rendered: { by, layers },
  };
}

function placeOf(
  by: RenderedFrom['by'],
  layers: readonly Layer[],
  text?: string,
): string | undefined {
  const place = layerPlace(deployment(3), origin(by, layers, text), at);
  return place === undefined ? undefined : `${place.file}:${String(place.line)}`;
}

const patch =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n';

describe('with Kustomize', () => {
  test.each<readonly [string, string, string | undefined]>([
    ['a patch file', patch, 'p.yaml:5'],
    ['a second document', `a: b\n---\n${patch}`, 'p.yaml:7'],
    ['JSON Patch', '- op: add\n  path: /spec/replicas\n  value: 3\n', 'p.yaml:3'],
    ['JSON Patch of a parent', '- op: add\n  path: /spec\n  value: {replicas: 3}\n', 'p.yaml:3'],
    ['an inline patch', `patches:\n- patch: |\n${patch.replaceAll(/^/gmu, '    ')}\n`, 'p.yaml:7'],
    [
      'a patch in a Flux Kustomization',
      `spec:\n  patches:\n  - patch: |\n${patch.replaceAll(/^/gmu, '      ')}\n`,
      'p.yaml:8',
    ],
    ['a patch with another value', patch.replace('3', '4'), undefined],
    ['a patch of another object', patch.replace('name: web', 'name: api'), undefined],
    ['a patch of another kind', patch.replace('Deployment', 'StatefulSet'), undefined],
    ['a file that is broken', 'a: [', undefined],
  ])('%s', (_, text, expected) => {
    expect(placeOf('kustomize', [{ file: 'p.yaml', text }])).toBe(expected);
  });

  test('the last patch wins', () => {
    const layers = ['base.yaml', 'overlay.yaml'].map((file) => ({ file, text: patch }));
    expect(placeOf('kustomize', layers)).toBe('overlay.yaml:5');
  });
});

test('a variable that Flux replaces: where it is given', () => {
  const layers = [
    { file: 'k.yaml', text: 'spec:\n  postBuild:\n    substitute:\n      COUNT: 3\n' },
  ];
  expect(placeOf('kustomize', layers, 'replicas: ${COUNT:=2}\n')).toBe('k.yaml:4');
  expect(placeOf('kustomize', layers, 'replicas: ${OTHER}\n')).toBeUndefined();
});

describe('with Helm', () => {
  const template = 'replicas: {{ .Values.count }}\n';
  test.each<readonly [string, readonly string[], string | undefined]>([
    ['the one value that the template names', ['other: 3\ncount: 3\n'], '0.yaml:2'],
    ['the last of several definitions', ['count: 3\n', 'count: 3\n'], '1.yaml:1'],
    ['not a value that the template does not name', ['other: 3\n'], undefined],
    ['not one of two', ['a: {count: 3}\nb: {count: 3}\n'], undefined],
  ])('%s', (_, texts, expected) => {
    const layers = texts.map((text, index) => ({ file: `${String(index)}.yaml`, text }));
    expect(placeOf('helm', layers, template)).toBe(expected);
  });
});
