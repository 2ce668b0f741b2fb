import { applyPatch } from 'rfc6902';
import type { JsonObject } from '../../policies/core/json.ts';
import { equalJson, operationsFor, type Change } from '../../policies/core/patch.ts';
import type { Candidate, WantedChange } from './candidate.ts';
import { helmCandidates } from './helm-candidates.ts';
import { kustomizeCandidates } from './kustomize-candidates.ts';
import type { RenderedState } from './rendered-state.ts';
import { changedObjects, objectAt, type ChangedObject, type Slot } from './rendered-slots.ts';

/** What trying edits may cost. */
export interface RenderBudget {
  /** How often something may still be rendered; counts down. */
  left: number;
  /** When to stop, by `elapsed`; never where it is absent. */
  readonly until?: number;
  /** Milliseconds that go by. */
  readonly elapsed?: () => number;
}

/** What decides which edit of the sources makes a change of a rendered object. */
export interface ChangeProof {
  readonly budget: RenderBudget;
  /** The file whose edit is liked best. */
  readonly preferred: string;
  /** Whether all that an edit changes is wanted; the object itself is among it. */
  readonly accepts: (changed: readonly ChangedObject[]) => boolean;
  /** Which files may be edited; all where it is absent. */
  readonly mayEdit?: (path: string) => boolean;
}

/** Of these the first few are tried. */
const mostCandidates = 40;
const mostTrials = 12;

/**
 * Edits one source of a rendered object so that a change of it holds: it is tried where it may be set, and taken only if
 * the renderer then gives what `accepts` takes. Undefined where no edit does.
 */
export async function proveChange(
  state: RenderedState,
  slot: Slot,
  change: Change,
  proof: ChangeProof,
): Promise<RenderedState | undefined> {
  const made = objectAt(state, slot);
  const tried = new Set<string>();
  const candidates = made === undefined ? [] : candidatesFor({ state, ...made, change }, proof);
  for (const { path, text } of candidates) {
    const isKnown = tried.has(`${path}\n${text}`) || state.text(path)?.text === text;
    tried.add(`${path}\n${text}`);
    if (isKnown) {
      continue;
    }
    if (isSpent(proof.budget) || tried.size > mostTrials) {
      return undefined;
    }
    proof.budget.left -= 1;
    const edited = await state.withText(path, text);
    const changed = changedObjects(state, edited);
    const isSubject = (each: ChangedObject): boolean =>
      each.slot.key === slot.key && each.slot.index === slot.index;
    if (changed?.some(isSubject) === true && proof.accepts(changed)) {
      return edited;
    }
  }
  return undefined;
}

function isSpent({ left, until = Infinity, elapsed = now }: RenderBudget): boolean {
  return left <= 0 || elapsed() > until;
}

const now = (): number => performance.now();

function candidatesFor(
  wanted: WantedChange,
  { preferred, mayEdit = () => true }: ChangeProof,
): readonly Candidate[] {
  const candidates =
    wanted.origin.rendered?.by === 'helm' ? helmCandidates(wanted) : kustomizeCandidates(wanted);
  const all = [...candidates.take(mostCandidates)].filter(({ path }) => mayEdit(path));
  return [
    ...all.filter(({ path }) => path === preferred),
    ...all.filter(({ path }) => path !== preferred),
  ];
}

/** Whether an object became exactly what the changes make of it. */
export function isChangedBy({ before, after }: ChangedObject, changes: readonly Change[]): boolean {
  const changed = structuredClone(before);
  applyPatch(changed, structuredClone([...operationsFor(before, changes)]));
  return sameObject(after, changed);
}

/** Renderers may take the line break from the end of a text. */
function sameObject(left: JsonObject, right: JsonObject): boolean {
  const trimmed = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? value.trimEnd() : value;
  const plain = (object: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(object, trimmed)) as JsonObject;
  return equalJson(plain(left), plain(right));
}
