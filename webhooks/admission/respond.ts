import type { PatchOperation } from '../../policies/core/patch.ts';

/** The only version of AdmissionReview that is registered and answered. */
export const reviewVersion = 'admission.k8s.io/v1';

/** Values for the API server's audit log; keys are `[A-Za-z0-9._-]`, 63 at most, and stable. */
export type AuditAnnotations = Readonly<Record<string, string>>;

/** What may accompany any answer. */
export interface Remarks {
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: AuditAnnotations;
}

/** The `response` of an AdmissionReview without its uid; made by the four constructors here and nowhere else. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly patchType?: 'JSONPatch';
  readonly patch?: string;
  readonly status?: {
    readonly status: 'Failure';
    readonly code: number;
    readonly reason: string;
    readonly message: string;
  };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: AuditAnnotations;
}

/** The request may go on as it is. */
export function allowed(remarks: Remarks = {}): AdmissionResponse {
  return { allowed: true, ...present(remarks) };
}

/** The request must not go on; the message may have several lines. */
export function denied(message: string, remarks: Remarks = {}): AdmissionResponse {
  return {
    allowed: false,
    status: { status: 'Failure', code: 403, reason: 'Forbidden', message },
    ...present(remarks),
  };
}

/** The request may go on with these operations applied; without any, as it is. */
export function patched(
  operations: readonly PatchOperation[],
  remarks: Remarks = {},
): AdmissionResponse {
  if (operations.length === 0) {
    return allowed(remarks);
  }
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch, ...present(remarks) };
}

/** The review itself cannot be read, which the API server never causes; says what was expected. */
export function errored(message: string): AdmissionResponse {
  return {
    allowed: false,
    status: { status: 'Failure', code: 400, reason: 'BadRequest', message },
  };
}

/** The body that carries a response back to the request with this uid. */
export function reviewBody(
  uid: string,
  response: AdmissionResponse,
  apiVersion = reviewVersion,
): string {
  return answerTo(uid, answerAfterUid(response), apiVersion);
}

/** The body that says to this uid what {@link answerAfterUid} gave. */
export function answerTo(uid: string, afterUid: string, apiVersion = reviewVersion): string {
  return (
    `{"apiVersion":${JSON.stringify(apiVersion)},"kind":"AdmissionReview","response":{` +
    `"uid":${JSON.stringify(uid)}${afterUid}`
  );
}

/** The body of an answer behind the uid, which is the same for every request that is answered alike. */
export function answerAfterUid({
  patchType,
  patch,
  allowed: isAllowed,
  ...others
}: AdmissionResponse): string {
  // Base64 needs no escaping, and is most of an answer.
  const patching =
    patch === undefined ? '' : `,"patchType":"${patchType ?? ''}","patch":"${patch}"`;
  const rest = JSON.stringify(others);
  return `,"allowed":${String(isAllowed)}${patching}${rest === '{}' ? '' : `,${rest.slice(1, -1)}`}}}`;
}

function present({ warnings, auditAnnotations }: Remarks): Remarks {
  const hasWarnings = warnings !== undefined && warnings.length > 0;
  const isAnnotated = auditAnnotations !== undefined && Object.keys(auditAnnotations).length > 0;
  return {
    ...(hasWarnings ? { warnings } : {}),
    ...(isAnnotated ? { auditAnnotations } : {}),
  };
}
