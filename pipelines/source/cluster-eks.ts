import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Credentials of AWS, as its SDK gives them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The cluster that a token is for. */
export interface EksIdentity {
  readonly clusterName: string;
  readonly region: string;
}

/** A bearer token that is renewed before it ends. */
export interface TokenSource {
  token(): Promise<string>;
  /** Forgets the token, for instance because the API server refused it. */
  forget(): void;
}

/** How long the authenticator takes a token for, counted from its signing whatever it says; and what is kept back. */
const lifeMilliseconds = 15 * 60_000;
const marginMilliseconds = 60_000;
const clusterHeader = 'x-k8s-aws-id';

/**
 * Tokens for an EKS cluster: each is a signed request to STS that tells who we are, and signing it asks nobody. Renewed
 * after 14 minutes, or before the credentials end. Source: kubernetes-sigs/aws-iam-authenticator, `pkg/token`.
 */
export function eksTokens(
  identity: EksIdentity,
  credentials: () => Promise<AwsCredentials>,
  now: () => number,
): TokenSource {
  let held: { readonly token: string; readonly until: number } | undefined;
  return {
    async token() {
      if (held === undefined || now() >= held.until) {
        const signer = await credentials();
        const expiration = signer.expiration?.getTime() ?? Infinity;
        const signedAt = now();
        held = {
          token: await signEksToken(identity, signer, new Date(signedAt)),
          until: Math.min(signedAt + lifeMilliseconds, expiration) - marginMilliseconds,
        };
      }
      return held.token;
    },
    forget() {
      held = undefined;
    },
  };
}

/** The domain in which AWS has its services of a region. */
export function awsDomain(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/** One token, signed at that time. */
export async function signEksToken(
  { clusterName, region }: EksIdentity,
  credentials: AwsCredentials,
  at: Date,
): Promise<string> {
  const host = `sts.${region}.${awsDomain(region)}`;
  const signer = new SignatureV4({
    credentials: { ...credentials },
    region,
    service: 'sts',
    sha256: Sha256,
  });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, [clusterHeader]: clusterName },
    },
    // The authenticator wants the cluster's name among the headers, where a signer would move it to the query.
    { expiresIn: 60, signingDate: at, unhoistableHeaders: new Set([clusterHeader]) },
  );
  const parameters = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  const url = `https://${host}/?${parameters.join('&')}`;
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}
