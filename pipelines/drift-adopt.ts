import type { JsonObject } from '../policies/core/json.ts';
import { stringIn } from '../policies/core/json.ts';
import type { Change } from '../policies/core/patch.ts';
import { compareText, type ObjectReference } from '../policies/core/resource.ts';
import { groupOf } from './compare/manifest.ts';
import { adoptionsOf, type Adoption } from './drift/adoptable.ts';
import type { DriftReport, FieldDrift, ObjectDrift } from './drift/report.ts';
import { editSource } from './edit/edit-source.ts';
import { isChangedBy, proveChange } from './edit/prove-change.ts';
import { noEdit } from './edit/prove-fix.ts';
import { editedFiles, type EditedFile } from './edit/rendered-state.ts';
import { objectAt, type Slot } from './edit/rendered-slots.ts';
import type { ShownState } from './shown-state.ts';
import type { Sources } from './source/read-sources.ts';

/** What became of one difference. */
export interface AdoptionNote {
  readonly drift: ObjectDrift;
  /** Absent where the whole object is meant. */
  readonly field?: FieldDrift;
  /** Why Git stays as it is; absent where the live value was brought in. */
  readonly problem?: string;
}

/** Source files with live values in them. Nothing is written. */
export interface AdoptionResult {
  readonly notes: readonly AdoptionNote[];
  /** By the names that the sources have. */
  readonly files: readonly EditedFile[];
}

/** Each is a look at every root of the repository, and a render of those that read the edited file. */
const mostRenders = 500;

/**
 * Brings live values into the source files, in memory: each touches only its lines. What a renderer made is edited where
 * another render shows that exactly this field of this object becomes what it is in the cluster. Everything else is
 * listed with its reason and never guessed. `mayEdit` says which files may be touched: a file outside of what was
 * compared may serve other clusters.
 */
export async function adoptDrift(
  { drifts }: Pick<DriftReport, 'drifts'>,
  sources: Sources,
  mayEdit: (file: string) => boolean,
): Promise<AdoptionResult> {
  const work: Work = {
    sources,
    mayEdit,
    texts: new Map(sources.texts.map(({ file, text }) => [file, text])),
    states: [...(sources.states ?? [])],
    budget: { left: mostRenders },
  };
  const notes: AdoptionNote[] = [];
  for (const drift of lastDocumentsFirst(drifts)) {
    const { adoptions, refused } = adoptionsOf(drift);
    notes.push(...refused.map((each) => ({ drift, ...each })));
    notes.push(
      ...(drift.origin?.rendered === undefined
        ? adoptPlain(work, drift, adoptions)
        : await adoptRendered(work, drift, adoptions)),
    );
  }
  return { notes, files: filesOf(work) };
}

interface Work {
  readonly sources: Sources;
  readonly mayEdit: (file: string) => boolean;
  readonly texts: Map<string, string>;
  readonly states: ShownState[];
  readonly budget: { left: number };
}

/** Documents of a file from the last to the first, so that the offsets of the others hold. */
function lastDocumentsFirst(drifts: readonly ObjectDrift[]): readonly ObjectDrift[] {
  const byFile = Map.groupBy(drifts, ({ file = '' }) => file);
  const offsetOf = ({ origin }: ObjectDrift): number => origin?.offset ?? 0;
  return [...byFile]
    .toSorted(([left], [right]) => compareText(left, right))
    .flatMap(([, own]) => own.toSorted((left, right) => offsetOf(right) - offsetOf(left)));
}

function adoptPlain(
  { sources, texts, mayEdit }: Work,
  drift: ObjectDrift,
  adoptions: readonly Adoption[],
): readonly AdoptionNote[] {
  const { origin } = drift;
  if (origin === undefined) {
    return adoptions.map(({ field }) => ({ drift, field, problem: 'its file is not known' }));
  }
  const { file, offset, prefix } = origin;
  const source = sources.texts.find((each) => each.file === file);
  if (source?.writable !== true || !mayEdit(file)) {
    const problem = `${file} is no regular file of what was compared`;
    return adoptions.map(({ field }) => ({ drift, field, problem }));
  }
  const notes: AdoptionNote[] = [];
  // Objects of one List share their document, which an earlier one may have edited.
  let length = documentLength(texts.get(file) ?? '', source.text, origin.text.length, offset);
  for (const { field, changes } of adoptions) {
    const text = texts.get(file) ?? '';
    const outcome = editSource(text.slice(offset, offset + length), prefix, changes);
    if ('problem' in outcome) {
      notes.push({ drift, field, problem: outcome.problem });
      continue;
    }
    texts.set(file, text.slice(0, offset) + outcome.text + text.slice(offset + length));
    length = outcome.text.length;
    notes.push({ drift, field });
  }
  return notes;
}

/** What follows a document is as it was, since documents are edited from the last to the first. */
function documentLength(now: string, before: string, length: number, offset: number): number {
  const later = before.length - offset - length;
  const edited = now.length - offset - later;
  return now.slice(now.length - later) === before.slice(offset + length) ? edited : length;
}

async function adoptRendered(
  work: Work,
  drift: ObjectDrift,
  adoptions: readonly Adoption[],
): Promise<readonly AdoptionNote[]> {
  const found = work.states.flatMap((shown, index) =>
    slotsOf(shown, drift.reference).map((slot) => ({ index, slot })),
  );
  const [place] = found;
  if (place === undefined || found.length > 1) {
    const problem =
      place === undefined ? 'its source cannot be told' : 'several sources make this object';
    return adoptions.map(({ field }) => ({ drift, field, problem }));
  }
  const notes: AdoptionNote[] = [];
  for (const { field, changes } of adoptions) {
    const made = await renderedWith(work, { drift, ...place }, changes);
    notes.push({ drift, field, ...(made ? {} : { problem: noEdit }) });
  }
  return notes;
}

/** Makes all changes of one field, or none. */
async function renderedWith(
  work: Work,
  place: { readonly drift: ObjectDrift; readonly index: number; readonly slot: Slot },
  changes: readonly Change[],
): Promise<boolean> {
  const { drift, index, slot } = place;
  const shown = work.states[index];
  let state = shown?.state;
  for (const change of changes) {
    state =
      state === undefined || shown === undefined
        ? undefined
        : await proveChange(state, slot, change, {
            budget: work.budget,
            preferred: shown.inside(drift.file ?? '') ?? '',
            accepts: (changed) =>
              changed.length === 1 && changed.every((each) => isChangedBy(each, [change])),
            mayEdit: (path) => work.mayEdit(shown.show(path)),
          });
  }
  if (state === undefined || shown === undefined) {
    return false;
  }
  work.states[index] = { ...shown, state };
  return true;
}

/** Where renderers make an object; more than one place where alternatives are rendered together. */
function slotsOf({ state }: ShownState, reference: ObjectReference): readonly Slot[] {
  return state.roots.flatMap(({ key, result }) =>
    'objects' in result
      ? result.objects.flatMap((_, index) =>
          isObjectOf(objectAt(state, { key, index })?.object, reference) ? [{ key, index }] : [],
        )
      : [],
  );
}

/** A renderer may leave the namespace to whoever applies the object. */
function isObjectOf(object: JsonObject | undefined, reference: ObjectReference): boolean {
  const namespace = stringIn(object, 'metadata', 'namespace') ?? reference.namespace;
  return (
    stringIn(object, 'kind') === reference.kind &&
    groupOf(stringIn(object, 'apiVersion') ?? '') === groupOf(reference.apiVersion) &&
    stringIn(object, 'metadata', 'name') === reference.name &&
    namespace === reference.namespace
  );
}

function filesOf({ sources, texts, states }: Work): readonly EditedFile[] {
  const plain = sources.texts.flatMap(({ file, text }) => {
    const after = texts.get(file) ?? text;
    return after === text ? [] : [{ file, before: text, after }];
  });
  const rendered = states.flatMap(({ state, show }, index) => {
    const before = sources.states?.[index]?.state;
    return before === undefined
      ? []
      : editedFiles(before, state).map((edit) => ({ ...edit, file: show(edit.file) }));
  });
  const byFile = new Map([...plain, ...rendered].map((edit) => [edit.file, edit]));
  return [...byFile.values()].toSorted((left, right) => compareText(left.file, right.file));
}
