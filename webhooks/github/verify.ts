import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether a body was signed with one of the secrets; two while they are rotated. The bytes count as they came, before
 * anything is decoded. Source: docs.github.com, "Validating webhook deliveries".
 */
export function isSigned(
  body: Uint8Array,
  signature: string | undefined,
  secrets: readonly string[],
): boolean {
  const given = Buffer.from(signature ?? '');
  return secrets.some((secret) => {
    const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    return secret !== '' && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
