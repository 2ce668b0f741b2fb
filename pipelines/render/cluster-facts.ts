import { kinds, type KindInfo } from '../../policies/core/kinds.ts';

/** What charts are told of the cluster where the configuration says nothing: the newest supported Kubernetes. */
export const usualKubeVersion = '1.34.0';

/** Kinds of Kubernetes itself, which Helm knows. */
const builtIn = /^(?:$|[^.]+$|.*\.k8s\.io$)/u;

/** The API versions of Istio and of the Gateway API, alone and with their kinds, as Helm asks for them. */
export const meshApiVersions: readonly string[] = [
  ...new Set(
    Object.values<KindInfo>(kinds)
      .filter(({ group }) => group === 'gateway.networking.k8s.io' || !builtIn.test(group))
      .flatMap(({ group, kind, versions }) =>
        versions.flatMap((version) => [`${group}/${version}`, `${group}/${version}/${kind}`]),
      ),
  ),
].toSorted();
