import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster, type ClusterClient } from '../../../pipelines/source/cluster-client.ts';
import { openCluster, type ClusterTransport } from '../../../pipelines/source/cluster-transport.ts';

/** A kubeconfig, as JSON, for an API server without TLS on a port of 127.0.0.1. */
export function plainKubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [
      {
        name: 'test',
        cluster: { server: `http://127.0.0.1:${String(port)}`, 'insecure-skip-tls-verify': true },
      },
    ],
    users: [{ name: 'test', user: {} }],
  });
}

/** A client for an API server without TLS on a port of 127.0.0.1. */
export function connectForTest(port: number): Promise<ClusterClient> {
  return withKubeconfig(port, connectCluster);
}

/** The same, one layer below. */
export function openForTest(port: number): Promise<ClusterTransport> {
  return withKubeconfig(port, openCluster);
}

async function withKubeconfig<T>(port: number, open: (file: string) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  try {
    const file = join(folder, 'config');
    await writeFile(file, plainKubeconfig(port));
    return open(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
