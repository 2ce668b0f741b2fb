import type { LocatedFinding } from './locate.ts';

/** A fix that was written, or that could not be. */
export interface FixNote {
  readonly located: LocatedFinding;
  /** The files that were edited, where it is not the one of the finding. */
  readonly files?: readonly string[];
  /** Why it was not written; absent where it was. */
  readonly problem?: string;
}
