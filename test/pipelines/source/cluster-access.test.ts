import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openClusters } from '../../../pipelines/source/cluster-access.ts';
import { openEks } from '../../../pipelines/source/cluster-eks-access.ts';
import { createReader } from '../../../pipelines/source/cluster-reader.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';
import { setEnvironment } from '../../support/environment.ts';

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
  const transport = await openEks({
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

/** A service of AWS on 127.0.0.1 that answers what it is told, and remembers what it was asked. */
async function startService(answers: readonly [status: number, body: string][]) {
  const asked: { readonly url: string; readonly authorization: string; readonly body: string }[] =
    [];
  const server = createPlainServer((request, response) => {
    void text(request).then((body) => {
      const { url = '', headers } = request;
      const [status, answer] = answers[asked.length] ?? [500, ''];
      asked.push({ url, authorization: headers.authorization ?? '', body });
      response.writeHead(status).end(answer);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

const identity = { clusterName: 'prod', region: 'eu-west-1' };
const keys = () => Promise.resolve({ accessKeyId: 'AKIDOWN', secretAccessKey: 'x' });

test('takes on a role first, and asks EKS as that role where the cluster is', async () => {
  const sts = await startService([
    [
      200,
      `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>
       <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
       <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    ],
  ]);
  const place = { endpoint: 'https://192.0.2.1', certificateAuthority: { data: 'LS0t' } };
  const eks = await startService([[200, JSON.stringify({ cluster: place })]]);
  const restore = setEnvironment({ AWS_ENDPOINT_URL_STS: sts.url });
  try {
    const role = 'arn:aws:iam::123456789012:role/reader';
    const opened = await openEks({ ...identity, role, credentials: keys, eksUrl: eks.url });
    expect(opened.server).toBe('https://192.0.2.1');
  } finally {
    restore();
    await sts.close();
    await eks.close();
  }
  expect(Object.fromEntries(new URLSearchParams(sts.asked[0]?.body))).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: 'arn:aws:iam::123456789012:role/reader',
    DurationSeconds: '900',
  });
  expect(sts.asked[0]?.authorization).toContain('Credential=AKIDOWN/');
  expect(eks.asked).toEqual([
    {
      url: '/clusters/prod',
      authorization: expect.stringMatching(
        /Credential=AKIDROLE\/\d+\/eu-west-1\/eks\/aws4_request/u,
      ),
      body: '',
    },
  ]);
});

test.each([
  [403, '{"message": "no"}', 'allow the function, or the role of its target, eks:DescribeCluster'],
  [404, '{}', 'there is none of that name'],
  [200, '{"cluster": {"status": "CREATING"}}', 'it is CREATING'],
  [200, 'no JSON', 'it is not ready'],
])(
  'says what to do where EKS does not say where a cluster is: %d %s',
  async (status, body, what) => {
    const eks = await startService([[status, body]]);
    const opened = openEks({ ...identity, credentials: keys, eksUrl: eks.url });
    await expect(opened).rejects.toThrow(what);
    await eks.close();
  },
);
