import { isObject, member, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { AdmissionRequest, Operation } from './request.ts';
import { reviewVersion } from './respond.ts';

/** A body as read: a request, or why it is none; `uid` is there as soon as an answer can be addressed. */
export type ReviewReading =
  | { readonly request: AdmissionRequest; readonly apiVersion: string }
  | { readonly problem: string; readonly uid: string; readonly apiVersion: string }
  | { readonly problem: string; readonly uid?: never };

const operations: ReadonlySet<string> = new Set<Operation>([
  'CREATE',
  'UPDATE',
  'DELETE',
  'CONNECT',
]);

/** Reads the body of an admission call. Never throws; what is wrong comes back as a problem. */
export function readReview(body: Buffer): ReviewReading {
  let review: unknown;
  try {
    review = JSON.parse(body.toString('utf8'));
  } catch {
    return { problem: 'The body is not JSON. Send an AdmissionReview of admission.k8s.io/v1.' };
  }
  const request = member(review, 'request');
  const uid = stringIn(request, 'uid');
  if (!isObject(request) || uid === undefined || uid === '') {
    return {
      problem: 'The body has no request.uid. Send an AdmissionReview of admission.k8s.io/v1.',
    };
  }
  const written = stringIn(review, 'apiVersion') ?? '';
  const apiVersion = /^admission\.k8s\.io\/v\w{1,32}$/u.test(written) ? written : reviewVersion;
  if (stringIn(review, 'kind') !== 'AdmissionReview' || written !== reviewVersion) {
    const problem = `Only AdmissionReview of ${reviewVersion} is read. Register admissionReviewVersions: ["v1"].`;
    return { problem, uid, apiVersion };
  }
  const read = readRequest(request, uid);
  return typeof read === 'string'
    ? { problem: read, uid, apiVersion }
    : { request: read, apiVersion };
}

function readRequest(request: JsonObject, uid: string): AdmissionRequest | string {
  const operation = text(request, 'operation');
  if (!operations.has(operation)) {
    return 'request.operation is none of CREATE, UPDATE, DELETE and CONNECT.';
  }
  const kind = text(request, 'kind', 'kind');
  const object = objectAt(request, 'object');
  const carriesObject = operation === 'CREATE' || operation === 'UPDATE';
  if (carriesObject && kind === '') {
    return 'request.kind.kind is absent: it names the kind of request.object.';
  }
  if (carriesObject && object === undefined) {
    return `request.object is no object, which ${operation} needs.`;
  }
  return {
    uid,
    operation: operation as Operation,
    kind: {
      group: text(request, 'kind', 'group'),
      version: text(request, 'kind', 'version'),
      kind,
    },
    subResource: text(request, 'subResource'),
    namespace: text(request, 'namespace'),
    name: text(request, 'name'),
    userName: text(request, 'userInfo', 'username'),
    dryRun: member(request, 'dryRun') === true,
    object,
    oldObject: objectAt(request, 'oldObject'),
  };
}

function text(request: JsonObject, ...keys: readonly string[]): string {
  return stringIn(request, ...keys) ?? '';
}

function objectAt(request: JsonObject, key: string): JsonObject | undefined {
  const value = member(request, key);
  return isObject(value) ? value : undefined;
}
