import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startServing, type ServeOptions, type Serving } from '../../../cli/serve/start.ts';
import { UsageError } from '../../../cli/usage-error.ts';
import { createLogger } from '../../../webhooks/admission/log.ts';
import {
  forbidsBad,
  requestFor,
  reviewOf,
  wantsGrace,
  wantsOneHost,
} from '../../support/admission/fake-gate.ts';
import { send } from '../../support/admission/gate-server.ts';
import { plainKubeconfig } from '../../support/admission/plain-cluster.ts';
import { verifyAnswer } from '../../support/admission/verify-answer.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';

let folder = '';
let ca = '';
let options: ServeOptions;
let serving: Serving | undefined;
const log: Record<string, unknown>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
  const authority = await createAuthority('serve test');
  const pair = await authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] });
  ca = authority.pem;
  const tls = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  await writeFile(tls.certificate, pair.certificate);
  await writeFile(tls.key, pair.key);
  options = {
    port: 0,
    host: undefined,
    tls,
    mesh: { paths: [], readInput: () => Promise.resolve(Buffer.alloc(0)) },
    kubeconfig: undefined,
    config: undefined,
    ownNamespace: 'meshgate-system',
    clock: () => 0,
    tracing: undefined,
  };
  log.length = 0;
});

afterEach(async () => {
  await serving?.stop(0);
  serving = undefined;
  await rm(folder, { recursive: true });
});

async function start(changes: Partial<ServeOptions> = {}): Promise<Serving> {
  const logger = createLogger({
    write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>),
  });
  const catalogue = [forbidsBad, wantsGrace, wantsOneHost];
  serving = await startServing({ ...options, ...changes }, catalogue, logger);
  return serving;
}

function call(port: number, method: string, path: string, body?: string) {
  return send({ host: '127.0.0.1', port, ca, method, path, agent: false }, body);
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const rule = (name: string) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name, namespace: 'shop' },
  spec: { host: 'ledger' },
});

test('serves without a cluster, and tells the port that it took', async () => {
  const { port } = await start();
  expect(log.map(({ msg, port: told, mesh }) => [msg, told, mesh])).toEqual([
    ['listening', port, 'empty'],
    ['ready', port, undefined],
  ]);
  expect((await call(port, 'GET', '/readyz')).status).toBe(200);
});

test('judges in the mesh and by the configuration that files hold', async () => {
  const { port } = await start({
    mesh: { ...options.mesh, paths: [await file('mesh.json', JSON.stringify(rule('one')))] },
    config: await file(
      'meshgate.yaml',
      'apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\npolicies: { test/one-host: { mode: enforce } }\n',
    ),
  });
  const answer = await call(port, 'POST', '/validate', reviewOf(requestFor(rule('two'))));
  expect(verifyAnswer(answer, { gate: 'validate', uid: 'u-1' }).message).toContain('test/one-host');
  const text = (await call(port, 'GET', '/metrics')).text;
  expect(text).toContain('meshgate_mesh_objects{kind="DestinationRule"} 1');
  expect(text).toContain('meshgate_mesh_synced 1');
  expect(text).toMatch(/meshgate_certificate_expiry_timestamp_seconds \d{10}/u);
});

test('is alive but not ready, and passes everything, before the cluster has been read', async () => {
  const api = createServer((_, response) => response.writeHead(503).end('{}'));
  await new Promise<void>((resolve) => {
    api.listen(0, '127.0.0.1', resolve);
  });
  const address = api.address();
  const apiPort = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const kubeconfig = await file('kubeconfig', plainKubeconfig(apiPort));
    const { port } = await start({ kubeconfig, host: '127.0.0.1' });
    expect((await call(port, 'GET', '/livez')).status).toBe(200);
    expect(await call(port, 'GET', '/readyz')).toMatchObject({
      status: 503,
      text: 'not ready: discovery\n',
    });
    const answer = await call(port, 'POST', '/validate', reviewOf(requestFor(rule('two'))));
    expect(verifyAnswer(answer, { gate: 'validate', uid: 'u-1' }).allowed).toBe(true);
  } finally {
    api.closeAllConnections();
    api.close();
  }
});

describe('what cannot be served is named', () => {
  test.each([
    [
      'a certificate that is not there',
      () => ({ tls: { certificate: '/no/tls.crt', key: '/no/tls.key' } }),
      '/no/tls',
    ],
    [
      'a configuration that is not there',
      () => ({ config: '/no/meshgate.yaml' }),
      '/no/meshgate.yaml',
    ],
    ['a kubeconfig that is not there', () => ({ kubeconfig: '/no/kubeconfig' }), '/no/kubeconfig'],
    [
      'a mesh that is not there',
      () => ({ mesh: { ...options.mesh, paths: ['/no/mesh'] } }),
      '/no/mesh',
    ],
  ])('%s', async (_, changes, text) => {
    const failure = start(changes());
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(text);
  });

  test('a wrong configuration, with every error', async () => {
    const config = await file(
      'meshgate.yaml',
      'apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\nx: 1\ny: 2\n',
    );
    await expect(start({ config })).rejects.toThrow(/x[\s\S]*y/u);
  });

  test('a port that is taken', async () => {
    const first = await start();
    const { stop } = first;
    await expect(start({ port: first.port })).rejects.toThrow('EADDRINUSE');
    serving = { ...first, stop };
  });
});
