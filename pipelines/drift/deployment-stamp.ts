import { objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';

/**
 * What a deployer's stamp on an object says of the deployment that it belongs to: the release, the application or the
 * kustomization. Undefined where there is none.
 */
export function deploymentOf(object: JsonObject): string | undefined {
  const labels = objectIn(object, 'metadata', 'labels');
  const annotations = objectIn(object, 'metadata', 'annotations');
  const tracking = stringIn(annotations, 'argocd.argoproj.io/tracking-id');
  const application = tracking?.split(':', 1)[0] ?? stringIn(labels, 'argocd.argoproj.io/instance');
  if (application !== undefined) {
    return `Argo CD application ${application}`;
  }
  const pairs = [
    [
      'Flux kustomization',
      labels,
      'kustomize.toolkit.fluxcd.io/name',
      'kustomize.toolkit.fluxcd.io/namespace',
    ],
    ['Flux release', labels, 'helm.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/namespace'],
    ['Helm release', annotations, 'meta.helm.sh/release-name', 'meta.helm.sh/release-namespace'],
  ] as const;
  for (const [words, holder, name, namespace] of pairs) {
    const found = stringIn(holder, name);
    if (found !== undefined) {
      return `${words} ${stringIn(holder, namespace) ?? ''}/${found}`;
    }
  }
  return undefined;
}
