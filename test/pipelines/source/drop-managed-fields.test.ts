import { describe, expect, test } from '@jest/globals';
import { dropManagedFields } from '../../../pipelines/source/drop-managed-fields.ts';
import { seededRandom } from '../../support/random.ts';

function dropped(text: string): string {
  return dropManagedFields(Buffer.from(text)).toString('utf8');
}

describe('managed fields', () => {
  test('are emptied in each object, whatever stands in them', () => {
    const managedFields = [
      { manager: 'a "quoted" [x', fieldsV1: { 'f:spec': { 'k:{"name":"é\\\\"}': {} } } },
      { list: [[], ['\\', ']}']] },
    ];
    const metadata = { name: 'x', managedFields };
    const review = { request: { object: { metadata, spec: [1] }, oldObject: { metadata } } };
    const emptied = { name: 'x', managedFields: [] };
    expect(JSON.parse(dropped(JSON.stringify(review)))).toEqual({
      request: { object: { metadata: emptied, spec: [1] }, oldObject: { metadata: emptied } },
    });
  });

  test.each([
    '',
    '{"managedFields":[',
    '{"managedFields":[{"a":"',
    '{"managedFields":["\\',
    '{"managedFields":null}',
    '{"text":"\\"managedFields\\":[1]"}',
    '{"managedFields":[]}',
  ])('stay as they are where there is nothing to drop: %s', (text) => {
    expect(dropped(text)).toBe(text);
  });

  test('are all that is lost', () => {
    const random = seededRandom(7);
    const words = ['managedFields', '"managedFields":[', '\\', ']', '"', 'é', 'a'] as const;
    function value(depth: number): unknown {
      const choice = depth === 0 ? 0 : random.next(3);
      if (choice === 0) {
        return Array.from({ length: random.next(4) }, () => random.pick(words)).join('');
      }
      const items = Array.from({ length: random.next(4) }, () => value(depth - 1));
      return choice === 1
        ? items
        : Object.fromEntries(items.map((item) => [random.pick(words), item]));
    }
    for (let round = 0; round < 2_000; round += 1) {
      const tree = value(5);
      const expected: unknown = JSON.parse(JSON.stringify(tree), (key, held: unknown) =>
        key === 'managedFields' && Array.isArray(held) ? [] : held,
      );
      expect(JSON.parse(dropped(JSON.stringify(tree)))).toEqual(expected);
    }
  });
});
