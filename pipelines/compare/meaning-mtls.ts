import type { Json } from '../../policies/core/json.ts';
import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  valueIn,
} from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { usesAutoMtls } from '../../policies/mesh/client-tls.ts';
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
  subjectOf,
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

/** What servers accept and clients send: mutual TLS or plaintext. */
export function explainMtls(change: MeshChange): readonly Statement[] {
  return [
    ...pairsOf(change, 'PeerAuthentication').flatMap((pair) => explainPolicy(pair, change)),
    ...change.pairs.flatMap((pair) => explainLabels(pair, change)),
    ...pairsOf(change, 'DestinationRule').flatMap(explainRule),
    ...explainAutoMtls(change),
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

function explainAutoMtls(change: MeshChange): readonly Statement[] {
  const [old, now] = [usesAutoMtls(change.before), usesAutoMtls(change.after)];
  const pair = pairsOf(change, 'ConfigMap').find((each) => subjectOf(each)?.name === 'istio');
  if (pair === undefined || old === now) {
    return [];
  }
  const text = now
    ? 'enableAutoMtls is on: clients send mTLS wherever servers take it.'
    : 'enableAutoMtls is off: clients send plaintext unless a DestinationRule says otherwise.';
  return [statement(pair, 'mtls', now ? 'closed' : 'opened', text)];
}

const sent: ReadonlyMap<string, number> = new Map([
  ['DISABLE', 0],
  ['SIMPLE', 1],
  ['MUTUAL', 2],
  ['ISTIO_MUTUAL', 2],
]);

function explainRule(pair: ResourcePair): readonly Statement[] {
  const old = tlsBlocks(pair.before);
  const now = tlsBlocks(pair.after);
  const host = brief(stringIn(subjectOf(pair)?.object, 'spec', 'host') ?? '');
  return sorted([...old.keys(), ...now.keys()]).flatMap((place) => {
    const [was, is] = [old.get(place), now.get(place)];
    if (equalJson(was, is)) {
      return [];
    }
    const whose = `clients of ${host}${place} (${nameOf(pair)})`;
    return [tlsStatement(pair, whose, was, is)];
  });
}

function tlsStatement(
  pair: ResourcePair,
  whose: string,
  was: Json | undefined,
  is: Json | undefined,
): Statement {
  const [old, now] = [modeOf(was), modeOf(is)];
  if (old === now) {
    const unchecked = valueIn(is, 'insecureSkipVerify') === true;
    return unchecked && valueIn(was, 'insecureSkipVerify') !== true
      ? statement(
          pair,
          'mtls',
          'opened',
          `TLS of ${whose} no longer checks the server's certificate.`,
        )
      : statement(pair, 'mtls', 'unsure', `TLS settings of ${whose} are changed.`);
  }
  const [asked, asks] = [sent.get(old), sent.get(now)];
  const plain = now === 'DISABLE' ? ': they send plaintext' : '';
  const text = `TLS of ${whose} goes from ${old} to ${now}${plain}.`;
  if (now === 'DISABLE') {
    return statement(pair, 'mtls', 'opened', text);
  }
  if (asked === undefined || asks === undefined || asked === asks) {
    return statement(pair, 'mtls', 'unsure', text);
  }
  return statement(pair, 'mtls', asks < asked ? 'opened' : 'closed', text);
}

/** Without a block Istio chooses, endpoint by endpoint. */
function modeOf(tls: Json | undefined): string {
  return tls === undefined ? 'automatic' : (stringIn(tls, 'mode') ?? 'DISABLE');
}

/** The `tls` blocks of a DestinationRule by place, such as ` subset v2 port 443`. */
function tlsBlocks(rule: Resource | undefined): ReadonlyMap<string, Json> {
  const blocks = new Map<string, Json>();
  const read = (policy: Json | undefined, place: string): void => {
    const tls = valueIn(policy, 'tls');
    if (isObject(tls)) {
      blocks.set(place, tls);
    }
    for (const setting of listIn(policy, 'portLevelSettings')) {
      const own = valueIn(setting, 'tls');
      if (isObject(own)) {
        blocks.set(`${place} port ${String(numberIn(setting, 'port', 'number') ?? '')}`, own);
      }
    }
  };
  read(objectIn(rule?.object, 'spec', 'trafficPolicy'), '');
  for (const subset of listIn(rule?.object, 'spec', 'subsets')) {
    read(valueIn(subset, 'trafficPolicy'), ` subset ${brief(stringIn(subset, 'name') ?? '')}`);
  }
  return blocks;
}
