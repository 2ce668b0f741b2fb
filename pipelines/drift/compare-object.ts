import { stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import { classifyAll } from './classify.ts';
import { withDefaults } from './defaults.ts';
import { findDifferences, type Path } from './differences.ts';
import { hideValue } from './hide.ts';
import type { Judging, OwnedDifference } from './judging.ts';
import { listKeysAt, readOwnership } from './managed-fields.ts';
import { comparable, lastApplied } from './normalise.ts';
import { rootPlace } from './place.ts';
import type { ComparisonRules } from './rules.ts';
import type { FieldDrift } from './report.ts';
import { kindShape } from './shape/kind-shape.ts';
import { whyField } from './words.ts';

/** The fields in which a live object is not as Git declares it; none where it is in sync. Never throws. */
export function compareObject(
  reference: ObjectReference,
  stated: JsonObject,
  live: JsonObject,
  rules: ComparisonRules,
): readonly FieldDrift[] {
  const known = kindShape(reference.apiVersion, reference.kind);
  const root = rootPlace(known);
  const mine = comparable(stated, rules.aggregatedRoles);
  const declared = withDefaults(mine, known.shape);
  const theirs = comparable(live, rules.aggregatedRoles);
  const differences = findDifferences(mine, declared, theirs, root, (at) => listKeysAt(live, at));
  if (differences.length === 0) {
    return [];
  }
  const judging: Judging = {
    ...reference,
    root,
    declared,
    live,
    ownership: readOwnership(live),
    applied: lastApplied(live),
    isDeployer: rules.isDeployer,
    strict: rules.strict,
    isIgnored: (difference) => rules.explains(judging, difference),
  };
  return classifyAll(differences, judging).map((difference) => toField(difference, judging));
}

function toField(difference: OwnedDifference, judging: Judging): FieldDrift {
  const { at, atDeclared, declared, live, owners } = difference;
  const [latest, ...others] = owners;
  const place = pointer(...at);
  const other = atDeclared === undefined ? place : pointer(...atDeclared);
  return {
    at: place,
    ...(other === place ? {} : { atDeclared: other }),
    class: difference.class,
    ...shown('declared', judging.declared, atDeclared ?? at, declared),
    ...shown('live', judging.live, at, live),
    ...(latest === undefined ? {} : { manager: latest.manager, operation: latest.operation }),
    ...(latest?.subresource === undefined ? {} : { through: latest.subresource }),
    ...(latest?.time === undefined ? {} : { time: latest.time }),
    ...(others.length === 0 ? {} : { others: others.map(({ manager }) => manager) }),
    why: whyField(difference, judging.ownership.known),
  };

  function shown(name: 'declared' | 'live', object: JsonObject, path: Path, value?: Json) {
    const { apiVersion, kind } = judging;
    return value === undefined
      ? {}
      : { [name]: hideValue({ ...object, apiVersion, kind }, path, value) };
  }
}

/** When an object was asked to go; undefined for one that stays. */
export function terminatingSince(live: JsonObject): string | undefined {
  return stringIn(live, 'metadata', 'deletionTimestamp');
}
