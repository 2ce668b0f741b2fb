import type { Rules } from './judge.ts';
import { check, type CheckReport } from './check.ts';
import { editSource } from './edit/edit-source.ts';
import type { LocatedFinding } from './locate.ts';
import type { Sources, SourceText } from './source/read-sources.ts';

/** A fix that was written, or that could not be. */
export interface FixNote {
  readonly located: LocatedFinding;
  /** Why it was not written; absent where it was. */
  readonly problem?: string;
}

/** A file with fixes in it. */
export interface FixedText {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What fixing gives. */
export interface FixResult {
  /** What there was to report before. */
  readonly initial: CheckReport;
  /** What is left to report with all fixes in place. */
  readonly report: CheckReport;
  readonly fixed: readonly FixNote[];
  readonly refused: readonly FixNote[];
  readonly files: readonly FixedText[];
}

/** Fixes of one round may call for others; real policies settle in two. */
const mostRounds = 5;

/** Applies fixes to the texts in memory, round by round until nothing changes. Writes nothing. */
export async function fixSources(sources: Sources, rules: Rules): Promise<FixResult> {
  const original = new Map(sources.texts.map(({ file, text }) => [file, text]));
  const fixed: FixNote[] = [];
  let refused: readonly FixNote[] = [];
  let current = sources;
  const initial = await check(current, rules);
  let report = initial;
  for (let round = 0; round < mostRounds; round += 1) {
    const outcome = applyRound(current.texts, report.findings);
    refused = outcome.refused;
    if (outcome.fixed.length === 0) {
      break;
    }
    fixed.push(...outcome.fixed);
    current = { ...current, texts: outcome.texts };
    report = await check(current, rules);
  }
  const files = current.texts.flatMap(({ file, text }) => {
    const before = original.get(file);
    return before === undefined || before === text ? [] : [{ file, before, after: text }];
  });
  return { initial, report, fixed, refused, files };
}

interface Round {
  readonly texts: readonly SourceText[];
  readonly fixed: readonly FixNote[];
  readonly refused: readonly FixNote[];
}

function applyRound(texts: readonly SourceText[], findings: readonly LocatedFinding[]): Round {
  const fixed: FixNote[] = [];
  const refused: FixNote[] = [];
  const problem = 'a renderer made the object: change what it is made of';
  const fixable = findings.filter(({ operations }) => operations !== undefined);
  const isRendered = ({ origin }: LocatedFinding): boolean => origin.rendered !== undefined;
  refused.push(...fixable.filter(isRendered).map((located) => ({ located, problem })));
  const byFile = Map.groupBy(
    fixable.filter((located) => !isRendered(located)),
    ({ file }) => file,
  );
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
