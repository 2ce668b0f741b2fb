import type { Severity } from '../../policies/core/finding.ts';

/** What `meshgate check` was asked for. */
export interface CheckOptions {
  readonly output: 'text' | 'json' | 'sarif' | 'junit' | 'github';
  readonly config?: string;
  readonly policy: readonly string[];
  readonly minSeverity?: Severity;
  readonly quiet: boolean;
  readonly fix: boolean;
  readonly diff: boolean;
  /** Undefined where neither `--color` nor `--no-color` was given. */
  readonly color?: boolean;
}

/** The mildest severity that the report shows. */
export function mildestShown({ minSeverity, output }: CheckOptions): Severity {
  return minSeverity ?? (output === 'text' ? 'warning' : 'info');
}
