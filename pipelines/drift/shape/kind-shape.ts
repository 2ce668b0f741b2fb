import { groupOf } from '../../compare/manifest.ts';
import * as cluster from './cluster-kinds.ts';
import * as gatewayApi from './gateway-api.ts';
import * as istio from './istio.ts';
import { pod } from './pod.ts';
import * as services from './service.ts';
import { duration, shapeFrom, type Shape, type ShapeTable } from './shape.ts';
import * as workloads from './workloads.ts';

/** What comparing the objects of a kind takes. */
export interface KindShape {
  readonly shape: Shape;
  /** False, 0, '', [] and {} are not stored, so that Git may say them and live not. */
  readonly omitsZeros: boolean;
}

const tables: ReadonlyMap<string, ShapeTable> = new Map([
  ['/Pod', pod],
  ['/Service', services.service],
  ['/Endpoints', services.endpoints],
  ['/Secret', cluster.secret],
  ['/ConfigMap', cluster.configMap],
  ['/ServiceAccount', cluster.serviceAccount],
  ['/Namespace', cluster.namespace],
  ['/PersistentVolumeClaim', cluster.persistentVolumeClaim],
  ['/PersistentVolume', cluster.persistentVolume],
  ['/ResourceQuota', cluster.resourceQuota],
  ['discovery.k8s.io/EndpointSlice', services.endpointSlice],
  ['apps/Deployment', workloads.deployment],
  ['apps/DaemonSet', workloads.daemonSet],
  ['apps/StatefulSet', workloads.statefulSet],
  ['apps/ReplicaSet', workloads.replicaSet],
  ['batch/Job', workloads.job],
  ['batch/CronJob', workloads.cronJob],
  ['argoproj.io/Rollout', workloads.rollout],
  ['autoscaling/HorizontalPodAutoscaler', cluster.horizontalPodAutoscaler],
  ['policy/PodDisruptionBudget', cluster.podDisruptionBudget],
  ['networking.k8s.io/NetworkPolicy', cluster.networkPolicy],
  ['rbac.authorization.k8s.io/RoleBinding', cluster.roleBinding],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', cluster.roleBinding],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', cluster.validatingWebhooks],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', cluster.mutatingWebhooks],
  ['apiextensions.k8s.io/CustomResourceDefinition', cluster.customResourceDefinition],
  ['storage.k8s.io/StorageClass', cluster.storageClass],
  ['scheduling.k8s.io/PriorityClass', cluster.priorityClass],
  ['networking.istio.io/DestinationRule', istio.destinationRule],
  ['networking.istio.io/VirtualService', istio.virtualService],
  ['networking.istio.io/Sidecar', istio.sidecar],
  ['networking.istio.io/ServiceEntry', istio.serviceEntry],
  ['security.istio.io/RequestAuthentication', istio.requestAuthentication],
  ['telemetry.istio.io/Telemetry', istio.telemetry],
  ['extensions.istio.io/WasmPlugin', istio.wasmPlugin],
  ['extensions.istio.io/TrafficExtension', istio.trafficExtension],
  ['gateway.networking.k8s.io/Gateway', gatewayApi.gateway],
  ['gateway.networking.k8s.io/ListenerSet', gatewayApi.listenerSet],
  ['gateway.networking.k8s.io/HTTPRoute', gatewayApi.httpRoute],
  ['gateway.networking.k8s.io/GRPCRoute', gatewayApi.grpcRoute],
  ['gateway.networking.k8s.io/TCPRoute', gatewayApi.streamRoute],
  ['gateway.networking.k8s.io/TLSRoute', gatewayApi.streamRoute],
  ['gateway.networking.k8s.io/UDPRoute', gatewayApi.streamRoute],
  ['cert-manager.io/Certificate', { 'spec.duration': duration, 'spec.renewBefore': duration }],
]);

const compiled = new Map<string, Shape>();
const unknownShape: Shape = { members: new Map() };

/** What is known of a kind; of others nothing, so that their lists are ordered and nothing is filled in. */
export function kindShape(apiVersion: string, kind: string): KindShape {
  const group = groupOf(apiVersion);
  const key = `${group}/${kind}`;
  const table = tables.get(key);
  if (table === undefined) {
    return { shape: unknownShape, omitsZeros: isBuiltIn(group) };
  }
  let shape = compiled.get(key);
  if (shape === undefined) {
    shape = shapeFrom(table);
    compiled.set(key, shape);
  }
  return { shape, omitsZeros: isBuiltIn(group) };
}

/** Groups whose types are those of Kubernetes itself and not of a CustomResourceDefinition. */
function isBuiltIn(group: string): boolean {
  return (
    !group.includes('.') ||
    (group.endsWith('.k8s.io') &&
      !/(?:^|\.)(?:gateway\.networking|gateway\.networking\.x|x-k8s|snapshot\.storage|metrics)\b/u.test(
        group,
      ))
  );
}
