import { below, duration, keyed, type ShapeTable } from './shape.ts';

/**
 * Istio's CRDs have no defaults, and their lists are ordered values but for three. Durations are stored as they were
 * written. Source: Istio `manifests/charts/base/files/crd-all.gen.yaml`.
 */
function durations(...paths: readonly string[]): ShapeTable {
  return Object.fromEntries(paths.map((path) => [path, duration]));
}

const connectionPool = below(
  'connectionPool',
  durations(
    'tcp.connectTimeout',
    'tcp.maxConnectionDuration',
    'tcp.idleTimeout',
    'tcp.tcpKeepalive.interval',
    'tcp.tcpKeepalive.time',
    'http.idleTimeout',
    'http.http2KeepAlive.interval',
    'http.http2KeepAlive.timeout',
  ),
);

const policy: ShapeTable = {
  ...connectionPool,
  ...durations(
    'loadBalancer.consistentHash.httpCookie.ttl',
    'loadBalancer.warmupDurationSecs',
    'loadBalancer.warmup.duration',
    'outlierDetection.baseEjectionTime',
    'outlierDetection.interval',
  ),
};

const trafficPolicy = below('trafficPolicy', {
  ...policy,
  ...below('portLevelSettings[]', policy),
});

/** DestinationRule. */
export const destinationRule: ShapeTable = below('spec', {
  ...trafficPolicy,
  ...below('subsets[]', trafficPolicy),
});

/** VirtualService. */
export const virtualService: ShapeTable = below(
  'spec.http[]',
  durations(
    'timeout',
    'retries.perTryTimeout',
    'retries.backoff',
    'corsPolicy.maxAge',
    'fault.delay.fixedDelay',
    'fault.delay.exponentialDelay',
  ),
);

/** Sidecar. */
export const sidecar: ShapeTable = below('spec', {
  ...Object.fromEntries(
    Object.entries(connectionPool).map(([path, facets]) => [
      path.replace('connectionPool', 'inboundConnectionPool'),
      facets,
    ]),
  ),
  ...below('ingress[]', connectionPool),
});

/** ServiceEntry. */
export const serviceEntry: ShapeTable = { 'spec.ports': keyed('name') };

/** RequestAuthentication. */
export const requestAuthentication: ShapeTable = { 'spec.jwtRules[].timeout': duration };

/** Telemetry. */
export const telemetry: ShapeTable = { 'spec.metrics[].reportingInterval': duration };

/** WasmPlugin. */
export const wasmPlugin: ShapeTable = below('spec', {
  'match[].ports': keyed('number'),
  'vmConfig.env': keyed('name'),
});

/** TrafficExtension. */
export const trafficExtension: ShapeTable = below('spec', {
  'match[].ports': keyed('number'),
  'wasm.vmConfig.env': keyed('name'),
});
