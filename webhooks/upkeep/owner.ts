import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { apiPath, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';

const roles = { apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'clusterroles' };
const labels = { 'app.kubernetes.io/name': 'meshgate' };

/**
 * What everything that we make carries: labels, and as owner the ClusterRole of the release, where there is one, so that
 * it goes with the release. Rejects where that is not to be found.
 */
export async function ownMetadata(
  writer: ClusterWriter,
  ownerClusterRole: string | undefined,
): Promise<JsonObject> {
  if (ownerClusterRole === undefined) {
    return { labels };
  }
  const found = await writer.read(apiPath({ ...roles, name: ownerClusterRole }));
  const uid = stringIn(found, 'metadata', 'uid');
  if (uid === undefined) {
    throw new Error(`there is no ClusterRole ${ownerClusterRole}, which is to own what is made`);
  }
  const owner = { apiVersion: roles.apiVersion, kind: 'ClusterRole', name: ownerClusterRole, uid };
  return { labels, ownerReferences: [owner] };
}
