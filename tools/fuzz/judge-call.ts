import { internalErrorPolicy } from '../../policies/core/evaluate.ts';
import { verifyAnswer } from '../../test/support/admission/verify-answer.ts';
import { dropManagedFields } from '../../pipelines/source/drop-managed-fields.ts';
import type { GateAnswer } from '../../webhooks/admission/gate.ts';
import { mutate } from '../../webhooks/admission/mutate.ts';
import { readReview } from '../../webhooks/admission/read-review.ts';
import { errored, reviewBody } from '../../webhooks/admission/respond.ts';
import { validate } from '../../webhooks/admission/validate.ts';
import type { FuzzCall } from './generate.ts';

/** What became of a call: how it was answered, or what is wrong with that. */
export interface FuzzOutcome {
  readonly outcome: 'allowed' | 'patched' | 'denied' | 'errored' | 'refused';
  readonly milliseconds: number;
}

/** Answers a call as the server does, without its connection. Throws where the answer is out of form or a policy failed. */
export function judgeCall({ gate, body, subject: { context } }: FuzzCall): FuzzOutcome {
  const start = performance.now();
  // Dropping changes the body in place, and what failed must be kept as it was.
  const review = readReview(dropManagedFields(Buffer.from(body)));
  if (!('request' in review)) {
    if (review.uid !== undefined) {
      const text = reviewBody(review.uid, errored(review.problem), review.apiVersion);
      verify(text, { gate, uid: review.uid, apiVersion: review.apiVersion });
    }
    const outcome = review.uid === undefined ? 'refused' : 'errored';
    return { outcome, milliseconds: performance.now() - start };
  }
  const { request, apiVersion } = review;
  const answer = gate === 'mutate' ? mutate(request, context) : validate(request, context);
  const text = reviewBody(request.uid, answer.response, apiVersion);
  const milliseconds = performance.now() - start;
  refuseFailures(answer);
  verify(text, { gate, uid: request.uid, apiVersion, object: request.object });
  return { outcome: answer.verdict, milliseconds };
}

function verify(text: string, expectation: Parameters<typeof verifyAnswer>[1]): void {
  verifyAnswer({ status: 200, headers: { 'content-type': 'application/json' }, text }, expectation);
}

function refuseFailures({ findings }: GateAnswer): void {
  const failed = findings.find(({ finding }) => finding.policy === internalErrorPolicy);
  if (failed !== undefined) {
    throw new Error(`a policy failed: ${failed.finding.text}`);
  }
}
