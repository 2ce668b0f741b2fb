import { kindInfo } from '../../policies/core/kinds.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { startGate } from '../../test/support/cluster/gate.ts';
import { warningsOf } from '../../test/support/cluster/objects.ts';
import { startCluster } from '../../test/support/cluster/start.ts';
import type { Cluster } from '../../test/support/cluster/start.ts';
import type { Apply } from './outcome.ts';
import { exampleConfig, exampleObjects } from './repository.ts';

/** An API server with the example applied to it and the gate registered. */
export interface DemoCluster {
  readonly objects: number;
  readonly apply: Apply;
  stop(): Promise<void>;
}

/** Starts a real API server, applies the example to it, and registers a gate that follows it. */
export async function startDemoCluster(): Promise<DemoCluster> {
  const cluster = await startCluster();
  try {
    const objects = exampleObjects();
    for (const resource of objects) await store(cluster, resource);
    const gate = await startGate(cluster, { config: exampleConfig() });
    await gate.waitUntilReady();
    await gate.register();
    return {
      objects: objects.length,
      apply: (resource) => apply(cluster, resource),
      stop: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function store(cluster: Cluster, resource: Resource): Promise<void> {
  if (resource.type === 'Namespace') {
    await cluster.createNamespace(resource.name, resource.labels);
    return;
  }
  const { status, body } = await send(cluster, resource);
  if (status >= 400) throw new Error(`${resource.name} was refused: ${JSON.stringify(body)}`);
}

async function apply(cluster: Cluster, resource: Resource): ReturnType<Apply> {
  const answer = await send(cluster, resource);
  const warnings = warningsOf(answer);
  if (answer.status < 400) return { stored: answer.body, warnings };
  const { message } = answer.body as { readonly message: string };
  return { stored: undefined, warnings, denial: message };
}

/** A server-side apply, as `kubectl apply --server-side --force-conflicts` sends it. */
function send(cluster: Cluster, resource: Resource): ReturnType<Cluster['api']['send']> {
  const { group, plural } = kindInfo(resource.type);
  const { apiVersion } = resource.object as { readonly apiVersion: string };
  const root = group === '' ? '/api' : '/apis';
  const path = `${root}/${apiVersion}/namespaces/${resource.namespace}/${plural}/${resource.name}`;
  return cluster.api.send('PATCH', `${path}?fieldManager=demo&force=true`, resource.object, {
    'content-type': 'application/apply-patch+yaml',
  });
}
