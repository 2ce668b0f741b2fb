import { objectIn, stringMapIn, type JsonObject } from '../../policies/core/json.ts';
import { chainsTo, isPair, splitCertificates, usesP256, type Pair } from './pair.ts';

/**
 * What the Secret holds. The first of the bundle is the authority that signs; others are those that what is still served
 * was signed by. Without a leaf, none has been issued yet, or it could not be read.
 */
export interface Keyring {
  readonly authority: Pair;
  /** Authorities in PEM, the signing one first. */
  readonly bundle: readonly string[];
  readonly leaf?: Pair;
}

/** A keyring, or what is wrong with the Secret and which authorities can still be read of it. */
export type KeyringReading =
  | { readonly keyring: Keyring; readonly problem?: string }
  | { readonly problem: string; readonly authorities: readonly string[] };

/** Reads the Secret, which anybody may have spoiled; never throws and never quotes what it holds. */
export function readKeyring(secret: JsonObject | undefined): KeyringReading {
  if (secret === undefined) {
    return { problem: 'there is no Secret', authorities: [] };
  }
  const data = stringMapIn(objectIn(secret, 'data'));
  const bundle = splitCertificates(textOf(data['ca.crt']));
  const authority = { cert: bundle[0] ?? '', key: textOf(data['ca.key']) };
  if (!isPair(authority) || !usesP256(authority) || !chainsTo(authority.cert, [authority.cert])) {
    const problem = 'ca.crt does not begin with the certificate of ca.key, an ECDSA key of P-256';
    return { problem, authorities: bundle };
  }
  const leaf = { cert: textOf(data['tls.crt']), key: textOf(data['tls.key']) };
  if (leaf.cert === '' && leaf.key === '') {
    return { keyring: { authority, bundle } };
  }
  if (!isPair(leaf) || !chainsTo(leaf.cert, bundle)) {
    const problem = 'tls.crt is not the certificate of tls.key, or not signed by one of ca.crt';
    return { keyring: { authority, bundle }, problem };
  }
  return { keyring: { authority, bundle, leaf } };
}

/** The `data` of the Secret that holds a keyring. */
export function secretData({ authority, bundle, leaf }: Keyring): Readonly<Record<string, string>> {
  return {
    'ca.crt': base64(bundle.join('')),
    'ca.key': base64(authority.key),
    'tls.crt': base64(leaf?.cert ?? ''),
    'tls.key': base64(leaf?.key ?? ''),
  };
}

function textOf(value: string | undefined): string {
  return Buffer.from(value ?? '', 'base64').toString('utf8');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
