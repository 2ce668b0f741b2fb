import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { stringIn } from '../../policies/core/json.ts';
import { awsDomain, type AwsCredentials, type EksIdentity } from './cluster-eks.ts';

/** Where the API server of a cluster is, and by whose certificate it is known. */
export interface EksPlace {
  /** URL of its API server. */
  readonly endpoint: string;
  /** PEM in Base64. */
  readonly certificateAuthority: string;
}

const requestMilliseconds = 10_000;
const name = 'eks';

/**
 * Asks EKS where a cluster is, by one signed request. `url` is that of EKS where it is not AWS's own. Rejects with what to
 * do where EKS does not say.
 */
export async function describeEks(
  { clusterName, region }: EksIdentity,
  credentials: AwsCredentials,
  url = '',
): Promise<EksPlace> {
  const base = url === '' ? `https://${name}.${region}.${awsDomain(region)}` : url;
  const address = new URL(`/clusters/${encodeURIComponent(clusterName)}`, base);
  const signer = new SignatureV4({
    credentials: { ...credentials },
    region,
    service: name,
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: address.protocol,
    hostname: address.hostname,
    path: address.pathname,
    headers: { host: address.host },
  });
  const what = `EKS did not say where the cluster ${clusterName} of ${region} is`;
  const response = await fetch(address, {
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(requestMilliseconds),
  }).catch((error: unknown) => {
    throw new Error(`${what}: it could not be reached`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw new Error(`${what} (${String(response.status)}): ${remedies[response.status] ?? usual}`);
  }
  const endpoint = stringIn(answer, 'cluster', 'endpoint');
  const certificateAuthority = stringIn(answer, 'cluster', 'certificateAuthority', 'data');
  if (endpoint === undefined || certificateAuthority === undefined) {
    throw new Error(`${what}: it is ${stringIn(answer, 'cluster', 'status') ?? 'not ready'}`);
  }
  return { endpoint, certificateAuthority };
}

const usual = 'try again, or write endpoint and certificateAuthority into its target';
const remedies: Readonly<Record<number, string>> = {
  403: 'allow the function, or the role of its target, eks:DescribeCluster',
  404: 'there is none of that name in the region and account',
};
