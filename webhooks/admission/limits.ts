/** Bounds on what a client can make the server hold. */
export interface ReviewLimits {
  readonly bodyBytes: number;
  /** Calls at one time; more are turned away at once. */
  readonly inFlight: number;
  /** Bytes of bodies at one time, by what the calls announce; what would exceed them is turned away at once. */
  readonly inFlightBytes: number;
  /** Time for a call whose `?timeout=` does not say. */
  readonly callMilliseconds: number;
}

/** Bounds for a server: an update carries two objects of at most 3 MiB each. */
export const defaultLimits: ReviewLimits = {
  bodyBytes: 7 * 1024 * 1024,
  inFlight: 256,
  inFlightBytes: 64 * 1024 * 1024,
  callMilliseconds: 10_000,
};

/** Part of the API server's own deadline that is left for the way back. */
const shareOfDeadline = 0.8;

/** The time for a call in milliseconds, within the `?timeout=Ns` that the API server sends. */
export function budgetOf(url: string, otherwise: number): number {
  const seconds = Number(/[?&]timeout=(\d{1,4})s?(?:&|$)/u.exec(url)?.[1]);
  return seconds > 0 ? Math.min(seconds * 1000 * shareOfDeadline, otherwise) : otherwise;
}
