import type { JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';

/** A kind whose live objects are needed, at the version in which Git declares most of it. */
export interface WantedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** Further versions in which Git declares objects of it. */
  readonly others?: readonly string[];
}

/**
 * The live objects of one kind, or why there are none to be had. `objects` may reject at any point: what was given
 * until then is dropped, and the kind is undetermined with the error's message as the cause.
 */
export type LiveKind =
  | (WantedKind & {
      /** Whole objects with `apiVersion`, `kind` and, where the source has them, `metadata.managedFields`. */
      readonly objects: AsyncIterable<JsonObject>;
      /** Versions that were wanted and that the source does not have, each with what to do. */
      readonly unserved?: ReadonlyMap<string, string>;
    })
  | (WantedKind & {
      readonly undetermined: string;
      /** The cluster has no such kind, so that there cannot be objects of it. */
      readonly served?: false;
    });

/** Where live objects come from: a cluster or a saved dump. */
export interface LiveState {
  /** How reports name it. */
  readonly cluster: string;
  /** It holds Secrets as it is, so that comparing them takes no right to read them. */
  readonly hasSecrets?: boolean;
  /** The wanted kinds in any order; each is read to its end before the next is asked for. One not given is undetermined. */
  kinds(wanted: readonly WantedKind[]): AsyncIterable<LiveKind>;
  /** The object as it is now, undefined where it is gone; asked once for what seems to drift. Rejects as `objects` does. */
  reread?(reference: ObjectReference): Promise<JsonObject | undefined>;
  /**
   * What the source would make of an object that lives, if it were applied as declared; undefined where it is not to be
   * asked. Takes the place of the declared object. Rejects as `objects` does, and that object is undetermined.
   */
  predict?(reference: ObjectReference, declared: JsonObject): Promise<JsonObject> | undefined;
}
