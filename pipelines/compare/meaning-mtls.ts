import type { Resource } from '../../policies/core/resource.ts';
import type { Labels } from '../../policies/mesh/labels.ts';
import { rootNamespace } from '../../policies/mesh/mesh-config.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import {
  effectiveMtls,
  portLevelKeys,
  selectedByPolicy,
  type MtlsMode,
} from '../../policies/mesh/mtls.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import {
  brief,
  listed,
  nameOf,
  pairsOf,
  sorted,
  statement,
  type Effect,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';

const strictness: Readonly<Record<MtlsMode, number>> = { DISABLE: 0, PERMISSIVE: 1, STRICT: 2 };
const then: Readonly<Record<MtlsMode, string>> = {
  DISABLE: 'plaintext only',
  PERMISSIVE: 'plaintext is accepted too',
  STRICT: 'plaintext is refused',
};
/** No port of a workload, so that what it gets is what holds for all ports that nothing names. */
const anyPort = 0;

/** What servers accept: mutual TLS, plaintext, or both. */
export function explainMtls(change: MeshChange): readonly Statement[] {
  return [
    ...pairsOf(change, 'PeerAuthentication').flatMap((pair) => explainPolicy(pair, change)),
    ...change.pairs.flatMap((pair) => explainLabels(pair, change)),
  ];
}

/** Whom a mode is for: Pods of a namespace with some labels. */
interface Scope {
  readonly namespace: string;
  readonly labels: Labels;
  readonly called: string;
}

function explainPolicy(pair: ResourcePair, change: MeshChange): readonly Statement[] {
  const policies = [pair.before, pair.after].filter((policy) => policy !== undefined);
  const ports = sorted(policies.flatMap(portLevelKeys)).map(Number).filter(Number.isInteger);
  const scopes = new Map(
    policies.map((policy) => scopeOf(policy, change.after)).map((scope) => [scope.called, scope]),
  );
  return [...scopes.values()].flatMap((scope) => modeStatements(pair, scope, ports, change));
}

function scopeOf(policy: Resource, mesh: Mesh): Scope {
  const { namespace } = policy;
  const labels = selectedByPolicy(policy);
  if (labels !== undefined) {
    const named = listed(
      sorted(Object.entries(labels).map(([label, value]) => `${label}=${value}`)),
    );
    return { namespace, labels, called: `Pods with ${named} in namespace ${brief(namespace)}` };
  }
  const called =
    namespace === rootNamespace(mesh) ? 'the whole mesh' : `namespace ${brief(namespace)}`;
  return { namespace, labels: {}, called };
}

/** The mode of the scope as a whole, then of ports that change in another way. */
function modeStatements(
  pair: ResourcePair,
  scope: Scope,
  ports: readonly number[],
  { before, after }: MeshChange,
): readonly Statement[] {
  const modes = [anyPort, ...ports].map((port) => ({
    port,
    old: effectiveMtls(scope, port, before).mode,
    now: effectiveMtls(scope, port, after).mode,
  }));
  const [whole] = modes;
  return modes.flatMap(({ port, old, now }) => {
    const said = port !== anyPort && old === whole?.old && now === whole.now;
    if (old === now || said) {
      return [];
    }
    const where = port === anyPort ? '' : `port ${String(port)} of `;
    const effect: Effect = strictness[now] < strictness[old] ? 'opened' : 'closed';
    const text = `mTLS for ${where}${scope.called} goes from ${old} to ${now}: ${then[now]}.`;
    return [statement(pair, 'mtls', effect, text)];
  });
}

/** A workload whose labels lead it away from a policy, or under one. */
function explainLabels(pair: ResourcePair, change: MeshChange): readonly Statement[] {
  const old = pair.before && workloadOf(pair.before);
  const now = pair.after && workloadOf(pair.after);
  if (old === undefined || now === undefined) {
    return [];
  }
  const was = effectiveMtls(old, anyPort, change.before);
  const is = effectiveMtls(now, anyPort, change.after);
  const unmoved = effectiveMtls(old, anyPort, change.after);
  if (was.mode === is.mode || unmoved.mode === is.mode) {
    return [];
  }
  const effect: Effect = strictness[is.mode] < strictness[was.mode] ? 'opened' : 'closed';
  const text = `mTLS for ${nameOf(pair)} goes from ${was.mode} to ${is.mode}, since its labels change: ${then[is.mode]}.`;
  return [statement(pair, 'mtls', effect, text)];
}
