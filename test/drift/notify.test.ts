import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compareWithRecord } from '../../pipelines/drift/record.ts';
import { driftMessage, messageText, slackText } from '../../pipelines/present/drift-message.ts';
import { publishToTopic } from '../../pipelines/source/notify-sns.ts';
import { postWebhook, webhookUrlProblem } from '../../pipelines/source/notify-webhook.ts';
import { createAuthority } from '../support/cluster/certificates.ts';
import { driftOf, driftReport } from '../support/drift-report.ts';
import { setEnvironment } from '../support/environment.ts';
import { testClock } from '../support/github/clock.ts';

const report = driftReport({ drifts: [driftOf('ledger'), driftOf('<!channel> & co')] });
const delta = compareWithRecord(undefined, report, 0);
const message = driftMessage(report, delta, 'https://github.com/acme/shop/issues/7');

describe('a message', () => {
  test('names what is new, and holds no value of any object', () => {
    expect(messageText(message)).toBe(
      [
        'prod differs from Git in 2 objects',
        '- changed: DestinationRule shop/ledger spec.trafficPolicy.tls.mode',
        '- changed: DestinationRule shop/<!channel> & co spec.trafficPolicy.tls.mode',
        'https://github.com/acme/shop/issues/7',
      ].join('\n'),
    );
    expect(messageText(message)).not.toContain('DISABLE');
  });

  test('mentions nobody where Slack reads it', () => {
    expect(slackText(message)).toContain('&lt;!channel&gt; &amp; co');
    expect(slackText(message)).not.toContain('<!');
  });

  test('names ten and counts the rest', () => {
    const drifts = Array.from({ length: 15 }, (_, index) => driftOf(`r${String(index)}`));
    const many = driftReport({ drifts });
    expect(driftMessage(many, compareWithRecord(undefined, many, 0)).lines).toHaveLength(11);
  });
});

describe('a webhook', () => {
  let server: Server;
  let ca = '';
  let url = '';
  let answers: { readonly status: number; readonly retryAfter?: string }[] = [];
  const bodies: string[] = [];

  beforeEach(async () => {
    const authority = await createAuthority('webhook test');
    const { certificate, key } = await authority.issue({
      commonName: 'localhost',
      dnsNames: ['localhost'],
    });
    ca = authority.pem;
    [answers, bodies.length] = [[], 0];
    server = createServer({ cert: certificate, key }, (request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        const { status, retryAfter } = answers.shift() ?? { status: 200 };
        response.writeHead(status, {
          ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
          location: 'https://127.0.0.1:1/',
        });
        response.end('no_text');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://localhost:${String((server.address() as AddressInfo).port)}/services/T0/SECRET`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  test('gets the text once', async () => {
    expect(await postWebhook({ url, clock: testClock(), ca }, 'hello')).toBeUndefined();
    expect(bodies).toEqual(['{"text":"hello"}']);
  });

  test('that is busy or failing is asked again, as late as it says, and not for ever', async () => {
    const clock = testClock();
    answers = [{ status: 429, retryAfter: '5' }, { status: 503 }];
    expect(await postWebhook({ url, clock, ca }, 'hello')).toBeUndefined();
    expect(clock.slept).toEqual([5000, 4000]);
    answers = Array.from({ length: 9 }, () => ({ status: 429, retryAfter: '9999' }));
    expect(await postWebhook({ url, clock, ca }, 'hello')).toContain('answered 429');
    expect(bodies).toHaveLength(3 + 4);
    expect(Math.max(...clock.slept)).toBe(30_000);
  });

  test('that refuses is not asked again, not followed elsewhere, and its address is not told', async () => {
    for (const status of [404, 302]) {
      answers = [{ status }];
      const problem = await postWebhook({ url, clock: testClock(), ca }, 'hello');
      expect(problem).toBe(
        `the webhook at localhost did not take the message: it answered ${String(status)}`,
      );
    }
    expect(bodies).toHaveLength(2);
    const untrusted = await postWebhook({ url, clock: testClock() }, 'hello');
    expect(untrusted).not.toContain('SECRET');
    expect(bodies).toHaveLength(2);
  });

  test('must have an address of https', () => {
    expect(webhookUrlProblem('http://hooks.example.com/SECRET')).not.toContain('SECRET');
    expect(webhookUrlProblem('SECRET')).toBe('the address of the webhook is no URL');
  });
});

describe('a topic', () => {
  test('gets subject, text and attributes; a refusal is told', async () => {
    const bodies: URLSearchParams[] = [];
    const server = createPlainServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(new URLSearchParams(body));
        response.writeHead(bodies.length === 1 ? 200 : 403, { 'content-type': 'text/xml' });
        response.end(
          bodies.length === 1
            ? '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>'
            : '<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>',
        );
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const restore = setEnvironment({
      AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    });
    const topic = 'arn:aws:sns:eu-west-1:1:drift';
    try {
      expect(
        await publishToTopic(topic, { ...message, headline: 'prod\u2028 drifts' }),
      ).toBeUndefined();
      expect(Object.fromEntries(bodies[0] ?? [])).toMatchObject({
        Action: 'Publish',
        TopicArn: topic,
        Subject: 'meshgate: prod? drifts',
        'MessageAttributes.entry.1.Value.StringValue': 'prod',
      });
      expect(await publishToTopic(topic, message)).toContain('did not take the message');
    } finally {
      restore();
      server.closeAllConnections();
      server.close();
    }
  });
});
