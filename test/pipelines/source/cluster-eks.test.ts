import { expect, test } from '@jest/globals';
import { eksTokens, signEksToken } from '../../../pipelines/source/cluster-eks.ts';

const identity = { clusterName: 'demo-cluster', region: 'eu-west-1' };
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'not-a-real-secret',
  sessionToken: 'not-a-real-session-token',
};
const start = Date.UTC(2026, 0, 15, 12);
const minute = 60_000;

function urlIn(token: string): URL {
  return new URL(Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString());
}

test('a token is the signed request that independent implementations make', async () => {
  const token = await signEksToken(identity, credentials, new Date(start));
  const url = urlIn(token);
  expect(url.searchParams.get('X-Amz-Signature')).toBe(
    '3b0e555a8fa21ba33a3c43f96725bae33e8487ea77573b7952e49c371764f50c',
  );
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/u);
  expect(token).toHaveLength(542);
  expect(`${url.origin}${url.pathname}`).toBe('https://sts.eu-west-1.amazonaws.com/');
  expect([...url.searchParams.keys()].toSorted()).toEqual([
    'Action',
    'Version',
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-Security-Token',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
  ]);
  expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id');
});

test('credentials without a session token, and the partition of China', async () => {
  const { sessionToken: _, ...lasting } = credentials;
  const url = urlIn(
    await signEksToken({ ...identity, region: 'cn-north-1' }, lasting, new Date(start)),
  );
  expect(url.searchParams.has('X-Amz-Security-Token')).toBe(false);
  expect(url.hostname).toBe('sts.cn-north-1.amazonaws.com.cn');
});

test('a token is kept for 14 minutes, and renewed then or where it was refused', async () => {
  let now = start;
  const tokens = eksTokens(
    identity,
    () => Promise.resolve(credentials),
    () => now,
  );
  const first = await tokens.token();
  now += 14 * minute - 1;
  expect(await tokens.token()).toBe(first);
  now += 1;
  const second = await tokens.token();
  expect(second).not.toBe(first);
  now += minute;
  tokens.forget();
  expect(await tokens.token()).not.toBe(second);
});

test('a token ends before the credentials that signed it', async () => {
  let now = start;
  const ending = { ...credentials, expiration: new Date(start + 5 * minute) };
  const tokens = eksTokens(
    identity,
    () => Promise.resolve(ending),
    () => now,
  );
  const first = await tokens.token();
  now += 4 * minute;
  expect(await tokens.token()).not.toBe(first);
});
