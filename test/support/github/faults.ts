import type { ServerResponse } from 'node:http';

/** Something that goes wrong with a request. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The request takes effect, but its answer is lost: an error, or a connection that breaks. */
  | { readonly kind: 'after'; readonly status: number }
  | { readonly kind: 'cut-after' }
  /** There is no answer, or half of one; `met` says that the request has come to that. */
  | { readonly kind: 'silence' | 'silence-after' | 'half'; readonly met: () => void }
  | { readonly kind: 'cut' };

/** Faults that wait for their request. */
export interface Faults {
  /** Spoils the next `times` requests whose `METHOD /path` the pattern matches. */
  add(pattern: RegExp, fault: Fault, times?: number): void;
  next(method: string, path: string): Fault | undefined;
  /** Runs before every request that matches, once; for what other people do meanwhile. */
  before(pattern: RegExp, action: () => void): void;
  runBefore(method: string, path: string): void;
  /** All is well again. */
  clear(): void;
  /** How many faults nobody has met. */
  waiting(): number;
}

/** A secondary rate limit, in GitHub's words. */
export const secondaryLimit: Fault = {
  kind: 'status',
  status: 403,
  message:
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  headers: { 'retry-after': '30' },
};

/** Makes an empty list of faults. */
export function createFaults(): Faults {
  const faults: { pattern: RegExp; fault: Fault; times: number }[] = [];
  const actions: { pattern: RegExp; action: () => void }[] = [];
  return {
    add(pattern, fault, times = 1) {
      faults.push({ pattern, fault, times });
    },
    next(method, path) {
      const index = faults.findIndex(({ pattern }) => pattern.test(`${method} ${path}`));
      const found = faults[index];
      if (found === undefined) {
        return undefined;
      }
      found.times -= 1;
      if (found.times === 0) {
        faults.splice(index, 1);
      }
      return found.fault;
    },
    before(pattern, action) {
      actions.push({ pattern, action });
    },
    runBefore(method, path) {
      const index = actions.findIndex(({ pattern }) => pattern.test(`${method} ${path}`));
      const [found] = index < 0 ? [] : actions.splice(index, 1);
      found?.action();
    },
    clear() {
      faults.length = 0;
    },
    waiting: () => faults.length,
  };
}

/** Answers as the fault says. */
export function spoil(response: ServerResponse, fault: Fault): void {
  if (fault.kind === 'cut' || fault.kind === 'cut-after') {
    response.destroy();
    return;
  }
  if ('met' in fault) {
    if (fault.kind === 'half') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":', fault.met);
    } else {
      fault.met();
    }
    return;
  }
  const { status } = fault;
  const message = fault.kind === 'status' ? (fault.message ?? 'Server Error') : 'Server Error';
  const headers = fault.kind === 'status' ? (fault.headers ?? {}) : {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ message }));
}
