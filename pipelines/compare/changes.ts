import type { Json } from '../../policies/core/json.ts';
import { kindNameOf } from '../../policies/core/kinds.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { referenceTo, type ObjectReference } from '../../policies/core/resource.ts';
import { diffFields, type FieldChange } from './fields.ts';
import { compareReferences, type Manifest } from './manifest.ts';
import { maskField, maskValue } from './mask.ts';
import { countChartNoise, withoutNoise } from './noise.ts';
import type { ManifestPair } from './pair-manifests.ts';
import { sourceCounts, type SourceCount } from './source-counts.ts';

/** What became of one object. An added or removed one is a single field change at the root. */
export interface ObjectChange {
  /** The object as it is now, or as it was where it is gone. */
  readonly object: ObjectReference;
  readonly change: 'added' | 'removed' | 'changed' | 'renamed';
  /** The name before, for `renamed` only. */
  readonly previousName?: string;
  readonly fields: readonly FieldChange[];
}

/** All changes between two states, and what was left out of them. */
export interface Changes {
  /** Objects that make the mesh first; values that nobody may read are masked. */
  readonly changes: readonly ObjectChange[];
  /** Differences in labels and annotations that charts stamp with every release; not listed. */
  readonly chartStamps: number;
  readonly counts: readonly SourceCount[];
}

/** True for an object that policies know; of ConfigMaps only those beside istiod count. */
export function isMeshObject(reference: ObjectReference, rootNamespace: string): boolean {
  const type = kindNameOf(reference.apiVersion, reference.kind);
  return type !== undefined && (type !== 'ConfigMap' || reference.namespace === rootNamespace);
}

/** The structural difference of two states of a repository, object by object. */
export function changesOf(
  pairs: readonly ManifestPair<Manifest>[],
  rootNamespace: string,
): Changes {
  const differing = pairs.filter(
    ({ before, after }) => before?.object !== after?.object || before?.name !== after?.name,
  );
  const chartStamps = differing.reduce(
    (sum, { before, after }) =>
      sum + (before && after ? countChartNoise(before.object, after.object) : 0),
    0,
  );
  const counted = differing.flatMap(({ before, after }) => {
    const manifest = after ?? before;
    const change = changeOf(before, after);
    return manifest === undefined || change === undefined ? [] : [{ manifest, change }];
  });
  const rank = ({ object }: ObjectChange): number => (isMeshObject(object, rootNamespace) ? 0 : 1);
  const changes = counted
    .map(({ change }) => change)
    .toSorted(
      (left, right) => rank(left) - rank(right) || compareReferences(left.object, right.object),
    );
  return { changes, chartStamps, counts: sourceCounts(counted) };
}

function changeOf(
  before: Manifest | undefined,
  after: Manifest | undefined,
): ObjectChange | undefined {
  if (before === undefined || after === undefined) {
    const manifest = before ?? after;
    return manifest === undefined
      ? undefined
      : wholeObject(manifest, before === undefined ? 'added' : 'removed');
  }
  const fields = diffFields(
    after.kind,
    withoutNoise(before.object),
    withoutNoise(after.object),
  ).map((field) => maskField(after, field));
  const object = referenceTo(after);
  if (before.name !== after.name) {
    return { object, change: 'renamed', previousName: before.name, fields };
  }
  return fields.length === 0 ? undefined : { object, change: 'changed', fields };
}

function wholeObject(manifest: Manifest, change: 'added' | 'removed'): ObjectChange {
  const value: Json = maskValue(manifest, pointer(), withoutNoise(manifest.object));
  const field = { at: pointer(), ...(change === 'added' ? { after: value } : { before: value }) };
  return { object: referenceTo(manifest), change, fields: [field] };
}
