import type * as z from 'zod';
import { pointer, pointerSegments, type Pointer } from './pointer.ts';
import { memberNames, schemaAt } from './settings-schema-parts.ts';
import { explain, explainAlternatives, unknownKey } from './settings-wording.ts';

/** What is wrong at a place of the configuration; the place of something missing is where it should be. */
export interface SettingsProblem {
  readonly path: Pointer;
  /** What is wrong and the valid form, to be read after the path. */
  readonly text: string;
}

type Issue = z.core.$ZodIssue;

type Path = readonly PropertyKey[];

/** A problem in one line: `policies/drain/grace-cover-ttl: unknown policy; did you mean "drain/grace-covers-ttl"?`. */
export function formatProblem({ path, text }: SettingsProblem): string {
  return path === '' ? text : `${pointerSegments(path).join('/')}: ${text}`;
}

/** Everything that the schema has against a document, in the order of the document's schema. */
export function findProblems(schema: z.ZodType, document: unknown): readonly SettingsProblem[] {
  const result = schema.safeParse(document, { error: explain, reportInput: true });
  if (result.success) {
    return [];
  }
  return result.error.issues.flatMap((issue) => problemsOf(issue, [], schema));
}

function problemsOf(issue: Issue, base: Path, schema: z.ZodType): readonly SettingsProblem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const valid = memberNames(schemaAt(schema, path));
    return issue.keys.map((key) => problem([...path, key], unknownKey(path, key, valid)));
  }
  if (issue.message !== '') {
    return [problem(path, issue.message)];
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.filter((branch) => !branch.some(isWrongType));
    const [only] = meant;
    if (only !== undefined && meant.length === 1) {
      return only.flatMap((inner) => problemsOf(inner, path, schema));
    }
    if (meant.length === 0) {
      return [
        problem(path, explainAlternatives(issue.errors.flat().filter(isWrongType), issue.input)),
      ];
    }
  }
  const form = schemaAt(schema, path)?.description;
  return [
    problem(path, form === undefined ? 'has a form that is not accepted here' : `must be: ${form}`),
  ];
}

function problem(path: Path, text: string): SettingsProblem {
  return { path: pointer(...path.map(String)), text };
}

/** True for an issue that speaks against a branch of a union as a whole. */
function isWrongType(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  );
}
