import type { TestRepository } from '../git-repository.ts';

/** A comment as GitHub keeps it. */
export interface KeptComment {
  readonly id: number;
  readonly user: string;
  body: string;
  readonly path?: string;
  readonly line?: number;
  readonly startLine?: number;
  readonly onFile?: boolean;
  readonly answers?: number;
  readonly review?: number;
  /** The issue or pull request whose conversation it is in. */
  readonly on?: number;
}

/** An issue as GitHub keeps it. */
export interface KeptIssue {
  readonly number: number;
  readonly user: string;
  title: string;
  body: string;
  labels: readonly string[];
  open: boolean;
  reason?: string | undefined;
  closedAt?: string | undefined;
  /** GitHub lists pull requests among the issues. */
  readonly isPull?: true;
}

/** A review as GitHub keeps it. */
export interface KeptReview {
  readonly id: number;
  readonly user: string;
  readonly body: string;
  readonly commit: string;
  readonly state: 'PENDING' | 'COMMENTED';
}

/** A check run as GitHub keeps it. */
export interface KeptCheck {
  readonly id: number;
  readonly name: string;
  readonly head: string;
  readonly app: number;
  externalId: string;
  status: string;
  conclusion: string | null;
  title: string;
  summary: string;
  text: string;
  annotations: readonly Record<string, unknown>[];
  actions: readonly Record<string, unknown>[];
}

/** A pull request as GitHub keeps it. */
export interface KeptPull {
  readonly number: number;
  base: string;
  /** Where it goes to; `main` where it is absent. */
  baseBranch?: string;
  head: string;
  open: boolean;
  draft: boolean;
  /** Where its branch lies; undefined: in a fork that was deleted. */
  readonly headRepository?: string;
  /** The branch that it comes from, title and text, where it was opened through the API. */
  readonly branch?: string;
  readonly title?: string;
  readonly body?: string;
}

/** An attempt to deliver an event to the App. */
export interface KeptDelivery {
  readonly id: number | bigint;
  readonly guid: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
}

/** What the double knows. Tests read it, and write what other people do. */
export interface GitHubState {
  readonly repository: TestRepository;
  readonly pulls: Map<number, KeptPull>;
  readonly conversation: KeptComment[];
  readonly issues: KeptIssue[];
  readonly diffComments: KeptComment[];
  readonly reviews: KeptReview[];
  readonly checks: KeptCheck[];
  readonly reactions: { readonly comment: number; readonly content: string }[];
  readonly uploads: Record<string, unknown>[];
  /** The newest first. */
  readonly deliveries: KeptDelivery[];
  /** Ids of deliveries that are to be made again, in the order of asking. */
  readonly redelivered: string[];
  /** Permission by login; nobody else has any. */
  readonly permissions: Map<string, string>;
  /** Permissions that the installation lacks, such as `checks`. */
  readonly denied: Set<string>;
  /** Trees that are too large to be listed at once. */
  readonly truncated: Set<string>;
  /** Whether labels of whoever asks are kept; GitHub drops those of clients that may not push. */
  mayLabel: boolean;
  /** Milliseconds since the epoch, by which times are stamped. */
  now: () => number;
  nextId(): number;
}

/** A state without anything in it. */
export function emptyState(repository: TestRepository): GitHubState {
  let last = 1000;
  return {
    repository,
    pulls: new Map(),
    conversation: [],
    issues: [],
    diffComments: [],
    reviews: [],
    checks: [],
    reactions: [],
    uploads: [],
    deliveries: [],
    redelivered: [],
    permissions: new Map(),
    denied: new Set(),
    truncated: new Set(),
    mayLabel: true,
    now: Date.now,
    nextId: () => (last += 1),
  };
}

/** Repository that the double serves, as `owner/name`. */
export const servedRepository = { owner: 'acme', repo: 'shop', id: 42 } as const;

/** The App that meshgate is to the double. */
export const servedApp = { id: 7, slug: 'meshgate', installation: 99 } as const;
