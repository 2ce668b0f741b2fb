import { rootNamespace } from '../../policies/mesh/mesh-config.ts';
import { meshOutboundMode, outboundModeOf } from '../../policies/mesh/outbound-policy.ts';
import {
  nameOf,
  pairsOf,
  statement,
  subjectOf,
  type Effect,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';

/** Whether proxies reach hosts that the mesh does not know, as far as the mesh config or a Sidecar changes it. */
export function explainOutboundMode(change: MeshChange): readonly Statement[] {
  return [
    ...explainMeshMode(change),
    ...pairsOf(change, 'Sidecar').flatMap((pair) => explainSidecarMode(pair, change)),
  ];
}

function explainMeshMode(change: MeshChange): readonly Statement[] {
  const { before, after } = change;
  const pair = pairsOf(change, 'ConfigMap').find(
    (candidate) =>
      subjectOf(candidate)?.name === 'istio' &&
      subjectOf(candidate)?.namespace === rootNamespace(after),
  );
  const [old, now] = [meshOutboundMode(before), meshOutboundMode(after)];
  if (pair?.before === undefined || pair.after === undefined || old === now) {
    return [];
  }
  return [modeStatement(pair, 'the mesh', old, now)];
}

function explainSidecarMode(
  pair: ResourcePair,
  { before, after }: MeshChange,
): readonly Statement[] {
  const old = outboundModeOf(pair.before, before);
  const now = outboundModeOf(pair.after, after);
  // A change of the mesh's own mode is said of the mesh.
  const inherited = old === meshOutboundMode(before) && now === meshOutboundMode(after);
  return old === now || inherited
    ? []
    : [modeStatement(pair, `the proxies of ${nameOf(pair)}`, old, now)];
}

function modeStatement(pair: ResourcePair, whose: string, old: string, now: string): Statement {
  const { effect, outcome } = modeEffect(old, now);
  const text = `Outbound mode of ${whose} goes from ${old} to ${now}${outcome}.`;
  return statement(pair, 'outside', effect, text);
}

function modeEffect(
  old: string,
  now: string,
): { readonly effect: Effect; readonly outcome: string } {
  if (old === 'REGISTRY_ONLY') {
    return { effect: 'opened', outcome: ': every host outside can be reached' };
  }
  return now === 'REGISTRY_ONLY'
    ? { effect: 'closed', outcome: ': only hosts that the mesh knows can be reached' }
    : { effect: 'shifted', outcome: '' };
}
