import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KindName } from '../../policies/core/kinds.ts';
import type { Resource } from '../../policies/core/resource.ts';
import type { GateContext, JudgedFinding } from '../admission/gate.ts';
import { reasonToLeaveObject, reasonToLeavePlace } from '../admission/guards.ts';
import { judge } from '../admission/judge.ts';

/** What the policies say of the objects that one namespace holds; '' stands for cluster-scoped ones. */
export interface NamespaceAudit {
  readonly namespace: string;
  /** How many objects were judged. */
  readonly judged: number;
  /** In the order of kind and name, so that the same mesh gives the same list. */
  readonly findings: readonly JudgedFinding[];
}

/** How a scan is paced. */
export interface ScanPace {
  /** Milliseconds for which the event loop may be held at once. */
  readonly sliceMilliseconds: number;
  /** Waits between two slices; without a wait of its own other work still gets its turn. */
  readonly rest?: () => Promise<unknown>;
  /** The namespace to go on after; from the beginning where it is absent. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

/**
 * Judges all that a mesh holds as if it were created now, a namespace at a time, in the order of their names. Only the
 * findings of one namespace are held at once. A finding that sums up other objects' stays away: each of them is judged
 * here too. The mesh may change meanwhile; what comes to a namespace that is done waits for the next scan.
 */
export async function* scanMesh(
  context: GateContext,
  pace: ScanPace,
): AsyncGenerator<NamespaceAudit> {
  const after = pace.after;
  for (const namespace of namespacesOf(context)) {
    if (after === undefined || namespace > after) {
      yield await scanNamespace(namespace, context, pace);
    }
    if (pace.signal?.aborted === true) {
      return;
    }
  }
}

/** The namespaces that hold anything that a policy judges, sorted. */
function namespacesOf({ mesh, plan }: GateContext): readonly string[] {
  const namespaces = new Set<string>();
  for (const type of plan.subjects) {
    for (const namespace of mesh.namespacesWith(type)) {
      namespaces.add(namespace);
    }
  }
  return [...namespaces].toSorted();
}

async function scanNamespace(
  namespace: string,
  context: GateContext,
  pace: ScanPace,
): Promise<NamespaceAudit> {
  const findings: JudgedFinding[] = [];
  let judged = 0;
  let started = performance.now();
  for (const resource of subjectsIn(namespace, context)) {
    if (context.mesh.get(resource.type, namespace, resource.name) !== resource) {
      // It went or changed while others were judged.
      continue;
    }
    judged += 1;
    for (const one of judge(resource, context.mesh, context)) {
      if (one.finding.through === undefined) {
        findings.push(one);
      }
    }
    if (performance.now() - started >= pace.sliceMilliseconds) {
      await (pace.rest ?? nextTurn)();
      started = performance.now();
    }
  }
  return { namespace, judged, findings };
}

function subjectsIn(namespace: string, context: GateContext): readonly Resource[] {
  return [...context.plan.subjects]
    .toSorted()
    .filter((type) => reasonToLeavePlace(type, namespace, context) === undefined)
    .flatMap((type) => objectsOf(type, namespace, context));
}

function objectsOf(type: KindName, namespace: string, { mesh }: GateContext): readonly Resource[] {
  return [...mesh.inNamespace(type, namespace)]
    .filter(({ object }) => reasonToLeaveObject(object) === undefined)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
