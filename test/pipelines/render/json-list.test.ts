import { expect, test } from '@jest/globals';
import { jsonList } from '../../../pipelines/render/json-list.ts';

function itemsOf(text: string): readonly unknown[] | undefined {
  const bytes = Buffer.from(text);
  return jsonList(bytes)?.items.map(
    ({ start, end }) => JSON.parse(bytes.toString('utf8', start, end)) as unknown,
  );
}

const hostile = ['}', ']', '\\', 'ends in \\"', '"items": [', "it's # ü €", '\u2028', ''];

test.each([
  ['objects', hostile.map((value) => ({ [value]: [value, { items: [value] }] }))],
  ['anything', [1, null, 'a,b', [2, [3]], {}, true]],
  ['one', [{}]],
  ['none', []],
])('items are those of the whole: %s', (_, items) => {
  const list = { kind: 'List', metadata: { items: [7], note: hostile.join('') }, items, last: 'ü' };
  for (const text of [JSON.stringify(list), JSON.stringify(list, null, 3)]) {
    expect(itemsOf(text)).toEqual(items);
    const rest = jsonList(Buffer.from(text))?.rest ?? '';
    expect(JSON.parse(rest)).toEqual({ ...list, items: [] });
  }
});

test.each([
  '{"items": null}',
  '{"metadata": {"items": [1]}}',
  '[{"items": [1]}',
  '{"items": [1',
  '{"items": ["',
  '{items: [1] # a comment\n}',
  '',
])('nothing is told of %s', (text) => {
  expect(itemsOf(text)).toBeUndefined();
});
