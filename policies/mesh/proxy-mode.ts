import { listIn, objectIn, stringIn } from '../core/json.ts';
import { injectLabel, injectionOf } from './injection.ts';
import { atLeastIstio, injectorValues } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { ambientLabel } from './labels.ts';
import { injectedProxyOf, proxyContainerOf, type Workload } from './workload.ts';

/** How a workload's Pods take part in the mesh. */
export interface ProxyMode {
  /**
   * `none`: no proxy; `ambient`: ztunnel; `classic`: istio-proxy among the containers; `native`: istio-proxy as a
   * restartable init container; `proxyless`: Istio's agent for gRPC, without Envoy; `unknown`: the inputs do not tell whether there is a proxy at all.
   */
  readonly mode: 'none' | 'ambient' | 'classic' | 'native' | 'proxyless' | 'unknown';
  /** The proxy is the application: a gateway, which never is a native sidecar. */
  readonly gateway: boolean;
  /** Nothing tells classic from native: native was taken, as the newer default. */
  readonly nativeAssumed: boolean;
  /** What was assumed, as clauses; empty where the inputs decide everything. */
  readonly assumptions: readonly string[];
  /** What decided, as a clause. */
  readonly reason: string;
}

/** The annotation that chooses native sidecars for one Pod. */
export const nativeSidecarAnnotation = 'sidecar.istio.io/nativeSidecar';

const templatesAnnotation = 'inject.istio.io/templates';
const noTemplates: readonly string[] = [];
const known = { nativeAssumed: false, assumptions: [] } as const;
const withoutSidecar = { ...known, gateway: false } as const;
const nativeAssumption =
  'native sidecars, as Istio 1.27 and newer inject where every node runs Kubernetes 1.33 or newer; mesh.nativeSidecars tells for certain';

/** The proxy mode of a workload. Source: Istio's injector and, for ambient, `cni/pkg/util/enablement_selector.go`. */
export function proxyModeOf(workload: Workload, mesh: Mesh): ProxyMode {
  return mesh.memo(workload, 'proxyMode', () => decideProxyMode(workload, mesh));
}

function decideProxyMode(workload: Workload, mesh: Mesh): ProxyMode {
  const injected = alreadyInjected(workload);
  if (injected !== undefined) {
    return injected;
  }
  const { decision, reason } = injectionOf(workload, mesh);
  if (decision === 'injected') {
    return sidecarKind(workload, mesh, reason);
  }
  const declared = declaredProxy(workload);
  if (declared !== undefined) {
    return declared;
  }
  if (isAmbient(workload, mesh)) {
    return { mode: 'ambient', ...withoutSidecar, reason: 'the dataplane mode is ambient' };
  }
  const meant = decision === 'unknown' ? proxyAnnotationOf(workload) : undefined;
  if (meant !== undefined) {
    const sidecar = sidecarKind(workload, mesh, `the Pod carries annotation ${meant}`);
    const labelled = `injection, since Namespace ${workload.namespace} is not among the inputs`;
    return { ...sidecar, assumptions: [labelled, ...sidecar.assumptions] };
  }
  return { mode: decision === 'unknown' ? 'unknown' : 'none', ...withoutSidecar, reason };
}

/** Whether the workload's Pods have, or get, a proxy of their own. */
export function hasSidecar(proxy: ProxyMode): boolean {
  return proxy.mode === 'classic' || proxy.mode === 'native';
}

/** Whether the workload is a gateway: by injection template, or because its proxy runs as a router. */
function isGateway(workload: Workload): boolean {
  if (templatesOf(workload).includes('gateway')) {
    return true;
  }
  const args = listIn(proxyContainerOf(workload)?.container, 'args');
  return args.includes('proxy') && args.includes('router');
}

/** Whether the injector's `global.proxy.lifecycle` replaces Istio's own hooks; one without hooks counts as absent. */
export function hasCustomLifecycle(mesh: Mesh): boolean {
  const hooks = objectIn(injectorValues(mesh), 'global', 'proxy', 'lifecycle');
  return mesh.facts.customProxyLifecycle ?? Object.keys(hooks).length > 0;
}

function proxyAnnotationOf(workload: Workload): string | undefined {
  return Object.keys(workload.annotations).find(
    (name) => name !== injectLabel && /^(?:proxy|(?:traffic\.)?sidecar)\.istio\.io\//u.test(name),
  );
}

function templatesOf(workload: Workload): readonly string[] {
  const written = workload.annotations[templatesAnnotation];
  if (written === undefined) {
    return noTemplates;
  }
  return written.split(',').map((name) => name.trim());
}

/** The templates of proxyless gRPC, where no Envoy is added beside them. */
function isProxyless(workload: Workload): boolean {
  const templates = templatesOf(workload);
  return templates.some((name) => name.startsWith('grpc-')) && !templates.includes('sidecar');
}

function alreadyInjected(workload: Workload): ProxyMode | undefined {
  return injectedProxyOf(workload) === undefined
    ? undefined
    : { ...containerMode(workload), reason: 'the Pod has been injected' };
}

function declaredProxy(workload: Workload): ProxyMode | undefined {
  const proxy = proxyContainerOf(workload);
  const image = stringIn(proxy?.container, 'image') ?? 'auto';
  if (proxy === undefined || image === 'auto') {
    return undefined;
  }
  return { ...containerMode(workload), reason: 'the manifest declares the proxy itself' };
}

function containerMode(workload: Workload): Omit<ProxyMode, 'reason'> {
  const native = proxyContainerOf(workload)?.list === 'initContainers';
  return { ...known, mode: native ? 'native' : 'classic', gateway: isGateway(workload) };
}

function sidecarKind(workload: Workload, mesh: Mesh, reason: string): ProxyMode {
  if (isProxyless(workload)) {
    return {
      ...withoutSidecar,
      mode: 'proxyless',
      reason: 'its injection template is for proxyless gRPC',
    };
  }
  if (isGateway(workload)) {
    return { ...known, mode: 'classic', gateway: true, reason };
  }
  // Beside a classic sidecar, the API server refuses the second container of that name.
  if (proxyContainerOf(workload)?.list === 'initContainers') {
    return { ...known, mode: 'native', gateway: false, reason };
  }
  const asked = workload.annotations[nativeSidecarAnnotation] ?? '';
  const configured = mesh.facts.nativeSidecars ?? 'auto';
  if (asked !== '' || configured !== 'auto') {
    const native = asked === '' ? configured === true : asked !== 'false';
    return { ...known, mode: native ? 'native' : 'classic', gateway: false, reason };
  }
  if (!atLeastIstio(mesh, 1, 27)) {
    return { ...known, mode: 'classic', gateway: false, reason };
  }
  return {
    mode: 'native',
    gateway: false,
    reason,
    nativeAssumed: true,
    assumptions: [nativeAssumption],
  };
}

function isAmbient(workload: Workload, mesh: Mesh): boolean {
  if (workload.spec['hostNetwork'] === true) {
    return false;
  }
  const own = workload.labels[ambientLabel];
  const namespace = mesh.get('Namespace', '', workload.namespace);
  return own === 'ambient' || (namespace?.labels[ambientLabel] === 'ambient' && own !== 'none');
}
