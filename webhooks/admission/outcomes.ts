import { hash } from 'node:crypto';
import { internalErrorPolicy } from '../../policies/core/evaluate.ts';
import { compileGlob } from '../../policies/core/glob.ts';
import { stringIn } from '../../policies/core/json.ts';
import type { GateAnswer, GateContext } from './gate.ts';
import { readReview } from './read-review.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';
import { answerAfterUid, answerTo } from './respond.ts';
import {
  createStandIns,
  replaceGenerated,
  suffixLength,
  tokenVolume,
  type Generated,
  type StandIns,
} from './stand-ins.ts';

/** What a review came to. */
export interface Outcome {
  /** Without its objects. */
  readonly request: AdmissionRequest;
  readonly answer: GateAnswer;
  /** The body of the answer. */
  readonly text: string;
}

/** The same of every Pod of a template. */
interface Remembered extends Omit<Outcome, 'text'> {
  readonly afterUid: string;
}

/** Judges a request at a gate. */
export type Judging = (
  gate: AdmissionGate,
  request: AdmissionRequest,
  context: GateContext,
) => GateAnswer;

/**
 * What a review comes to, judged once for all Pods of a template. Undefined, with the body as it was, where the review
 * must be judged by itself.
 */
export type Outcomes = (
  gate: AdmissionGate,
  body: Buffer,
  context: GateContext,
) => Outcome | undefined;

/** Held at one time; so many are forgotten at once. */
const mostOutcomes = 1000;
/** Of a body; larger ones are judged by themselves. */
const mostBytes = 32 * 1024;

/**
 * Remembers what became of Pods that differ in nothing but what was generated for them, by a digest of the review with
 * stand-ins in its place: no text of an object is kept but what the answer says. An outcome holds while the context
 * stays the same, and the mesh in the kinds that it was computed from. An answer that mentions something generated, and
 * settings that could tell one generated name from another, are never remembered.
 */
export function createOutcomes(judge: Judging): Outcomes {
  const standIns = createStandIns();
  let known: { readonly context: GateContext; size: number } | undefined;

  function outcomeOf(
    gate: AdmissionGate,
    body: Buffer,
    generated: Generated,
    context: GateContext,
  ): Remembered | undefined {
    const review = readReview(body);
    if (!('request' in review) || !isAsReplaced(review.request, generated, standIns)) {
      return undefined;
    }
    const { request } = review;
    const answer = judge(gate, request, context);
    return mayVary(answer, generated, standIns)
      ? undefined
      : {
          request: { ...request, object: undefined, oldObject: undefined },
          answer,
          afterUid: answerAfterUid(answer.response),
        };
  }

  function remembered(
    gate: AdmissionGate,
    body: Buffer,
    generated: Generated,
    context: GateContext,
  ): Remembered | undefined {
    if (generated.name !== '' && namesMatter(context.plan.names, generated.generateName)) {
      return undefined;
    }
    if (known?.context !== context || known.size >= mostOutcomes) {
      known = { context, size: 0 };
    }
    const here = known;
    return context.mesh.memo(here, gate + hash('sha256', body, 'base64'), () => {
      here.size += 1;
      return outcomeOf(gate, body, generated, context);
    });
  }

  return (gate, body, context) => {
    const generated = body.length > mostBytes ? undefined : replaceGenerated(body, standIns);
    if (generated === undefined) {
      return undefined;
    }
    let found: Remembered | undefined;
    try {
      found = remembered(gate, body, generated, context);
    } finally {
      if (found === undefined) {
        generated.restore();
      }
    }
    return found === undefined ? undefined : ownOutcome(found, generated);
  };
}

function ownOutcome({ request, answer, afterUid }: Remembered, generated: Generated): Outcome {
  const name = request.name === '' ? '' : generated.name || request.name;
  return {
    request: { ...request, uid: generated.uid, name },
    answer,
    text: answerTo(generated.uid, afterUid),
  };
}

/** Whether what was replaced is what the gates read under these names. */
function isAsReplaced(
  { uid, operation, kind, name, object, oldObject }: AdmissionRequest,
  generated: Generated,
  standIns: StandIns,
): boolean {
  const podName = generated.name === '' ? undefined : generated.generateName + standIns.nameSuffix;
  return (
    uid === standIns.uid &&
    operation === 'CREATE' &&
    kind.kind === 'Pod' &&
    kind.group === '' &&
    oldObject === undefined &&
    (name === '' || name === podName) &&
    stringIn(object, 'metadata', 'name') === podName &&
    stringIn(object, 'metadata', 'generateName') === generated.generateName
  );
}

/** Whether another Pod of the template could have another answer: where it mentions what was generated, or failed. */
function mayVary(
  { response, findings }: GateAnswer,
  generated: Generated,
  standIns: StandIns,
): boolean {
  const { patch = '', ...others } = response;
  const text = JSON.stringify(others) + Buffer.from(patch, 'base64').toString();
  // Beginnings, since texts are cut where they are long.
  const marks = [tokenVolume, standIns.podUid.slice(0, 8), standIns.time.slice(0, 4)];
  return (
    marks.some((mark) => text.includes(mark)) ||
    (generated.name !== '' && text.includes(generated.generateName)) ||
    findings.some(({ finding }) => finding.policy === internalErrorPolicy)
  );
}

/** Whether one of the patterns could tell names apart that only differ in what is generated after `generateName`. */
function namesMatter(patterns: readonly string[], generateName: string): boolean {
  return patterns.some((pattern) => {
    const star = pattern.indexOf('*');
    if (star < 0) {
      return (
        pattern.startsWith(generateName) && pattern.length === generateName.length + suffixLength
      );
    }
    const beginning = pattern.slice(0, star);
    const isApart = !generateName.startsWith(beginning) && !beginning.startsWith(generateName);
    const takesAll = pattern.endsWith('*') && compileGlob(pattern)(generateName);
    return !isApart && !takesAll;
  });
}
