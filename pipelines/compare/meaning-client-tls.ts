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
import {
  brief,
  nameOf,
  pairsOf,
  sorted,
  statement,
  subjectOf,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';

/** What clients send: plaintext, TLS of their own, or mutual TLS. */
export function explainClientTls(change: MeshChange): readonly Statement[] {
  return [...pairsOf(change, 'DestinationRule').flatMap(explainRule), ...explainAutoMtls(change)];
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
