import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { dropManagedFields } from '../../pipelines/source/drop-managed-fields.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import { leave, type GateAnswer, type GateContext } from './gate.ts';
import { budgetOf, type ReviewLimits } from './limits.ts';
import { createReviewLog, type ReviewLog } from './log.ts';
import { mutate } from './mutate.ts';
import { createOutcomes, type Outcome, type Outcomes } from './outcomes.ts';
import { readBody, type BodyReading } from './read-body.ts';
import { readReview } from './read-review.ts';
import { refuse, send, shed, type Refusing } from './refuse.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';
import { allowed, errored, reviewBody } from './respond.ts';
import { createRoom } from './room.ts';
import { validate } from './validate.ts';
import type { ReviewTrace } from '../tracing/trace-reviews.ts';

/** What the admission paths need; `context` is asked for each review, and has none until the mesh is whole. */
export interface ReviewHandling extends Refusing {
  readonly context: () => GateContext | undefined;
  readonly limits: ReviewLimits;
  readonly loopLagSeconds: () => number;
  /** Absent where nobody traces. */
  readonly trace?: ReviewTrace;
}

interface Handling extends ReviewHandling {
  readonly logReview: ReviewLog;
  readonly deadlines: Deadlines;
  readonly outcomes: Outcomes;
}

interface Call {
  readonly gate: AdmissionGate;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  /** When its headers had arrived, in milliseconds. */
  readonly start: number;
  /** The time that it has. */
  readonly milliseconds: number;
}

/** Makes the function that answers calls of `/mutate` and `/validate`; it never throws. */
export function reviewHandler(
  options: ReviewHandling,
): (gate: AdmissionGate, request: IncomingMessage, response: ServerResponse) => void {
  const { limits, metrics, loopLagSeconds, logger } = options;
  const room = createRoom(limits);
  metrics.countLoad({ ...room, loopLagSeconds });
  const handling: Handling = {
    ...options,
    logReview: createReviewLog(logger),
    deadlines: createDeadlines(),
    outcomes: createOutcomes(judgeBy),
  };
  return (gate, request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      refuse(handling, gate, response, 'method', 'Post an AdmissionReview to this path.');
      return;
    }
    const taken = room.enter(request);
    if (typeof taken === 'string') {
      shed(handling, gate, response, taken);
      return;
    }
    const milliseconds = budgetOf(request.url ?? '', limits.callMilliseconds);
    const { headers } = request;
    const call = { gate, headers, response, start: performance.now(), milliseconds };
    readBody(request, { bytes: limits.bodyBytes, milliseconds }, handling.deadlines, (reading) => {
      room.leave(taken);
      try {
        answerCall(handling, call, reading);
      } catch (error) {
        failCall(handling, call, error);
      }
    });
  };
}

function answerCall(handling: Handling, call: Call, reading: BodyReading): void {
  if (reading.problem === undefined) {
    answerReview(handling, call, reading.body);
  } else if (reading.problem === 'aborted') {
    handling.metrics.refused(call.gate, 'aborted');
  } else {
    const problem =
      reading.problem === 'too-large'
        ? `The body is larger than ${String(handling.limits.bodyBytes)} bytes.`
        : `The body did not arrive within ${String(call.milliseconds)} ms.`;
    refuse(handling, call.gate, call.response, reading.problem, problem);
  }
}

function answerReview(handling: Handling, call: Call, received: Buffer): void {
  const { gate, response, start, milliseconds } = call;
  const body = dropManagedFields(received);
  const late = performance.now() - start > milliseconds;
  const outcome = late ? undefined : remembered(handling, gate, body);
  if (outcome !== undefined) {
    conclude(handling, call, outcome);
    return;
  }
  const review = readReview(body);
  if ('request' in review) {
    const { request, apiVersion } = review;
    const answer = late ? tooLate(handling, gate) : judge(handling, gate, request);
    const text = reviewBody(request.uid, answer.response, apiVersion);
    conclude(handling, call, { request, answer, text });
  } else if (review.uid === undefined) {
    refuse(handling, gate, response, 'no-uid', review.problem);
  } else {
    handling.metrics.refused(gate, 'unreadable');
    const text = reviewBody(review.uid, errored(review.problem), review.apiVersion);
    send(handling, response, 200, text);
  }
}

function conclude(
  handling: Handling,
  { gate, headers, response, start }: Call,
  { request, answer, text }: Outcome,
): void {
  send(handling, response, 200, text);
  const elapsed = performance.now() - start;
  handling.metrics.reviewed(gate, request, answer, elapsed / 1000);
  handling.logReview(gate, request, answer, elapsed);
  handling.trace?.({ headers, gate, request, answer, durationMilliseconds: elapsed });
}

/** What the review comes to, if that is known; a defect shows again where the review is judged by itself. */
function remembered(handling: Handling, gate: AdmissionGate, body: Buffer): Outcome | undefined {
  try {
    const context = handling.context();
    return context === undefined ? undefined : handling.outcomes(gate, body, context);
  } catch {
    return undefined;
  }
}

/** Judges; a defect of ours is logged and counted, and lets the request pass. */
function judge(handling: Handling, gate: AdmissionGate, request: AdmissionRequest): GateAnswer {
  try {
    const context = handling.context();
    if (context === undefined) {
      return leave('not-ready', allowed({ warnings: ['meshgate has not read the cluster yet'] }));
    }
    return judgeBy(gate, request, context);
  } catch (error) {
    handling.metrics.refused(gate, 'internal');
    handling.logger.error({ uid: request.uid, gate, error: describe(error) }, 'review failed');
    const warnings = ['meshgate could not judge this object, because of a defect of its own'];
    return leave('internal-error', allowed({ warnings }));
  }
}

function judgeBy(gate: AdmissionGate, request: AdmissionRequest, context: GateContext): GateAnswer {
  return gate === 'mutate' ? mutate(request, context) : validate(request, context);
}

function tooLate({ metrics }: Handling, gate: AdmissionGate): GateAnswer {
  metrics.shed(gate, 'deadline');
  return leave('deadline', allowed({ warnings: ['meshgate had no time to judge this object'] }));
}

/** What must not happen: a defect outside the judgement. Whoever called gets an answer that the failure policy handles. */
function failCall(handling: Handling, { gate, response }: Call, error: unknown): void {
  handling.logger.error({ gate, error: describe(error) }, 'call failed');
  if (response.headersSent) {
    response.destroy();
  } else {
    refuse(handling, gate, response, 'internal', 'meshgate failed to answer this call.');
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
