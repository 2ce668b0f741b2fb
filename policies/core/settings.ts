import type { Gate, Mode } from './finding.ts';
import type { Json } from './json.ts';
import type { DriftSettings } from './settings-drift.ts';

/** Facts about the mesh that manifests cannot tell; every one may be unknown. Key `mesh:` of `meshgate.yaml`. */
export interface MeshFacts {
  /** `1.31` or `1.31.2`. Unknown: the newest supported. */
  readonly istioVersion?: string;
  /** Whether injected sidecars are native (init containers). `auto` or unknown: by version and nodes, as istiod decides. */
  readonly nativeSidecars?: boolean | 'auto';
  /** Whether proxies capture DNS where no proxy says (`ISTIO_META_DNS_CAPTURE`). */
  readonly dnsCapture?: boolean;
  /** Whether ServiceEntries without addresses get one (`PILOT_ENABLE_IP_AUTOALLOCATE`). */
  readonly autoAllocate?: boolean;
  /** Time until the slowest client has dropped an endpoint, as a Go duration; 5s where unknown. */
  readonly propagationTime?: string;
  /** Namespace of istiod and, unless the mesh config has a `rootNamespace`, of mesh-wide resources; `istio-system` where unknown. */
  readonly rootNamespace?: string;
  /** DNS suffix of Services; `cluster.local` where unknown. */
  readonly clusterDomain?: string;
  /** Whether namespaces without a label are injected (`enableNamespacesByDefault`). */
  readonly injectByDefault?: boolean;
  /** Whether namespaces that are not among the inputs are taken as injected. Unknown: not judged. */
  readonly injectUnknownNamespaces?: boolean;
  /** The injector's `global.proxy.lifecycle` is set, so that Istio's own drain hook is gone. */
  readonly customProxyLifecycle?: boolean;
  /** Multi-cluster Services (`clusterset.local`) are on. */
  readonly multiClusterServices?: boolean;
  /** The network of the cluster's Pods (`global.network`), where no label names another. */
  readonly network?: string;
  /** Networks that have a gateway which is not among the inputs, such as those of other clusters. */
  readonly networksWithGateway?: readonly string[];
}

/** Which objects something applies to; every given field must match, absent ones match all. */
export interface Match {
  /** Names or globs with `*`. */
  readonly namespaces?: readonly string[];
  readonly kinds?: readonly string[];
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}

/** One mode for all gates, or one for each; a gate that is left out keeps its default. */
export type ModeSetting = Mode | Partial<Record<Gate, Mode>>;

/** What the configuration says of one policy. */
export interface PolicySetting {
  readonly mode?: ModeSetting;
  readonly params?: Readonly<Record<string, Json>>;
}

/** Other settings for some objects; later scopes win. */
export interface Scope {
  readonly name: string;
  readonly match: Match;
  readonly policies: Readonly<Record<string, PolicySetting>>;
}

/** A finding that somebody has accepted. */
export interface Exemption {
  readonly policy: string;
  readonly match: Match;
  readonly reason: string;
  /** Last day, `2027-01-31`; the exemption holds until that day has ended in UTC. */
  readonly expires?: string;
}

/** What to render of a folder in the place of what would be found there. */
export interface RenderedFolder {
  /** Folder of a chart or a kustomization, from the root of the repository. */
  readonly path: string;
  /** Name of the release; for charts. */
  readonly release?: string;
  /** Of the release, and of objects that name none. */
  readonly namespace?: string;
  /** Files of values from the root of the repository, later ones win; for charts. */
  readonly values?: readonly string[];
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
}

/** How kustomizations and charts are rendered. */
export interface RenderSettings {
  /** Version of Kubernetes that charts are told. Unknown: the newest that is supported. */
  readonly kubeVersion?: string;
  /** API versions that charts are told beside those of Kubernetes, Istio and the Gateway API. */
  readonly apiVersions: readonly string[];
  /** Globs of folders whose kustomizations and charts are not rendered. */
  readonly ignore: readonly string[];
  /** Variables of Flux Kustomizations that the repository does not hold. */
  readonly substitute: Readonly<Record<string, string>>;
  readonly roots: readonly RenderedFolder[];
}

/** `meshgate.yaml`, valid and with its defaults filled in. */
export interface Settings {
  readonly mesh: MeshFacts;
  readonly policies: Readonly<Record<string, PolicySetting>>;
  readonly scopes: readonly Scope[];
  readonly exemptions: readonly Exemption[];
  /** Namespaces (globs) whose objects may carry `meshgate.dev/exempt`; empty: the annotation is not honoured. */
  readonly annotationExemptions: { readonly namespaces: readonly string[] };
  readonly admission: {
    /** Fill in on Pods what is absent. */
    readonly fill: boolean;
    /** What happens to objects while no answer comes; where it is left out, as the server was started. */
    readonly failurePolicy?: 'Ignore' | 'Fail';
  };
  readonly drift: DriftSettings;
  readonly files: {
    /** Globs of paths that are not read. */
    readonly ignore: readonly string[];
  };
  readonly render: RenderSettings;
}

/** The modes of a policy that the configuration does not name: admission tells, review and drift hold. */
export const defaultModes: Readonly<Record<Gate, Mode>> = {
  admission: 'warn',
  review: 'enforce',
  drift: 'enforce',
};
