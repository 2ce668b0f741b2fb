import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** A program that the tests start, built from the Go package that a module of `tools/` pins. */
export interface Tool {
  readonly name: string;
  /** Folder under `tools/` whose go.mod pins the version. */
  readonly module: string;
  readonly package: string;
  /** Go module whose version in go.mod is the program's own. */
  readonly versionOf: string;
  /** Arguments that make it print its version. */
  readonly versionArguments: readonly string[];
  /** Linker variable that must hold the version, where the program does not know it by itself. */
  readonly versionVariable?: string;
  /** Lowest version that the tests accept when the program was found rather than built. */
  readonly atLeast: readonly [major: number, minor: number];
}

const kubeVersion = {
  module: 'kube',
  versionOf: 'k8s.io/kubernetes',
  versionArguments: ['--version'],
  versionVariable: 'k8s.io/component-base/version.gitVersion',
  atLeast: [1, 33],
} as const;

/**
 * Programs by the group in which they are taken: all of a group come from one folder, since a controller manager must
 * not be newer than its API server.
 */
export const toolGroups = {
  kube: [
    { name: 'kube-apiserver', package: 'k8s.io/kubernetes/cmd/kube-apiserver', ...kubeVersion },
    {
      name: 'kube-controller-manager',
      package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
      ...kubeVersion,
    },
  ],
  etcd: [
    {
      name: 'etcd',
      module: 'kube',
      package: 'go.etcd.io/etcd/server/v3',
      versionOf: 'go.etcd.io/etcd/server/v3',
      versionArguments: ['--version'],
      atLeast: [3, 5],
    },
  ],
  helm: [
    {
      name: 'helm',
      module: 'helm',
      package: 'helm.sh/helm/v3/cmd/helm',
      versionOf: 'helm.sh/helm/v3',
      versionArguments: ['version', '--template={{.Version}}'],
      versionVariable: 'helm.sh/helm/v3/internal/version.version',
      atLeast: [3, 18],
    },
  ],
  kubectl: [
    {
      name: 'kubectl',
      module: 'kubectl',
      package: 'k8s.io/kubernetes/cmd/kubectl',
      versionOf: 'k8s.io/kubernetes',
      versionArguments: ['version', '--client'],
      versionVariable: 'k8s.io/component-base/version.gitVersion',
      atLeast: [1, 30],
    },
  ],
} as const satisfies Record<string, readonly Tool[]>;

/** The name of a group. */
export type ToolGroup = keyof typeof toolGroups;

/** What a test cluster needs. */
export const clusterGroups: readonly ToolGroup[] = ['etcd', 'kube'];

/** What the tests of the chart and of the runbook need beside it; built only when asked for. */
export const chartGroups: readonly ToolGroup[] = ['helm', 'kubectl'];

/** Folder of this repository that holds the Go modules. */
export const toolsFolder: string = fileURLToPath(new URL('..', import.meta.url));

/** Folder that `npm run tools` fills. */
export const binFolder: string = join(toolsFolder, 'bin');

/** Folder of the custom resource definitions that `npm run tools` copies. */
export const crdFolder: string = join(binFolder, 'crds');
