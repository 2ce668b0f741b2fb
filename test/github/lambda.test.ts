import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buildFunctions } from '../../tools/build/functions.ts';
import { findRuntimeClient } from '../../tools/lambda/locate.ts';
import { describeWith } from '../support/describe-with.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { startLambda, type Lambda } from '../support/github/lambda.ts';
import { deployment } from '../support/github/manifests.ts';
import { servedApp } from '../support/github/state.ts';

const client = findRuntimeClient();
const missing =
  client === undefined
    ? "AWS's runtime client is not built: run `node tools/lambda/main.ts`"
    : undefined;
const secret = 'a secret';

describeWith(missing, 'the bundles under the runtime client of AWS', () => {
  let folder: string;
  let repository: TestRepository;
  let double: GitHubDouble;
  let lambda: Lambda;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshgate-functions-'));
    mkdirSync(folder, { recursive: true });
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const { outputFiles } = await buildFunctions(root);
    for (const { path, contents } of outputFiles) {
      writeFileSync(join(folder, basename(path)), contents);
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    repository = createRepository();
    double = await startGitHub(repository);
    lambda = await startLambda(client ?? '', folder);
  });
  afterEach(async () => {
    await lambda.stop();
    await double.close();
    repository.remove();
  });

  const webhookSecret = { MESHGATE_WEBHOOK_SECRET: secret };
  const privateKey = (): Readonly<Record<string, string>> => ({
    MESHGATE_APP_PRIVATE_KEY: double.privateKey.replaceAll('\n', String.raw`\n`),
  });

  async function startFunctions(
    forWebhook: Readonly<Record<string, string>> = webhookSecret,
    forApp = privateKey(),
  ): Promise<void> {
    await lambda.start({
      name: 'github-webhook',
      environment: { ...forWebhook, MESHGATE_REVIEW_FUNCTION: 'review-pull-request' },
    });
    const app = {
      MESHGATE_APP_ID: String(servedApp.id),
      MESHGATE_GITHUB_URL: double.url,
      MESHGATE_CACHE: 'off',
      ...forApp,
    };
    await lambda.start({ name: 'review-pull-request', environment: app });
    await lambda.start({ name: 'sweep-deliveries', environment: app });
  }

  async function openAndDeliver(): Promise<void> {
    double.state.pulls.set(5, {
      number: 5,
      base: repository.commit({}),
      head: repository.commit({ 'a.yaml': deployment('a', 1) }),
      open: true,
      draft: false,
    });
    const payload = { action: 'opened', pull_request: { number: 5, title: 'x'.repeat(100_000) } };
    expect(await deliver(payload)).toMatchObject({ statusCode: 202 });
    while (double.state.checks.at(-1)?.status !== 'completed' && lambda.failures.length === 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    expect(lambda.failures).toEqual([]);
  }

  function deliver(payload: object, signature?: string): Promise<unknown> {
    const body = JSON.stringify({
      repository: { full_name: 'acme/shop' },
      installation: { id: servedApp.installation },
      ...payload,
    });
    const signed = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return lambda.invoke('github-webhook', {
      version: '2.0',
      rawPath: '/github',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'pull_request',
        'x-github-delivery': 'd1',
        'x-hub-signature-256': signature ?? signed,
      },
      requestContext: { http: { method: 'POST' } },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    });
  }

  test('a signed delivery goes in and a review comes out', async () => {
    await startFunctions();
    await openAndDeliver();
    expect(JSON.stringify(lambda.events).length).toBeLessThan(500);
    expect(double.state.checks).toHaveLength(1);
    expect(double.state.conversation).toHaveLength(1);
  });

  test('the same with secrets that the environment names by their ARNs only', async () => {
    const arn = (name: string): string => `arn:aws:secretsmanager:eu-west-1:1:secret:${name}`;
    const secrets: Readonly<Record<string, string>> = {
      [arn('webhook')]: secret,
      [arn('key')]: double.privateKey,
    };
    const manager = createServer((request, response) => {
      void text(request).then((body) => {
        const { SecretId: id = '' } = JSON.parse(body) as { readonly SecretId?: string };
        response.end(JSON.stringify({ SecretString: secrets[id] }));
      });
    });
    manager.listen(0, '127.0.0.1');
    await once(manager, 'listening');
    const { port } = manager.address() as AddressInfo;
    const endpoint = { AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${String(port)}` };
    try {
      await startFunctions(
        { ...endpoint, MESHGATE_WEBHOOK_SECRET_ARN: arn('webhook') },
        { ...endpoint, MESHGATE_APP_PRIVATE_KEY_ARN: arn('key') },
      );
      await openAndDeliver();
      expect(double.state.checks).toHaveLength(1);
    } finally {
      manager.closeAllConnections();
      manager.close();
    }
  });

  test('a sweep has GitHub deliver again what failed', async () => {
    await startFunctions();
    const at = Date.now() - 3_600_000;
    double.state.deliveries.push({ id: 3, guid: 'd3', at, status: 500 });
    expect(await lambda.invoke('sweep-deliveries', {})).toMatchObject({ redelivered: 1 });
    expect(double.state.redelivered).toEqual(['3']);
  });

  test('a forged one is refused, and nothing is started', async () => {
    await startFunctions();
    expect(
      await deliver({ action: 'opened', pull_request: { number: 5 } }, 'sha256=0'),
    ).toMatchObject({ statusCode: 401 });
    expect(lambda.events).toEqual([]);
  });

  test('an event that cannot be handed on is an error, so that it is redelivered', async () => {
    await lambda.start({
      name: 'github-webhook',
      environment: {
        MESHGATE_WEBHOOK_SECRET: secret,
        MESHGATE_REVIEW_FUNCTION: 'review-pull-request',
        AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:1',
        AWS_MAX_ATTEMPTS: '1',
      },
    });
    const payload = { action: 'opened', pull_request: { number: 5 } };
    expect(await deliver(payload)).toMatchObject({ statusCode: 500 });
  });

  test('a function without its settings does not start', async () => {
    await lambda.start({ name: 'github-webhook', environment: {} });
    await expect(deliver({})).rejects.toThrow('MESHGATE_WEBHOOK_SECRET');
  });
});
