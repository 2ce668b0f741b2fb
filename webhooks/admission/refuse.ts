import type { ServerResponse } from 'node:http';
import type { Logger } from './log.ts';
import type { AdmissionMetrics, Refusal, Shedding } from './metrics.ts';
import type { AdmissionGate } from './request.ts';

/** What refusing a call needs. */
export interface Refusing {
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  /** Whether answers tell the client to open a new connection. */
  readonly closing: () => boolean;
}

const statusOf: Readonly<Record<Exclude<Refusal, 'unreadable' | 'aborted'>, number>> = {
  'too-large': 413,
  'too-slow': 408,
  'no-uid': 400,
  method: 405,
  internal: 500,
};
const retryAfterSeconds = 1;

/** Answers a call that is no review with an error of HTTP, and counts it. */
export function refuse(
  refusing: Refusing,
  gate: AdmissionGate,
  response: ServerResponse,
  reason: keyof typeof statusOf,
  problem: string,
): void {
  refusing.metrics.refused(gate, reason);
  refusing.logger.warn({ gate, reason }, 'call refused');
  if (reason === 'too-large' || reason === 'too-slow') {
    // What is left of the body is not read, so the connection cannot serve another request.
    response.setHeader('Connection', 'close');
  }
  send(refusing, response, statusOf[reason], JSON.stringify({ error: problem }));
}

/**
 * Turns a call away before its body is read. An error of HTTP rather than a verdict, so that the failure policy of
 * the registered webhook decides; in the form in which the API server shows its message to the user.
 */
export function shed(
  refusing: Refusing,
  gate: AdmissionGate,
  response: ServerResponse,
  reason: Exclude<Shedding, 'deadline'>,
): void {
  refusing.metrics.shed(gate, reason);
  response.setHeader('Retry-After', String(retryAfterSeconds));
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'meshgate has too many reviews in flight to judge this object; try again',
    reason: 'ServiceUnavailable',
    details: { retryAfterSeconds },
    code: 503,
  };
  send(refusing, response, status.code, JSON.stringify(status));
}

/** Sends an answer of JSON, the last one of its connection where the server closes. */
export function send(
  { closing }: Refusing,
  response: ServerResponse,
  status: number,
  body: string,
): void {
  if (closing()) {
    response.setHeader('Connection', 'close');
  }
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
