import { request } from 'node:https';
import type { Clock } from './github-pacing.ts';

/** Where a message is posted. The address is a credential: it never gets into a message of ours. */
export interface WebhookTarget {
  readonly url: string;
  readonly clock: Clock;
  /** PEM of a CA to trust instead of the usual ones. */
  readonly ca?: string;
}

const mostAttempts = 4;
const answerMilliseconds = 10_000;
const longestWaitMilliseconds = 30_000;

/** What is wrong with an address for a webhook; undefined where nothing is. Does not quote it. */
export function webhookUrlProblem(url: string): string | undefined {
  if (!URL.canParse(url)) {
    return 'the address of the webhook is no URL';
  }
  return new URL(url).protocol === 'https:'
    ? undefined
    : 'the address of the webhook must begin with https://, since it is a credential itself';
}

/**
 * Posts a text in the form of Slack's incoming webhooks, again where the receiver is busy or failing. Gives what is
 * wrong where it was not taken.
 */
export async function postWebhook(
  { url, clock, ca }: WebhookTarget,
  text: string,
): Promise<string | undefined> {
  const problem = webhookUrlProblem(url);
  if (problem !== undefined) {
    return problem;
  }
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(url, JSON.stringify({ text }), ca);
    if (answer.status >= 200 && answer.status < 300) {
      return undefined;
    }
    const mayHelp = answer.status === 429 || answer.status >= 500;
    if (!mayHelp || attempt >= mostAttempts) {
      return `the webhook at ${new URL(url).hostname} did not take the message: ${answer.reason}`;
    }
    const wait = Math.max(answer.retryAfterSeconds, attempt ** 2) * 1000;
    await clock.sleep(Math.min(wait, longestWaitMilliseconds));
  }
}

interface WebhookAnswer {
  /** 599 where there was none. */
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSeconds: number;
}

/** Redirects are not followed: the address is a credential. */
async function send(url: string, body: string, ca: string | undefined): Promise<WebhookAnswer> {
  const { promise, resolve } = Promise.withResolvers<WebhookAnswer>();
  const failed = (error: NodeJS.ErrnoException): void => {
    resolve({ status: 599, reason: error.code ?? error.name, retryAfterSeconds: 0 });
  };
  const outgoing = request(
    url,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(answerMilliseconds),
      ...(ca === undefined ? {} : { ca }),
    },
    (response) => {
      const status = response.statusCode ?? 599;
      const retryAfter = Number(response.headers['retry-after'] ?? 0);
      response.on('error', failed);
      response.resume().on('end', () => {
        resolve({
          status,
          reason: `it answered ${String(status)}`,
          retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : 0,
        });
      });
    },
  );
  outgoing.on('error', failed);
  outgoing.end(body);
  return await promise;
}
