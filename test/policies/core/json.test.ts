import { describe, expect, test } from '@jest/globals';
import {
  isObject,
  listIn,
  member,
  numberIn,
  objectIn,
  stringIn,
  stringMapIn,
  valueIn,
} from '../../../policies/core/json.ts';

const hostile: unknown = JSON.parse(
  '{"__proto__": {"text": "own"}, "constructor": {"name": "own"}, "a": {"b": [1], "n": 1, "s": "x", "z": null}}',
);

describe('readers of JSON', () => {
  test('read own members only', () => {
    expect(member({}, '__proto__')).toBeUndefined();
    expect(member({}, 'constructor')).toBeUndefined();
    expect(member({}, 'toString')).toBeUndefined();
    expect(stringIn({}, 'constructor', 'name')).toBeUndefined();
    expect(valueIn('text', 'length')).toBeUndefined();
    expect(valueIn([1], '0')).toBeUndefined();
  });

  test('read own members that are named like inherited ones', () => {
    expect(stringIn(hostile, '__proto__', 'text')).toBe('own');
    expect(stringIn(hostile, 'constructor', 'name')).toBe('own');
  });

  test('give undefined or nothing for another type', () => {
    expect(stringIn(hostile, 'a', 's')).toBe('x');
    expect(stringIn(hostile, 'a', 'n')).toBeUndefined();
    expect(numberIn(hostile, 'a', 'n')).toBe(1);
    expect(numberIn(hostile, 'a', 's')).toBeUndefined();
    expect(numberIn({ n: Number.NaN }, 'n')).toBeUndefined();
    expect(listIn(hostile, 'a', 'b')).toEqual([1]);
    expect(listIn(hostile, 'a', 's')).toEqual([]);
    expect(objectIn(hostile, 'a', 'b')).toEqual({});
    expect(valueIn(hostile, 'a', 'z')).toBeNull();
    expect(valueIn(hostile, 'a', 'z', 'deeper')).toBeUndefined();
  });

  test.each([undefined, null, 0, '', true, [], [{}], Symbol('s')])('take %p', (value) => {
    expect(isObject(value)).toBe(false);
    expect(valueIn(value, 'a', 'b')).toBeUndefined();
    expect(objectIn(value, 'a')).toEqual({});
    expect(listIn(value, 'a')).toEqual([]);
    expect(stringMapIn(value, 'a')).toEqual({});
  });

  test('maps of strings leave other members out', () => {
    const labels = { app: 'x', count: 1, none: null, list: [] };
    expect(stringMapIn({ labels }, 'labels')).toEqual({ app: 'x' });
    const clean = { app: 'x' };
    expect(stringMapIn({ labels: clean }, 'labels')).toBe(clean);
  });

  test('a map keeps a member that is named __proto__ as its own', () => {
    const labels: unknown = JSON.parse('{"__proto__": "x", "n": 1}');
    const read = stringMapIn(labels);
    expect(Object.keys(read)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});
