import { expect, test } from '@jest/globals';
import { contains, isAddress, rangeKey, readRange } from '../../../policies/mesh/ip.ts';

test.each([
  ['10.1.2.3', '10.1.2.3/32'],
  ['10.1.2.3/32', '10.1.2.3/32'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['10.1.255.255/20', '10.1.240.0/20'],
  ['0.0.0.0/0', '0.0.0.0/0'],
])('%j is the range %j', (text, key) => {
  const range = readRange(text);
  expect(range && rangeKey(range)).toBe(key);
});

test('IPv6 is one range however it is written', () => {
  const [short, long] = ['2001:db8::1/32', '2001:0db8:0:0:0:0:0:ff/32'].map(readRange);
  expect(short).toBeDefined();
  expect(short).toEqual(long);
  expect(readRange('::1')?.single).toBe(true);
});

test.each(
  '|db.example.com|10.1.2|10.1.2.3.4|256.1.1.1|010.1.2.3|10.1.2.3/33|10.1.2.3/|10.1.2.3/08|10/8|10.1.2.3/8/8|fe80::1%eth0|::1/129| 10.1.2.3|0x0a.1.1.1'.split(
    '|',
  ),
)('%j is neither an address nor a range', (text) => {
  expect(readRange(text)).toBeUndefined();
  expect(isAddress(text)).toBe(false);
});

test('only an address is an address', () => {
  expect(isAddress('10.1.2.3')).toBe(true);
  expect(isAddress('::1')).toBe(true);
  expect(isAddress('10.1.2.3/32')).toBe(false);
});

test.each([
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/9', '10.128.0.0/9', false],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::/48', true],
])('%j holds %j: %j', (outer, inner, wanted) => {
  const [wide, narrow] = [readRange(outer), readRange(inner)];
  expect(wide && narrow && contains(wide, narrow)).toBe(wanted);
});
