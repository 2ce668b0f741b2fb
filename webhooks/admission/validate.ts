import { findingKey, type Finding } from '../../policies/core/finding.ts';
import { describeReference, readResource } from '../../policies/core/resource.ts';
import { auditFindings, withConfiguration } from './audit.ts';
import { answerCanary } from './canary.ts';
import { whatChanged, type Changed } from './changed.ts';
import { consequencesOf } from './consequences.ts';
import { leave, type GateAnswer, type GateContext, type JudgedFinding } from './gate.ts';
import { isMadeByController, reasonToLeave } from './guards.ts';
import { findingsOn, judge, viewWith } from './judge.ts';
import type { AdmissionRequest } from './request.ts';
import { allowed, denied } from './respond.ts';
import { denialMessage, warningsFor } from './texts.ts';

/**
 * Judges an object as it will be stored. Denies what a policy in mode enforce forbids and this very request brings in;
 * what was there before, and what a controller made from an object already judged, is only warned of.
 */
export function validate(request: AdmissionRequest, context: GateContext): GateAnswer {
  const reason = reasonToLeave(request, context);
  if (reason !== undefined) {
    return answerCanary(request, context.ownNamespace) ?? leave(reason, allowed());
  }
  const changed = changeOf(request);
  if (changed === 'nothing' || changed === 'scale') {
    return leave('unchanged', allowed());
  }
  const resource = readResource(request.object, request.namespace);
  if (resource === undefined) {
    return leave('unreadable', allowed());
  }
  const view = viewWith(resource, context);
  const own = soften(judge(resource, view, context), request, changed, context);
  const findings = [...own, ...consequencesOf(resource, own, context, view)];
  const blocking = withEffect(findings, 'block');
  const remarks = {
    warnings: warningsFor(withEffect(findings, 'warn'), resource),
    auditAnnotations: withConfiguration(auditFindings(findings), context.configuration),
  };
  const base = { findings, filled: [], operations: 0 };
  return blocking.length === 0
    ? { ...base, response: allowed(remarks), verdict: 'allowed' }
    : { ...base, response: denied(denialMessage(blocking), remarks), verdict: 'denied' };
}

function changeOf({ operation, object, oldObject }: AdmissionRequest): Changed {
  return operation === 'UPDATE' && object !== undefined && oldObject !== undefined
    ? whatChanged(object, oldObject)
    : 'content';
}

/** Turns into a warning what must not be denied: see `docs/admission.md`. */
function soften(
  judged: readonly JudgedFinding[],
  request: AdmissionRequest,
  changed: Changed,
  context: GateContext,
): readonly JudgedFinding[] {
  if (!judged.some(({ effect }) => effect === 'block')) {
    return judged;
  }
  const harmless =
    isMadeByController(request) || (changed === 'metadata' && request.kind.kind !== 'Namespace');
  const before = harmless ? new Map<string, Finding>() : findingsBefore(request, context);
  return judged.map(({ finding, effect }) => ({
    finding,
    effect:
      effect === 'block' && (harmless || wasThere(finding, before.get(findingKey(finding))))
        ? 'warn'
        : effect,
  }));
}

function findingsBefore(
  request: AdmissionRequest,
  context: GateContext,
): ReadonlyMap<string, Finding> {
  const old =
    request.operation === 'UPDATE' ? readResource(request.oldObject, request.namespace) : undefined;
  const findings = old === undefined ? [] : findingsOn(old, viewWith(old, context), context);
  return new Map(findings.map((finding) => [findingKey(finding), finding]));
}

/** Whether a finding was there before, as bad and through the same objects: one that reaches others is a new one. */
function wasThere({ severity, through = [] }: Finding, old: Finding | undefined): boolean {
  const reached = new Set(old?.through?.map(describeReference));
  return (
    old?.severity === severity &&
    through.every((reference) => reached.has(describeReference(reference)))
  );
}

function withEffect(
  judged: readonly JudgedFinding[],
  effect: JudgedFinding['effect'],
): readonly Finding[] {
  return judged.filter((one) => one.effect === effect).map(({ finding }) => finding);
}
