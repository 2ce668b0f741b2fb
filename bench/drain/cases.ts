/** How clients learn of a deletion and how long their connections live; durations in multiples of the TTL. */
export interface DrainCase {
  readonly id: string;
  readonly title: string;
  /** False where the clients' proxies set no bound. */
  readonly hasTtl: boolean;
  /** Largest share by which a connection may outlive the TTL, drawn evenly by Envoy. */
  readonly jitter: number;
  /** When the slowest client has dropped the endpoint. */
  readonly slowest: number;
  /** When the client at this place of all clients, from 0 to below 1, has dropped the endpoint. */
  learnsAfter(place: number): number;
}

/** Life after deletion, in multiples of the TTL. */
export const servedRatios: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5];

const usualDelay = 0.33;
const lateShare = 0.25;

/** The cases, from the ideal to the hopeless. */
export const drainCases: readonly DrainCase[] = [
  {
    id: 'ideal',
    title: 'every client learns at once',
    hasTtl: true,
    jitter: 0,
    slowest: 0,
    learnsAfter: () => 0,
  },
  {
    id: 'delay',
    title: 'clients learn within 0.33 TTL',
    hasTtl: true,
    jitter: 0,
    slowest: usualDelay,
    learnsAfter: evenly,
  },
  {
    id: 'jitter',
    title: 'the same, TTL jitter up to 50 %',
    hasTtl: true,
    jitter: 0.5,
    slowest: usualDelay,
    learnsAfter: evenly,
  },
  quarterLate('late-1.0', 1),
  quarterLate('late-1.5', 1.5),
  {
    id: 'no-ttl',
    title: 'no TTL',
    hasTtl: false,
    jitter: 0,
    slowest: usualDelay,
    learnsAfter: evenly,
  },
];

function evenly(place: number): number {
  return place * usualDelay;
}

function quarterLate(id: string, late: number): DrainCase {
  return {
    id,
    title: `a quarter learns after ${late.toFixed(1)} TTL`,
    hasTtl: true,
    jitter: 0,
    slowest: late,
    learnsAfter: (place) =>
      place < lateShare ? late : evenly((place - lateShare) / (1 - lateShare)),
  };
}
