import type { GitHubJob } from '../../pipelines/github-review-job.ts';
import { jobsFor } from './events.ts';
import { isSigned } from './verify.ts';

/** A delivery as it came: header names in lower case, the body's bytes untouched. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** How a delivery is answered, and what it asks for. */
export interface Reception {
  readonly status: number;
  readonly text: string;
  readonly jobs: readonly GitHubJob[];
}

/** Reads a delivery: first the signature over its bytes, then everything else. Never throws. */
export function receive({ headers, body }: Delivery, secrets: readonly string[]): Reception {
  const event = headerOf(headers, 'x-github-event');
  const delivery = headerOf(headers, 'x-github-delivery');
  if (event === undefined || delivery === undefined) {
    return refuse(400, 'not a delivery of GitHub: X-GitHub-Event or X-GitHub-Delivery is missing');
  }
  if (!isSigned(body, headerOf(headers, 'x-hub-signature-256'), secrets)) {
    return refuse(401, 'the signature is missing or made with another secret');
  }
  if (!(headerOf(headers, 'content-type') ?? '').startsWith('application/json')) {
    return refuse(415, "set the webhook's content type to application/json");
  }
  const payload = parse(body);
  if (payload === undefined) {
    return refuse(400, 'the body is not JSON');
  }
  const jobs = jobsFor(event, delivery, payload);
  return jobs.length === 0
    ? { status: 200, text: 'nothing to do', jobs }
    : { status: 202, text: 'accepted', jobs };
}

function refuse(status: number, text: string): Reception {
  return { status, text, jobs: [] };
}

function headerOf(headers: Delivery['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
