import { objectIn, stringIn, stringMapIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { matchesLabels, type Labels } from './labels.ts';
import { meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** What a proxy accepts on a port: Istio's mutual TLS only, that and plaintext, or plaintext only. */
export type MtlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** A mode with the PeerAuthentication that decides it; none of them: Istio's default. */
export interface EffectiveMtls {
  readonly mode: MtlsMode;
  readonly policy: Resource | undefined;
  /** Where in the policy; '' without one. */
  readonly at: Pointer;
  /** What decided: the mesh's policy, the namespace's, one that selects the workload, or its port. */
  readonly level: 'default' | 'mesh' | 'namespace' | 'workload' | 'port';
}

const byDefault: EffectiveMtls = {
  mode: 'PERMISSIVE',
  policy: undefined,
  at: pointer(),
  level: 'default',
};

/**
 * What a workload's proxy accepts on a port of its Pods: the mesh's policy, then the namespace's, then one that
 * selects the workload, then its `portLevelMtls` for that very port. Of several at one level the oldest counts; UNSET
 * inherits. With a Sidecar ingress listener the port is the listener's. Source: Istio `authn/policy_applier.go`.
 */
export function effectiveMtls(
  workload: { readonly namespace: string; readonly labels: Labels },
  port: number,
  mesh: Mesh,
): EffectiveMtls {
  const inherited = namespaceMtls(workload.namespace, mesh);
  const own = selectingPolicy(workload.namespace, workload.labels, mesh);
  if (own === undefined) {
    return inherited;
  }
  const whole = modeOf(own, 'mtls', 'mode');
  const general: EffectiveMtls =
    whole === undefined
      ? inherited
      : { mode: whole, policy: own, at: pointer('spec', 'mtls', 'mode'), level: 'workload' };
  const forPort = modeOf(own, 'portLevelMtls', String(port), 'mode');
  return forPort === undefined
    ? general
    : { mode: forPort, policy: own, at: portLevelPointer(port), level: 'port' };
}

/** What the policies without selector say for a namespace: all that clients of headless Services see. */
export function namespaceMtls(namespace: string, mesh: Mesh): EffectiveMtls {
  const root = meshWideNamespace(mesh);
  const at = pointer('spec', 'mtls', 'mode');
  let effective = byDefault;
  for (const level of ['mesh', 'namespace'] as const) {
    const where = level === 'mesh' ? root : namespace;
    const policy =
      level === 'namespace' && namespace === root ? undefined : plainPolicy(where, mesh);
    const mode = policy && modeOf(policy, 'mtls', 'mode');
    if (mode !== undefined) {
      effective = { mode, policy, at, level };
    }
  }
  return effective;
}

/** The labels that a PeerAuthentication selects by; undefined where it is for its whole namespace or mesh. */
export function selectedByPolicy(policy: Resource): Labels | undefined {
  const labels = stringMapIn(policy.object, 'spec', 'selector', 'matchLabels');
  return Object.keys(labels).length === 0 ? undefined : labels;
}

/** The place of a port's mode in a PeerAuthentication. */
export function portLevelPointer(port: number | string): Pointer {
  return pointer('spec', 'portLevelMtls', String(port), 'mode');
}

/** The ports that a PeerAuthentication names. */
export function portLevelKeys(policy: Resource): readonly string[] {
  return Object.keys(objectIn(policy.object, 'spec', 'portLevelMtls'));
}

function plainPolicy(namespace: string, mesh: Mesh): Resource | undefined {
  return policiesIn(namespace, mesh).find((policy) => selectedByPolicy(policy) === undefined);
}

/** A policy with a selector in the root namespace selects nothing. */
function selectingPolicy(namespace: string, labels: Labels, mesh: Mesh): Resource | undefined {
  if (namespace === meshWideNamespace(mesh)) {
    return undefined;
  }
  return policiesIn(namespace, mesh).find((policy) => {
    const wanted = selectedByPolicy(policy);
    return wanted !== undefined && matchesLabels(wanted, labels);
  });
}

function policiesIn(namespace: string, mesh: Mesh): readonly Resource[] {
  return [...mesh.inNamespace('PeerAuthentication', namespace)].sort(compareAge);
}

function modeOf(policy: Resource, ...path: readonly string[]): MtlsMode | undefined {
  const mode = stringIn(policy.object, 'spec', ...path);
  return mode === 'STRICT' || mode === 'PERMISSIVE' || mode === 'DISABLE' ? mode : undefined;
}
