import { isObject, numberIn, objectIn, stringIn } from '../../policies/core/json.ts';

/** What GitHub said where it refused a request; status 500 also where there was no answer at all. */
export interface GitHubError {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The refusal in a thrown value; undefined where it is something else, and so a defect. */
export function gitHubErrorOf(error: unknown): GitHubError | undefined {
  const status = numberIn(error, 'status');
  if (!(error instanceof Error) || status === undefined) {
    return undefined;
  }
  const response: unknown = 'response' in error ? error.response : undefined;
  const headers = isObject(response) ? objectIn(response, 'headers') : {};
  return { status, message: error.message, headers };
}

/** The HTTP status in a thrown value, or undefined. */
export function statusOf(error: unknown): number | undefined {
  return gitHubErrorOf(error)?.status;
}

/** Whether nobody can know if the request took effect: an error of the server or of the network. */
export function isUncertain(error: unknown): boolean {
  return (statusOf(error) ?? 0) >= 500;
}

/** Whether GitHub will not do it, asked again or not: no permission, no such thing, or not in this form. */
export function isRefusal(error: unknown, now: number): boolean {
  const known = gitHubErrorOf(error);
  return (
    known !== undefined &&
    [403, 404, 410, 422].includes(known.status) &&
    limitMilliseconds(known, 0, now) === undefined
  );
}

/** Whether GitHub refused, failed or was not asked in time, as against a defect of ours. */
export function isOfGitHub(error: unknown): boolean {
  return gitHubErrorOf(error) !== undefined || (error instanceof Error && error.name === outOfTime);
}

/** The name of the error of a request for which there was no time left. */
export const outOfTime = 'OutOfTime';

/** One line for people and logs; never holds a token, since GitHub's messages do not. */
export function describeGitHubError(error: unknown): string {
  const known = gitHubErrorOf(error);
  if (known === undefined) {
    return error instanceof Error ? error.message : String(error);
  }
  const [line = ''] = known.message.split('\n');
  return `GitHub answered ${String(known.status)}: ${line.slice(0, 300)}`;
}

/** How long GitHub asks to wait, in milliseconds, by its order of obedience; undefined where it set no limit. */
export function limitMilliseconds(
  { status, message, headers }: GitHubError,
  attempt: number,
  now: number,
): number | undefined {
  if (status !== 403 && status !== 429) {
    return undefined;
  }
  const retryAfter = Number.parseInt(stringIn(headers, 'retry-after') ?? '', 10);
  if (retryAfter >= 0) {
    return retryAfter * 1000;
  }
  if (stringIn(headers, 'x-ratelimit-remaining') === '0') {
    const reset = Number(stringIn(headers, 'x-ratelimit-reset') ?? 0) * 1000;
    return Math.max(reset - now, 0) + 1000;
  }
  const limited = status === 429 || /secondary rate limit|abuse detection/iu.test(message);
  return limited ? 60_000 * 2 ** attempt : undefined;
}
