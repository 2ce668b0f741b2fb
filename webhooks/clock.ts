/** Time, as what runs by the clock is given it. */
export interface Clock {
  /** Milliseconds since the epoch: what certificates and other machines go by. */
  now(): number;
  /** Milliseconds that only go forward: what waits go by. */
  elapsed(): number;
  /** Resolves after so many milliseconds, or as soon as the signal says; never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}
