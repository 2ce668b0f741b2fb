import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openClusters } from '../../../pipelines/source/cluster-access.ts';
import { openEks } from '../../../pipelines/source/cluster-eks-access.ts';
import { createReader } from '../../../pipelines/source/cluster-reader.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshgate-access-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function kubeconfig(contexts: readonly string[], current = ''): string {
  const file = join(folder, `${contexts.join('-')}-${current}`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    contexts: contexts.map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: contexts.map((name) => ({ name, cluster: { server: `https://${name}` } })),
    users: contexts.map((name) => ({ name, user: { token: name } })),
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function open(file: string, contexts: readonly string[] | 'all'): readonly string[] {
  const opened = openClusters({ kubeconfig: file, contexts });
  return opened.map(({ name, transport }) => `${name} at ${transport.server}`);
}

test('opens the current context, named ones, or all', () => {
  const file = kubeconfig(['eu', 'us'], 'us');
  expect(open(file, [])).toEqual(['us at https://us']);
  expect(open(file, ['eu', 'eu'])).toEqual(['eu at https://eu']);
  expect(open(file, 'all')).toEqual(['eu at https://eu', 'us at https://us']);
});

test('says which contexts there are where one is not', () => {
  expect(() => open(kubeconfig(['eu', 'us']), ['asia'])).toThrow(
    'has no context asia: it has eu, us',
  );
  expect(() => open(kubeconfig(['eu', 'us']), [])).toThrow('choose one with --context, of eu, us');
});

test('signs in to EKS over TLS, and once more where the token is refused', async () => {
  const authority = await createAuthority('test authority');
  const { certificate, key } = await authority.issue({
    commonName: 'eks',
    addresses: ['127.0.0.1'],
  });
  const seen: string[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    seen.push(request.headers.authorization ?? '');
    response.writeHead(seen.length === 2 ? 401 : 200).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = openEks({
    clusterName: 'prod',
    region: 'eu-west-1',
    endpoint: `https://127.0.0.1:${String(port)}`,
    certificateAuthority: Buffer.from(authority.pem).toString('base64'),
    credentials: () => Promise.resolve({ accessKeyId: 'x', secretAccessKey: String(seen.length) }),
  });
  const reader = createReader({ transport, signal: new AbortController().signal });
  await reader.get('/version');
  await reader.get('/version');
  server.closeAllConnections();
  await once(server.close(), 'close');
  expect(seen).toHaveLength(3);
  expect(seen[0]).toMatch(/^Bearer k8s-aws-v1\./u);
  expect(seen[1]).toBe(seen[0]);
  expect(seen[2]).not.toBe(seen[1]);
});
