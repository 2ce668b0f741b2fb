import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSecret, type Secret } from '../../functions/secrets.ts';

const minute = 60_000;
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:meshgate-AbCdEf';
const parameterArn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/meshgate/key';

let server: Server;
let endpoint: string;
let now: number;
/** What AWS has; an error where it is undefined. */
let stored: string | undefined;
let requests: { readonly target: unknown; readonly body: unknown; readonly signed: string }[];

beforeEach(async () => {
  now = Date.UTC(2026, 0, 15, 12);
  stored = 'first';
  requests = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const target = request.headers['x-amz-target'];
      requests.push({
        target,
        body: JSON.parse(body),
        signed: request.headers.authorization ?? '',
      });
      const answer =
        target === 'AmazonSSM.GetParameter'
          ? { Parameter: { Value: stored } }
          : { SecretString: stored };
      response.writeHead(stored === undefined ? 400 : 200).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function secretOf(arn: string): Secret {
  const access = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x', sessionToken: 'token' };
  return createSecret({ arn }, { ...access, endpoint, now: () => now });
}

describe('a secret', () => {
  test('given as text is that text', async () => {
    const access = { accessKeyId: '', secretAccessKey: '', sessionToken: '', endpoint: '' };
    const secret = createSecret({ text: 'own' }, { ...access, now: () => now });
    expect([await secret.current(), await secret.renewed()]).toEqual(['own', 'own']);
  });

  test.each([
    [secretArn, 'secretsmanager.GetSecretValue', { SecretId: secretArn }],
    [parameterArn, 'AmazonSSM.GetParameter', { Name: parameterArn, WithDecryption: true }],
  ])('by its ARN is asked for by a signed request: %s', async (arn, target, body) => {
    expect(await secretOf(arn).current()).toBe('first');
    expect(requests).toEqual([
      {
        target,
        body,
        signed: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260115\/eu-west-1\/(?:ssm|secretsmanager)\/aws4_request, SignedHeaders=.*host.*x-amz-security-token/u,
        ),
      },
    ]);
  });

  test('is read once in five minutes, by all who ask at once', async () => {
    const secret = secretOf(secretArn);
    await Promise.all([secret.current(), secret.current(), secret.current()]);
    stored = 'second';
    now += 4 * minute;
    expect(await secret.current()).toBe('first');
    now += 2 * minute;
    expect(await secret.current()).toBe('second');
    expect(requests).toHaveLength(2);
  });

  test('is renewed at most once a minute, however many forged deliveries ask for it', async () => {
    const secret = secretOf(secretArn);
    await secret.current();
    stored = 'second';
    expect(await secret.renewed()).toBe('first');
    now += minute;
    expect(await secret.renewed()).toBe('second');
    await Promise.all([secret.renewed(), secret.renewed()]);
    expect(requests).toHaveLength(2);
  });

  test('serves on as it was read before where AWS does not answer', async () => {
    const secret = secretOf(secretArn);
    await secret.current();
    stored = undefined;
    now += 6 * minute;
    expect(await secret.current()).toBe('first');
  });

  test('that cannot be read at first is an error without its text, and is asked for again', async () => {
    stored = undefined;
    const secret = secretOf(secretArn);
    await expect(secret.current()).rejects.toThrow('cannot be read: AWS answered 400');
    stored = 'first';
    expect(await secret.current()).toBe('first');
  });

  test.each(['meshgate', 'arn:aws:s3:::bucket', 'arn:aws:ssm::1:parameter/x'])(
    'is not %s',
    (arn) => {
      expect(() => secretOf(arn)).toThrow('is no ARN');
    },
  );
});
