import type { JsonObject } from '../../policies/core/json.ts';
import { readKeyring, type Keyring } from '../certificates/keyring.ts';
import { withNewAuthority, withNewLeaf, withoutOldAuthorities } from '../certificates/renew.ts';
import {
  nextStep,
  rotationTimes,
  type RotationStep,
  type RotationTimes,
} from '../certificates/rotation.ts';
import { readSecret, writeKeyring, type SecretPlace } from '../certificates/secret-store.ts';
import type { Clock } from '../clock.ts';
import { trustedBundles, trustWatch } from './trust.ts';

/** What keeps the Secret works with. */
export interface CertifierOptions {
  readonly place: SecretPlace;
  readonly clock: Clock;
  /** The DNS names that the API server calls us by. */
  readonly names: readonly string[];
  readonly times?: RotationTimes;
  /** The fingerprints of what the replicas serve. */
  served(): Promise<readonly string[]>;
  renewed(what: 'authority' | 'leaf', why: string): void;
  dropped(): void;
}

/** The Secret as it was read, and what it holds. */
export interface SecretState {
  readonly secret: JsonObject | undefined;
  readonly keyring: Keyring | undefined;
  /** Authorities that can be read though the keyring cannot. */
  readonly authorities: readonly string[];
}

/** Keeps the certificates in the Secret, a step at a time. */
export interface Certifier {
  read(): Promise<SecretState>;
  /** Takes one step by what is registered, and gives the milliseconds until it is to be asked again. */
  step(state: SecretState, live: readonly JsonObject[]): Promise<number>;
}

const retryMilliseconds = 5000;
const hourMilliseconds = 60 * 60 * 1000;

/** Makes what keeps the certificates. Both methods reject where the API server cannot be asked or somebody else wrote. */
export function createCertifier(options: CertifierOptions): Certifier {
  const { place, clock, names, times = rotationTimes } = options;
  const trustedSince = trustWatch(clock);

  async function renewed(
    step: RotationStep,
    { keyring, authorities }: SecretState,
    live: readonly JsonObject[],
  ): Promise<Keyring | undefined> {
    const now = clock.now();
    if (step.do === 'renew-authority') {
      const others = [...authorities, ...trustedBundles(live).flat()];
      return withNewAuthority({ keyring, others, names, now });
    }
    if (keyring !== undefined && step.do === 'renew-leaf') {
      return withNewLeaf(keyring, { names, now });
    }
    return keyring !== undefined && step.do === 'drop-old-authorities'
      ? withoutOldAuthorities(keyring)
      : undefined;
  }

  return {
    async read() {
      const secret = await readSecret(place);
      const reading = readKeyring(secret);
      return 'keyring' in reading
        ? { secret, keyring: reading.keyring, authorities: [] }
        : { secret, keyring: undefined, authorities: reading.authorities };
    },
    async step(state, live) {
      const { keyring } = state;
      const step = nextStep(
        {
          now: clock.now(),
          keyring,
          names,
          trustedSince: trustedSince(keyring?.bundle ?? [], live),
          served: (keyring?.bundle.length ?? 0) > 1 ? await options.served() : [],
        },
        times,
      );
      const next = await renewed(step, state, live);
      if (next === undefined) {
        return waitAfter(step, clock.now());
      }
      await writeKeyring(place, state.secret, next);
      if (step.do === 'renew-authority' || step.do === 'renew-leaf') {
        options.renewed(step.do === 'renew-authority' ? 'authority' : 'leaf', step.why);
      } else {
        options.dropped();
      }
      return 0;
    },
  };
}

/** Milliseconds until a step can be taken: about an hour where none is in sight, at another time on each replica. */
function waitAfter(step: RotationStep, now: number): number {
  const longest = hourMilliseconds * (0.9 + Math.random() / 5);
  if (step.do === 'wait' || step.do === 'nothing') {
    return Math.min(Math.max(step.until - now, 0), longest);
  }
  return retryMilliseconds;
}
