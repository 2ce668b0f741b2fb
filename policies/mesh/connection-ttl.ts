import { listIn, numberIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { milliseconds, parseDuration, type Milliseconds } from '../core/duration.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { clientViews, type ClientView } from './clients.ts';
import {
  effectiveRule,
  portLevelPointer,
  portPolicy,
  subsetLabels,
  subsetOf,
  type EffectiveRule,
  type SubsetView,
} from './destination-rules.ts';
import { envoyFilterBound } from './envoy-filters.ts';
import { matchesLabels } from './labels.ts';
import { atLeastIstio, meshConfig, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import {
  connectionClass,
  routeSection,
  type ConnectionClass,
  type RouteSection,
} from './protocol.ts';
import { proxySettingsOf } from './proxy-config.ts';
import { waysTo } from './routes.ts';
import { hostOf, portsOf, serviceOfHost, servicesOf } from './services.ts';
import { workloadPort } from './target-ports.ts';
import { annotationPointer, type Workload } from './workload.ts';

/** The annotation, on the object or its pod template, by which a workload declares how long its connections live. */
const connectionTtlAnnotation = 'meshgate.dev/connection-ttl';

/** How long connections to one port of a workload live, for the clients of one view. */
export interface ConnectionTtl {
  readonly service: Resource;
  readonly port: number;
  readonly portIndex: number;
  readonly connections: Exclude<ConnectionClass, 'none'>;
  /** Whose connections: a clause such as `clients in namespace shop`. */
  readonly clients: string;
  /** Undefined: nothing ends the connection. */
  readonly ttl: Milliseconds | undefined;
  readonly jitter: number;
  /** The object and field that decide the TTL, or that might have. */
  readonly rule: Resource | undefined;
  readonly at: Pointer | undefined;
}

interface Bound {
  readonly ttl: Milliseconds | undefined;
  readonly rule?: Resource | undefined;
  readonly at?: Pointer | undefined;
}

const tcpField = ['connectionPool', 'tcp', 'maxConnectionDuration'] as const;
const policyPointer = pointer('spec', 'trafficPolicy');
const topPointer = extendPointer(policyPointer, ...tcpField);

/** The annotation by which a workload declares how long its connections live, as it is written; undefined without one. */
export function ttlAnnotation(
  workload: Workload,
): { readonly text: string; readonly at: Pointer } | undefined {
  const template = workload.annotations[connectionTtlAnnotation];
  if (template !== undefined) {
    return { text: template, at: annotationPointer(workload, connectionTtlAnnotation) };
  }
  const text = workload.resource.annotations[connectionTtlAnnotation];
  return text === undefined
    ? undefined
    : { text, at: pointer('metadata', 'annotations', connectionTtlAnnotation) };
}

/** The TTL that a workload declares by annotation, or undefined where it does not, or by no duration. */
export function declaredTtl(workload: Workload): Milliseconds | undefined {
  const text = ttlAnnotation(workload)?.text;
  const ttl = text === undefined ? undefined : parseDuration(text);
  return ttl !== undefined && ttl > 0 ? ttl : undefined;
}

/**
 * How long connections to each port of a workload live, for every group of clients that Istio treats alike.
 * Costs O(Services of the workload · (rules and routes that name their hosts)).
 */
export function connectionTtls(workload: Workload, mesh: Mesh): readonly ConnectionTtl[] {
  return mesh.memo(workload, 'connectionTtls', () => readConnectionTtls(workload, mesh));
}

function readConnectionTtls(workload: Workload, mesh: Mesh): readonly ConnectionTtl[] {
  return servicesOf(workload, mesh).flatMap((service) =>
    portsOf(service).flatMap((port, portIndex) => {
      const connections = connectionClass(port);
      const number = numberIn(port, 'port');
      return connections === 'none' || number === undefined
        ? []
        : portTtls({
            workload,
            service,
            port: number,
            portIndex,
            connections,
            section: routeSection(port),
            mesh,
          });
    }),
  );
}

interface PortContext {
  readonly workload: Workload;
  readonly service: Resource;
  readonly port: number;
  readonly portIndex: number;
  readonly connections: Exclude<ConnectionClass, 'none'>;
  readonly section: RouteSection;
  readonly mesh: Mesh;
}

function portTtls(context: PortContext): readonly ConnectionTtl[] {
  const { workload, service, connections, section, mesh } = context;
  const host = hostOf(service, mesh);
  const protocol = section === 'http' ? 'http' : 'tcp';
  const podPort = workloadPort(portsOf(service)[context.portIndex] ?? null, workload);
  const filter = envoyFilterBound(workload, { host, port: context.port, podPort, protocol }, mesh);
  return clientViews(host, service, mesh).flatMap((view) => {
    const bounds = boundsOf(view, context);
    const worst = longestBound(bounds);
    if (worst === undefined) {
      return [];
    }
    const filtered = filter !== undefined && (worst.ttl === undefined || filter.ttl < worst.ttl);
    return {
      service,
      port: context.port,
      portIndex: context.portIndex,
      connections,
      clients: view.description,
      ttl: filtered ? filter.ttl : worst.ttl,
      jitter: filtered ? filter.jitter : 0,
      rule: filtered ? filter.filter : worst.rule,
      at: filtered ? pointer('spec', 'configPatches') : worst.at,
    };
  });
}

/**
 * The bound of each way that reaches the workload. Raw listeners read the top level of the rule alone; HTTP clusters
 * take the merged policy, and the proxy's own connection settings bound them on either side. Source: Istio
 * `networkfilter.go`, `cluster_traffic_policy.go`.
 */
function boundsOf(view: ClientView, context: PortContext): readonly Bound[] {
  const { workload, service, port, section, mesh } = context;
  const raw = section !== 'http';
  const host = hostOf(service, mesh);
  const { namespace: client } = view;
  const ruleOf = (ruled: string): EffectiveRule | undefined =>
    effectiveRule(ruled, namespaceOfHost(ruled, service, mesh), client, mesh);
  // Workloads come and go, while what their Service's clients see stays.
  const ways = mesh.memo(service, `ways ${String(port)} ${section} ${client ?? '*'}`, () =>
    waysTo({ host, port, section, clientNamespace: client }, mesh),
  );
  const settings = raw ? undefined : proxySettingsOf(workload, mesh).httpMaxConnectionDuration;
  return ways.flatMap(({ ruleHost, subset: name }) => {
    const effective = ruleOf(host);
    const subset =
      name === undefined || effective === undefined ? undefined : subsetOf(effective, name);
    const reached =
      name === undefined ||
      (subset !== undefined && matchesLabels(subsetLabels(subset), workload.labels));
    if (!reached) {
      return [];
    }
    const bound = raw ? listenerBound(ruleOf(ruleHost)) : clusterBound(effective, subset, context);
    return settings !== undefined && (bound.ttl === undefined || settings.value < bound.ttl)
      ? [{ ttl: settings.value }]
      : [bound];
  });
}

function namespaceOfHost(host: string, service: Resource, mesh: Mesh): string {
  if (host === hostOf(service, mesh)) {
    return service.namespace;
  }
  return serviceOfHost(host, mesh)?.namespace ?? service.namespace;
}

function listenerBound(effective: EffectiveRule | undefined): Bound {
  return {
    ttl: durationAt(effective?.trafficPolicy, tcpField),
    rule: effective?.policyRule ?? effective?.rules[0],
    at: topPointer,
  };
}

function clusterBound(
  effective: EffectiveRule | undefined,
  subset: SubsetView | undefined,
  { port, mesh }: PortContext,
): Bound {
  const subsetPolicy = valueIn(subset?.subset, 'trafficPolicy');
  const merged = portPolicy(effective?.trafficPolicy, subsetPolicy, port);
  const pool = valueIn(merged, 'connectionPool') === undefined ? meshDefaultPolicy(mesh) : merged;
  return { ttl: durationAt(pool, tcpField), ...decider(effective, subset, port) };
}

/** The rule and field that decide a cluster's TTL: the subset's where it has a pool of its own. */
function decider(
  effective: EffectiveRule | undefined,
  subset: SubsetView | undefined,
  port: number,
): Pick<Bound, 'rule' | 'at'> {
  const own = valueIn(subset?.subset, 'trafficPolicy');
  if (
    subset !== undefined &&
    (valueIn(own, 'connectionPool') ?? portLevel(own, port)) !== undefined
  ) {
    const base = extendPointer(subset.at, 'trafficPolicy');
    return {
      rule: subset.rule,
      at: extendPointer(portLevelPointer(own, port, base) ?? base, ...tcpField),
    };
  }
  const level = portLevelPointer(effective?.trafficPolicy, port, policyPointer);
  return {
    rule: effective?.policyRule ?? effective?.rules[0],
    at: level === undefined ? topPointer : extendPointer(level, ...tcpField),
  };
}

function portLevel(policy: Json | undefined, port: number): Json | undefined {
  return listIn(policy, 'portLevelSettings').find(
    (setting) => valueIn(setting, 'port', 'number') === port,
  );
}

function meshDefaultPolicy(mesh: Mesh): Json | undefined {
  return atLeastIstio(mesh, 1, 31)
    ? protoMember(meshConfig(mesh), 'defaultTrafficPolicy')
    : undefined;
}

function durationAt(policy: Json | undefined, path: readonly string[]): Milliseconds | undefined {
  const text = stringIn(policy, ...path);
  const ttl = text === undefined ? undefined : parseDuration(text);
  return ttl === undefined || ttl <= 0 ? undefined : milliseconds(ttl);
}

/** Undefined where no way leads to the workload. */
function longestBound(bounds: readonly Bound[]): Bound | undefined {
  let worst: Bound | undefined;
  for (const bound of bounds) {
    if (bound.ttl === undefined) {
      return bound;
    }
    if (worst?.ttl === undefined || bound.ttl > worst.ttl) {
      worst = bound;
    }
  }
  return worst;
}
