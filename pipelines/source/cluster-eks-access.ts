import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { KubeConfig } from '@kubernetes/client-node';
import { eksTokens, type AwsCredentials, type EksIdentity } from './cluster-eks.ts';
import { openConfig, type ClusterTransport } from './cluster-transport.ts';

/** Where an EKS cluster is and as whom it is asked. */
export interface EksCluster extends EksIdentity {
  /** URL of its API server. */
  readonly endpoint: string;
  /** Its certificate authority, PEM in Base64 as EKS gives it. */
  readonly certificateAuthority: string;
  /** ARN of a role to take on first, for a cluster of another account. */
  readonly role?: string;
  /** Whose credentials; those of this process where it is absent. */
  readonly credentials?: () => Promise<AwsCredentials>;
}

/** Opens an EKS cluster, with the credentials of this process or of a role that it takes on. */
export function openEks(cluster: EksCluster): ClusterTransport {
  const { clusterName, endpoint, certificateAuthority } = cluster;
  const own = cluster.credentials ?? defaultProvider();
  const credentials = cluster.role === undefined ? own : takeOn(cluster.role, cluster.region, own);
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
