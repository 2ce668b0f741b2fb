import { listIn, stringIn, type JsonObject } from '../../../policies/core/json.ts';
import {
  assigned,
  below,
  each,
  fallback,
  kept,
  keyed,
  unordered,
  type ShapeTable,
} from './shape.ts';

/** Source: Kubernetes `pkg/apis/core/v1/defaults.go`, `SetDefaults_Service`. */
export const service: ShapeTable = below('spec', {
  type: fallback('ClusterIP'),
  sessionAffinity: fallback('None'),
  sessionAffinityConfig: fallback((parent) =>
    parent['sessionAffinity'] === 'ClientIP' ? { clientIP: { timeoutSeconds: 10_800 } } : undefined,
  ),
  ports: keyed('port', 'protocol'),
  'ports[].protocol': fallback('TCP'),
  'ports[].targetPort': fallback((parent) => parent['port']),
  'ports[].nodePort': assigned,
  internalTrafficPolicy: fallback((parent) =>
    parent['type'] === 'ExternalName' ? undefined : 'Cluster',
  ),
  externalTrafficPolicy: fallback((parent) => (isExternal(parent) ? 'Cluster' : undefined)),
  allocateLoadBalancerNodePorts: {
    ...fallback((parent) => (parent['type'] === 'LoadBalancer' ? true : undefined)),
    ...kept,
  },
  ...each('clusterIP clusterIPs ipFamilies ipFamilyPolicy healthCheckNodePort', assigned),
});

function isExternal(spec: JsonObject): boolean {
  const type = stringIn(spec, 'type');
  return type === 'NodePort' || type === 'LoadBalancer' || listIn(spec, 'externalIPs').length > 0;
}

/** Endpoints; the server sorts the subsets and what is in them. */
export const endpoints: ShapeTable = {
  subsets: unordered,
  'subsets[].addresses': unordered,
  'subsets[].notReadyAddresses': unordered,
  'subsets[].ports': unordered,
  'subsets[].ports[].protocol': fallback('TCP'),
};

/** Source: Kubernetes `pkg/apis/discovery/v1/defaults.go`. */
export const endpointSlice: ShapeTable = {
  'ports[].name': fallback(''),
  'ports[].protocol': fallback('TCP'),
};
