import type { DeclaredObjects } from './declared.ts';
import type { ExtraRules } from './extra.ts';
import type { LiveState } from './live.ts';
import type { ComparisonRules } from './rules.ts';

/** What a comparison needs besides the live objects. */
export interface Comparison {
  readonly declared: DeclaredObjects;
  readonly rules: ComparisonRules;
  readonly extras: ExtraRules;
  /** Whether what is not applied yet is still within its time. */
  readonly withinGrace: boolean;
  readonly reread?: LiveState['reread'];
  readonly predict?: LiveState['predict'];
}
