import type { JsonObject } from '../../policies/core/json.ts';
import { describeReference } from '../../policies/core/resource.ts';
import { inNewWords, isOtherwiseNamed } from './autoscaler-versions.ts';
import { compareObject, terminatingSince } from './compare-object.ts';
import type { Comparison } from './comparison.ts';
import { objectOf, originOf, type Declaration } from './declared.ts';
import type { FieldDrift, ObjectDrift } from './report.ts';
import { strongest } from './verdict.ts';
import { remedyFor, verdictOfClass } from './words.ts';

/** Of several declarations of one object, what the one says that the live object is most like. Never rejects. */
export async function bestDrift(
  declarations: readonly Declaration[],
  live: JsonObject,
  comparison: Comparison,
): Promise<ObjectDrift | undefined> {
  let best: ObjectDrift | undefined;
  for (const declaration of declarations) {
    const found = await compareOne(declaration, live, comparison);
    if (found === undefined) {
      return undefined;
    }
    best = best === undefined || found.fields.length < best.fields.length ? found : best;
  }
  return best;
}

/** What is to be said of an object once it is read again. Never rejects. */
export async function lookAgain(
  declarations: readonly Declaration[],
  comparison: Comparison,
  before?: JsonObject,
): Promise<ObjectDrift | undefined> {
  const [first] = declarations as [Declaration];
  try {
    const now = await comparison.reread?.(first.reference);
    return now === undefined ? missingDrift(first) : await bestDrift(declarations, now, comparison);
  } catch (error) {
    return unknownDrift(first, `it could not be read again: ${textOf(error)}`, before);
  }
}

async function compareOne(
  declaration: Declaration,
  live: JsonObject,
  comparison: Comparison,
): Promise<ObjectDrift | undefined> {
  const since = terminatingSince(live);
  if (since !== undefined) {
    const why = `it was asked to go at ${since} and waits for its finalizers`;
    return unknownDrift(declaration, why, live);
  }
  const fields = await fieldsOf(declaration, live, comparison);
  if (typeof fields === 'string') {
    return unknownDrift(declaration, fields, live);
  }
  const verdict = strongest(fields.map((field) => verdictOfClass(field.class)));
  if (verdict === undefined) {
    return undefined;
  }
  const remedy = remedyFor(verdict, new Set(fields.map((field) => field.class)));
  return { ...declaredBy(declaration), live, verdict, fields, why: whyObject(fields), remedy };
}

/** The fields that differ, or why that cannot be told. */
async function fieldsOf(
  declaration: Declaration,
  live: JsonObject,
  { rules, withinGrace, predict }: Comparison,
): Promise<readonly FieldDrift[] | string> {
  const { reference } = declaration;
  const stated = objectOf(declaration);
  try {
    const applied = (await predict?.(reference, stated)) ?? stated;
    const isRenamed = isOtherwiseNamed(applied, live);
    const fields = isRenamed
      ? compareObject(reference, inNewWords(applied), inNewWords(live), rules)
      : compareObject(reference, applied, live, rules);
    const due = fields.filter((field) => !withinGrace || field.class !== 'not-applied');
    if (due.length < fields.length) {
      rules.note('a commit has some time to be applied');
    }
    return due;
  } catch (error) {
    return `it could not be compared: ${textOf(error)}`;
  }
}

function whyObject(fields: readonly FieldDrift[]): string {
  const [first] = fields;
  const more = fields.length - 1;
  return `${first?.at ?? ''}: ${first?.why ?? ''}${more === 0 ? '' : `; and ${String(more)} more`}`;
}

function unknownDrift(
  declaration: Declaration,
  why: string,
  live: JsonObject | undefined,
): ObjectDrift {
  return {
    ...declaredBy(declaration),
    ...(live === undefined ? {} : { live }),
    verdict: 'unknown',
    fields: [],
    why,
    remedy: remedyFor('unknown', new Set()),
  };
}

/** A declared object that the cluster does not have. */
function missingDrift(declaration: Declaration): ObjectDrift {
  const name = describeReference(declaration.reference);
  return {
    ...declaredBy(declaration),
    verdict: 'missing',
    fields: [],
    why: `Git declares ${name}, and the cluster does not have it: never applied, or deleted`,
    remedy: remedyFor('missing', new Set()),
  };
}

function declaredBy(
  declaration: Declaration,
): Pick<ObjectDrift, 'reference' | 'origin' | 'file' | 'line' | 'declared'> {
  const { reference } = declaration;
  const origin = originOf(declaration);
  const { file, line } = origin;
  return { reference, origin, file, line, declared: objectOf(declaration) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
