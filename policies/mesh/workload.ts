import { createAttachment } from '../core/attach.ts';
import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  stringMapIn,
  valueIn,
  type JsonObject,
} from '../core/json.ts';
import { workloadKinds, type KindName } from '../core/kinds.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import type { Labels } from './labels.ts';

/** The Pods that an object is or makes, whatever its kind: labels, annotations and spec of the pod template. */
export interface Workload {
  readonly resource: Resource;
  readonly namespace: string;
  /** Where the pod template is within the object: '' for a Pod. */
  readonly template: Pointer;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: JsonObject;
}

/** A container of a workload, with its place in the object. */
export interface ContainerView {
  readonly name: string;
  readonly container: JsonObject;
  readonly at: Pointer;
  readonly list: 'containers' | 'initContainers';
}

const injectedAnnotation = 'sidecar.istio.io/status';

/** The name of the proxy's container, injected or declared. */
export const proxyContainerName = 'istio-proxy';

const templatePaths: Partial<Readonly<Record<KindName, readonly string[]>>> = {
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  ...Object.fromEntries(
    workloadKinds
      .filter((kind) => kind !== 'Pod' && kind !== 'CronJob')
      .map((kind) => [kind, ['spec', 'template']]),
  ),
  Pod: [],
};
const views = createAttachment<Resource, Workload>();
const containerViews = createAttachment<Workload, readonly ContainerView[]>();

/** The workload view of an object that is a Pod or has a pod template; undefined for others, such as a Rollout that names a Deployment. */
export function workloadOf(resource: Resource): Workload | undefined {
  const path = templatePaths[resource.type];
  if (path === undefined) {
    return undefined;
  }
  let view = views.get(resource);
  if (view === undefined) {
    const template = valueIn(resource.object, ...path);
    if (!isObject(template)) {
      return undefined;
    }
    view = {
      resource,
      namespace: resource.namespace,
      template: pointer(...path),
      labels: stringMapIn(template, 'metadata', 'labels'),
      annotations: stringMapIn(template, 'metadata', 'annotations'),
      spec: objectIn(template, 'spec'),
    };
    views.set(resource, view);
  }
  return view;
}

/** The containers of a workload in order, init containers last. */
export function containersOf(workload: Workload): readonly ContainerView[] {
  let found = containerViews.get(workload);
  if (found === undefined) {
    found = (['containers', 'initContainers'] as const).flatMap((list) =>
      listIn(workload.spec, list).map((container, index) => ({
        name: stringIn(container, 'name') ?? '',
        container: objectIn(container),
        at: extendPointer(workload.template, 'spec', list, index),
        list,
      })),
    );
    containerViews.set(workload, found);
  }
  return found;
}

/** The proxy's container, where the object has one. */
export function proxyContainerOf(workload: Workload): ContainerView | undefined {
  return containersOf(workload).find(({ name }) => name === proxyContainerName);
}

/** The container that the injector has put into a Pod; undefined where it has not been there. */
export function injectedProxyOf(workload: Workload): ContainerView | undefined {
  return Object.hasOwn(workload.annotations, injectedAnnotation)
    ? proxyContainerOf(workload)
    : undefined;
}

/** The containers that run beside the proxy while the Pod serves: no init containers except restartable ones. */
export function appContainersOf(workload: Workload): readonly ContainerView[] {
  return containersOf(workload).filter(
    ({ name, list, container }) =>
      name !== proxyContainerName &&
      (list === 'containers' || stringIn(container, 'restartPolicy') === 'Always'),
  );
}

/** The place of an annotation of the pod template. */
export function annotationPointer(workload: Workload, name: string): Pointer {
  return extendPointer(workload.template, 'metadata', 'annotations', name);
}

/** The place of a field of the pod spec. */
export function podSpecPointer(workload: Workload, ...path: readonly (string | number)[]): Pointer {
  return extendPointer(workload.template, 'spec', ...path);
}

/** Whether a controller made this object, so that its author is found elsewhere. */
export function isControlled(resource: Resource): boolean {
  return listIn(resource.object, 'metadata', 'ownerReferences').some(
    (owner) => objectIn(owner)['controller'] === true,
  );
}
