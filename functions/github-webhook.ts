import { receive, type Delivery, type Reception } from '../webhooks/github/receive.ts';
import { readWebhookEnvironment } from './environment.ts';
import { createStarter } from './invoke.ts';

/** A request as a Function URL or an HTTP API hands it over, payload format 2.0. */
interface HttpEvent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly rawPath?: string;
  readonly requestContext?: { readonly http?: { readonly method?: string } };
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const path = '/github';
const { secrets, reviewer } = readWebhookEnvironment();
const start = createStarter();
// Read while the function starts, so that one without its secrets does not.
await Promise.all(secrets.map((secret) => secret.current()));

/** Takes a delivery of GitHub and hands ids on to the reviewing function; never the payload. */
export async function handler(event: HttpEvent): Promise<HttpAnswer> {
  if (event.rawPath !== path) {
    return answer(404, `deliveries go to ${path}`);
  }
  if (event.requestContext?.http?.method !== 'POST') {
    return answer(405, 'POST only', { allow: 'POST' });
  }
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8');
  const { status, text, jobs } = await take({ headers: event.headers ?? {}, body });
  try {
    await Promise.all(jobs.map((job) => start(reviewer, job)));
  } catch (error) {
    log({ status: 500, problem: error instanceof Error ? error.message : String(error) });
    return answer(500, 'the review could not be started: redeliver');
  }
  log({ status, delivery: event.headers?.['x-github-delivery'], jobs: jobs.length });
  return answer(status, text);
}

/** A signature that does not fit may be made with a secret that is newer than ours. */
async function take(delivery: Delivery): Promise<Reception> {
  const known = await Promise.all(secrets.map((secret) => secret.current()));
  const reception = receive(delivery, known);
  if (reception.status !== 401) {
    return reception;
  }
  const newest = await Promise.all(secrets.map((secret) => secret.renewed()));
  return newest.every((text, index) => text === known[index])
    ? reception
    : receive(delivery, newest);
}

function answer(
  statusCode: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { statusCode, headers: { 'content-type': 'text/plain', ...headers }, body: `${text}\n` };
}

/** One line of JSON, as Lambda's log wants it; no logger, which would double the time to start. */
function log(entry: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ message: 'delivery', ...entry }));
}
