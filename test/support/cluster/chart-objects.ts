import { KubernetesObjectApi } from '@kubernetes/client-node';
import type { ChartObject } from '../chart.ts';
import type { Cluster } from './start.ts';

/** Creates what the chart makes, in its order, as `kubectl create` does. */
export async function createObjects(
  cluster: Cluster,
  objects: readonly ChartObject[],
): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(cluster.adminClient);
  for (const object of objects) await api.create(object);
}
