import type {
  CoreV1Api,
  KubernetesObject,
  V1Deployment,
  V1Pod,
  V1Service,
} from '@kubernetes/client-node';
import type { ApiAnswer } from './api.ts';
import { waitFor } from './wait.ts';

/** What distinguishes a workload of a test. */
export interface WorkloadOptions {
  /** Label `app` of its Pods. */
  readonly app?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Declared `terminationDrainDuration`. */
  readonly drain?: string;
  readonly graceSeconds?: number;
}

/** The annotation from which the injector takes a proxy's settings. */
export const drainAnnotation = 'proxy.istio.io/config';

/** Where the mutating configurations are. */
export const mutatingPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

const deadlineMilliseconds = 60_000;

/** A Pod of one container. */
export function pod(name: string, options: WorkloadOptions = {}): V1Pod {
  const { app = name, annotations = {}, drain, graceSeconds } = options;
  const drains =
    drain === undefined ? {} : { [drainAnnotation]: `terminationDrainDuration: ${drain}\n` };
  const all = { ...annotations, ...drains };
  return {
    metadata: {
      name,
      labels: { app, made: name },
      ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
    },
    spec: {
      ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
      containers: [{ name: 'app', image: 'registry.example.com/app:1' }],
    },
  };
}

/** A Deployment of that Pod. */
export function deployment(name: string, options: WorkloadOptions = {}): V1Deployment {
  const { metadata = {}, spec = { containers: [] } } = pod(name, options);
  const { name: _name, ...template } = metadata;
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: { made: name } },
      template: { metadata: template, spec },
    },
  };
}

/** A Service in front of the Pods labelled `app`, with one TCP port. */
export function service(app: string): V1Service {
  return {
    metadata: { name: app },
    spec: { selector: { app }, ports: [{ name: `tcp-${app}`, port: 7000 }] },
  };
}

/** A DestinationRule that bounds the connections to a Service. */
export function rule(
  name: string,
  namespace: string,
  maxConnectionDuration: string,
): KubernetesObject & { readonly spec: unknown } {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, namespace },
    spec: {
      host: `${name}.${namespace}.svc.cluster.local`,
      trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration } } },
    },
  };
}

/** Waits for a Pod that controllers made of a Deployment of this file. */
export async function podOf(core: CoreV1Api, namespace: string, made: string): Promise<V1Pod> {
  return waitFor(`a Pod of ${made}`, deadlineMilliseconds, async () => {
    const labelSelector = `made=${made}`;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return items[0];
  });
}

/** What admission lists as filled in on a Pod. */
export function filledBy({ metadata }: V1Pod): unknown {
  return JSON.parse(metadata?.annotations?.['meshgate.dev/filled'] ?? 'null');
}

/** The PROXY_CONFIG of a Pod's proxy. */
export function proxyConfigOf({ spec }: V1Pod): string | undefined {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  return proxy?.env?.find(({ name }) => name === 'PROXY_CONFIG')?.value;
}

/** The texts of an answer's Warning headers (RFC 7234, 5.5). */
export function warningsOf({ headers }: ApiAnswer): readonly string[] {
  // Node.js reads headers as Latin-1, and the API server writes UTF-8.
  const header = Buffer.from(headers.warning ?? '', 'latin1').toString('utf8');
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/gu)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/gu, '$1'),
  );
}
