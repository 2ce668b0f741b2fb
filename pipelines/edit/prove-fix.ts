import type { Finding } from '../../policies/core/finding.ts';
import type { JsonObject } from '../../policies/core/json.ts';
import { operationsFor, type Change } from '../../policies/core/patch.ts';
import { isChangedBy, proveChange, type RenderBudget } from './prove-change.ts';
import type { RenderedState } from './rendered-state.ts';
import { findSlot, objectAt, type ChangedObject, type Slot } from './rendered-slots.ts';

/** What proving fixes needs beside the finding. */
export interface Proof {
  /** The state on which the findings were made. */
  readonly initial: RenderedState;
  /** All findings on the objects of that state. */
  readonly findingsOn: (object: JsonObject) => readonly Finding[];
  readonly budget: RenderBudget;
  /** The file whose edit is liked best: where the finding is shown. */
  readonly preferred: string;
}

/** An edited state in which a finding's fix holds, or why no edit gives it. */
export type ProofOutcome = { readonly state: RenderedState } | { readonly problem: string };

/** Why an object that a renderer makes was not changed. */
export const noEdit =
  'no edit of one source makes exactly this of the rendered object: change what it is made of';

/**
 * Edits the sources of a rendered object so that a fix of it holds. Each change is tried where it may be set, and taken
 * only if the renderer then gives the fixed object and nothing else differs, but other objects by their own fix for the
 * very same finding. `state` is the initial one, or one that edits have led to.
 */
export async function proveFix(
  state: RenderedState,
  subject: JsonObject,
  finding: Finding,
  proof: Proof,
): Promise<ProofOutcome> {
  const slot = findSlot(proof.initial, subject);
  let current = state;
  for (const change of finding.fix?.changes ?? []) {
    const made = slot === undefined ? undefined : objectAt(current, slot);
    if (made === undefined || slot === undefined) {
      return { problem: noEdit };
    }
    if (operationsFor(made.object, [change]).length === 0) {
      continue;
    }
    const next = await proveChange(current, slot, change, {
      ...proof,
      accepts: (changed) => givesOnly(changed, { slot, change, finding }, proof),
    });
    if (next === undefined) {
      return { problem: noEdit };
    }
    current = next;
  }
  return { state: current };
}

interface Step {
  readonly slot: Slot;
  readonly change: Change;
  readonly finding: Finding;
}

/** Whether an edit changes the one object as wanted, and others only as their own finding of the same kind wants. */
function givesOnly(
  changed: readonly ChangedObject[],
  { slot, change, finding }: Step,
  { initial, findingsOn }: Proof,
): boolean {
  return changed.every((each) => {
    const original = objectAt(initial, each.slot)?.object;
    const isSubject = original === objectAt(initial, slot)?.object;
    const wanted = isSubject
      ? [change]
      : findingsOn(original ?? {})
          .filter(({ policy, message }) => policy === finding.policy && message === finding.message)
          .flatMap(({ fix }) => fix?.changes.filter(({ at }) => at === change.at) ?? []);
    return wanted.length > 0 && isChangedBy(each, wanted);
  });
}
