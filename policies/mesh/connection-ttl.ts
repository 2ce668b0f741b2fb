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
import { connectionClass, type ConnectionClass } from './protocol.ts';
import { proxySettingsOf } from './proxy-config.ts';
import { httpClusters, tcpRuleHosts } from './routes.ts';
import { hostOf, portsOf, servicesOf } from './services.ts';
import type { Workload } from './workload.ts';

/** The annotation, on the object or its pod template, by which a workload declares how long its connections live. */
export const connectionTtlAnnotation = 'meshgate.dev/connection-ttl';

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
const unbounded: Bound = { ttl: undefined };

/** The TTL that a workload declares by annotation, or undefined. */
export function declaredTtl(workload: Workload): Milliseconds | undefined {
  const text =
    workload.annotations[connectionTtlAnnotation] ??
    workload.resource.annotations[connectionTtlAnnotation];
  const ttl = text === undefined ? undefined : parseDuration(text);
  return ttl !== undefined && ttl > 0 ? ttl : undefined;
}

/**
 * How long connections to each port of a workload live, for every group of clients that Istio treats alike.
 * Costs O(Services of the workload · (rules and routes that name their hosts)).
 */
export function connectionTtls(workload: Workload, mesh: Mesh): readonly ConnectionTtl[] {
  return servicesOf(workload, mesh).flatMap((service) =>
    portsOf(service).flatMap((port, portIndex) => {
      const connections = connectionClass(port);
      const number = numberIn(port, 'port');
      return connections === 'none' || number === undefined
        ? []
        : portTtls({ workload, service, port: number, portIndex, connections, mesh });
    }),
  );
}

interface PortContext {
  readonly workload: Workload;
  readonly service: Resource;
  readonly port: number;
  readonly portIndex: number;
  readonly connections: Exclude<ConnectionClass, 'none'>;
  readonly mesh: Mesh;
}

function portTtls(context: PortContext): readonly ConnectionTtl[] {
  const { workload, service, connections, mesh } = context;
  const host = hostOf(service, mesh);
  const raw = connections === 'tcp' || connections === 'sniffed';
  const filter = envoyFilterBound(workload, raw ? 'tcp' : 'http', mesh);
  return clientViews(host, service, mesh).map((view) => {
    const bounds = raw ? tcpBounds(host, view, context) : httpBounds(host, view, context);
    const worst = longestBound(bounds);
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

/** Raw listeners read the top level of the rule alone. Source: Istio `networkfilter.go`. */
function tcpBounds(
  host: string,
  view: ClientView,
  { service, mesh }: PortContext,
): readonly Bound[] {
  return [...tcpRuleHosts(host, mesh)].map((ruleHost) => {
    const effective = effectiveRule(ruleHost, service.namespace, view.namespace, mesh);
    return {
      ttl: durationAt(effective?.trafficPolicy, tcpField),
      rule: effective?.policyRule ?? effective?.rules[0],
      at: pointer('spec', 'trafficPolicy', ...tcpField),
    };
  });
}

/** HTTP clusters take the merged policy; the proxy's own connection settings bound it on either side. */
function httpBounds(host: string, view: ClientView, context: PortContext): readonly Bound[] {
  const { workload, service, mesh } = context;
  const effective = effectiveRule(host, service.namespace, view.namespace, mesh);
  const used = httpClusters(host, mesh);
  const bounds = used.whole ? [clusterBound(effective, undefined, context)] : [];
  for (const name of used.subsets) {
    const subset = effective && subsetOf(effective, name);
    if (subset !== undefined && matchesLabels(subsetLabels(subset), workload.labels)) {
      bounds.push(clusterBound(effective, subset, context));
    }
  }
  const settings = proxySettingsOf(workload, mesh).httpMaxConnectionDuration?.value;
  return bounds.map((bound) =>
    settings !== undefined && (bound.ttl === undefined || settings < bound.ttl)
      ? { ttl: settings }
      : bound,
  );
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
  const base = pointer('spec', 'trafficPolicy');
  const at = portLevelPointer(effective?.trafficPolicy, port, base) ?? base;
  return { rule: effective?.policyRule ?? effective?.rules[0], at: extendPointer(at, ...tcpField) };
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

function longestBound(bounds: readonly Bound[]): Bound {
  let worst: Bound | undefined;
  for (const bound of bounds) {
    if (bound.ttl === undefined) {
      return bound;
    }
    if (worst?.ttl === undefined || bound.ttl > worst.ttl) {
      worst = bound;
    }
  }
  return worst ?? unbounded;
}
