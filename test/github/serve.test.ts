import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startReceiver } from '../../cli/serve/start-receiver.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { deployment } from '../support/github/manifests.ts';
import { servedApp } from '../support/github/state.ts';

const secret = 'a secret';
let repository: TestRepository;
let double: GitHubDouble;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeEach(async () => {
  repository = createRepository();
  double = await startGitHub(repository);
  const gitHub = {
    url: double.url,
    token: '',
    appId: String(servedApp.id),
    privateKey: double.privateKey,
    webhookSecret: secret,
    previousWebhookSecret: '',
  };
  receiver = await startReceiver({ port: 0, gitHub, now: Date.now }, pino({ level: 'silent' }));
});
afterEach(async () => {
  await receiver.stop();
  await double.close();
  repository.remove();
});

async function deliver(event: string, payload: object, delivery: string): Promise<number> {
  const body = JSON.stringify({
    repository: { full_name: 'acme/shop' },
    installation: { id: servedApp.installation },
    ...payload,
  });
  const response = await fetch(`http://127.0.0.1:${String(receiver.port)}/github`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  });
  await response.text();
  return response.status;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

const fewer = (text: string): string => text.replace('replicas: 2', 'replicas: 1');

describe('serve --github', () => {
  test('a signed delivery becomes one review, however often it comes', async () => {
    const service = deployment('a', 2);
    double.state.pulls.set(5, {
      number: 5,
      base: repository.commit({ 'a.yaml': service }),
      head: repository.commit({ 'a.yaml': fewer(service) }),
      open: true,
      draft: false,
    });
    const payload = { action: 'opened', pull_request: { number: 5 } };
    const statuses = await Promise.all(
      ['d1', 'd1', 'd2'].map((delivery) => deliver('pull_request', payload, delivery)),
    );
    expect(statuses).toEqual([202, 202, 202]);
    await until(() => double.state.checks.at(-1)?.status === 'completed');
    await receiver.stop();
    expect(double.state.checks).toHaveLength(1);
    expect(double.state.conversation).toHaveLength(1);
  });

  test('other paths and methods are refused before any work', async () => {
    const url = `http://127.0.0.1:${String(receiver.port)}`;
    const get = await fetch(`${url}/github`);
    const elsewhere = await fetch(`${url}/elsewhere`, { method: 'POST', body: '{}' });
    const health = await fetch(`${url}/healthz`);
    expect([get.status, elsewhere.status, health.status]).toEqual([405, 404, 200]);
    expect(double.requests).toEqual([]);
  });
});
