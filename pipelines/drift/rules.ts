import type { DriftSettings } from '../../policies/core/settings-drift.ts';
import { builtInIgnore } from './built-in-ignores.ts';
import { compileDeployers, usualDeployers, type DeployerTest } from './deployers.ts';
import { compileIgnores, type IgnoreRules } from './ignore-rules.ts';
import type { Judging, OwnedDifference } from './judging.ts';
import { isOwnFill, ownFillRule } from './own-fills.ts';
import type { IgnoredDrift } from './report.ts';

/** The settings, compiled for one run; what is ignored is counted. */
export interface ComparisonRules {
  readonly isDeployer: DeployerTest;
  readonly strict: boolean;
  readonly aggregatedRoles: boolean;
  readonly ignores: IgnoreRules;
  /** Whether a built-in or a configured rule explains a difference. */
  explains(judging: Judging, difference: OwnedDifference): boolean;
  /** Counts what another part of the comparison explains by a built-in rule. */
  note(rule: string): void;
  /** Every rule that explained something. */
  ignored(): readonly IgnoredDrift[];
}

/** Compiles settings at a moment, in milliseconds since the epoch. */
export function compileRules(settings: DriftSettings, now: number): ComparisonRules {
  const ignores = compileIgnores(settings.ignore, now);
  const counts = new Map<string, number>();
  function note(rule: string): void {
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return {
    isDeployer: compileDeployers([...usualDeployers, ...settings.deployers]),
    strict: settings.strict,
    aggregatedRoles: settings.aggregatedRoles,
    ignores,
    explains(judging, difference) {
      const rule = isOwnFill(judging, difference)
        ? ownFillRule
        : builtInIgnore(judging, difference, settings.canaryWeights);
      if (rule !== undefined) {
        note(rule);
      }
      return rule !== undefined || ignores.explains(judging, difference);
    },
    note,
    ignored: () => [
      ...[...counts].map(([rule, count]): IgnoredDrift => ({ rule, source: 'built-in', count })),
      ...ignores.used(),
    ],
  };
}
