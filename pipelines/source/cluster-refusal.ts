import { ApiStatusError } from './cluster-transport.ts';

/** The resource that was asked for. */
interface AskedResource {
  readonly apiVersion: string;
  readonly plural: string;
}

/** What was asked of an API server. */
export type Asked = 'discover' | 'get' | 'list' | 'patch';

/**
 * Why an API server did not give what it was asked for, and what to do, in one line. Never quotes what the API server
 * said, since that may quote an object.
 */
export function describeRefusal(error: unknown, asked: Asked, resource?: AskedResource): string {
  const what = `${asked} ${resource?.plural ?? 'what it serves'}`;
  if (!(error instanceof ApiStatusError)) {
    return describeFailure(error, what);
  }
  const answers = refusals[error.status];
  return answers === undefined
    ? `the API server answered ${String(error.status)} to ${what}`
    : answers(what, asked, resource);
}

type Refusal = (what: string, asked: Asked, resource: AskedResource | undefined) => string;

const invalid: Refusal = (what) =>
  `the API server or a webhook refuses to ${what}: apply it once with --dry-run=server to read why`;

const refusals: Readonly<Record<number, Refusal>> = {
  400: invalid,
  401: (what) => `the API server does not take our credentials (401 to ${what}): renew them`,
  403: (what, asked, resource) => `may not ${what} (403): grant ${ruleFor(asked, resource)}`,
  409: invalid,
  410: (what) => `the API server forgot twice how far it was to ${what} (410): check again`,
  422: invalid,
  429: (what) => `the API server is too busy to ${what} (429): check again later`,
};

function describeFailure(error: unknown, what: string): string {
  if (isTimeout(error)) {
    return `the API server took too long to ${what}`;
  }
  if (textIn(error, 'name') === 'AbortError') {
    return `the time ran out before the API server could ${what}`;
  }
  const code = textIn(error, 'code');
  return `the API server could not be reached to ${what}${code === '' ? '' : ` (${code})`}`;
}

/** A text of an error, own or inherited. */
function textIn(error: unknown, key: 'name' | 'code'): string {
  const found: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return typeof found === 'string' ? found : '';
}

/** Whether the answer did not come in the time that one may take. */
export function isTimeout(error: unknown): boolean {
  return textIn(error, 'name') === 'TimeoutError';
}

/** The RBAC rule that is missing, as it stands in a ClusterRole. */
function ruleFor(asked: Asked, resource: AskedResource | undefined): string {
  if (resource === undefined) {
    return 'the ClusterRole system:discovery';
  }
  const { apiVersion, plural } = resource;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const verbs = asked === 'patch' ? '["patch"]' : '["get", "list"]';
  return `{apiGroups: ["${group}"], resources: ["${plural}"], verbs: ${verbs}}`;
}
