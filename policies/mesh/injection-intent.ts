import { objectIn, stringIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { injectLabel, injectionOf, type Injection } from './injection.ts';
import type { Mesh } from './mesh.ts';
import { annotationPointer, type Workload } from './workload.ts';
import { extendPointer } from '../core/pointer.ts';

/** The label by which a Namespace or Pod chooses a revision of the injector. */
const revisionLabel = 'istio.io/rev';

/** A label or annotation about injection that does not do what it says. */
export interface LostIntent {
  readonly problem:
    | 'value-unread'
    | 'asked-in-vain'
    | 'annotation-unseen'
    | 'annotation-hidden'
    | 'label-on-controller'
    | 'revision-unread'
    | 'namespace-overruled';
  readonly at: Pointer;
  /** The label or annotation, as `sidecar.istio.io/inject: "yes"`. */
  readonly declared: string;
  readonly injection: Injection;
}

/** What a workload declares about its injection that has no effect, or another one than it says. */
export function lostIntents(workload: Workload, mesh: Mesh): readonly LostIntent[] {
  const injection = injectionOf(workload, mesh);
  if (injection.decision === 'unknown') {
    return [];
  }
  const label = workload.labels[injectLabel];
  const annotation = workload.annotations[injectLabel];
  const found = [
    label === undefined ? undefined : lostLabel(workload, label, injection),
    annotation === undefined ? undefined : lostAnnotation(workload, annotation, injection),
    lostRevision(workload, injection, mesh),
    labelOnController(workload, injection),
    overruledNamespace(workload, injection, mesh),
  ];
  return found.filter((intent) => intent !== undefined);
}

function lostLabel(
  workload: Workload,
  label: string,
  injection: Injection,
): LostIntent | undefined {
  const at = injectLabelPointer(workload);
  const declared = `label ${injectLabel}: "${label}"`;
  if (label !== 'true' && label !== 'false') {
    return { problem: 'value-unread', at, declared, injection };
  }
  return label === 'true' && injection.decision === 'not-injected'
    ? { problem: 'asked-in-vain', at, declared, injection }
    : undefined;
}

function lostAnnotation(
  workload: Workload,
  annotation: string,
  injection: Injection,
): LostIntent | undefined {
  const at = annotationPointer(workload, injectLabel);
  const declared = `annotation ${injectLabel}: "${annotation}"`;
  const wanted = annotation === 'false' ? 'not-injected' : 'injected';
  if (injection.decision === wanted) {
    return annotation === 'true' || annotation === 'false'
      ? undefined
      : { problem: 'value-unread', at, declared, injection };
  }
  const problem = Object.hasOwn(workload.labels, injectLabel)
    ? 'annotation-hidden'
    : 'annotation-unseen';
  return { problem, at, declared, injection };
}

/** A Pod chooses its revision only in a namespace without a label of either kind. */
function lostRevision(
  workload: Workload,
  injection: Injection,
  mesh: Mesh,
): LostIntent | undefined {
  const revision = workload.labels[revisionLabel];
  const namespace = mesh.get('Namespace', '', workload.namespace)?.labels ?? {};
  const switched = namespace['istio-injection'];
  const effective = switched === undefined ? namespace[revisionLabel] : 'default';
  return revision === undefined || effective === undefined || effective === revision
    ? undefined
    : {
        problem: 'revision-unread',
        at: extendPointer(workload.template, 'metadata', 'labels', revisionLabel),
        declared: `label ${revisionLabel}: "${revision}"`,
        injection,
      };
}

/** The namespace asks, the Pod does not refuse, and still there is no sidecar: the host network, or the injector's own rules. */
function overruledNamespace(
  workload: Workload,
  injection: Injection,
  mesh: Mesh,
): LostIntent | undefined {
  const labels = mesh.get('Namespace', '', workload.namespace)?.labels ?? {};
  const asked = labels['istio-injection'] ?? (labels[revisionLabel] === undefined ? '' : 'enabled');
  const says =
    Object.hasOwn(workload.labels, injectLabel) || Object.hasOwn(workload.annotations, injectLabel);
  return asked !== 'enabled' || says || injection.decision !== 'not-injected'
    ? undefined
    : {
        problem: 'namespace-overruled',
        at: injectLabelPointer(workload),
        declared: 'injection label of the namespace',
        injection,
      };
}

/** The injector looks at Pods: what stands on the controller never gets there. */
function labelOnController(workload: Workload, injection: Injection): LostIntent | undefined {
  const { resource } = workload;
  if (resource.type === 'Pod' || Object.hasOwn(workload.labels, injectLabel)) {
    return undefined;
  }
  for (const [place, values] of [
    ['labels', resource.labels],
    ['annotations', resource.annotations],
  ] as const) {
    const value = values[injectLabel];
    const wanted = value === 'false' ? 'not-injected' : 'injected';
    if (value !== undefined && injection.decision !== wanted) {
      return {
        problem: 'label-on-controller',
        at: pointer('metadata', place, injectLabel),
        declared: `${place === 'labels' ? 'label' : 'annotation'} ${injectLabel}: "${value}"`,
        injection,
      };
    }
  }
  return undefined;
}

/** The place of the injection label of a workload's Pods. */
export function injectLabelPointer(workload: Workload): Pointer {
  return extendPointer(workload.template, 'metadata', 'labels', injectLabel);
}

/** What injection would be with another value of the label on the Pods. */
export function injectionWithLabel(workload: Workload, value: string, mesh: Mesh): Injection {
  return injectionOf({ ...workload, labels: { ...workload.labels, [injectLabel]: value } }, mesh);
}

/** A value of a Namespace's `istio-injection` that is neither enabled nor disabled, and stops all injection there. */
export function misspeltInjection(namespace: Resource): string | undefined {
  const value = stringIn(objectIn(namespace.object, 'metadata', 'labels'), 'istio-injection');
  return value === undefined || value === 'enabled' || value === 'disabled' ? undefined : value;
}
