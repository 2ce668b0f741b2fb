import { applyPatch } from 'rfc6902';
import type { Finding } from '../../policies/core/finding.ts';
import type { JsonObject } from '../../policies/core/json.ts';
import { equalJson, operationsFor, type Change } from '../../policies/core/patch.ts';
import type { RenderedObject } from '../render/rendered.ts';
import type { Candidate, WantedChange } from './candidate.ts';
import { helmCandidates } from './helm-candidates.ts';
import { kustomizeCandidates } from './kustomize-candidates.ts';
import type { RenderedState } from './rendered-state.ts';
import { changedObjects, findSlot, objectAt, type Slot } from './rendered-slots.ts';

/** What proving fixes needs beside the finding. */
export interface Proof {
  /** The state on which the findings were made. */
  readonly initial: RenderedState;
  /** All findings on the objects of that state. */
  readonly findingsOn: (object: JsonObject) => readonly Finding[];
  /** How often something may still be rendered; counts down. */
  readonly budget: { left: number };
  /** The file whose edit is liked best: where the finding is shown. */
  readonly preferred: string;
}

/** An edited state in which a finding's fix holds, or why no edit gives it. */
export type ProofOutcome = { readonly state: RenderedState } | { readonly problem: string };

/** Of these the first few are tried. */
const mostCandidates = 40;
const mostTrials = 12;
const noEdit =
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
    const next = await tryChange(current, { made, slot, change, finding }, proof);
    if (next === undefined) {
      return { problem: noEdit };
    }
    current = next;
  }
  return { state: current };
}

interface Step {
  readonly made: RenderedObject;
  readonly slot: Slot;
  readonly change: Change;
  readonly finding: Finding;
}

async function tryChange(
  state: RenderedState,
  step: Step,
  proof: Proof,
): Promise<RenderedState | undefined> {
  const { object, origin } = step.made;
  const tried = new Set<string>();
  for (const { path, text } of candidatesFor(
    { state, object, origin, change: step.change },
    proof,
  )) {
    const isKnown = tried.has(`${path}\n${text}`) || state.text(path)?.text === text;
    tried.add(`${path}\n${text}`);
    if (isKnown) {
      continue;
    }
    if (proof.budget.left <= 0 || tried.size > mostTrials) {
      return undefined;
    }
    proof.budget.left -= 1;
    const edited = await state.withText(path, text);
    if (givesOnly(state, edited, step, proof)) {
      return edited;
    }
  }
  return undefined;
}

function candidatesFor(wanted: WantedChange, { preferred }: Proof): readonly Candidate[] {
  const candidates =
    wanted.origin.rendered?.by === 'helm' ? helmCandidates(wanted) : kustomizeCandidates(wanted);
  const all = [...candidates.take(mostCandidates)];
  return [
    ...all.filter(({ path }) => path === preferred),
    ...all.filter(({ path }) => path !== preferred),
  ];
}

/** Whether an edit changes the one object as wanted, and others only as their own finding of the same kind wants. */
function givesOnly(
  before: RenderedState,
  after: RenderedState,
  { slot, change, finding }: Step,
  { initial, findingsOn }: Proof,
): boolean {
  const changed = changedObjects(before, after);
  return (
    changed !== undefined &&
    changed.some((each) => each.slot.key === slot.key && each.slot.index === slot.index) &&
    changed.every((each) => {
      const original = objectAt(initial, each.slot)?.object;
      const isSubject = original === objectAt(initial, slot)?.object;
      const wanted = isSubject
        ? [change]
        : findingsOn(original ?? {})
            .filter(
              ({ policy, message }) => policy === finding.policy && message === finding.message,
            )
            .flatMap(({ fix }) => fix?.changes.filter(({ at }) => at === change.at) ?? []);
      return wanted.length > 0 && sameObject(each.after, withChanges(each.before, wanted));
    })
  );
}

function withChanges(object: JsonObject, changes: readonly Change[]): JsonObject {
  const changed = structuredClone(object);
  applyPatch(changed, structuredClone([...operationsFor(object, changes)]));
  return changed;
}

/** Renderers may take the line break from the end of a text. */
function sameObject(left: JsonObject, right: JsonObject): boolean {
  const trimmed = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? value.trimEnd() : value;
  const plain = (object: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(object, trimmed)) as JsonObject;
  return equalJson(plain(left), plain(right));
}
