import { dump } from 'js-yaml';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackImage } from '../image.ts';
import { startNode, type Node } from './node.ts';
import { createShell, type CommandRun, type Shell } from './shell.ts';
import { startCluster, type Cluster } from './start.ts';
import { startBalancer, type Balancer } from './upkeep.ts';

/** A cluster with something that runs Pods, and a shell to install into it. */
export interface InstallationPlace {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly balancer: Balancer;
  readonly shell: Shell;
  /** Runs a command that has to succeed. */
  must(command: string): Promise<string>;
  stop(): Promise<void>;
}

/** Where the chart is installed. */
export const releaseNamespace = 'meshgate-system';

/** Starts a cluster in which the chart can be installed by Helm and its Pods run. */
export async function startInstallationPlace(config: unknown): Promise<InstallationPlace> {
  const imageFolder = mkdtempSync(join(tmpdir(), 'meshgate-image-'));
  const image = unpackImage(imageFolder);
  const cluster = await startCluster();
  await cluster.createNamespace('istio-system');
  const balancer = await startBalancer();
  const values = {
    service: { port: balancer.port },
    // The least that the chart allows, since tests wait for it.
    shutdownDelaySeconds: 15,
    extraArgs: ['--host=127.0.0.1', `--self-probe=127.0.0.1:${balancer.port}`],
    config,
  };
  const node = startNode({ cluster, namespace: releaseNamespace, image, balancer });
  const shell = createShell(cluster, image, dump(values));
  return {
    cluster,
    node,
    balancer,
    shell,
    must: async (command) => output(command, await shell(command)),
    async stop() {
      await node.stop();
      await balancer.close();
      await cluster.stop();
      rmSync(imageFolder, { recursive: true, force: true });
    },
  };
}

function output(command: string, run: CommandRun): string {
  if (run.code !== 0) throw new Error(`${command} ended with ${run.code}:\n${run.output}`);
  return run.output;
}
