import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { KubeConfig } from '@kubernetes/client-node';
import { eksTokens, type AwsCredentials, type EksIdentity } from './cluster-eks.ts';
import { describeEks, type EksPlace } from './cluster-eks-describe.ts';
import { openConfig, type ClusterTransport } from './cluster-transport.ts';

/** Where an EKS cluster is and as whom it is asked; EKS is asked for what is not said of its place. */
export interface EksCluster extends EksIdentity, Partial<EksPlace> {
  /** ARN of a role to take on first, for a cluster of another account. */
  readonly role?: string;
  /** Whose credentials; those of this process where it is absent. */
  readonly credentials?: () => Promise<AwsCredentials>;
  /** URL of the API of EKS where it is not AWS's own. */
  readonly eksUrl?: string;
}

/**
 * Opens an EKS cluster, with the credentials of this process or of a role that it takes on. Rejects where EKS has to be
 * asked where it is, and does not say.
 */
export async function openEks(cluster: EksCluster): Promise<ClusterTransport> {
  const { clusterName } = cluster;
  const own = cluster.credentials ?? defaultProvider();
  const credentials = cluster.role === undefined ? own : takeOn(cluster.role, cluster.region, own);
  const { endpoint, certificateAuthority } = await placeOf(cluster, credentials);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      { name: clusterName, server: endpoint, caData: certificateAuthority, skipTLSVerify: false },
    ],
    users: [{ name: 'function' }],
    contexts: [{ name: clusterName, cluster: clusterName, user: 'function' }],
    currentContext: clusterName,
  });
  return openConfig(config, clusterName, eksTokens(cluster, credentials, Date.now));
}

async function placeOf(
  cluster: EksCluster,
  credentials: () => Promise<AwsCredentials>,
): Promise<EksPlace> {
  const { endpoint, certificateAuthority } = cluster;
  return endpoint === undefined || certificateAuthority === undefined
    ? await describeEks(cluster, await credentials(), cluster.eksUrl)
    : { endpoint, certificateAuthority };
}

function takeOn(
  role: string,
  region: string,
  own: () => Promise<AwsCredentials>,
): () => Promise<AwsCredentials> {
  const client = new STSClient({ region, credentials: own });
  return async () => {
    const { Credentials: given } = await client.send(
      new AssumeRoleCommand({
        RoleArn: role,
        RoleSessionName: 'meshgate-drift',
        DurationSeconds: 900,
      }),
    );
    return {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
      ...(given?.Expiration === undefined ? {} : { expiration: given.Expiration }),
    };
  };
}
