import type { GitHubState } from './state.ts';

/** A request that GitHub's description allows. */
export interface Call {
  readonly state: GitHubState;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Login of whoever asks. */
  readonly user: string;
  /** Where the double serves. */
  readonly origin: string;
}

/** What the double answers. */
export interface Answer {
  readonly status: number;
  readonly data?: unknown;
  /** The same as text, where JavaScript's numbers cannot hold it. */
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer where there is nothing of that name. */
export const missing: Answer = { status: 404, data: { message: 'Not Found' } };

/** The answer to a request that breaks a rule. */
export function refuse(problem: string): Answer {
  return { status: 422, data: { message: `Unprocessable Entity: "${problem}"` } };
}

/** The part of a list that was asked for. */
export function page<T>({ query }: Call, items: readonly T[], usual = 30): readonly T[] {
  const perPage = Math.min(Number(query.get('per_page') ?? usual), 100);
  const start = (Number(query.get('page') ?? 1) - 1) * perPage;
  return items.slice(start, start + perPage);
}
