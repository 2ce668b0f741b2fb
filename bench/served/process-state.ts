/** What a process under measurement holds. */
export interface ProcessState {
  readonly rssBytes: number;
  /** Right after a collection. */
  readonly heapBytes: number;
  readonly peakBytes: number;
  readonly cpuSeconds: number;
  /** What keeps the event loop busy, counted by kind: sockets, timers, watches. */
  readonly resources: Readonly<Record<string, number>>;
}
