import express, { type ErrorRequestHandler, type Express } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { reviewHandler } from './handle-review.ts';
import type { GateContext } from './gate.ts';
import { defaultLimits, type ReviewLimits } from './limits.ts';
import type { Logger } from './log.ts';
import { watchLoopLag } from './loop-lag.ts';
import type { AdmissionMetrics } from './metrics.ts';
import type { AdmissionGate } from './request.ts';
import { stopper } from './stop.ts';
import { minimumTlsVersion } from './tls.ts';
import type { ReviewTrace } from '../tracing/trace-reviews.ts';

/** What an admission server is made of. */
export interface AdmissionServerOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  /** What to judge with; undefined until the mesh is whole. */
  readonly context: () => GateContext | undefined;
  /** What is not ready yet, by name; empty: ready. */
  readonly notReady: () => readonly string[];
  /** What else `/readyz` tells, a line each. */
  readonly details?: () => readonly string[];
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  readonly limits?: Partial<ReviewLimits>;
  /** Absent where nobody traces. */
  readonly trace?: ReviewTrace;
}

/** A running admission server. */
export interface AdmissionServer {
  readonly server: Server;
  /** Binds the port (0: any free one) and returns it. Rejects where it cannot. */
  listen(port: number, host: string): Promise<number>;
  /** Stops without losing a review; see {@link stopper}. Resolves when every connection is closed. */
  stop(shutdownDelayMilliseconds: number): Promise<void>;
}

// The API server drops an idle connection after 90 s, and must be the one that does.
const keepAliveMilliseconds = 95_000;
const headersMilliseconds = 10_000;
const requestMilliseconds = 30_000;
const handshakeMilliseconds = 10_000;
const gates: ReadonlyMap<string, AdmissionGate> = new Map([
  ['/mutate', 'mutate'],
  ['/validate', 'validate'],
]);

/** Makes the server. The admission paths are dispatched ahead of Express, whose body parser would double their cost. */
export function createAdmissionServer(options: AdmissionServerOptions): AdmissionServer {
  let stopping = false;
  const closing = (): boolean => stopping;
  const limits = { ...defaultLimits, ...options.limits };
  const lag = watchLoopLag();
  const handle = reviewHandler({ ...options, closing, limits, loopLagSeconds: lag.seconds });
  const notReady = (): readonly string[] =>
    lag.isOverloaded() ? [...options.notReady(), 'event-loop'] : options.notReady();
  const app = createApp({ ...options, notReady }, closing);
  const server = createServer(
    {
      ...options.tls,
      minVersion: minimumTlsVersion,
      keepAliveTimeout: keepAliveMilliseconds,
      headersTimeout: headersMilliseconds,
      requestTimeout: requestMilliseconds,
      handshakeTimeout: handshakeMilliseconds,
    },
    (request: IncomingMessage, response: ServerResponse) => {
      const gate = gates.get(pathOf(request.url ?? ''));
      if (gate === undefined) {
        app(request, response);
      } else {
        handle(gate, request, response);
      }
    },
  );
  server.once('close', lag.stop);
  const stop = stopper(server);
  return {
    server,
    listen: (port, host) => listen(server, port, host),
    stop(shutdownDelayMilliseconds) {
      stopping = true;
      return stop(shutdownDelayMilliseconds);
    },
  };
}

function createApp(
  { notReady, details = () => [], metrics }: AdmissionServerOptions,
  closing: () => boolean,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    if (closing()) {
      response.setHeader('Connection', 'close');
    }
    next();
  });
  app.get(['/healthz', '/livez'], (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const waiting = closing() ? ['stopping'] : notReady();
    const text = waiting.length === 0 ? 'ok' : `not ready: ${waiting.join(', ')}`;
    response
      .status(waiting.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(`${[text, ...details()].join('\n')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.all(['/healthz', '/livez', '/readyz', '/metrics'], (_request, response) => {
    response.status(405).set('Allow', 'GET').type('text/plain').send('method not allowed\n');
  });
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('not found\n');
  });
  app.use(((_error, _request, response, _next) => {
    response.status(400).type('text/plain').send('bad request\n');
  }) satisfies ErrorRequestHandler);
  return app;
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function listen(server: Server, port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(port, host, () => {
    server.off('error', reject);
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : port);
  });
  return promise;
}
