import type { JsonObject } from '../../policies/core/json.ts';
import { describeReference, type ObjectReference } from '../../policies/core/resource.ts';
import { identityOf } from '../compare/manifest.ts';
import { compareObject, terminatingSince } from './compare-object.ts';
import {
  objectOf,
  passes,
  referenceOf,
  type Declaration,
  type DeclaredObjects,
  type DriftFilter,
} from './declared.ts';
import { deploymentOf } from './deployment-stamp.ts';
import { extraDrift, mayBeExtra, type ExtraRules } from './extra.ts';
import type { LiveState } from './live.ts';
import type { KindOutcome } from './kind-outcome.ts';
import type { FieldDrift, ObjectDrift } from './report.ts';
import type { ComparisonRules } from './rules.ts';
import { scaleTargetOf } from './scaled.ts';
import { strongest } from './verdict.ts';
import { remedyFor, verdictOfClass } from './words.ts';

/** What a comparison needs besides the live objects. */
export interface Comparison {
  readonly declared: DeclaredObjects;
  readonly filter: DriftFilter;
  readonly rules: ComparisonRules;
  readonly extras: ExtraRules;
  /** Whether what is not applied yet is still within its time. */
  readonly withinGrace: boolean;
  readonly reread?: LiveState['reread'];
}

/** Compares the live objects of one kind, one after the other; rejects where the source does. */
export async function compareKind(
  objects: AsyncIterable<JsonObject>,
  comparison: Comparison,
): Promise<KindOutcome> {
  const outcome: KindOutcome = {
    drifts: [],
    inSync: [],
    live: 0,
    stamped: [],
    deployments: new Set(),
    scaleTargets: [],
  };
  for await (const live of objects) {
    outcome.live += 1;
    const reference = referenceOf(live);
    if (!passes(reference, comparison.filter)) {
      continue;
    }
    const target = scaleTargetOf(live);
    if (target !== undefined) {
      outcome.scaleTargets.push(target);
    }
    const declarations = comparison.declared.byIdentity.get(identityOf(reference));
    if (declarations === undefined) {
      takeExtra(reference, live, comparison, outcome);
    } else {
      const deployment = deploymentOf(live);
      if (deployment !== undefined) {
        outcome.deployments.add(deployment);
      }
      await takeDeclared(declarations, live, comparison, outcome);
    }
  }
  return outcome;
}

function takeExtra(
  reference: ObjectReference,
  live: JsonObject,
  { extras, rules }: Comparison,
  outcome: KindOutcome,
): void {
  const deployment = deploymentOf(live);
  const drift = extraDrift(reference, live, deployment);
  if (mayBeExtra(reference, live, extras)) {
    if (!rules.ignores.coversObject(reference)) {
      outcome.drifts.push(drift);
    }
  } else if (deployment !== undefined && mayBeExtra(reference, live, { ...extras, kinds: 'all' })) {
    outcome.stamped.push({ deployment, drift });
  }
}

async function takeDeclared(
  declarations: readonly Declaration[],
  live: JsonObject,
  comparison: Comparison,
  outcome: KindOutcome,
): Promise<void> {
  const [{ reference }] = declarations as [Declaration];
  let drift = bestDrift(declarations, live, comparison);
  if (drift !== undefined && comparison.reread !== undefined) {
    // Lists are no snapshot: what seems to drift is looked at once more.
    const now = await comparison.reread(reference);
    drift =
      now === undefined
        ? missingDrift(declarations[0] as Declaration)
        : bestDrift(declarations, now, comparison);
  }
  if (drift === undefined || comparison.rules.ignores.coversObject(reference)) {
    outcome.inSync.push(identityOf(reference));
  } else {
    outcome.drifts.push(drift);
  }
}

/** Of several declarations of one object, the one that the live object is most like. */
export function bestDrift(
  declarations: readonly Declaration[],
  live: JsonObject,
  comparison: Comparison,
): ObjectDrift | undefined {
  const found = declarations.map((declaration) => compareOne(declaration, live, comparison));
  return found.includes(undefined)
    ? undefined
    : found.toSorted((left, right) => (left?.fields.length ?? 0) - (right?.fields.length ?? 0))[0];
}

function compareOne(
  declaration: Declaration,
  live: JsonObject,
  comparison: Comparison,
): ObjectDrift | undefined {
  const { reference, origin } = declaration;
  const stated = objectOf(declaration);
  const common = {
    reference,
    origin,
    file: origin.file,
    line: origin.line,
    declared: stated,
    live,
  };
  const since = terminatingSince(live);
  if (since !== undefined) {
    const why = `it was asked to go at ${since} and waits for its finalizers`;
    return {
      ...common,
      verdict: 'unknown',
      fields: [],
      why,
      remedy: remedyFor('unknown', new Set()),
    };
  }
  const fields = fieldsOf(declaration, stated, live, comparison);
  if (typeof fields === 'string') {
    const remedy = remedyFor('unknown', new Set());
    return { ...common, verdict: 'unknown', fields: [], why: fields, remedy };
  }
  const verdict = strongest(fields.map((field) => verdictOfClass(field.class)));
  if (verdict === undefined) {
    return undefined;
  }
  const remedy = remedyFor(verdict, new Set(fields.map((field) => field.class)));
  return { ...common, verdict, fields, why: whyObject(fields), remedy };
}

/** The fields that differ, or why that cannot be told. */
function fieldsOf(
  { reference }: Declaration,
  stated: JsonObject,
  live: JsonObject,
  { rules, withinGrace }: Comparison,
): readonly FieldDrift[] | string {
  try {
    return compareObject(reference, stated, live, rules).filter((field) => {
      const waits = withinGrace && field.class === 'not-applied';
      if (waits) {
        rules.note('a commit has some time to be applied');
      }
      return !waits;
    });
  } catch (error) {
    return `it could not be compared: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function whyObject(fields: readonly FieldDrift[]): string {
  const [first] = fields;
  const more = fields.length - 1;
  return `${first?.at ?? ''}: ${first?.why ?? ''}${more === 0 ? '' : `; and ${String(more)} more`}`;
}

/** A declared object that the cluster does not have. */
export function missingDrift({ reference, origin, json }: Declaration): ObjectDrift {
  return {
    reference,
    verdict: 'missing',
    fields: [],
    why: `Git declares ${describeReference(reference)}, and the cluster does not have it: never applied, or deleted`,
    remedy: remedyFor('missing', new Set()),
    origin,
    file: origin.file,
    line: origin.line,
    declared: objectOf({ json }),
  };
}
