import type { DriftActions } from './actions.ts';

/** What `meshgate drift` was asked for. */
export interface DriftOptions extends DriftActions {
  readonly live: string;
  readonly output: 'text' | 'json' | 'markdown' | 'sarif';
  readonly config?: string;
  readonly namespace: readonly string[];
  readonly kind: readonly string[];
  readonly cluster?: string;
  /** Undefined where neither `--color` nor `--no-color` was given. */
  readonly color?: boolean;
}
