import { Agent, request, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import type { GateContext } from '../../../webhooks/admission/gate.ts';
import type { ReviewLimits } from '../../../webhooks/admission/limits.ts';
import { createLogger } from '../../../webhooks/admission/log.ts';
import { createMetrics } from '../../../webhooks/admission/metrics.ts';
import { createAdmissionServer, type AdmissionServer } from '../../../webhooks/admission/server.ts';
import type { TracingSettings } from '../../../webhooks/tracing/settings.ts';
import { startTracing } from '../../../webhooks/tracing/start.ts';
import { createAuthority } from '../cluster/certificates.ts';
import type { Answer } from './verify-answer.ts';

/** A gate on 127.0.0.1 with a certificate of its own, and a client that trusts it. */
export interface GateServer {
  readonly port: number;
  readonly ca: string;
  readonly admission: AdmissionServer;
  /** The log so far, a line each. */
  readonly log: readonly Record<string, unknown>[];
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
  call(method: string, path: string): Promise<Answer>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** What a gate server is started with. */
export interface GateServerOptions {
  readonly context: () => GateContext | undefined;
  readonly notReady?: () => readonly string[];
  readonly limits?: Partial<ReviewLimits>;
  readonly tracing?: TracingSettings;
}

/** Starts a gate on a free port. Close it, or the test does not end. */
export async function startGateServer(options: GateServerOptions): Promise<GateServer> {
  const authority = await createAuthority('gate test');
  const pair = await authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] });
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>),
  });
  const metrics = createMetrics();
  const tracing =
    options.tracing === undefined
      ? undefined
      : startTracing(options.tracing, metrics.registry, logger);
  const admission = createAdmissionServer({
    ...(tracing === undefined ? {} : { trace: tracing.trace }),
    tls: { cert: pair.certificate, key: pair.key },
    notReady: () => [],
    metrics,
    logger,
    ...options,
  });
  const port = await admission.listen(0, '127.0.0.1');
  const agent = new Agent({ keepAlive: true, maxSockets: 10, ca: authority.pem });
  const target = { host: '127.0.0.1', port, agent };
  return {
    port,
    ca: authority.pem,
    admission,
    log,
    post: (path, body, headers = { 'Content-Type': 'application/json' }) =>
      send({ ...target, method: 'POST', path, headers }, body),
    call: (method, path) => send({ ...target, method, path }),
    metrics: () => metrics.registry.metrics(),
    async close() {
      agent.destroy();
      const { promise, resolve } = Promise.withResolvers<undefined>();
      admission.server.close(() => {
        resolve(undefined);
      });
      admission.server.closeAllConnections();
      await promise;
      await tracing?.stop();
    },
  };
}

/** Sends one request and reads the whole answer; `onSent` runs once its connection takes it. */
export async function send(
  { onSent, ...options }: RequestOptions & { readonly onSent?: () => void },
  body: string | Buffer = '',
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(options, (incoming) => {
    text(incoming).then(
      (read) =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: read }),
      reject,
    );
  });
  outgoing.on('socket', (socket) => {
    if (socket.connecting) {
      socket.once('secureConnect', () => onSent?.());
    } else {
      onSent?.();
    }
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}
