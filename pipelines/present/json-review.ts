import type { ObjectChange } from '../compare/changes.ts';
import type { Meaning } from '../compare/meaning-statement.ts';
import type { Review } from '../review.ts';
import { toJsonFinding, type JsonFinding } from './json-report.ts';

/** The output of `meshgate review --output json`; described by `schemas/review-output.schema.json`. */
export interface JsonReview {
  readonly version: 1;
  /** The merge base. */
  readonly base: string;
  readonly head: string;
  readonly introduced: readonly JsonFinding[];
  readonly resolved: readonly JsonFinding[];
  readonly remaining: readonly JsonFinding[];
  readonly changes: readonly ObjectChange[];
  readonly meaning: readonly Meaning[];
  readonly renderErrors: readonly { readonly path: string; readonly text: string }[];
}

/** A review in its published form. */
export function toJsonReview(review: Review): JsonReview {
  return {
    version: 1,
    base: review.base,
    head: review.head,
    introduced: review.introduced.map(toJsonFinding),
    resolved: review.resolved.map(toJsonFinding),
    remaining: review.remaining.map(toJsonFinding),
    changes: review.changes,
    meaning: review.meaning,
    renderErrors: review.unreadable.map(({ path, text }) => ({ path, text })),
  };
}
