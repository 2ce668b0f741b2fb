import { compareText } from '../policies/core/resource.ts';
import type { Rules } from './judge.ts';
import { check, type CheckReport } from './check.ts';
import { editSource } from './edit/edit-source.ts';
import { editedFiles, type EditedFile } from './edit/rendered-state.ts';
import type { FixNote } from './fix-note.ts';
import { fixRendered } from './fix-rendered.ts';
import type { LocatedFinding } from './locate.ts';
import { mayDeclare } from './render/declarations.ts';
import { resourcesIn } from './rendered-resources.ts';
import type { ShownState } from './shown-state.ts';
import type { Sources, SourceText } from './source/read-sources.ts';

/** What fixing gives. */
export interface FixResult {
  /** What there was to report before. */
  readonly initial: CheckReport;
  /** What is left to report with all fixes in place. */
  readonly report: CheckReport;
  readonly fixed: readonly FixNote[];
  readonly refused: readonly FixNote[];
  readonly files: readonly EditedFile[];
}

/** Fixes of one round may call for others; real policies settle in two. */
const mostRounds = 5;

/** Applies fixes to the texts in memory, round by round until nothing changes. Writes nothing. */
export async function fixSources(sources: Sources, rules: Rules): Promise<FixResult> {
  const fixed: FixNote[] = [];
  let refused: readonly FixNote[] = [];
  let current = sources;
  const initial = await check(current, rules);
  let report = initial;
  for (let round = 0; round < mostRounds; round += 1) {
    const outcome = applyRound(current.texts, report.findings);
    const edited = await withTexts(current, outcome.texts);
    const rendered = await fixRendered(edited.states ?? [], report);
    refused = [...outcome.refused, ...rendered.refused];
    if (outcome.fixed.length === 0 && rendered.fixed.length === 0) {
      break;
    }
    fixed.push(...outcome.fixed, ...rendered.fixed);
    current = withStates(edited, rendered.states);
    report = await check(current, rules);
  }
  return { initial, report, fixed, refused, files: editsOf(sources, current) };
}

/** The sources with other texts in plain files, some of which may tell the renderers what to make. */
async function withTexts(sources: Sources, texts: readonly SourceText[]): Promise<Sources> {
  const changed = texts.filter((source, index) => source !== sources.texts[index]);
  const states = [...(sources.states ?? [])];
  for (const { file, text } of changed) {
    for (const [index, shown] of states.entries()) {
      const path = shown.inside(file);
      if (path !== undefined && (mayDeclare(text) || text.includes('ConfigMap'))) {
        states[index] = { ...shown, state: await shown.state.withText(path, text) };
      }
    }
  }
  return { ...sources, texts, states };
}

/** The sources with what the renderers now make, and with the plain texts that this changed. */
function withStates(sources: Sources, states: readonly ShownState[]): Sources {
  const edits = editsBetween(sources.states, states);
  return {
    ...sources,
    texts: sources.texts.map((source) => {
      const text = edits.get(source.file)?.after;
      return text === undefined ? source : { ...source, text };
    }),
    states,
    rendered: states.flatMap(({ state, show }) => resourcesIn(state.roots, show).resources),
  };
}

function editsBetween(
  before: readonly ShownState[] = [],
  after: readonly ShownState[] = [],
): Map<string, EditedFile> {
  const edits = new Map<string, EditedFile>();
  for (const [index, { state, show }] of after.entries()) {
    const from = before[index]?.state;
    for (const edit of from === undefined ? [] : editedFiles(from, state)) {
      const file = show(edit.file);
      edits.set(file, { ...edit, file });
    }
  }
  return edits;
}

function editsOf(before: Sources, after: Sources): readonly EditedFile[] {
  const original = new Map(before.texts.map(({ file, text }) => [file, text]));
  const edits = editsBetween(before.states, after.states);
  for (const { file, text } of after.texts) {
    const old = original.get(file);
    if (old !== undefined && old !== text) {
      edits.set(file, { file, before: old, after: text });
    }
  }
  return [...edits.values()].toSorted((left, right) => compareText(left.file, right.file));
}

interface Round {
  readonly texts: readonly SourceText[];
  readonly fixed: readonly FixNote[];
  readonly refused: readonly FixNote[];
}

function applyRound(texts: readonly SourceText[], findings: readonly LocatedFinding[]): Round {
  const fixed: FixNote[] = [];
  const refused: FixNote[] = [];
  const plain = findings.filter(
    ({ operations, origin }) => operations !== undefined && origin.rendered === undefined,
  );
  const byFile = Map.groupBy(plain, ({ file }) => file);
  const edited = texts.map((source) => {
    const wanted = byFile.get(source.file) ?? [];
    if (wanted.length > 0 && !source.writable) {
      const problem = 'fixes are only written to regular files';
      refused.push(...wanted.map((located) => ({ located, problem })));
      return source;
    }
    const text = editFile(source.text, wanted, fixed, refused);
    return text === source.text ? source : { ...source, text };
  });
  return { texts: edited, fixed, refused };
}

/** Edits documents from the last to the first, so that the offsets of the others hold. */
function editFile(
  text: string,
  findings: readonly LocatedFinding[],
  fixed: FixNote[],
  refused: FixNote[],
): string {
  let edited = text;
  const byDocument = Map.groupBy(findings, ({ origin }) => origin.offset);
  for (const [offset, group] of [...byDocument].toSorted(([left], [right]) => right - left)) {
    const source = group[0]?.origin.text ?? '';
    let document = source;
    const touched = new Set<string>();
    for (const located of group) {
      const { changes = [] } = located.finding.fix ?? {};
      const places = changes.map(({ at }) => `${located.origin.prefix}${at}`);
      if (places.some((place) => touched.has(place))) {
        continue;
      }
      const outcome = editSource(document, located.origin.prefix, changes);
      if ('problem' in outcome) {
        refused.push({ located, problem: outcome.problem });
        continue;
      }
      document = outcome.text;
      for (const place of places) {
        touched.add(place);
      }
      fixed.push({ located });
    }
    edited = edited.slice(0, offset) + document + edited.slice(offset + source.length);
  }
  return edited;
}
