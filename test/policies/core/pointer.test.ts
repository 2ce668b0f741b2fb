import { describe, expect, test } from '@jest/globals';
import {
  extendPointer,
  joinPointers,
  parsePointer,
  pointer,
  pointerSegments,
  valueAt,
} from '../../../policies/core/pointer.ts';
import { seededRandom } from '../../support/random.ts';

describe('pointers', () => {
  test('escape and unescape any key', () => {
    const keys = [
      'a',
      '',
      '~',
      '/',
      '~1',
      '~0',
      '~01',
      'a/b~c',
      '0',
      '-',
      '__proto__',
      'ü\n',
    ] as const;
    const random = seededRandom(2);
    for (let round = 0; round < 300; round += 1) {
      const segments = Array.from({ length: random.next(4) }, () => random.pick(keys));
      const at = pointer(...segments);
      expect(pointerSegments(at)).toEqual(segments);
      expect(parsePointer(at)).toBe(at);
    }
  });

  test('are written as RFC 6901 says', () => {
    expect(pointer()).toBe('');
    expect(pointer('')).toBe('/');
    expect(pointer('spec', 0, 'meshgate.dev/exempt')).toBe('/spec/0/meshgate.dev~1exempt');
    expect(extendPointer(pointer('a'), 'm~n')).toBe('/a/m~0n');
    expect(joinPointers(pointer('items', 1), pointer('spec'))).toBe('/items/1/spec');
    expect(joinPointers(pointer(), pointer())).toBe('');
  });

  test.each(['a', 'a/b', '/~', '/~2', '/a~'])('%j is none', (text) => {
    expect(parsePointer(text)).toBeUndefined();
  });

  test('a very long text is read', () => {
    expect(parsePointer('/a'.repeat(50_000))).toHaveLength(100_000);
    expect(parsePointer(`${'/a'.repeat(50_000)}~`)).toBeUndefined();
  });
});

describe('valueAt', () => {
  // The document of RFC 6901, section 5.
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'm~n': 8,
    ' ': 7,
    nested: { null: null, no: false },
  };

  test.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/m~0n', 8],
    ['/ ', 7],
    ['/nested/null', null],
    ['/nested/no', false],
  ])('%j is there', (text, expected) => {
    expect(valueAt(document, parsePointer(text) ?? pointer('unread'))).toEqual(expected);
  });

  test.each([
    '/foo/2',
    '/foo/00',
    '/foo/-',
    '/foo/1e0',
    '/foo/length',
    '/nested/null/x',
    '/foo/0/0',
    '/constructor',
    '/__proto__',
    '/nested/__proto__/x',
    '/toString/name',
  ])('%j is not there', (text) => {
    expect(valueAt(document, parsePointer(text) ?? pointer())).toBeUndefined();
  });
});
