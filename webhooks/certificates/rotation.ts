import type { Keyring } from './keyring.ts';
import { chainsTo, fingerprint, readCertificate, validityOf } from './pair.ts';

/** What the next step is decided by. Times are in milliseconds since the epoch. */
export interface RotationView {
  readonly now: number;
  /** Undefined where the Secret holds none. */
  readonly keyring: Keyring | undefined;
  /** The DNS names that the leaf must be good for. */
  readonly names: readonly string[];
  /**
   * Since when every registered webhook trusts exactly the keyring's bundle; undefined while one does not; 'nothing'
   * where no webhook is registered.
   */
  readonly trustedSince: number | undefined | 'nothing';
  /** The fingerprints of the leaves that the replicas serve; '' where one serves none. */
  readonly served: readonly string[];
}

/** One step. They come in an order in which nobody ever serves what is not trusted everywhere. */
export type RotationStep =
  /** Make an authority, keep the old ones beside it, and serve what was served. */
  | { readonly do: 'renew-authority'; readonly why: string }
  /** The bundle must be in every webhook first. */
  | { readonly do: 'wait-for-trust' }
  /** All API servers must have heard of the bundle first. */
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'renew-leaf'; readonly why: string }
  /** Take out of the bundle what nobody is served by any more. */
  | { readonly do: 'drop-old-authorities' }
  /** A replica still serves the leaf before. */
  | { readonly do: 'wait-for-replicas' }
  | { readonly do: 'nothing'; readonly until: number };

/** How long the pieces take. */
export interface RotationTimes {
  /** Left of an authority when it is renewed. */
  readonly authorityLeftMilliseconds: number;
  /** Part of a leaf's life after which it is renewed. */
  readonly leafShare: number;
  /** For all API servers to hear of a bundle. */
  readonly settleMilliseconds: number;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Two thirds of a leaf's life, 180 days left of an authority, and a minute for the API servers. */
export const rotationTimes: RotationTimes = {
  authorityLeftMilliseconds: 180 * dayMilliseconds,
  leafShare: 2 / 3,
  settleMilliseconds: 60_000,
};

/** The next step of the rotation. */
export function nextStep(view: RotationView, times: RotationTimes = rotationTimes): RotationStep {
  const { keyring, now } = view;
  if (keyring === undefined) {
    return { do: 'renew-authority', why: 'there is no readable one' };
  }
  const authorityDue = validityOf(keyring.authority.cert).to - times.authorityLeftMilliseconds;
  if (now >= authorityDue) {
    return { do: 'renew-authority', why: 'it ends soon' };
  }
  const leaf = leafState(keyring, view, times);
  if (leaf.why !== undefined) {
    return trusted(view, times) ?? { do: 'renew-leaf', why: leaf.why };
  }
  if (keyring.bundle.length > 1) {
    const mark = fingerprint(keyring.leaf?.cert ?? '');
    return view.served.every((served) => served === mark)
      ? { do: 'drop-old-authorities' }
      : { do: 'wait-for-replicas' };
  }
  return { do: 'nothing', until: Math.min(authorityDue, leaf.due) };
}

/** What has to be waited for before a leaf of the signing authority may be served; undefined: nothing. */
function trusted(
  { now, trustedSince }: RotationView,
  { settleMilliseconds }: RotationTimes,
): RotationStep | undefined {
  if (trustedSince === 'nothing') {
    return undefined;
  }
  if (trustedSince === undefined) {
    return { do: 'wait-for-trust' };
  }
  const until = trustedSince + settleMilliseconds;
  return now < until ? { do: 'wait', until } : undefined;
}

/** When the leaf is due to be renewed, and why it is now. */
function leafState(
  { leaf, authority }: Keyring,
  { now, names }: RotationView,
  { leafShare }: RotationTimes,
): { readonly due: number; readonly why?: string } {
  const certificate = readCertificate(leaf?.cert ?? '');
  if (leaf === undefined || certificate === undefined) {
    return { due: now, why: 'there is no readable one' };
  }
  if (!chainsTo(leaf.cert, [authority.cert])) {
    return { due: now, why: 'a new authority signs' };
  }
  if (!names.every((name) => certificate.checkHost(name) === name)) {
    return { due: now, why: `it is not good for ${names.join(', ')}` };
  }
  const { from, to } = validityOf(leaf.cert);
  const due = from + (to - from) * leafShare;
  return now >= due ? { due, why: 'most of its time is over' } : { due };
}
