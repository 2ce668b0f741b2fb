import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { crdFolder } from '../../tools/install/catalogue.ts';
import { hasCrds } from '../../tools/install/crds.ts';
import { readToolEnvironment } from '../../tools/install/environment.ts';
import { locateGroup } from '../../tools/install/locate.ts';

/** Paths of what a test cluster is made of. */
export interface ClusterBinaries {
  readonly etcd: string;
  readonly apiserver: string;
  readonly controllerManager: string;
  /** Folder of custom resource definitions in YAML. */
  readonly crds: string;
}

const environment = readToolEnvironment();

/** Finds what a test cluster is made of, or says what is missing and what to do. */
export function findClusterBinaries(): ClusterBinaries | { readonly missing: string } {
  const etcd = locateGroup('etcd', environment);
  const kube = locateGroup('kube', environment);
  const crds = hasCrds() && existsSync(crdFolder);
  if (etcd === undefined || kube === undefined || !crds) {
    const parts = [
      ...(etcd === undefined ? ['etcd'] : []),
      ...(kube === undefined ? ['kube-apiserver and kube-controller-manager'] : []),
      ...(crds ? [] : ['the custom resource definitions']),
    ];
    return { missing: `no ${parts.join(', ')}: run \`npm run tools\`` };
  }
  return {
    etcd: join(etcd.folder, 'etcd'),
    apiserver: join(kube.folder, 'kube-apiserver'),
    controllerManager: join(kube.folder, 'kube-controller-manager'),
    crds: crdFolder,
  };
}
