import express, { type ErrorRequestHandler, type Express } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { receive } from './receive.ts';
import type { JobQueue } from './queue.ts';

/** What a receiver is made of. */
export interface ReceiverOptions {
  /** Secrets of the webhook, the current one and, while it is replaced, the one before. Never empty. */
  readonly secrets: readonly string[];
  readonly queue: JobQueue;
  readonly logger: Logger;
}

/** A running receiver. */
export interface Receiver {
  /** Binds the port (0: any free one) and returns it. Rejects where it cannot. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no more deliveries and resolves when running jobs have ended. */
  stop(): Promise<void>;
}

/** GitHub sends no larger payload. */
const largestPayload = '25mb';
const requestMilliseconds = 10_000;

/** Makes a receiver of GitHub's deliveries: `POST /github` queues what they ask for and answers at once. */
export function createReceiver(options: ReceiverOptions): Receiver {
  if (options.secrets.length === 0 || options.secrets.includes('')) {
    throw new Error('a receiver needs a webhook secret');
  }
  let stopping = false;
  const server = createServer(
    { requestTimeout: requestMilliseconds, headersTimeout: requestMilliseconds },
    createApp(options, () => stopping),
  );
  return {
    listen: (port, host) => listen(server, port, host),
    async stop() {
      stopping = true;
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeIdleConnections();
      await closed;
      await options.queue.stop();
    },
  };
}

function createApp({ secrets, queue, logger }: ReceiverOptions, stopping: () => boolean): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get(['/healthz', '/livez'], (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    response
      .status(stopping() ? 503 : 200)
      .type('text/plain')
      .send(stopping() ? 'stopping\n' : 'ok\n');
  });
  const readBytes = express.raw({ type: () => true, limit: largestPayload, inflate: false });
  app.post('/github', readBytes, (request, response) => {
    const body: unknown = request.body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const { status, text, jobs } = receive({ headers: request.headers, body: bytes }, secrets);
    const taken = jobs.every((job) => queue.add(job));
    logger.info(
      {
        delivery: request.headers['x-github-delivery'],
        event: request.headers['x-github-event'],
        status: taken ? status : 503,
        jobs: jobs.length,
      },
      'delivery',
    );
    response
      .status(taken ? status : 503)
      .type('text/plain')
      .send(`${taken ? text : 'the queue is full: redeliver later'}\n`);
  });
  app.all('/github', (_request, response) => {
    response.status(405).set('Allow', 'POST').type('text/plain').send('POST only\n');
  });
  const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const status = statusOf(error);
    response.status(status).type('text/plain').send('the body cannot be read\n');
  };
  app.use(onError);
  return app;
}

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 400;
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
