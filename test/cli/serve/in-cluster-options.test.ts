import { Command } from 'commander';
import { describe, expect, test } from '@jest/globals';
import {
  addInClusterOptions,
  readInCluster,
  type InClusterOptions,
} from '../../../cli/serve/in-cluster-options.ts';
import { UsageError } from '../../../cli/usage-error.ts';

type Reading = ReturnType<typeof readInCluster>;

function read(...args: readonly string[]): Reading {
  const command = addInClusterOptions(new Command()).option('--mesh <paths...>').exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  return readInCluster(command.opts<InClusterOptions>(), 'meshgate-system');
}

const files = ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key'];

describe('where serve gets its certificate, and what it keeps right', () => {
  test('files alone: nothing of a cluster is kept', () => {
    expect(read(...files)).toEqual({
      tls: { certificate: 'tls.crt', key: 'tls.key' },
      inCluster: undefined,
    });
  });

  test('a Service alone: our own authority in a Secret, every ten minutes an audit without reports', () => {
    const { tls, inCluster } = read('--service', 'meshgate');

    expect(tls).toBeUndefined();
    expect(inCluster).toMatchObject({
      service: { namespace: 'meshgate-system', name: 'meshgate', port: 443 },
      lease: 'meshgate',
      trust: { kind: 'secret', secret: 'meshgate-tls' },
      audit: { minutes: 10, reports: undefined },
    });
    expect(inCluster?.identity).not.toBe('');
  });

  test.each([
    ['a', { namespace: 'meshgate-system', name: 'a', port: 443 }],
    ['a:8443', { namespace: 'meshgate-system', name: 'a', port: 8443 }],
    ['mesh/a', { namespace: 'mesh', name: 'a', port: 443 }],
    ['mesh/a:9443', { namespace: 'mesh', name: 'a', port: 9443 }],
  ])('--service %s', (text, service) => {
    expect(read('--service', text).inCluster).toMatchObject({ service });
  });

  test('whose authority goes into the webhook configurations', () => {
    expect(read(...files, '--service', 'a', '--ca-file', 'ca.crt').inCluster?.trust).toEqual({
      kind: 'file',
      file: 'ca.crt',
    });
    expect(
      read(...files, '--service', 'a', '--inject-ca-from', 'mesh/tls').inCluster?.trust,
    ).toEqual({ kind: 'injected', from: 'mesh/tls' });
  });

  test('the other options are taken as they are', () => {
    expect(
      read(
        '--service',
        'a',
        '--lease',
        'b',
        '--owner-cluster-role',
        'c',
        '--tls-secret',
        'd',
        '--failure-policy',
        'Fail',
        '--self-probe',
        'host.example:8443',
        '--audit-interval',
        '0',
        '--audit-reports',
        'openreports.io',
      ).inCluster,
    ).toMatchObject({
      lease: 'b',
      ownerClusterRole: 'c',
      trust: { kind: 'secret', secret: 'd' },
      failurePolicy: 'Fail',
      selfProbe: { host: 'host.example', port: 8443 },
      audit: { minutes: 0, reports: 'openreports.io' },
    });
  });

  test.each([
    ['no certificate and no Service', [], 'name --tls-cert and --tls-key, or --service'],
    ['half of a pair', ['--tls-cert', 'tls.crt'], 'go together'],
    ['a certificate of nobody', [...files, '--service', 'a'], '--ca-file or --inject-ca-from'],
    ['a cluster and files', ['--service', 'a', '--mesh', 'b.yaml'], 'name one of them'],
  ])('%s is refused with what to do', (_, args, reason) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(reason);
  });

  test.each([
    ['--service', 'Not_A_Name'],
    ['--service', 'a:b'],
    ['--self-probe', 'host'],
    ['--audit-interval', '-1'],
    ['--audit-interval', '10081'],
    ['--audit-reports', 'example.com'],
    ['--failure-policy', 'Maybe'],
  ])('%s %s is refused', (option, value) => {
    expect(() => read('--service', 'a', `${option}=${value}`)).toThrow(option);
  });
});
