import type { Keyring } from './keyring.ts';
import { chainsTo, fingerprint, validityOf } from './pair.ts';

/** What a keyring is renewed from. */
export interface RenewalInputs {
  /** Undefined where the Secret holds none that can be read. */
  readonly keyring: Keyring | undefined;
  /** Authorities, in PEM, that what is served may still be signed by. */
  readonly others: readonly string[];
  readonly names: readonly string[];
  readonly now: number;
}

/** Authorities of a bundle; more would only be those of a Secret that is lost again and again. */
const longestBundle = 5;

/** A keyring with a new authority: the old ones stay trusted beside it, and the old leaf is served on. */
export async function withNewAuthority({ keyring, others, now }: RenewalInputs): Promise<Keyring> {
  const { createAuthority } = await import('./issue.ts');
  const authority = await createAuthority(now);
  const kept = new Map<string, string>();
  for (const pem of [...(keyring?.bundle ?? []), ...others]) {
    if (validityOf(pem).to > now) {
      kept.set(fingerprint(pem), pem);
    }
  }
  const leaf = keyring?.leaf?.cert;
  const signsLeaf = (pem: string): boolean => leaf !== undefined && chainsTo(leaf, [pem]);
  const old = [...kept.values()];
  const signers = old.filter(signsLeaf);
  const bundle = [authority.cert, ...signers, ...old.filter((pem) => !signsLeaf(pem))].slice(
    0,
    longestBundle,
  );
  return { authority, bundle, ...(keyring?.leaf === undefined ? {} : { leaf: keyring.leaf }) };
}

/** A keyring with a new leaf of its signing authority. */
export async function withNewLeaf(
  keyring: Keyring,
  { names, now }: Pick<RenewalInputs, 'names' | 'now'>,
): Promise<Keyring> {
  const { issueLeaf } = await import('./issue.ts');
  return { ...keyring, leaf: await issueLeaf(keyring.authority, names, now) };
}

/** A keyring that trusts its signing authority alone. */
export function withoutOldAuthorities(keyring: Keyring): Keyring {
  return { ...keyring, bundle: [keyring.authority.cert] };
}

/** A pair that nobody trusts, with which a server can be asked whether it lives until it has a real one. */
export async function provisionalPair(now: number): Promise<{ cert: string; key: string }> {
  const { createAuthority, issueLeaf } = await import('./issue.ts');
  return issueLeaf(await createAuthority(now), ['meshgate.invalid'], now);
}
