import type { Declaration } from './declared.ts';
import type { ObjectDrift } from './report.ts';

/** What came of the live objects of one kind. */
export interface KindOutcome {
  readonly drifts: ObjectDrift[];
  /** The first declarations of objects that are as Git says. */
  readonly inSync: Declaration[];
  /** Live objects of the kind, whoever declares them. */
  live: number;
  /** Undeclared objects of deployments, which are extra if the deployment is one of Git's. */
  readonly stamped: { readonly deployment: string; readonly drift: ObjectDrift }[];
  /** Deployments that declared objects belong to. */
  readonly deployments: Set<string>;
  /** What autoscalers scale, `Kind ns/name`. */
  readonly scaleTargets: string[];
}
