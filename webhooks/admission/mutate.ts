import { evaluate } from '../../policies/core/evaluate.ts';
import { effectOf, type Finding } from '../../policies/core/finding.ts';
import type { JsonObject } from '../../policies/core/json.ts';
import {
  equalJson,
  operationsFor,
  type Change,
  type PatchOperation,
} from '../../policies/core/patch.ts';
import { placesMeet, valueAt, type Pointer } from '../../policies/core/pointer.ts';
import { readResource } from '../../policies/core/resource.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { auditFilled, withConfiguration, type FilledEntry } from './audit.ts';
import { filledList, filledPointer, fillsOf, isInjected, type Fill } from './fills.ts';
import { leave, type GateAnswer, type GateContext } from './gate.ts';
import { reasonToLeave } from './guards.ts';
import { patchedCopy } from './patched-copy.ts';
import type { AdmissionRequest } from './request.ts';
import { allowed, patched } from './respond.ts';

const rounds = 4;

/**
 * Fills in on a Pod at CREATE what is absent. All or nothing: where the fills of several policies do not settle, or a
 * patch would not apply, the Pod passes as it is, with a warning. Never denies.
 */
export function mutate(request: AdmissionRequest, context: GateContext): GateAnswer {
  const reason = reasonToLeave(request, context) ?? reasonNotToFill(request, context);
  const pod = request.object;
  if (reason !== undefined || pod === undefined) {
    return leave(reason ?? 'no-object', allowed());
  }
  const settled = settle(pod, request.namespace, context);
  const findings = settled.findings.map((finding) => ({ finding, effect: effectOf(finding) }));
  const base = { findings, filled: [], operations: 0 };
  if (settled.changes === undefined) {
    const warning = 'meshgate filled nothing in: the fills of its policies contradict each other';
    return { ...base, response: allowed({ warnings: [warning] }), verdict: 'allowed' };
  }
  if (settled.entries.length === 0) {
    return { ...base, response: allowed(), verdict: 'allowed' };
  }
  const operations = operationsFor(pod, [
    ...settled.changes,
    { at: filledPointer, value: filledList(pod, settled.entries) },
  ]);
  if (!brings(pod, operations, settled.changes)) {
    const warning = 'meshgate filled nothing in: its patch does not apply to this Pod';
    return { ...base, response: allowed({ warnings: [warning] }), verdict: 'allowed' };
  }
  return {
    response: patched(operations, {
      auditAnnotations: withConfiguration(auditFilled(settled.entries), context.configuration),
    }),
    verdict: 'patched',
    findings,
    filled: [...new Set(settled.entries.map(({ policy }) => policy))],
    operations: operations.length,
  };
}

function reasonNotToFill(request: AdmissionRequest, context: GateContext): string | undefined {
  if (request.operation !== 'CREATE') {
    return 'operation';
  }
  if (request.kind.kind !== 'Pod' || request.kind.group !== '') {
    return 'kind';
  }
  return context.fill ? undefined : 'fill-off';
}

interface Settled {
  /** What is left to find once everything is filled in. */
  readonly findings: readonly Finding[];
  readonly entries: readonly FilledEntry[];
  /** Undefined where the fills do not settle. */
  readonly changes: readonly Change[] | undefined;
}

/** Applies fills until none is asked for any more, which is also what makes a second review give no patch. */
function settle(pod: JsonObject, namespace: string, context: GateContext): Settled {
  const injected = isInjected(pod);
  const changes = new Map<Pointer, Change>();
  const entries = new Map<string, FilledEntry>();
  let object = pod;
  for (let round = 0; ; round += 1) {
    const findings = findingsOn(object, namespace, context);
    const { fills, settles } = fillsOf(findings, injected);
    remember(fills, changes, entries);
    if (fills.length === 0 || (settles && round === 0)) {
      const mended = new Set(fills.map(({ fix }) => fix));
      const left = findings.filter(({ fix }) => fix === undefined || !mended.has(fix));
      return { findings: left, entries: [...entries.values()], changes: [...changes.values()] };
    }
    const copy = round < rounds ? apply(object, fills) : undefined;
    if (copy === undefined) {
      return { findings, entries: [], changes: undefined };
    }
    object = copy;
  }
}

function remember(
  fills: readonly Fill[],
  changes: Map<Pointer, Change>,
  entries: Map<string, FilledEntry>,
): void {
  for (const { policy, fix } of fills) {
    for (const change of fix.changes) {
      changes.set(change.at, change);
    }
    for (const value of fix.filled) {
      entries.set(`${value.at}\n${value.key ?? ''}`, { policy, ...value });
    }
  }
}

/**
 * Whether the patched Pod has everything that was to be filled in, so that its annotation tells the truth. Changes that
 * lie apart are seen in their operations; others are tried.
 */
function brings(
  pod: JsonObject,
  operations: readonly PatchOperation[],
  changes: readonly Change[],
): boolean {
  const apart = changes.every((change, index) =>
    changes.slice(index + 1).every((other) => !placesMeet(change.at, other.at)),
  );
  const seen = apart ? pod : patchedCopy(pod, operations);
  return (
    seen !== undefined &&
    changes.every(
      (change) =>
        (apart && operations.some(({ path }) => path === change.at)) ||
        equalJson(valueAt(seen, change.at), 'remove' in change ? undefined : change.value),
    )
  );
}

/** What the policies that fill find. */
function findingsOn(
  object: JsonObject,
  namespace: string,
  { mesh, plan }: GateContext,
): readonly Finding[] {
  const resource = readResource(object, namespace);
  if (resource === undefined) {
    return [];
  }
  return evaluate({ resource, defaulted: true }, mesh, plan, mayFill).findings;
}

/** The validating gate sees the Pod soon after, and is the one to tell of what cannot be filled in. */
function mayFill({ fills }: MeshPolicy): boolean {
  return fills === true;
}

function apply(object: JsonObject, fills: readonly Fill[]): JsonObject | undefined {
  const operations = operationsFor(
    object,
    fills.flatMap(({ fix }) => fix.changes),
  );
  return operations.length === 0 ? undefined : patchedCopy(object, operations);
}
