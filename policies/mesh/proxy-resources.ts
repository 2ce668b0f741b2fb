import { objectIn, valueIn } from '../core/json.ts';
import { injectorValues } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { readQuantity } from './quantity.ts';
import { proxyContainerOf, type Workload } from './workload.ts';

/** An annotation by which a Pod sizes its proxy, with the field of the container that it fills. */
export interface ProxyResource {
  readonly annotation: string;
  readonly list: 'requests' | 'limits';
  readonly resource: 'cpu' | 'memory';
}

const proxyResources: readonly ProxyResource[] = [
  { annotation: 'sidecar.istio.io/proxyCPU', list: 'requests', resource: 'cpu' },
  { annotation: 'sidecar.istio.io/proxyMemory', list: 'requests', resource: 'memory' },
  { annotation: 'sidecar.istio.io/proxyCPULimit', list: 'limits', resource: 'cpu' },
  { annotation: 'sidecar.istio.io/proxyMemoryLimit', list: 'limits', resource: 'memory' },
];
const injectedAnnotation = 'sidecar.istio.io/status';

/** A default of the chart that the Pods no longer have, and the value that would bring it back. */
export interface DroppedDefault extends ProxyResource {
  readonly standard: string;
  /** The default, or what the Pod asks for where that is more than a default limit, or less than a default request. */
  readonly wanted: string;
}

const chartDefaults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '2000m', memory: '1024Mi' },
};

/**
 * The defaults that a workload's own annotations drop: the injection template takes all four from the annotations as
 * soon as there is one. A limit alone is its own request. A proxy container that declares resources keeps those.
 */
export function droppedDefaults(workload: Workload, mesh: Mesh): readonly DroppedDefault[] {
  const { annotations } = workload;
  const set = (annotation: string): boolean => Object.hasOwn(annotations, annotation);
  if (!proxyResources.some(({ annotation }) => set(annotation)) || declaresResources(workload)) {
    return [];
  }
  return proxyResources.flatMap((field) => {
    const standard = standardOf(field, mesh);
    const pair = partnerOf(field);
    const fromLimit = field.list === 'requests' && set(pair.annotation);
    if (standard === undefined || set(field.annotation) || fromLimit) {
      return [];
    }
    return [{ ...field, standard, wanted: fitting(field, standard, annotations[pair.annotation]) }];
  });
}

/** A limit that is less than what the Pod requests, so that the API server refuses it. */
export function limitsBelowRequests(workload: Workload): readonly ProxyResource[] {
  return proxyResources.filter((field) => {
    const limit = readQuantity(workload.annotations[field.annotation] ?? '');
    const request = readQuantity(workload.annotations[partnerOf(field).annotation] ?? '');
    return (
      field.list === 'limits' && limit !== undefined && request !== undefined && limit < request
    );
  });
}

/** The annotations whose value is no quantity, so that no Pod can be made. */
export function unreadableResources(workload: Workload): readonly ProxyResource[] {
  return proxyResources.filter(({ annotation }) => {
    const value = workload.annotations[annotation];
    return value !== undefined && (readQuantity(value) ?? -1) < 0;
  });
}

function partnerOf(field: ProxyResource): ProxyResource {
  const partner = proxyResources.find(
    ({ list, resource }) => list !== field.list && resource === field.resource,
  );
  return partner ?? field;
}

function standardOf({ list, resource }: ProxyResource, mesh: Mesh): string | undefined {
  const configured = valueIn(injectorValues(mesh), 'global', 'proxy', 'resources');
  const value =
    configured === undefined
      ? chartDefaults[list]?.[resource]
      : valueIn(configured, list, resource);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function fitting(field: ProxyResource, standard: string, other: string | undefined): string {
  const mine = readQuantity(standard);
  const theirs = readQuantity(other ?? '');
  return other !== undefined &&
    mine !== undefined &&
    theirs !== undefined &&
    field.list === 'limits' &&
    mine < theirs
    ? other
    : standard;
}

function declaresResources(workload: Workload): boolean {
  const declared = proxyContainerOf(workload)?.container;
  const injected = Object.hasOwn(workload.annotations, injectedAnnotation);
  return !injected && Object.keys(objectIn(declared, 'resources')).length > 0;
}

/** The annotations, as they stand on an object that makes Pods but is none itself: there the injector does not read them. */
export function misplacedResources(workload: Workload): readonly ProxyResource[] {
  return workload.template === ''
    ? []
    : proxyResources.filter(({ annotation }) =>
        Object.hasOwn(workload.resource.annotations, annotation),
      );
}
