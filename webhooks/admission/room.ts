import type { IncomingMessage } from 'node:http';
import type { Shedding } from './metrics.ts';
import type { ReviewLimits } from './limits.ts';

/** What calls hold while they are in flight. */
export interface Room {
  readonly calls: () => number;
  readonly bytes: () => number;
  /** The bytes that the call has taken, to be given back by {@link leave}; or why there is no room for it. */
  enter(request: IncomingMessage): number | Exclude<Shedding, 'deadline'>;
  leave(bytes: number): void;
}

/** Makes the room that the limits allow; a body of unannounced length takes as much as it may have. */
export function createRoom({ bodyBytes, inFlight, inFlightBytes }: ReviewLimits): Room {
  let calls = 0;
  let bytes = 0;
  return {
    calls: () => calls,
    bytes: () => bytes,
    enter({ headers }) {
      const announced = Number(headers['content-length'] ?? bodyBytes);
      const taken = Math.min(Number.isNaN(announced) ? bodyBytes : announced, bodyBytes);
      if (calls >= inFlight) {
        return 'calls';
      }
      if (calls > 0 && bytes + taken > inFlightBytes) {
        return 'bytes';
      }
      calls += 1;
      bytes += taken;
      return taken;
    },
    leave(taken) {
      calls -= 1;
      bytes -= taken;
    },
  };
}
