import { builtinFinding, internalError } from './builtin.ts';
import type { Finding, Gate, Mode, Severity } from './finding.ts';
import type { Json } from './json.ts';
import type { KindName } from './kinds.ts';
import { pointer } from './pointer.ts';
import { renderTemplate, type Policy, type Report, type Subject } from './policy.ts';
import { referenceTo } from './resource.ts';

/** A policy with the params and mode that apply to one subject. */
export interface PlannedPolicy<Mesh> {
  readonly policy: Policy<Mesh>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly mode: Mode;
}

/** What to run for a subject, and what the configuration makes of the outcome. Made by `planPolicies`. */
export interface Plan<Mesh> {
  readonly gate: Gate;
  /** The kinds that some policy which is not off everywhere judges. */
  readonly subjects: ReadonlySet<KindName>;
  /** The patterns of object names by which the configuration tells objects apart. */
  readonly names: readonly string[];
  policiesFor(subject: Subject): readonly PlannedPolicy<Mesh>[];
  /** The reason why a finding is exempt on this subject, or undefined. */
  exemptionOf(finding: Finding, subject: Subject): Exempted | undefined;
  /** Findings about the configuration itself that concern this subject: expired or refused exemptions. */
  remarksOn(subject: Subject): readonly Finding[];
}

/** Why a finding does not count. */
export interface Exempted {
  readonly source: 'configuration' | 'annotation';
  readonly reason: string;
}

/** What a subject's evaluation gave, in the catalogue's order. */
export interface Verdict {
  readonly findings: readonly Finding[];
  readonly exempted: readonly { readonly finding: Finding; readonly exemption: Exempted }[];
}

/** The id under which a policy's own failure is reported. */
export const internalErrorPolicy = internalError.id;

/**
 * Judges one subject by every policy that applies to it, or by those alone that `only` names. Never throws: a policy
 * that does gives a finding `meshgate/internal-error` in mode audit, which no gate blocks on.
 */
export function evaluate<Mesh>(
  subject: Subject,
  mesh: Mesh,
  plan: Plan<Mesh>,
  only: (policy: Policy<Mesh>) => boolean = () => true,
): Verdict {
  const findings: Finding[] = [];
  const exempted: { finding: Finding; exemption: Exempted }[] = [];
  for (const planned of plan.policiesFor(subject)) {
    if (!only(planned.policy)) {
      continue;
    }
    for (const finding of run(planned, subject, mesh)) {
      const exemption = plan.exemptionOf(finding, subject);
      if (exemption === undefined) {
        findings.push(finding);
      } else {
        exempted.push({ finding, exemption });
      }
    }
  }
  for (const remark of plan.remarksOn(subject)) {
    findings.push(remark);
  }
  return { findings, exempted };
}

function run<Mesh>(planned: PlannedPolicy<Mesh>, subject: Subject, mesh: Mesh): readonly Finding[] {
  try {
    const reports = planned.policy.check(subject, mesh, planned.params);
    return reports.length === 0 ? [] : reports.map((report) => toFinding(planned, subject, report));
  } catch (error) {
    return [internalErrorFinding(planned.policy.id, subject, error)];
  }
}

function toFinding<Mesh>(
  { policy, mode }: PlannedPolicy<Mesh>,
  subject: Subject,
  report: Report,
): Finding {
  const template = policy.messages[report.message];
  if (template === undefined) {
    throw new Error(`message ${report.message} is not declared`);
  }
  const assumes = report.assumes ?? [];
  const data: Readonly<Record<string, Json>> =
    assumes.length > 0 ? { ...report.data, assumes } : (report.data ?? {});
  const severity: Severity = report.severity ?? policy.severity;
  return {
    policy: policy.id,
    message: report.message,
    severity,
    // Rendered by those who show them: what admission fills in, for one, is never told.
    get text() {
      const text = renderTemplate(template.text, data);
      return assumes.length > 0 ? `${text} Assumes ${assumes.join('; ')}.` : text;
    },
    get remedy() {
      return renderTemplate(template.remedy, data);
    },
    object: referenceTo(subject.resource),
    at: report.at,
    data,
    ...(report.fix === undefined ? {} : { fix: report.fix }),
    ...(report.through === undefined ? {} : { through: report.through.map(referenceTo) }),
    mode,
  };
}

function internalErrorFinding(policy: string, subject: Subject, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return builtinFinding(internalError, subject.resource, {
    message: 'policy-failed',
    at: pointer(),
    data: { policy, reason },
  });
}
