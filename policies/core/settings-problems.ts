import { z } from 'zod';
import { pointer, pointerSegments, type Pointer } from './pointer.ts';
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

function memberNames(schema: z.ZodType | undefined): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The part of a schema that speaks of a path; of a union, the part that has members. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject && typeof key === 'string') {
      at = Object.hasOwn(at.shape, key) ? (at.shape[key] as z.ZodType) : undefined;
    } else if (at instanceof z.ZodArray) {
      at = at.element as z.ZodType;
    } else {
      return undefined;
    }
    at = at && unwrap(at);
  }
  return at;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodUnion) {
    const members = (schema.options as readonly z.ZodType[]).find(
      (option) => option instanceof z.ZodObject,
    );
    return members ?? schema;
  }
  return schema;
}
