import { applyPatch, type Operation } from 'rfc6902';
import { fromBase64 } from './base64.ts';

/** An answer of the gate as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The response of an AdmissionReview, after {@link verifyAnswer} has found it in form. */
export interface VerifiedResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly operations: readonly Operation[];
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly message: string;
  readonly code: number | undefined;
}

interface Expectation {
  readonly gate: 'mutate' | 'validate';
  readonly uid: string;
  readonly apiVersion?: string;
  readonly object?: unknown;
}

const reviewKeys = new Set(['apiVersion', 'kind', 'response']);
const responseKeys = new Set([
  'uid',
  'allowed',
  'status',
  'patch',
  'patchType',
  'warnings',
  'auditAnnotations',
]);

/**
 * Holds an answer against all that the API server wants of one (its `request/admissionreview.go`, `filters/warning.go`,
 * and the audit annotations' key rules), and returns it. Throws with the rule that is broken.
 */
export function verifyAnswer(answer: Answer, expectation: Expectation): VerifiedResponse {
  must(answer.status === 200, `status is ${String(answer.status)}: ${answer.text}`);
  must(String(answer.headers['content-type']).startsWith('application/json'), 'content type');
  const review = JSON.parse(answer.text) as Record<string, unknown>;
  onlyKeys(review, reviewKeys);
  must(review['kind'] === 'AdmissionReview', 'kind');
  must(review['apiVersion'] === (expectation.apiVersion ?? 'admission.k8s.io/v1'), 'apiVersion');
  const response = review['response'] as Record<string, unknown>;
  onlyKeys(response, responseKeys);
  must(response['uid'] === expectation.uid, 'uid');
  const { allowed } = response;
  must(typeof allowed === 'boolean', 'allowed is no boolean');
  const status = verifyStatus(allowed, response['status']);
  return {
    uid: expectation.uid,
    allowed,
    operations: verifyPatch(response, allowed, expectation),
    warnings: verifyWarnings(response['warnings']),
    auditAnnotations: verifyAudit(response['auditAnnotations']),
    ...status,
  };
}

/** The object with the operations applied to a copy. Throws where one does not apply. */
export function applyOperations(object: unknown, operations: readonly Operation[]): unknown {
  const copy = copyOf(object);
  const failures = applyPatch(copy, [...operations]).filter((result) => result !== null);
  must(failures.length === 0, `patch does not apply: ${String(failures[0])}`);
  return copy;
}

/** A copy of JSON, however deep: `structuredClone` runs out of stack. */
function copyOf(value: unknown): unknown {
  const copies: Record<string, unknown>[] = [{ value }];
  const [holder] = copies;
  for (let fields = copies.pop(); fields !== undefined; fields = copies.pop()) {
    for (const [key, inner] of Object.entries(fields)) {
      if (typeof inner === 'object' && inner !== null) {
        const copy: unknown = Array.isArray(inner)
          ? [...(inner as unknown[])]
          : Object.fromEntries(Object.entries(inner));
        fields[key] = copy;
        copies.push(copy as Record<string, unknown>);
      }
    }
  }
  return holder?.['value'];
}

function verifyStatus(
  allowed: boolean,
  status: unknown,
): { readonly message: string; readonly code: number | undefined } {
  if (allowed) {
    must(status === undefined, 'status in an allowed answer');
    return { message: '', code: undefined };
  }
  const { code, reason, message } = status as Record<string, unknown>;
  must(Number.isInteger(code) && Number(code) >= 400 && Number(code) < 600, 'code of a denial');
  must(typeof reason === 'string' && /^[A-Z][A-Za-z]+$/u.test(reason), 'reason of a denial');
  must(typeof message === 'string' && message.length > 0, 'message of a denial');
  must(!/[^\P{Cc}\n]/u.test(message), 'control character in a message');
  must(!/\bat .+:\d+:\d+/u.test(message), 'stack in a message');
  return { message: message, code: Number(code) };
}

function verifyPatch(
  response: Record<string, unknown>,
  allowed: boolean,
  { gate, object }: Expectation,
): readonly Operation[] {
  const { patch, patchType } = response;
  must((patch === undefined) === (patchType === undefined), 'patch and patchType go together');
  if (patch === undefined) {
    return [];
  }
  must(gate === 'mutate' && allowed, 'patch where none may be');
  must(patchType === 'JSONPatch', 'patchType');
  const operations = JSON.parse(fromBase64(patch)) as Operation[];
  must(Array.isArray(operations) && operations.length > 0, 'patch is no list');
  for (const operation of operations) {
    must(['add', 'replace', 'remove'].includes(operation.op), `operation ${operation.op}`);
    must(/^(?:\/(?:[^~/]|~[01])*)+$/u.test(operation.path), `path ${operation.path}`);
  }
  applyOperations(object, operations);
  return operations;
}

function verifyWarnings(warnings: unknown): readonly string[] {
  if (warnings === undefined) {
    return [];
  }
  must(Array.isArray(warnings) && warnings.length > 0, 'warnings is no list');
  const texts = warnings as string[];
  must(texts.length <= 5, 'more than 5 warnings');
  must(new Set(texts).size === texts.length, 'the same warning twice');
  let total = 0;
  for (const text of texts) {
    must(typeof text === 'string' && text !== '', 'empty warning');
    must(!/\p{Cc}/u.test(text), 'control character in a warning');
    must(text.isWellFormed(), 'half a character in a warning');
    must(Array.from(text).length <= 120, `warning of more than 120 characters: ${text}`);
    must(!/^warning:/iu.test(text), 'prefix of a warning');
    total += Array.from(text).length;
  }
  must(total <= 4096, 'warnings of more than 4096 characters');
  return texts;
}

function verifyAudit(annotations: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries((annotations ?? {}) as Record<string, unknown>);
  for (const [key, value] of entries) {
    must(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/u.test(key), `audit key ${key}`);
    must(typeof value === 'string', `audit value of ${key}`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function onlyKeys(value: unknown, keys: ReadonlySet<string>): void {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), 'no object');
  for (const key of Object.keys(value)) {
    must(keys.has(key), `unknown member ${key}`);
  }
}

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) {
    throw new Error(`not in form: ${rule}`);
  }
}
