import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { createPacer, type Clock } from './github-pacing.ts';

/** Who asks: an App, as one of its installations, or whoever holds a token. */
export type GitHubCredentials =
  | { readonly token: string }
  | {
      readonly appId: string;
      /** PEM, PKCS#1 or PKCS#8. */
      readonly privateKey: string;
      /** Where it is absent the App speaks for itself, which only its own routes allow. */
      readonly installationId?: number;
    };

/** How to reach GitHub. */
export interface GitHubOptions {
  /** Of the REST API: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly baseUrl: string;
  readonly credentials: GitHubCredentials;
  readonly clock: Clock;
  /** Milliseconds since the epoch; no request is started later, none waits longer. */
  readonly deadline: number;
}

/** GitHub's REST API, typed by route. */
export interface GitHub {
  readonly request: Octokit['request'];
  readonly clock: Clock;
  /** Aborts after so long, and when the run must end at the latest. */
  timeout(milliseconds: number): AbortSignal;
  /** The App that asks; undefined where it is a token's holder. */
  readonly appId: number | undefined;
  /** Where the REST API is, without a slash at its end. */
  readonly baseUrl: string;
}

/** The REST API of github.com. */
export const publicGitHub = 'https://api.github.com';

const quiet = (): void => undefined;

/** Makes a client. Requests reject with what `gitHubErrorOf` reads, after all retries that help. */
export function createGitHub(options: GitHubOptions): GitHub {
  const { credentials, clock } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/u, '');
  const octokit = new Octokit({
    baseUrl,
    userAgent: 'meshgate',
    ...('appId' in credentials
      ? { authStrategy: createAppAuth, auth: { ...credentials } }
      : { auth: credentials.token }),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  pace(octokit, options);
  const appId = 'appId' in credentials ? Number(credentials.appId) : undefined;
  const timeout = (milliseconds: number): AbortSignal =>
    abortAfter(clock, Math.min(milliseconds, Math.max(0, options.deadline - clock.now())));
  return { request: octokit.request, clock, timeout, appId, baseUrl };
}

function abortAfter(clock: Clock, milliseconds: number): AbortSignal {
  return clock.timeout?.(milliseconds) ?? AbortSignal.timeout(milliseconds);
}

function pace(octokit: Octokit, { clock, deadline }: GitHubOptions): void {
  const pacer = createPacer(clock, deadline);
  octokit.hook.wrap('request', (request, options) => {
    const { repeatable, eventual, ...rest } = (options.request ?? {}) as Record<string, unknown>;
    const { method, url } = octokit.request.endpoint(options);
    const paced = {
      method,
      url,
      repeatable: repeatable === true || url.endsWith('/access_tokens'),
      eventual: eventual === true,
    };
    return pacer(paced, async (milliseconds) => {
      const signal = abortAfter(clock, milliseconds);
      try {
        // In place: the hook of the App's credentials is called with these options whatever is handed on.
        options.request = { ...rest, signal };
        return await request(options);
      } catch (error) {
        throw signal.aborted ? new NoAnswer(milliseconds) : error;
      }
    });
  });
}

/** GitHub was silent for too long, before its answer or in the middle of it. */
class NoAnswer extends Error {
  readonly status = 504;

  constructor(milliseconds: number) {
    super(`no answer within ${String(Math.ceil(milliseconds / 1000))} s`);
    this.name = 'NoAnswer';
  }
}
