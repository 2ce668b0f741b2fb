import type { JsonObject } from '../../policies/core/json.ts';
import { fingerprint, splitCertificates } from '../certificates/pair.ts';
import type { Clock } from '../clock.ts';
import { bundlesOf } from '../registration/compare.ts';

/** Since when the registered webhooks trust a bundle; see {@link trustWatch}. */
export type TrustedSince = number | undefined | 'nothing';

/** The authorities that each webhook of these configurations trusts, in PEM. */
export function trustedBundles(live: readonly JsonObject[]): readonly (readonly string[])[] {
  return live.flatMap(bundlesOf).map(splitCertificates);
}

/**
 * Remembers since when (milliseconds since the epoch) every webhook trusts exactly a bundle; undefined while one does
 * not, 'nothing' where none is registered. It forgets with the process, which only makes a rotation wait again.
 */
export function trustWatch(
  clock: Pick<Clock, 'now'>,
): (bundle: readonly string[], live: readonly JsonObject[]) => TrustedSince {
  let mark = '';
  let since: number | undefined;
  return (bundle, live) => {
    const bundles = trustedBundles(live);
    if (bundles.length === 0) {
      mark = '';
      return 'nothing';
    }
    const wanted = markOf(bundle);
    if (!bundles.every((trusted) => markOf(trusted) === wanted)) {
      mark = '';
      return undefined;
    }
    if (mark !== wanted || since === undefined) {
      mark = wanted;
      since = clock.now();
    }
    return since;
  };
}

function markOf(bundle: readonly string[]): string {
  return bundle.map(fingerprint).toSorted().join();
}
