import { KubeConfig } from '@kubernetes/client-node';
import { openConfig, type ClusterTransport } from './cluster-transport.ts';

/** A cluster that can be asked, and how reports name it. */
export interface NamedCluster {
  readonly name: string;
  readonly transport: ClusterTransport;
}

/** Which clusters of a kubeconfig. */
export interface ClusterChoice {
  /** Path of the kubeconfig; `KUBECONFIG`, `~/.kube/config` or the Pod's own credentials where it is absent. */
  readonly kubeconfig?: string;
  /** Names of contexts, or all of them; the current one where there are none. */
  readonly contexts: readonly string[] | 'all';
}

/** Opens the chosen contexts, named by them. Throws with what is wrong with the kubeconfig or a name. */
export function openClusters({ kubeconfig, contexts }: ClusterChoice): readonly NamedCluster[] {
  const source = kubeconfig ?? 'the kubeconfig';
  const names = loadConfig(kubeconfig)
    .getContexts()
    .map(({ name }) => name);
  const current = loadConfig(kubeconfig).getCurrentContext();
  const chosen = contexts === 'all' ? names : contexts;
  return (chosen.length === 0 ? [current] : [...new Set(chosen)]).map((name) => {
    if (!names.includes(name)) {
      throw new Error(
        name === ''
          ? `${source} names no current context: choose one with --context, of ${names.join(', ')}`
          : `${source} has no context ${name}: it has ${names.join(', ') || 'none'}`,
      );
    }
    const config = loadConfig(kubeconfig);
    config.setCurrentContext(name);
    return { name, transport: openConfig(config, `the context ${name}`) };
  });
}

function loadConfig(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) {
    config.loadFromDefault();
  } else {
    config.loadFromFile(kubeconfig);
  }
  return config;
}
