import { effectOf, findingKey, type Finding } from '../policies/core/finding.ts';
import type { JsonObject } from '../policies/core/json.ts';
import { readResource } from '../policies/core/resource.ts';
import type { Mesh } from '../policies/mesh/mesh.ts';
import { proveFix, type Proof } from './edit/prove-fix.ts';
import { changedObjects } from './edit/rendered-slots.ts';
import { editedFiles, type EditedFile, type RenderedState } from './edit/rendered-state.ts';
import { judgeEdited, type Judged, type Rules } from './judge.ts';
import type { LocatedFinding } from './locate.ts';

/** What the findings of a state were made on. */
export interface JudgedRendering {
  readonly state: RenderedState;
  readonly judged: readonly Judged[];
  readonly mesh: Mesh;
  readonly rules: Rules;
  /** Milliseconds that go by. */
  readonly elapsed: () => number;
}

/** Each costs some renders; no more findings than this are commented on one by one. */
const mostFindings = 30;
const mostRenders = 120;
/** A template of strangers may take seconds; what is not proven by then is shown as a change of the object. */
const mostMilliseconds = 30_000;

/**
 * The edits of source files that make the fixes of findings hold on objects that a renderer made. Only those are given
 * that were proven: rendered with the edit, the object is the fixed one, nothing else differs, and judged again the
 * finding is gone and none has come.
 */
export async function sourceEdits(
  findings: readonly LocatedFinding[],
  { state, judged, mesh, rules, elapsed }: JudgedRendering,
): Promise<ReadonlyMap<Finding, readonly EditedFile[]>> {
  const subjects = new Map(judged.map(({ finding, subject }) => [finding, subject]));
  const byObject = Map.groupBy(judged, ({ subject }) => subject.resource.object);
  const findingsOn = (object: JsonObject): readonly Finding[] =>
    byObject.get(object)?.map(({ finding }) => finding) ?? [];
  const budget = { left: mostRenders, until: elapsed() + mostMilliseconds, elapsed };
  const edits = new Map<Finding, readonly EditedFile[]>();
  const wanted = findings.filter(
    ({ finding, origin }) =>
      origin.rendered !== undefined && finding.fix !== undefined && effectOf(finding) !== 'list',
  );
  for (const { finding, file } of wanted.slice(0, mostFindings)) {
    const subject = subjects.get(finding);
    const proof: Proof = { initial: state, findingsOn, budget, preferred: file };
    const outcome =
      subject === undefined
        ? undefined
        : await proveFix(state, subject.resource.object, finding, proof);
    if (outcome !== undefined && 'state' in outcome) {
      const changed = changedObjects(state, outcome.state) ?? [];
      const holds = changed.every(({ before, after }) => {
        const resource = readResource(after);
        const left = resource === undefined ? [] : judgeEdited(resource, mesh, rules);
        const known = new Set(findingsOn(before).map(findingKey));
        known.delete(findingKey(finding));
        return left.every((each) => known.has(findingKey(each)));
      });
      if (holds && changed.length > 0) {
        edits.set(finding, editedFiles(state, outcome.state));
      }
    }
  }
  return edits;
}
