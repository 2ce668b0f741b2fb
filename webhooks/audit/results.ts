import type { Severity } from '../../policies/core/finding.ts';
import { findingResult } from '../../pipelines/present/openreports-findings.ts';
import type { ReportResult } from '../../pipelines/present/openreports.ts';
import type { NamespaceAudit } from './scan.ts';

/** How many findings there are of a policy at a severity in a namespace. */
export interface FindingCount {
  readonly namespace: string;
  readonly policy: string;
  readonly severity: Severity;
  count: number;
}

/** What a scan of everything gave: what reports say and what metrics count. Grows with what is found, not with the mesh. */
export interface AuditResults {
  add(audit: NamespaceAudit): void;
  readonly results: readonly ReportResult[];
  counts(): readonly FindingCount[];
  judged(): number;
}

/** Gathers what a scan finds. What is only listed, such as what will be filled in, is counted and not reported. */
export function gatherResults(): AuditResults {
  const results: ReportResult[] = [];
  const counts = new Map<string, FindingCount>();
  let judged = 0;
  return {
    results,
    counts: () => [...counts.values()],
    judged: () => judged,
    add({ namespace, findings, judged: more }) {
      judged += more;
      for (const { finding, effect } of findings) {
        if (effect !== 'list') {
          results.push(findingResult(finding));
        }
        const { policy, severity } = finding;
        const key = `${policy} ${severity} ${namespace}`;
        const known = counts.get(key);
        if (known === undefined) {
          counts.set(key, { namespace, policy, severity, count: 1 });
        } else {
          known.count += 1;
        }
      }
    },
  };
}
