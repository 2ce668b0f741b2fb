import type { Json } from './json.ts';
import type { Change } from './patch.ts';
import type { Pointer } from './pointer.ts';
import type { ObjectReference } from './resource.ts';

/** How bad it is that a policy does not hold; belongs to the finding, not to the policy. */
export type Severity = 'error' | 'warning' | 'info';

/** Where a verdict is used. `review` is also what `meshgate check` applies. */
export type Gate = 'admission' | 'review' | 'drift';

/** What the configuration wants of a policy at a gate. */
export type Mode = 'off' | 'audit' | 'warn' | 'enforce';

/** What a finding does at its gate: stop the change, tell the author, or only be listed. */
export type Effect = 'block' | 'warn' | 'list';

/** The severities from mild to grave. */
export const severities = ['info', 'warning', 'error'] as const satisfies readonly Severity[];

/** A value that a fix writes; `key` names a member inside an annotation that holds YAML. */
export interface FilledValue {
  readonly at: Pointer;
  readonly key?: string;
  readonly value: Json;
}

/**
 * What makes a finding vanish. A `fill` writes only what nobody declared, so admission may apply it by itself; a
 * `replacement` changes a declared value and is offered to the author.
 */
export interface Fix {
  readonly kind: 'fill' | 'replacement';
  readonly changes: readonly Change[];
  readonly filled: readonly FilledValue[];
}

/** A policy that does not hold, at a field of an object. Plain data: the same at every gate. */
export interface Finding {
  readonly policy: string;
  /** Id of the message within the policy; stable, so tests, dashboards and exemptions may cite it. */
  readonly message: string;
  readonly severity: Severity;
  /** What is wrong and why it matters, with the values at hand. */
  readonly text: string;
  /** What to do. */
  readonly remedy: string;
  readonly object: ObjectReference;
  /** The field, from the root of the object. */
  readonly at: Pointer;
  readonly data: Readonly<Record<string, Json>>;
  readonly fix?: Fix;
  /**
   * The objects whose own findings this one sums up at the object that causes them. A gate that judges those objects
   * as well says it there, once; admission, which sees one object, says it here.
   */
  readonly through?: readonly ObjectReference[];
  readonly mode: Mode;
}

/** The effect of a finding: its policy's mode, softened by its severity (a warning never blocks, an info only lists). */
export function effectOf(finding: Pick<Finding, 'severity' | 'mode'>): Effect {
  if (finding.mode === 'enforce' && finding.severity === 'error') {
    return 'block';
  }
  if (finding.severity === 'info' || finding.mode === 'audit' || finding.mode === 'off') {
    return 'list';
  }
  return 'warn';
}

/** Identity of a finding across two states of the same object: where it is and what it says, not its wording. */
export function findingKey(finding: Finding): string {
  const { kind, namespace, name } = finding.object;
  return JSON.stringify([finding.policy, finding.message, kind, namespace, name, finding.at]);
}
