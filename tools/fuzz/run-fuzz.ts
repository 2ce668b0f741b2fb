import { seededRandom } from '../../test/support/random.ts';
import { generateCall, type FuzzCall } from './generate.ts';
import { judgeCall, type FuzzOutcome } from './judge-call.ts';
import { fuzzSubjects } from './subjects.ts';

/** What a run came to. */
export interface FuzzReport {
  readonly calls: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
  readonly failures: readonly FuzzFailure[];
}

/** A call that was not answered as it must be. */
export interface FuzzFailure {
  readonly index: number;
  readonly gate: FuzzCall['gate'];
  readonly problem: string;
  readonly body: Buffer;
}

const mostFailures = 50;
/** Judging must end long before the API server gives up; the rest is for a busy machine. */
const slowMilliseconds = 5_000;

/** Generates and judges calls; the same seed gives the same ones. Ends early with 50 failures. */
export function runFuzz(
  count: number,
  seed: number,
  progress: (done: number) => void = () => undefined,
): FuzzReport {
  const random = seededRandom(seed);
  const subjects = fuzzSubjects();
  const outcomes: Record<string, number> = {};
  const failures: FuzzFailure[] = [];
  let slowest = 0;
  let index = 0;
  for (; index < count && failures.length < mostFailures; index += 1) {
    const call = generateCall(subjects, random);
    const judged = judgeSafely(call);
    if (typeof judged === 'string') {
      failures.push({ index, gate: call.gate, problem: judged, body: call.body });
    } else {
      outcomes[judged.outcome] = (outcomes[judged.outcome] ?? 0) + 1;
      slowest = Math.max(slowest, judged.milliseconds);
    }
    if (index % 10_000 === 0) {
      progress(index);
    }
  }
  return { calls: index, outcomes, slowestMilliseconds: slowest, failures };
}

/** The outcome, or what is wrong. */
function judgeSafely(call: FuzzCall): FuzzOutcome | string {
  try {
    const judged = judgeCall(call);
    return judged.milliseconds > slowMilliseconds
      ? `took ${judged.milliseconds.toFixed(0)} ms`
      : judged;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
