import { certificateCheck } from './check-certificate.ts';
import { deploymentCheck, leaseCheck } from './check-deployment.ts';
import { mutatorsCheck } from './check-mutators.ts';
import { orderCheck } from './check-order.ts';
import { failurePolicyCheck, registrationCheck } from './check-registration.ts';
import { configurationCheck, reachabilityCheck, stalenessCheck } from './check-replicas.ts';
import { failedOpenCheck, rightsCheck } from './check-rights.ts';
import type { Check, Diagnosis } from './diagnosis.ts';
import type { Snapshot } from './snapshot.ts';

/** The checks in the order in which somebody would look: what runs, who is asked, who is trusted, what is judged by. */
const checks: readonly Check[] = [
  deploymentCheck,
  reachabilityCheck,
  leaseCheck,
  rightsCheck,
  registrationCheck,
  orderCheck,
  certificateCheck,
  failurePolicyCheck,
  failedOpenCheck,
  stalenessCheck,
  configurationCheck,
  mutatorsCheck,
];

/** A diagnosis and the check that made it. */
export interface NamedDiagnosis extends Diagnosis {
  readonly check: string;
}

/** Everything that the checks say of a cluster. */
export function diagnose(snapshot: Snapshot): readonly NamedDiagnosis[] {
  return checks.flatMap(({ name, diagnose: say }) =>
    say(snapshot).map((diagnosis) => ({ check: name, ...diagnosis })),
  );
}
