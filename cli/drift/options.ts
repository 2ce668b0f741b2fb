import type { GitHubRepository } from '../../pipelines/source/github-pull.ts';
import type { DriftActions } from './actions.ts';

/** What `meshgate drift` was asked for. */
export interface DriftOptions extends DriftActions {
  /** A dump; a cluster is asked where it is absent. */
  readonly live?: string;
  readonly kubeconfig?: string;
  readonly context: readonly string[];
  readonly allContexts?: true;
  readonly mode?: 'compare' | 'dry-run';
  /** Name or ARN of a function that does it. */
  readonly invoke?: string;
  readonly target?: string;
  /** Whose fleet is told of, as its checks left it. */
  readonly fleet?: GitHubRepository;
  readonly output: 'text' | 'json' | 'markdown' | 'sarif';
  readonly config?: string;
  readonly namespace: readonly string[];
  readonly kind: readonly string[];
  readonly cluster?: string;
  /** Undefined where neither `--color` nor `--no-color` was given. */
  readonly color?: boolean;
}
