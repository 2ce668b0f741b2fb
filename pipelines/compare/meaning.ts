import type { KindName } from '../../policies/core/kinds.ts';
import {
  compareText,
  describeReference,
  type ObjectReference,
} from '../../policies/core/resource.ts';
import { isMeshConfig } from '../../policies/mesh/mesh-config.ts';
import { diffFields } from './fields.ts';
import { explainAuthorization } from './meaning-authorization.ts';
import { explainClientTls } from './meaning-client-tls.ts';
import { explainDrain } from './meaning-drain.ts';
import { explainGateways } from './meaning-gateways.ts';
import { explainMtls } from './meaning-mtls.ts';
import { explainOutboundMode } from './meaning-outbound-mode.ts';
import { explainOutside } from './meaning-outside.ts';
import { explainRoutes } from './meaning-routes.ts';
import { explainScope } from './meaning-scope.ts';
import {
  listed,
  nameOf,
  statement,
  subjectOf,
  type Effect,
  type Meaning,
  type MeaningTopic,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';
import { explainWorkloads } from './meaning-workloads.ts';
import { withoutNoise } from './noise.ts';

const effects: readonly Effect[] = ['opened', 'unsure', 'shifted', 'closed', 'counted'];
const topics: readonly MeaningTopic[] = [
  'mtls',
  'authorization',
  'outside',
  'workloads',
  'scope',
  'routes',
  'drain',
  'other',
];
/** Kinds that do nothing but make the mesh, so that a change is worth a line even where nobody can say what it does. */
const meshKinds: ReadonlySet<KindName> = new Set([
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'ProxyConfig',
  'ServiceEntry',
  'Sidecar',
  'VirtualService',
  'WorkloadEntry',
  'WorkloadGroup',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'Telemetry',
  'WasmPlugin',
  'KubernetesGateway',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'ReferenceGrant',
  'Service',
]);

/**
 * What a change does to the mesh, in sentences, what loosens a guard first. Whatever order the objects come in, the
 * sentences are the same; what cannot be judged is said to be changed.
 */
export function explainChange(change: MeshChange): readonly Meaning[] {
  const judged = [
    ...explainMtls(change),
    ...explainClientTls(change),
    ...explainAuthorization(change),
    ...explainOutboundMode(change),
    ...explainOutside(change),
    ...explainGateways(change),
    ...explainScope(change),
    ...explainRoutes(change),
    ...explainDrain(change),
    ...explainWorkloads(change),
  ];
  const said = new Set(judged.flatMap(({ objects }) => objects.map(describeReference)));
  const statements = [
    ...judged,
    ...change.pairs.flatMap((pair) => explainOther(pair, change, said)),
  ];
  return merged(statements)
    .sort(
      (left, right) =>
        effects.indexOf(left.effect) - effects.indexOf(right.effect) ||
        topics.indexOf(left.topic) - topics.indexOf(right.topic) ||
        compareText(left.text, right.text),
    )
    .map(({ topic, text, objects }) => ({ topic, text, objects }));
}

function explainOther(
  pair: ResourcePair,
  { after }: MeshChange,
  said: ReadonlySet<string>,
): readonly Statement[] {
  const subject = subjectOf(pair);
  if (subject === undefined || said.has(describeReference(subject))) {
    return [];
  }
  if (!meshKinds.has(subject.type) && !isMeshConfig(subject, after)) {
    return [];
  }
  const effect: Effect = subject.type === 'EnvoyFilter' ? 'unsure' : 'shifted';
  if (pair.before === undefined || pair.after === undefined) {
    const change = pair.before === undefined ? 'added' : 'removed';
    return [statement(pair, 'other', effect, `${nameOf(pair)} is ${change}.`)];
  }
  const fields = diffFields(
    subject.kind,
    withoutNoise(pair.before.object),
    withoutNoise(pair.after.object),
  )
    .map(({ at }) => at.slice(1).replaceAll('/', '.'))
    .filter((field) => !field.startsWith('metadata.'));
  return fields.length === 0
    ? []
    : [statement(pair, 'other', effect, `${nameOf(pair)} is changed (${listed(fields)}).`)];
}

/** Overlays declare one object several times, and what they say in the same words is said once. */
function merged(statements: readonly Statement[]): Statement[] {
  const byText = new Map<string, Statement>();
  for (const each of statements) {
    const known = byText.get(each.text);
    const objects = new Map<string, ObjectReference>(
      [...(known?.objects ?? []), ...each.objects].map((object) => [
        describeReference(object),
        object,
      ]),
    );
    const inOrder = [...objects].sort(([left], [right]) => compareText(left, right));
    byText.set(each.text, { ...each, objects: inOrder.map(([, object]) => object) });
  }
  return [...byText.values()];
}
