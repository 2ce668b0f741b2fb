import { createPrivateKey, X509Certificate } from 'node:crypto';

/** A certificate and its key in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** The time that a certificate is valid, in milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/gu;

/** Each certificate in a PEM text that can be read, once, in the order of the text. */
export function splitCertificates(text: string): readonly string[] {
  const found = new Map<string, string>();
  for (const [pem] of text.matchAll(certificates)) {
    const certificate = readCertificate(pem);
    if (certificate !== undefined && !found.has(certificate.fingerprint256)) {
      found.set(certificate.fingerprint256, `${pem.trim()}\n`);
    }
  }
  return [...found.values()];
}

/** The first certificate of a PEM text; undefined where there is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** SHA-256 of a certificate, by which replicas say which one they serve; '' where the text is none. */
export function fingerprint(pem: string): string {
  return readCertificate(pem)?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '';
}

/** When a certificate is valid. The text must be one. */
export function validityOf(pem: string): Validity {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return { from: validFromDate.getTime(), to: validToDate.getTime() };
}

/** Whether the key is that of the (first) certificate. */
export function isPair({ cert, key }: Pair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whether the key is one of ECDSA on the curve P-256, the only kind that we sign with. */
export function usesP256({ key }: Pair): boolean {
  try {
    return createPrivateKey(key).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

/** Whether one of these authorities signed the certificate. */
export function chainsTo(pem: string, authorities: readonly string[]): boolean {
  const leaf = readCertificate(pem);
  return authorities.some((text) => {
    const authority = readCertificate(text);
    return (
      leaf !== undefined &&
      authority?.ca === true &&
      leaf.checkIssued(authority) &&
      leaf.verify(authority.publicKey)
    );
  });
}
