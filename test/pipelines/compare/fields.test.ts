import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import { diffFields } from '../../../pipelines/compare/fields.ts';
import { parseDocument } from '../../../pipelines/render/parse-documents.ts';

function yaml(text: string): JsonObject {
  const reading = parseDocument(text);
  if ('problem' in reading) {
    throw new Error(reading.problem);
  }
  return reading.value as JsonObject;
}

function diff(kind: string, before: string, after: string): unknown {
  return diffFields(kind, yaml(before), yaml(after));
}

describe('fields', () => {
  test('a scalar that changes, comes or goes', () => {
    expect(diff('Service', 'spec: {a: 1, b: 2}', 'spec: {a: 3, c: 4}')).toEqual([
      { at: '/spec/a', before: 1, after: 3 },
      { at: '/spec/b', before: 2 },
      { at: '/spec/c', after: 4 },
    ]);
  });

  test('a subtree that comes is one change', () => {
    expect(
      diff('DestinationRule', 'spec: {}', 'spec: {trafficPolicy: {tls: {mode: SIMPLE}}}'),
    ).toEqual([{ at: '/spec/trafficPolicy', after: { tls: { mode: 'SIMPLE' } } }]);
  });

  test('layout, key order, comments and quotes are no change', () => {
    expect(
      diff('Service', 'spec: {a: "x", b: [1]}', '# new\nspec:\n  b:\n  - 1\n  a: x\n'),
    ).toEqual([]);
  });

  test('null is the same as absent', () => {
    expect(diff('Service', 'spec: {a: null, b: 1}', 'spec: {b: 1, c: null}')).toEqual([]);
    expect(diff('Service', 'spec: {a: null}', 'spec: {a: 1}')).toEqual([
      { at: '/spec/a', after: 1 },
    ]);
  });

  test('a number is not its text', () => {
    expect(diff('Service', 'a: 1', 'a: "1"')).toEqual([{ at: '/a', before: 1, after: '1' }]);
  });

  test('a member called __proto__ is a member like any other', () => {
    expect(diff('Service', 'spec: {}', 'spec: {__proto__: {polluted: true}}')).toEqual([
      { at: '/spec/__proto__', after: { polluted: true } },
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('lists', () => {
  test('containers go by name, wherever they stand', () => {
    const before = 'containers: [{name: app, image: a:1}, {name: log, image: l:1}]';
    const after =
      'containers: [{name: extra, image: e:1}, {name: log, image: l:1}, {name: app, image: a:2}]';
    expect(diff('Pod', before, after)).toEqual([
      { at: '/containers/2/image', before: 'a:1', after: 'a:2' },
      { at: '/containers/0', after: { name: 'extra', image: 'e:1' } },
    ]);
  });

  test('a removed element stands where it was', () => {
    expect(
      diff('Pod', 'env: [{name: A, value: x}, {name: B, value: y}]', 'env: [{name: B, value: y}]'),
    ).toEqual([{ at: '/env/0', before: { name: 'A', value: 'x' } }]);
  });

  test('ports go by number and protocol, with TCP as the default, then by name', () => {
    const before = 'ports: [{port: 53, protocol: UDP}, {port: 53}, {name: http, port: 80}]';
    const after =
      'ports: [{port: 53, protocol: TCP}, {port: 53, protocol: UDP}, {name: http, port: 8080}]';
    expect(diff('Service', before, after)).toEqual([
      { at: '/ports/0/protocol', after: 'TCP' },
      { at: '/ports/2/port', before: 80, after: 8080 },
    ]);
  });

  test('hosts are a set', () => {
    expect(diff('VirtualService', 'hosts: [a, b, c]', 'hosts: [c, d, a]')).toEqual([
      { at: '/hosts/1', before: 'b' },
      { at: '/hosts/1', after: 'd' },
    ]);
    expect(diff('VirtualService', 'hosts: [a, b]', 'hosts: [b, a]')).toEqual([]);
  });

  test('arguments are one ordered value', () => {
    expect(diff('Pod', 'args: [a, b]', 'args: [b, a]')).toEqual([
      { at: '/args', before: ['a', 'b'], after: ['b', 'a'] },
    ]);
  });

  test('an unnamed route is followed by its body when another comes before it', () => {
    const route = (host: string, timeout: string): string =>
      `{match: [{uri: {prefix: /${host}}}], timeout: ${timeout}, route: [{destination: {host: ${host}}}]}`;
    const before = `http: [${route('a', '1s')}, ${route('b', '1s')}]`;
    const after = `http: [${route('new', '9s')}, ${route('a', '1s')}, ${route('b', '2s')}]`;
    expect(diff('VirtualService', before, after)).toEqual([
      { at: '/http/2/timeout', before: '1s', after: '2s' },
      { at: '/http/0', after: yaml(route('new', '9s')) },
    ]);
  });

  test('routes in another order are a change, since the first match wins', () => {
    const [changes] = diffFields(
      'VirtualService',
      yaml('http: [{name: a, timeout: 1s}, {name: b, timeout: 2s}]'),
      yaml('http: [{name: b, timeout: 2s}, {name: a, timeout: 1s}]'),
    );
    expect(changes?.at).toBe('/http');
  });

  test('servers in another order are not', () => {
    const tls = '{port: {number: 443, name: tls}, hosts: [a]}';
    const http = '{port: {number: 80, name: http}, hosts: [a]}';
    expect(diff('Gateway', `servers: [${tls}, ${http}]`, `servers: [${http}, ${tls}]`)).toEqual([]);
  });

  test('elements of one name are told apart by what they share', () => {
    const before = 'containers: [{name: x, image: a, args: [p]}, {name: x, image: b, args: [q]}]';
    const after = 'containers: [{name: x, image: b, args: [q]}, {name: x, image: a, args: [r]}]';
    expect(diff('Pod', before, after)).toEqual([
      { at: '/containers/1/args', before: ['p'], after: ['r'] },
    ]);
  });

  test('many equal unnamed elements stay paired around one that is new', () => {
    const route = (timeout: number): string =>
      `{timeout: ${String(timeout)}s, retries: {attempts: 3}}`;
    const routes = Array.from({ length: 500 }, (_, index) => route(index));
    const after = [route(999), ...routes];
    expect(
      diff('VirtualService', `http: [${routes.join(', ')}]`, `http: [${after.join(', ')}]`),
    ).toEqual([{ at: '/http/0', after: { timeout: '999s', retries: { attempts: 3 } } }]);
  });

  test('thousands of unnamed elements end in time', () => {
    const list = (from: number): string =>
      `http: [${Array.from({ length: 2000 }, (_, index) => `{timeout: ${String(from + index)}s}`).join(', ')}]`;
    expect(diffFields('VirtualService', yaml(list(0)), yaml(list(5000)))).toHaveLength(4000);
  });
});
