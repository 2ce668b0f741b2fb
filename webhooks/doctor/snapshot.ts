import type { JsonObject } from '../../policies/core/json.ts';

/** Something that was read from the cluster, or why it could not be. */
export type Reading<T> = { readonly value: T } | { readonly unread: string };

/** One Pod that serves, or the address that the API server is told to call. */
export interface ReplicaState {
  readonly name: string;
  /** What /readyz said; the status is 0 where there was no answer. */
  readonly readiness: { readonly status: number; readonly text: string };
  /** The samples of /metrics by name; undefined where they could not be had. */
  readonly metrics: Reading<readonly Sample[]>;
}

/** One line of the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Something that meshgate must be allowed to do. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What the checks go by, read once. */
export interface Snapshot {
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The Deployments of meshgate in the namespace. */
  readonly deployments: Reading<readonly JsonObject[]>;
  readonly pods: Reading<readonly JsonObject[]>;
  readonly lease: Reading<JsonObject>;
  /** The serving certificate and the authorities in PEM, as the Secret holds them; never its key. */
  readonly certificate: Reading<{ readonly leaf: string }>;
  readonly mutating: Reading<readonly JsonObject[]>;
  readonly validating: Reading<readonly JsonObject[]>;
  readonly replicas: readonly ReplicaState[];
  readonly missingRights: Reading<readonly Right[]>;
  /** Objects of others that change Pods at admission by their own rules, such as policies of other engines. */
  readonly mutators: Reading<readonly JsonObject[]>;
  /** Pods on which something was filled in, a part of them where there are many. */
  readonly filledPods: Reading<readonly JsonObject[]>;
  /** How often the API server let something pass because no webhook of ours answered, since it started. */
  readonly failedOpen: Reading<number>;
}

/** The value of a reading, or the given one where it was not read. */
export function valueOr<T>(reading: Reading<T>, otherwise: T): T {
  return 'value' in reading ? reading.value : otherwise;
}
