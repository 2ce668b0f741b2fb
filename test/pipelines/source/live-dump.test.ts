import { describe, expect, it } from '@jest/globals';
import { readDump } from '../../../pipelines/source/live-dump.ts';
import type { JsonObject } from '../../../policies/core/json.ts';

const wanted = [{ apiVersion: 'v1', kind: 'ConfigMap' }];

async function objectsOf(text: string): Promise<readonly JsonObject[]> {
  const reading = await readDump('-', () => Promise.resolve(Buffer.from(text)));
  const objects: JsonObject[] = [];
  for await (const kind of 'live' in reading ? reading.live.kinds(wanted) : []) {
    for await (const object of 'objects' in kind ? kind.objects : []) {
      objects.push(object);
    }
  }
  return objects;
}

function item(name: string, rest = ''): string {
  return `- {apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}${rest}}\n`;
}

function listOf(...items: readonly string[]): string {
  return `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`;
}

describe('a dump that is read item by item', () => {
  it('gives the objects in their order, each once, where an item needs an earlier one', async () => {
    const text = listOf(item('a'), item('b', ', data: &d {k: é}'), item('c', ', data: *d'));
    expect(await objectsOf(text)).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' }, data: { k: 'é' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { k: 'é' } },
    ]);
  });

  it('holds objects larger and smaller than what they are packed in', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const items = names.map((name, index) =>
      item(name, `, data: {k: "${'ü'.repeat(index % 2 === 0 ? 900_000 : 3)}"}`),
    );
    const found = await objectsOf(listOf(...items));
    expect(found.map(({ metadata }) => metadata)).toEqual(names.map((name) => ({ name })));
    expect(found.map(({ data }) => JSON.stringify(data).length)).toEqual([
      900_008, 11, 900_008, 11,
    ]);
  });

  it('is refused with the line in the whole text where an item is broken', async () => {
    const text = listOf(item('a'), item('b', ', data: {k: "}'));
    const reading = await readDump('-', () => Promise.resolve(Buffer.from(text)));
    expect(reading).toMatchObject({ problems: [{ file: '<stdin>' }] });
    const [problem] = 'problems' in reading ? reading.problems : [];
    expect(problem?.line).toBeGreaterThanOrEqual(5);
  });
});
