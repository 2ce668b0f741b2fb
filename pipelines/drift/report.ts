import type { Json, JsonObject } from '../../policies/core/json.ts';
import type { Pointer } from '../../policies/core/pointer.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import type { LocatedFinding } from '../locate.ts';
import type { Origin } from '../render/manifests.ts';

/** What is wrong with an object as a whole; of several fields the strongest: changed, then removed, then foreign. */
export type DriftVerdict = 'missing' | 'changed' | 'removed' | 'foreign' | 'extra' | 'unknown';

/** How a field came to differ, as far as the owners of the live field tell. */
export type DriftClass =
  /** Only a deployer owns it: Git is ahead, or the last deployment failed. */
  | 'not-applied'
  /** Somebody else set another value. */
  | 'changed'
  /** Somebody else set another value, and a deployer owns it as well. */
  | 'contested'
  /** Nobody owns the other value: admission changed it, or a scale. */
  | 'rewritten'
  /** Git declares it, and the live object lacks it; who removed it is unknown. */
  | 'missing-field'
  /** Git no longer declares it, and the deployer has not removed it. */
  | 'removed-in-git'
  /** Somebody else added what Git does not declare. */
  | 'foreign-addition';

/** A field that differs. Values that nobody may read are hidden already. */
export interface FieldDrift {
  /** In the live object, or in the declared one where live has nothing. */
  readonly at: Pointer;
  /** In the declared object with its defaults, where it is another place. */
  readonly atDeclared?: Pointer;
  readonly class: DriftClass;
  /** Absent where Git says nothing; a default where Git relies on it. */
  readonly declared?: Json;
  readonly live?: Json;
  /** The owner of the field or of the atomic list around it; of several, the one who acted last. */
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  /** The subresource through which the manager wrote, such as `scale`. */
  readonly through?: string;
  /** The last time that the manager changed any of its fields: not after this, the field was as it is. */
  readonly time?: string;
  /** Further owners of the same field. */
  readonly others?: readonly string[];
  /** What happened, in one sentence without a full stop. */
  readonly why: string;
}

/** An object that is not as Git declares it, or of which that could not be told. */
export interface ObjectDrift {
  readonly reference: ObjectReference;
  readonly verdict: DriftVerdict;
  /** All that differ, in the order of the live object; empty for whole objects. */
  readonly fields: readonly FieldDrift[];
  readonly why: string;
  /** What a person can do about it. */
  readonly remedy: string;
  /** Where it is declared; absent for what Git does not declare. */
  readonly origin?: Origin;
  readonly file?: string;
  /** Of the first differing field that the source states, else of the object; from 1. */
  readonly line?: number;
  /** As Git declares it, without defaults; to be used for remedies, never shown as a whole. */
  readonly declared?: JsonObject;
  /** As it lives; to be used for remedies, never shown as a whole. */
  readonly live?: JsonObject;
}

/** An object, or a kind as a whole, of which nothing can be said. */
export interface Undetermined {
  /** `Kind ns/name`, or `Kind` for a kind that could not be listed. */
  readonly object: string;
  readonly why: string;
}

/** Something that was seen and deliberately not called drift. */
export interface IgnoredDrift {
  /** What the rule is about, for the footer of a report. */
  readonly rule: string;
  readonly source: 'built-in' | 'configuration';
  /** How many differences it explained. */
  readonly count: number;
}

/** What a comparison of a cluster with Git knows in the end. */
export interface DriftReport {
  readonly cluster: string;
  readonly verdict: 'in-sync' | 'drift' | 'undetermined';
  /** Sorted by namespace, kind and name. */
  readonly drifts: readonly ObjectDrift[];
  /** Declared objects that are as Git says, `Kind ns/name`, sorted. */
  readonly inSync: readonly string[];
  readonly unknown: readonly Undetermined[];
  /** What the drift breaks that Git had right, by the same policies as at the other gates. */
  readonly findings: readonly LocatedFinding[];
  readonly coverage: { readonly judged: number; readonly declared: number; readonly live: number };
  readonly ignored: readonly IgnoredDrift[];
  /** Configured ignore rules that explained nothing, or have expired, with what to do. */
  readonly unusedRules: readonly string[];
  /** What a reader must know to read the report rightly: limits of attribution, input errors, notes. */
  readonly notes: readonly string[];
}
