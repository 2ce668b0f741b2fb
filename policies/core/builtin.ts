import type { Finding, Mode, Severity } from './finding.ts';
import type { Json } from './json.ts';
import type { Pointer } from './pointer.ts';
import { renderTemplate, type MessageTemplate } from './policy.ts';
import { describeReference, referenceTo, type Resource } from './resource.ts';

/** A finding that meshgate makes about itself or its configuration; it has no params and cannot be configured. */
export interface BuiltinPolicy<MessageId extends string = string> {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly severity: Severity;
  /** The same at every gate. */
  readonly mode: Mode;
  readonly messages: Readonly<Record<MessageId, MessageTemplate>>;
}

/** A policy that threw. */
export const internalError = {
  id: 'meshgate/internal-error',
  title: 'A policy could not judge an object',
  why: 'A policy that fails says nothing about the object. The failure is shown, so that silence is not taken for approval, and no gate blocks on it.',
  severity: 'warning',
  mode: 'audit',
  messages: {
    'policy-failed': {
      text: 'The policy {policy} could not judge {object}: {reason}.',
      remedy:
        'This is a defect of meshgate: please report it with the object. Nothing was blocked by it.',
    },
  },
} as const satisfies BuiltinPolicy;

/** An exemption of the configuration whose last day is over. */
export const expiredExemption = {
  id: 'meshgate/expired-exemption',
  title: 'An exemption has expired',
  why: 'An exemption with a date is a promise to repair something by then. Once the day is over the exemption no longer holds, and whoever owns the object learns why its findings are back.',
  severity: 'warning',
  mode: 'warn',
  messages: {
    expired: {
      text: 'The exemption from {policy} for {object} held until {expires} and no longer does. Its reason was: {reason}',
      remedy:
        'Repair what {policy} reports and take the exemption out of the configuration, or agree on a new date there.',
    },
  },
} as const satisfies BuiltinPolicy;

/** The annotation `meshgate.dev/exempt` where it has no effect. */
export const exemptionNotHonoured = {
  id: 'meshgate/exemption-not-honoured',
  title: 'An exemption annotation has no effect',
  why: 'The annotation meshgate.dev/exempt counts only where the configuration lets authors exempt their own objects, and only with a known policy and a reason. One that does nothing would mislead its reader.',
  severity: 'info',
  mode: 'warn',
  messages: {
    'not-allowed': {
      text: 'The annotation meshgate.dev/exempt has no effect on {object}: the configuration does not allow it in {place}.',
      remedy:
        'List the namespace under annotationExemptions.namespaces in the configuration, add an exemption there, or take the annotation out.',
    },
    'no-reason': {
      text: 'The line "{line}" of the annotation meshgate.dev/exempt has no effect on {object}: it gives no reason.',
      remedy: 'Write it as "<policy>: <reason>", one policy a line.',
    },
    'unknown-policy': {
      text: 'The line "{line}" of the annotation meshgate.dev/exempt has no effect on {object}: no policy has that id{suggestion}',
      remedy: 'Name a policy that `meshgate policies` lists, or a topic such as drain/*.',
    },
  },
} as const satisfies BuiltinPolicy;

/** Everything that meshgate reports under `meshgate/`, sorted by id. */
export const builtinPolicies: readonly BuiltinPolicy[] = [
  exemptionNotHonoured,
  expiredExemption,
  internalError,
];

/** Where a built-in finding is and what its message takes; `object` in a template is always the object itself. */
export interface BuiltinReport<MessageId extends string> {
  readonly message: MessageId;
  readonly at: Pointer;
  readonly data: Readonly<Record<string, Json>>;
}

/** The finding that a built-in policy gives for an object. */
export function builtinFinding<MessageId extends string>(
  policy: BuiltinPolicy<MessageId>,
  resource: Resource,
  report: BuiltinReport<MessageId>,
): Finding {
  const template = policy.messages[report.message];
  const words = { ...report.data, object: describeReference(resource) };
  return {
    policy: policy.id,
    message: report.message,
    severity: policy.severity,
    text: renderTemplate(template.text, words),
    remedy: renderTemplate(template.remedy, words),
    object: referenceTo(resource),
    at: report.at,
    data: report.data,
    mode: policy.mode,
  };
}
