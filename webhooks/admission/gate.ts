import type { Plan } from '../../policies/core/evaluate.ts';
import type { Effect, Finding } from '../../policies/core/finding.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import type { AdmissionResponse } from './respond.ts';

/** What both gates judge with. A new configuration is a new value; a review sees one value from start to end. */
export interface GateContext {
  readonly mesh: Mesh;
  readonly plan: Plan<Mesh>;
  /** Fill in on Pods what is absent. */
  readonly fill: boolean;
  /** The namespace that meshgate runs in, which must start without it. */
  readonly ownNamespace: string;
  /** Which configuration the plan is of. */
  readonly configuration?: string;
}

/** A finding with what the gate made of it. */
export interface JudgedFinding {
  readonly finding: Finding;
  readonly effect: Effect;
}

/** What a gate says: the response, and what the log and the metrics tell of it. */
export interface GateAnswer {
  readonly response: AdmissionResponse;
  readonly verdict: 'allowed' | 'patched' | 'denied' | 'errored';
  /** Why the object was not judged; absent where it was. */
  readonly untouched?: string;
  readonly findings: readonly JudgedFinding[];
  /** The policies whose fix was applied. */
  readonly filled: readonly string[];
  readonly operations: number;
}

const none: readonly never[] = Object.freeze([]);

/** The answer for what no policy may judge. */
export function leave(untouched: string, response: AdmissionResponse): GateAnswer {
  return {
    response,
    verdict: 'allowed',
    untouched,
    findings: none,
    filled: none,
    operations: 0,
  };
}
