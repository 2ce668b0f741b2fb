import type { Clock } from '../clock.ts';
import { chainsTo, fingerprint, isPair, validityOf, type Pair, type Validity } from './pair.ts';

/** What the certificate of a server is decided by. */
export interface ServedOptions {
  readonly clock: Clock;
  /** What the server serves already, where that is not provisional. */
  readonly served?: Pair | undefined;
  /** How long after it became trusted a certificate that had to wait is served. */
  readonly settleMilliseconds: number;
  /** Serves a pair from the next handshake on. Throws where it cannot. */
  load(pair: Pair): void;
  loaded(pair: Pair): void;
  /** A pair is not served, and why. */
  held(reason: string): void;
}

/** The certificate that a server serves. */
export interface ServedCertificate {
  /** Fingerprint of it; '' while it is provisional. */
  mark(): string;
  /** When it is valid; undefined while it is provisional. */
  validity(): Validity | undefined;
  /** A pair to serve from now on: at once, or as soon as it is trusted where the one before still is. */
  offer(pair: Pair): void;
  /** The authorities that each registered webhook trusts. */
  trust(bundles: readonly (readonly string[])[]): void;
  /** What keeps the server from being called; undefined once it was served and trusted. */
  notReady(): string | undefined;
  stop(): void;
}

interface State {
  served: Pair | undefined;
  offered: Pair | undefined;
  bundles: readonly (readonly string[])[];
  /** When the offered one came to be trusted, by `elapsed`. */
  trustedAt: number | undefined;
}

/** Decides which certificate a server serves: never one that is not trusted in place of one that is. */
export function servedCertificate(options: ServedOptions): ServedCertificate {
  const state: State = {
    served: options.served,
    offered: undefined,
    bundles: [],
    trustedAt: undefined,
  };
  const trusts = (pair: Pair | undefined): boolean =>
    pair !== undefined && isTrusted(pair, state.bundles, options.clock.now());
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;

  function decide(): void {
    clearTimeout(timer);
    const wait = waitOfOffered(state, trusts, options);
    if (wait !== undefined && wait <= 0) {
      serveOffered(state, options);
    } else if (wait !== undefined) {
      timer = setTimeout(decide, wait);
      timer.unref();
    }
    isReady ||= trusts(state.served);
  }

  return {
    mark: () => fingerprint(state.served?.cert ?? ''),
    validity: () => (state.served === undefined ? undefined : validityOf(state.served.cert)),
    offer(pair) {
      if (pair.cert === state.served?.cert && pair.key === state.served.key) {
        state.offered = undefined;
        return;
      }
      if (!isPair(pair)) {
        options.held('the certificate is not that of the key');
        return;
      }
      // One that is trusted already has been so for long, or nothing is registered that must hear of it.
      state.trustedAt = trusts(pair) ? Number.NEGATIVE_INFINITY : undefined;
      state.offered = pair;
      decide();
      if (state.offered !== undefined) {
        options.held('the registered webhooks do not trust it yet');
      }
    },
    trust(bundles) {
      state.bundles = bundles;
      decide();
    },
    notReady() {
      if (state.served === undefined) {
        return 'certificate';
      }
      return isReady ? undefined : 'certificate-trust';
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

function isTrusted({ cert }: Pair, bundles: readonly (readonly string[])[], now: number): boolean {
  return bundles.every((authorities) => chainsTo(cert, authorities)) && validityOf(cert).to > now;
}

/** Milliseconds that the offered pair has to wait; undefined where there is none, or until it is trusted. */
function waitOfOffered(
  state: State,
  trusts: (pair: Pair | undefined) => boolean,
  { clock, settleMilliseconds }: ServedOptions,
): number | undefined {
  if (state.offered === undefined) {
    return undefined;
  }
  if (!trusts(state.served)) {
    return 0;
  }
  if (!trusts(state.offered)) {
    state.trustedAt = undefined;
    return undefined;
  }
  state.trustedAt ??= clock.elapsed();
  return state.trustedAt + settleMilliseconds - clock.elapsed();
}

function serveOffered(state: State, options: ServedOptions): void {
  const { offered } = state;
  state.offered = undefined;
  if (offered === undefined) {
    return;
  }
  try {
    options.load(offered);
    state.served = offered;
    options.loaded(offered);
  } catch (error) {
    options.held(error instanceof Error ? error.message : String(error));
  }
}
