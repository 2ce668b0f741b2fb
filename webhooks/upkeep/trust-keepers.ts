import { readFile } from 'node:fs/promises';
import { fingerprint, splitCertificates, validityOf } from '../certificates/pair.ts';
import type { Clock } from '../clock.ts';
import type { Certifier } from './certifier.ts';
import type { TrustKeeper } from './keep.ts';
import { trustedBundles } from './trust.ts';

const overlapMilliseconds = 30_000;
const hourMilliseconds = 60 * 60 * 1000;

/** Trust in our own authority, which the Secret holds. */
export function secretTrust(certifier: Certifier): TrustKeeper {
  return {
    async read(live) {
      const state = await certifier.read();
      const { keyring } = state;
      return {
        bundle: keyring?.bundle,
        mayRegister: keyring !== undefined && (keyring.leaf !== undefined || live.length > 0),
        next: (now) => certifier.step(state, now),
      };
    },
  };
}

/** Trust that somebody else fills in, such as cert-manager's injector. */
export const injectedTrust: TrustKeeper = {
  read: () =>
    Promise.resolve({
      bundle: undefined,
      mayRegister: true,
      next: () => Promise.resolve(hourMilliseconds),
    }),
};

/** What trust by a file goes by. */
export interface FileTrustOptions {
  /** Authorities in PEM; read at each pass. */
  readonly file: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Fingerprint of the leaf that this replica serves. */
  readonly mark: () => string;
  /** Those of all replicas. */
  readonly served: () => Promise<readonly string[]>;
}

/** Trust in the authorities of a file; what was trusted before stays so until every replica serves what we do. */
export function fileTrust({ file, clock, mark, served }: FileTrustOptions): TrustKeeper {
  return {
    async read(live) {
      const wanted = splitCertificates(await readFile(file, 'utf8'));
      const marks = new Set(wanted.map(fingerprint));
      const before = trustedBundles(live)
        .flat()
        .filter((pem) => !marks.has(fingerprint(pem)) && validityOf(pem).to > clock.now());
      const isOver = before.length === 0 || (await served()).every((one) => one === mark());
      const kept = isOver ? [] : splitCertificates(before.join(''));
      return {
        bundle: [...wanted, ...kept],
        mayRegister: wanted.length > 0,
        next: () => Promise.resolve(isOver ? hourMilliseconds : overlapMilliseconds),
      };
    },
  };
}
