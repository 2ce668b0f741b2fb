import { describe, expect, test } from '@jest/globals';
import {
  compareSpecificity,
  hostMatches,
  resolveHost,
  wildcardsOver,
} from '../../../policies/mesh/hosts.ts';
import { matchesLabels, matchesSelector } from '../../../policies/mesh/labels.ts';
import {
  connectionClass,
  protocolOfName,
  routeSection,
  servicePortProtocol,
} from '../../../policies/mesh/protocol.ts';
import { lineOfKey, readProxyConfig } from '../../../policies/mesh/proxy-config-annotation.ts';

describe('hosts', () => {
  test.each([
    ['ledger', 'ledger.shop.svc.cluster.local'],
    ['Ledger', 'ledger.shop.svc.cluster.local'],
    ['ledger.mail', 'ledger.mail'],
    ['svc.global', 'svc.global'],
    ['*', '*'],
    ['', ''],
  ])('%j is read as %j', (written, host) => {
    expect(resolveHost(written, 'shop')).toBe(host);
  });

  test.each([
    ['a.b', 'a.b', true],
    ['*.b', 'a.b', true],
    ['*.b', 'b', false],
    ['*.b', '.b', false],
    ['*-db.x', 'my-db.x', true],
    ['*', 'a', true],
    ['*.x', '*.y.x', true],
    ['*.y.x', '*.x', false],
  ])('%j takes %j: %j', (pattern, host, wanted) => {
    expect(hostMatches(pattern, host)).toBe(wanted);
  });

  test('the narrowest pattern comes first', () => {
    const sorted = ['*', '*.local', 'a.shop.svc.cluster.local', '*.shop.svc.cluster.local'].sort(
      compareSpecificity,
    );
    expect(sorted).toEqual([
      'a.shop.svc.cluster.local',
      '*.shop.svc.cluster.local',
      '*.local',
      '*',
    ]);
    expect(wildcardsOver('a.b.c')).toEqual(['*.b.c', '*.c', '*']);
  });
});

describe('labels', () => {
  test('every wanted label must be there, and none matches all', () => {
    expect(matchesLabels({}, { a: 'b' })).toBe(true);
    expect(matchesLabels({ a: 'b' }, { a: 'b', c: 'd' })).toBe(true);
    expect(matchesLabels({ a: 'b' }, { a: 'c' })).toBe(false);
    expect(matchesLabels({ toString: 'b' }, {})).toBe(false);
  });

  test.each([
    [{}, true],
    [null, false],
    [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b'] }] }, false],
    [{ matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['b'] }] }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, false],
    [{ matchExpressions: [{ key: 'a', operator: 'Maybe' }] }, false],
    [{ matchLabels: { a: 'c' } }, false],
  ])('the selector %j: %j', (selector, wanted) => {
    expect(matchesSelector(selector, { a: 'b' })).toBe(wanted);
  });
});

describe('protocols', () => {
  test.each([
    [{ name: 'http', protocol: 'UDP', port: 1 }, 'UDP', 'none'],
    [{ name: 'tcp-x', port: 1 }, 'TCP', 'tcp'],
    [{ name: 'TCP-x', port: 1 }, 'TCP', 'tcp'],
    [{ name: 'grpc-web', port: 1 }, 'GRPC-Web', 'http'],
    [{ name: 'grpcweb', port: 1 }, 'sniffed', 'sniffed'],
    [{ name: 'tcp-x', appProtocol: 'postgresql', port: 1 }, 'sniffed', 'sniffed'],
    [{ name: 'tcp-x', appProtocol: 'postgresql', port: 3306 }, 'TCP', 'tcp'],
    [{ name: 'x', appProtocol: 'tcp', port: 1 }, 'TCP', 'tcp'],
    [{ name: 'x', appProtocol: 'kubernetes.io/h2c', port: 1 }, 'HTTP2', 'http'],
    [{ name: 'x', appProtocol: 'kubernetes.io/ws', port: 1 }, 'HTTP', 'stream'],
    [{ name: 'x', appProtocol: 'kubernetes.io/wss', port: 1 }, 'HTTPS', 'tcp'],
    [{ port: 27017 }, 'TCP', 'tcp'],
    [{ port: 5432 }, 'sniffed', 'sniffed'],
    [{ name: 'mongo', port: 5432 }, 'MONGO', 'tcp'],
    [{ name: '__proto__-x', port: 5432 }, 'sniffed', 'sniffed'],
  ])('%j is %s, whose connections are %s', (port, protocol, connections) => {
    expect(servicePortProtocol(port)).toBe(protocol);
    expect(connectionClass(port)).toBe(connections);
  });

  test('what routes a port', () => {
    const sections = ['tcp', 'tls', 'https', 'http', 'grpc', 'x'].map((name) =>
      routeSection({ name, port: 1 }),
    );
    expect(sections).toEqual(['tcp', 'tls', 'tls', 'http', 'http', 'tcp']);
    expect(protocolOfName('constructor')).toBeUndefined();
  });
});

describe('the annotation proxy.istio.io/config', () => {
  test.each([
    ['terminationDrainDuration: 60s', []],
    ['termination_drain_duration: 2m30s', []],
    ['terminationDrainDuration: -3s', []],
    ['terminationDrainDuration: null', []],
    ['', []],
    ['terminationDrainDuration: 60', ['denied terminationDrainDuration 1']],
    ['a: 1\nterminationDrainDuration: 1.5', ['ignored a 1', 'denied terminationDrainDuration 2']],
    ['drainDuration: 1.5s', ['denied drainDuration 1']],
    ['drainDuration: 0s', ['denied drainDuration 1']],
    ['proxyMetadata:\n  A: true\n  B: 5', ['denied proxyMetadata.A 2', 'denied proxyMetadata.B 3']],
    ['proxyMetadata: [a]', ['denied proxyMetadata 1']],
    ['proxyMetadata:\n  A: null', []],
    ['terminationDrainDuration: 5s\nterminationDrainDuration: 60s', []],
    ['parentShutdownDuration: 60s', ['ignored parentShutdownDuration 1']],
    ['holdApplicationUntilProxyStarts: yes', []],
    ['holdApplicationUntilProxyStarts: "true"', ['denied holdApplicationUntilProxyStarts 1']],
    ['concurrency: "2"\nstatusPort: 15020', []],
    ['concurrency: two\nstatNameLength: 2.5', ['denied concurrency 1', 'denied statNameLength 2']],
    ['statusPort: 70000\nproxyAdminPort: 0', ['denied statusPort 1', 'denied proxyAdminPort 2']],
    ['meshId: 5\nbinaryPath: ""', ['denied meshId 1', 'denied binaryPath 2']],
    ['discoveryAddress: istiod:15012\nstatsdUdpAddress: ""', []],
    ['discoveryAddress: istiod', ['denied discoveryAddress 1']],
    ['image: distroless\ntracing: [a]', ['denied image 1', 'denied tracing 2']],
    ['tracing:\n  sampling: "10"\n  zipkin:\n    address: 9', ['denied tracing.zipkin.address 4']],
    ['gatewayTopology: { numTrustedProxies: -1 }', ['denied gatewayTopology.numTrustedProxies 1']],
    ['interceptionMode: TPROXY\ncontrolPlaneAuthPolicy: 1', []],
    ['interceptionMode: tproxy', ['denied interceptionMode 1']],
    ['extraStatTags: [a]\ncaCertificatesPem: a', ['denied caCertificatesPem 2']],
    [
      'connectionSettings:\n  httpMaxConnectionDuration: 60',
      ['denied connectionSettings.httpMaxConnectionDuration 2'],
    ],
    [
      'connectionSettings:\n  httpIdleTimeout: -1s',
      ['denied connectionSettings.httpIdleTimeout 2'],
    ],
    [
      'connectionSettings:\n  httpMaxDuration: 60s',
      ['ignored connectionSettings.httpMaxDuration 2'],
    ],
    ['defaultConfig:\n  concurrency: 1', ['ignored defaultConfig 1']],
    ['- a', ['denied  1']],
    ['a: [', ['denied  1']],
  ])('%j: %j', (text, problems) => {
    const found = readProxyConfig(text).problems.map(
      ({ outcome, key, line }) => `${outcome} ${key} ${line}`,
    );
    expect(found).toEqual(problems);
  });

  test('what the injector denies is not read at all', () => {
    expect(readProxyConfig('concurrency: 2\ndrainDuration: x').config).toEqual({});
    expect(readProxyConfig('concurrency: 2\nodd: x').config).toEqual({ concurrency: 2, odd: 'x' });
  });

  test('a key is found on its line in either spelling, quoted or not', () => {
    expect(lineOfKey('a: 1\r\n"termination_drain_duration": 5s', 'terminationDrainDuration')).toBe(
      2,
    );
    expect(lineOfKey('{"a": 1}', 'b')).toBe(1);
  });
});
