import type { IncomingMessage, ServerResponse } from 'node:http';
import { leave, type GateAnswer, type GateContext } from './gate.ts';
import { logReview, type Logger } from './log.ts';
import type { AdmissionMetrics, Refusal } from './metrics.ts';
import { mutate } from './mutate.ts';
import { readBody } from './read-body.ts';
import { readReview } from './read-review.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';
import { allowed, errored, reviewBody } from './respond.ts';
import { validate } from './validate.ts';

/** What the admission paths need; `context` is asked once a review, and has none until the mesh is whole. */
export interface ReviewHandling {
  readonly context: () => GateContext | undefined;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  /** Whether answers tell the client to open a new connection. */
  readonly closing: () => boolean;
  readonly limits: ReviewLimits;
}

/** Bounds on what a client can make the server hold. */
export interface ReviewLimits {
  readonly bodyBytes: number;
  /** Calls at one time; more are turned away at once. */
  readonly inFlight: number;
  /** Time for a call whose `?timeout=` does not say. */
  readonly callMilliseconds: number;
}

/** Bounds for a server: an update carries two objects of at most 3 MiB each. */
export const defaultLimits: ReviewLimits = {
  bodyBytes: 7 * 1024 * 1024,
  inFlight: 256,
  callMilliseconds: 10_000,
};

/** Part of the API server's own deadline that is left for the way back. */
const shareOfDeadline = 0.8;
const statusOf: Readonly<Record<Exclude<Refusal, 'unreadable' | 'aborted' | 'internal'>, number>> =
  { 'too-large': 413, 'too-slow': 408, 'no-uid': 400, method: 405, overloaded: 503 };

/** Makes the function that answers calls of `/mutate` and `/validate`; its promise never rejects. */
export function reviewHandler(
  handling: ReviewHandling,
): (gate: AdmissionGate, request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { metrics, limits } = handling;
  let inFlight = 0;
  metrics.countInFlight(() => inFlight);
  return async function handle(gate, request, response) {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      refuse(handling, gate, response, 'method', 'Post an AdmissionReview to this path.');
      return;
    }
    if (inFlight >= limits.inFlight) {
      response.setHeader('Retry-After', '1');
      const problem = `More than ${String(limits.inFlight)} reviews are in flight. Try again.`;
      refuse(handling, gate, response, 'overloaded', problem);
      return;
    }
    inFlight += 1;
    try {
      await answerCall(handling, gate, request, response);
    } finally {
      inFlight -= 1;
    }
  };
}

async function answerCall(
  handling: ReviewHandling,
  gate: AdmissionGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { limits, metrics } = handling;
  const start = performance.now();
  const milliseconds = budgetOf(request.url ?? '', limits.callMilliseconds);
  const reading = await readBody(request, { bytes: limits.bodyBytes, milliseconds });
  if (reading.problem !== undefined) {
    if (reading.problem === 'aborted') {
      metrics.refused(gate, 'aborted');
      return;
    }
    const problem =
      reading.problem === 'too-large'
        ? `The body is larger than ${String(limits.bodyBytes)} bytes.`
        : `The body did not arrive within ${String(milliseconds)} ms.`;
    refuse(handling, gate, response, reading.problem, problem);
    return;
  }
  const review = readReview(reading.body);
  if (!('request' in review)) {
    if (review.uid === undefined) {
      refuse(handling, gate, response, 'no-uid', review.problem);
      return;
    }
    metrics.refused(gate, 'unreadable');
    send(
      handling,
      response,
      200,
      reviewBody(review.uid, errored(review.problem), review.apiVersion),
    );
    return;
  }
  const late = performance.now() - start > milliseconds;
  const answer = late ? tooLate(handling, gate) : judge(handling, gate, review.request);
  send(handling, response, 200, reviewBody(review.request.uid, answer.response, review.apiVersion));
  const elapsed = performance.now() - start;
  metrics.reviewed(gate, review.request, answer, elapsed / 1000);
  logReview(handling.logger, gate, review.request, answer, elapsed);
}

/** Judges; a defect of ours is logged and counted, and lets the request pass. */
function judge(
  handling: ReviewHandling,
  gate: AdmissionGate,
  request: AdmissionRequest,
): GateAnswer {
  try {
    const context = handling.context();
    if (context === undefined) {
      return leave('not-ready', allowed({ warnings: ['meshgate has not read the cluster yet'] }));
    }
    return gate === 'mutate' ? mutate(request, context) : validate(request, context);
  } catch (error) {
    handling.metrics.refused(gate, 'internal');
    handling.logger.error({ uid: request.uid, gate, error: describe(error) }, 'review failed');
    const warnings = ['meshgate could not judge this object, because of a defect of its own'];
    return leave('internal-error', allowed({ warnings }));
  }
}

function tooLate(handling: ReviewHandling, gate: AdmissionGate): GateAnswer {
  handling.metrics.refused(gate, 'too-slow');
  return leave('deadline', allowed({ warnings: ['meshgate had no time to judge this object'] }));
}

/** The time for a call in milliseconds, within the `?timeout=Ns` that the API server sends. */
function budgetOf(url: string, otherwise: number): number {
  const seconds = Number(/[?&]timeout=(\d{1,4})s?(?:&|$)/u.exec(url)?.[1]);
  return seconds > 0 ? Math.min(seconds * 1000 * shareOfDeadline, otherwise) : otherwise;
}

function refuse(
  handling: ReviewHandling,
  gate: AdmissionGate,
  response: ServerResponse,
  reason: keyof typeof statusOf,
  problem: string,
): void {
  handling.metrics.refused(gate, reason);
  handling.logger.warn({ gate, reason }, 'call refused');
  if (reason === 'too-large' || reason === 'too-slow') {
    // What is left of the body is not read, so the connection cannot serve another request.
    response.setHeader('Connection', 'close');
  }
  send(handling, response, statusOf[reason], JSON.stringify({ error: problem }));
}

function send(
  { closing }: ReviewHandling,
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

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
