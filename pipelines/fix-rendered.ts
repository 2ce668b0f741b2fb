import type { Finding } from '../policies/core/finding.ts';
import type { JsonObject } from '../policies/core/json.ts';
import type { CheckReport } from './check.ts';
import { proveFix, type ProofOutcome } from './edit/prove-fix.ts';
import { editedFiles } from './edit/rendered-state.ts';
import { findSlot } from './edit/rendered-slots.ts';
import type { FixNote } from './fix-note.ts';
import type { ShownState } from './shown-state.ts';

/** What became of the fixes of rendered objects in one round. */
export interface RenderedRound {
  readonly states: readonly ShownState[];
  readonly fixed: readonly FixNote[];
  readonly refused: readonly FixNote[];
}

/** Each is a look at every root of the repository, and a render of those that read the edited file. */
const mostRenders = 2000;

/** Writes fixes into the sources of what renderers made, in memory and only where a render proves them. */
export async function fixRendered(
  initial: readonly ShownState[],
  { findings, judged }: CheckReport,
): Promise<RenderedRound> {
  const states = [...initial];
  const subjects = new Map(
    judged.map(({ finding, subject }) => [finding, subject.resource.object]),
  );
  const byObject = Map.groupBy(judged, ({ subject }) => subject.resource.object);
  const findingsOn = (object: JsonObject): readonly Finding[] =>
    byObject.get(object)?.map(({ finding }) => finding) ?? [];
  const budget = { left: mostRenders };
  const fixed: FixNote[] = [];
  const refused: FixNote[] = [];
  for (const located of findings) {
    const subject = subjects.get(located.finding);
    if (located.origin.rendered === undefined || located.operations === undefined || !subject) {
      continue;
    }
    const index = initial.findIndex(({ state }) => findSlot(state, subject) !== undefined);
    const [before, current] = [initial[index], states[index]];
    const outcome: ProofOutcome =
      before === undefined || current === undefined
        ? { problem: 'its source cannot be told' }
        : await proveFix(current.state, subject, located.finding, {
            initial: before.state,
            findingsOn,
            budget,
            preferred: before.inside(located.file) ?? '',
          });
    if ('problem' in outcome) {
      refused.push({ located, problem: outcome.problem });
    } else if (current !== undefined) {
      const files = editedFiles(current.state, outcome.state).map(({ file }) => current.show(file));
      states[index] = { ...current, state: outcome.state };
      fixed.push({ located, files });
    }
  }
  return { states, fixed, refused };
}
