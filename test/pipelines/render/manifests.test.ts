import { expect, test } from '@jest/globals';
import { readManifests } from '../../../pipelines/render/manifests.ts';

function names(text: string): readonly string[] {
  return readManifests('f.yaml', text).resources.map(
    ({ resource, origin }) =>
      `${resource.kind} ${resource.namespace}/${resource.name} ${origin.prefix}`,
  );
}

test('what is no Kubernetes object is passed over', () => {
  const text =
    'replicas: 1\n---\n[a, b]\n---\nplain\n---\napiVersion: 2\nkind: Pod\n---\nkind: Pod\n';
  expect(readManifests('f.yaml', text)).toEqual({
    resources: [],
    errors: [],
    documents: 5,
    objects: 0,
  });
});

test('kinds that no policy knows are counted only', () => {
  const { resources, objects } = readManifests(
    'f.yaml',
    'apiVersion: example.org/v1\nkind: Thing\n',
  );
  expect([resources.length, objects]).toEqual([0, 1]);
});

test('Lists are opened, within each other too, and pointers lead into them', () => {
  const pod = (name: string) => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}}`;
  const inner = `{apiVersion: v1, kind: PodList, items: [${pod('b')}]}`;
  const text = `apiVersion: v1\nkind: List\nitems: [${pod('a')}, ${inner}, 5, null]\n`;
  expect(names(text)).toEqual(['Pod default/a /items/0', 'Pod default/b /items/1/items/0']);
});

test('items of a list of one kind need not say it again', () => {
  const text =
    'apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}, {kind: Service, metadata: {name: b}}]\n';
  expect(names(text)).toEqual(['Pod default/a /items/0', 'Service default/b /items/1']);
});

test('an object without a name is an error at its document', () => {
  const text = 'a: 1\n---\napiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}\n';
  expect(readManifests('f.yaml', text).errors).toEqual([
    { file: 'f.yaml', line: 2, text: 'Pod without metadata.name: every object needs a name' },
  ]);
});

test('an item of a List without a name is called by its place', () => {
  const text = 'apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- metadata: {}\n';
  expect(readManifests('f.yaml', text).errors).toEqual([
    {
      file: 'f.yaml',
      line: 1,
      text: 'Pod at /items/1 without metadata.name: every object needs a name',
    },
  ]);
});

test('a name that YAML takes for a boolean is called one', () => {
  expect(
    readManifests('f.yaml', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: y\n').errors,
  ).toEqual([
    {
      file: 'f.yaml',
      line: 1,
      text: 'Pod: metadata.name is read as the boolean true: put it in quotes',
    },
  ]);
});

test('an object whose name the API server completes goes by its beginning', () => {
  expect(names('apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: once-}\n')).toEqual([
    'Job default/once- ',
  ]);
});

test('a List that contains Lists without end is refused', () => {
  let text = '{apiVersion: v1, kind: Pod, metadata: {name: a}}';
  for (let level = 0; level < 20; level += 1) {
    text = `{apiVersion: v1, kind: List, items: [${text}]}`;
  }
  expect(readManifests('f.yaml', text).errors).toHaveLength(1);
});
