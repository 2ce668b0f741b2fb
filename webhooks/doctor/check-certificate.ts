import { X509Certificate } from 'node:crypto';
import { stringIn } from '../../policies/core/json.ts';
import { mutatingName, validatingName } from '../registration/registration.ts';
import { ours, webhooksOf } from './check-order.ts';
import { notice, ok, problem, unknown, type Check, type Diagnosis } from './diagnosis.ts';
import { valueOr, type Snapshot } from './snapshot.ts';

const dayMilliseconds = 24 * 60 * 60 * 1000;
const noticeDays = 14;
const renewRemedy =
  'See the log of the Pod that holds the Lease, or of cert-manager where that makes it; docs/runbook.md has the steps.';

/** Whether the API server trusts the certificate that the Pods serve with, and for how long. */
export const certificateCheck: Check = {
  name: 'certificate',
  diagnose(snapshot) {
    const { certificate, now } = snapshot;
    if ('unread' in certificate) {
      return [
        unknown(
          certificate.unread,
          'Let this user get the Secret, of which only the certificate is looked at.',
        ),
      ];
    }
    const leaf = readCertificate(certificate.value.leaf);
    if (leaf === undefined) {
      return [problem('The Secret holds no certificate yet.', renewRemedy)];
    }
    const said = [...validity(leaf, now), ...trust(leaf, snapshot)];
    const days = Math.floor((Date.parse(leaf.validTo) - now) / dayMilliseconds);
    return said.length === 0
      ? ok(`Every webhook trusts the serving certificate, which has ${String(days)} days left.`)
      : said;
  },
};

function validity(leaf: X509Certificate, now: number): readonly Diagnosis[] {
  const days = (Date.parse(leaf.validTo) - now) / dayMilliseconds;
  if (days < 0 || Date.parse(leaf.validFrom) > now) {
    return [
      problem(
        `The serving certificate is valid from ${leaf.validFrom} to ${leaf.validTo}, so no API server takes it now.`,
        renewRemedy,
      ),
    ];
  }
  return days < noticeDays
    ? [notice(`The serving certificate ends in ${String(Math.floor(days))} days.`, renewRemedy)]
    : [];
}

function trust(leaf: X509Certificate, { mutating, validating }: Snapshot): readonly Diagnosis[] {
  const webhooks = [
    ...webhooksOf(ours(valueOr(mutating, []), mutatingName)),
    ...webhooksOf(ours(valueOr(validating, []), validatingName)),
  ];
  return webhooks.flatMap((webhook): readonly Diagnosis[] => {
    const name = stringIn(webhook, 'name') ?? '';
    const bundle = stringIn(webhook, 'clientConfig', 'caBundle') ?? '';
    const authorities = readBundle(Buffer.from(bundle, 'base64').toString('utf8'));
    if (!authorities.some((authority) => isIssuedBy(leaf, authority))) {
      return [
        problem(
          authorities.length === 0
            ? `The webhook ${name} has no authority in its caBundle.`
            : `No authority in the caBundle of ${name} issued the serving certificate, so every new connection fails.`,
          renewRemedy,
        ),
      ];
    }
    const service = stringIn(webhook, 'clientConfig', 'service', 'name');
    const namespace = stringIn(webhook, 'clientConfig', 'service', 'namespace') ?? '';
    const host = service === undefined ? undefined : `${service}.${namespace}.svc`;
    return host === undefined || leaf.checkHost(host) !== undefined
      ? []
      : [
          problem(
            `The serving certificate does not name ${host}, which ${name} calls.`,
            renewRemedy,
          ),
        ];
  });
}

function isIssuedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  return leaf.fingerprint256 === authority.fingerprint256 || leaf.verify(authority.publicKey);
}

function readBundle(pem: string): readonly X509Certificate[] {
  const parts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? [];
  return parts.flatMap((part) => readCertificate(part) ?? []);
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
