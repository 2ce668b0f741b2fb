import { describe, expect, it } from '@jest/globals';
import { dumpSchema } from '../../../pipelines/render/dump-schema.ts';
import { listItems } from '../../../pipelines/render/list-items.ts';
import { readObjects } from '../../../pipelines/render/manifests.ts';
import type { Json } from '../../../policies/core/json.ts';

const hostile = [
  'a", {"b": [',
  "it's # {no} comment",
  '\\',
  'ends in \\"',
  'line\n- item\n---\n',
  '',
];
const objects = hostile.map((value, index) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `c-${String(index)}` },
  data: { items: value, 'it,em"s': '[{', more: value.repeat(2) },
}));
const list = { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };

const yamlList = `apiVersion: v1
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: one
  data:
    script: |+
      - not: an item

      kind: no
      
- kind: ConfigMap
  apiVersion: v1
  metadata: {name: two, finalizers: [a, "- b"]}
  list:
  - a
  - - b
kind: List
metadata:
  resourceVersion: ""
`;

function objectsOf(texts: readonly string[]): readonly Json[] {
  return texts.flatMap((text) => {
    const { objects: found, errors } = readObjects('dump', text, dumpSchema);
    expect(errors).toEqual([]);
    return found.map(({ object }) => object);
  });
}

describe('items of a List that is read item by item', () => {
  it.each([
    ['JSON in one line', JSON.stringify(list), objects.length],
    ['indented JSON', JSON.stringify(list, null, 4), objects.length],
    ['JSON with items last', JSON.stringify({ kind: 'List', apiVersion: 'v1', items: objects }), 6],
    ['a typed list', JSON.stringify({ ...list, kind: 'ConfigMapList' }), objects.length],
    ['YAML', yamlList, 2],
    ['YAML after a mark', `---\n${yamlList}`, 2],
    ['YAML with line ends of Windows', yamlList.replaceAll('\n', '\r\n'), 2],
  ])('are those of the whole: %s', (_, text, count) => {
    const items = listItems(text);
    expect(items).toHaveLength(count);
    expect(objectsOf(items ?? [])).toEqual(objectsOf([text]));
  });

  it.each([
    ['one object', JSON.stringify(objects[0])],
    ['several documents', `${yamlList}---\n${yamlList}`],
    ['an object that is no list', JSON.stringify({ ...list, kind: 'Catalogue' })],
    ['a flow mapping with a comment', JSON.stringify(list, null, 2).replace('{', '{ # }\n')],
    ['a list that does not end', JSON.stringify(list).slice(0, -40)],
    ['items twice', `${yamlList}items: []\n`],
    ['nothing', ''],
  ])('are not told from %s', (_, text) => {
    expect(listItems(text)).toBeUndefined();
  });
});
