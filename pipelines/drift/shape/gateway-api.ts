import { below, duration, fallback, keyed, unordered, type ShapeTable } from './shape.ts';

/**
 * Gateway API keeps what was written and fills in the defaults of its CRDs. Source: kubernetes-sigs/gateway-api
 * `config/crd/standard`; the tests compare these tables with what the CRDs say.
 */
const gatewayGroup = 'gateway.networking.k8s.io';

const parentRefs: ShapeTable = {
  'parentRefs[].group': fallback(gatewayGroup),
  'parentRefs[].kind': fallback('Gateway'),
};

const backend: ShapeTable = { group: fallback(''), kind: fallback('Service') };

const backendRefs: ShapeTable = {
  ...below('backendRefs[]', backend),
  'backendRefs[].weight': fallback(1),
};

const headers: ShapeTable = { add: keyed('name'), set: keyed('name'), remove: unordered };

const commonFilters: ShapeTable = {
  ...below('requestMirror.backendRef', backend),
  'requestMirror.fraction.denominator': fallback(100),
  ...below('requestHeaderModifier', headers),
  ...below('responseHeaderModifier', headers),
};

const httpFilters: ShapeTable = {
  ...commonFilters,
  'requestRedirect.statusCode': fallback(302),
  'cors.maxAge': fallback(5),
  'cors.allowHeaders': unordered,
  'cors.allowMethods': unordered,
  'cors.allowOrigins': unordered,
  'cors.exposeHeaders': unordered,
};

const anyPath = { type: 'PathPrefix', value: '/' };

/** HTTPRoute: one without rules comes back with one rule. */
export const httpRoute: ShapeTable = below('spec', {
  ...parentRefs,
  rules: fallback([{ matches: [{ path: anyPath }] }]),
  ...below('rules[]', {
    matches: fallback([{ path: anyPath }]),
    'matches[].path': fallback(anyPath),
    'matches[].path.type': fallback('PathPrefix'),
    'matches[].path.value': fallback('/'),
    'matches[].headers': keyed('name'),
    'matches[].headers[].type': fallback('Exact'),
    'matches[].queryParams': keyed('name'),
    'matches[].queryParams[].type': fallback('Exact'),
    ...below('filters[]', httpFilters),
    ...backendRefs,
    ...below('backendRefs[].filters[]', httpFilters),
    'timeouts.request': duration,
    'timeouts.backendRequest': duration,
    'retry.backoff': duration,
    'sessionPersistence.absoluteTimeout': duration,
    'sessionPersistence.idleTimeout': duration,
  }),
});

/** GRPCRoute. */
export const grpcRoute: ShapeTable = below('spec', {
  ...parentRefs,
  ...below('rules[]', {
    'matches[].headers': keyed('name'),
    'matches[].headers[].type': fallback('Exact'),
    'matches[].method.type': fallback('Exact'),
    ...below('filters[]', commonFilters),
    ...backendRefs,
    ...below('backendRefs[].filters[]', commonFilters),
  }),
});

/** TCPRoute, TLSRoute and UDPRoute. */
export const streamRoute: ShapeTable = below('spec', {
  ...parentRefs,
  ...below('rules[]', backendRefs),
});

const listeners: ShapeTable = {
  listeners: keyed('name'),
  ...below('listeners[]', {
    allowedRoutes: fallback({ namespaces: { from: 'Same' } }),
    'allowedRoutes.kinds[].group': fallback(gatewayGroup),
    'allowedRoutes.namespaces': fallback({ from: 'Same' }),
    'allowedRoutes.namespaces.from': fallback('Same'),
    'tls.certificateRefs[].group': fallback(''),
    'tls.certificateRefs[].kind': fallback('Secret'),
    'tls.mode': fallback('Terminate'),
  }),
};

/** Gateway. */
export const gateway: ShapeTable = below('spec', {
  ...listeners,
  'addresses[].type': fallback('IPAddress'),
  'allowedListeners.namespaces': fallback({ from: 'None' }),
  'allowedListeners.namespaces.from': fallback('None'),
  'tls.backend.clientCertificateRef.group': fallback(''),
  'tls.backend.clientCertificateRef.kind': fallback('Secret'),
  'tls.frontend.default.validation.mode': fallback('AllowValidOnly'),
  'tls.frontend.perPort': keyed('port'),
  'tls.frontend.perPort[].tls.validation.mode': fallback('AllowValidOnly'),
});

/** ListenerSet. */
export const listenerSet: ShapeTable = below('spec', {
  ...listeners,
  'parentRef.group': fallback(gatewayGroup),
  'parentRef.kind': fallback('Gateway'),
});
