import { listIn } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { egressListeners } from '../../policies/mesh/sidecar-scope.ts';
import { audienceOf, describeAudience } from './meaning-audience.ts';
import {
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

/** Who sees what: the hosts that Sidecars import, and the namespaces that objects are exported to. */
export function explainScope(change: MeshChange): readonly Statement[] {
  return [
    ...pairsOf(change, 'Sidecar').flatMap(explainSidecar),
    ...pairsOf(change, 'VirtualService', 'DestinationRule', 'ServiceEntry', 'Service').flatMap(
      (pair) => explainExports(pair, change),
    ),
  ];
}

function explainSidecar(pair: ResourcePair): readonly Statement[] {
  const [old, now] = [importsOf(pair.before), importsOf(pair.after)];
  if (old === undefined || now === undefined) {
    const hosts = now ?? old ?? [];
    const text =
      now === undefined
        ? `${nameOf(pair)} is removed: its proxies are no longer limited to ${listed(hosts)}.`
        : `${nameOf(pair)} is added: its proxies see ${listed(hosts)} only.`;
    return hosts.includes('*/*')
      ? []
      : [statement(pair, 'scope', now === undefined ? 'opened' : 'closed', text)];
  }
  const added = now.filter((host) => !old.includes(host));
  const removed = old.filter((host) => !now.includes(host));
  if (added.length === 0 && removed.length === 0) {
    return [];
  }
  const parts = [
    ...(added.length === 0 ? [] : [`see ${listed(added)} too`]),
    ...(removed.length === 0 ? [] : [`no longer see ${listed(removed)} by name`]),
  ];
  const effect = effectOf(added, removed);
  return [statement(pair, 'scope', effect, `Proxies of ${nameOf(pair)} ${parts.join(' and ')}.`)];
}

function importsOf(sidecar: Resource | undefined): readonly string[] | undefined {
  return sidecar === undefined
    ? undefined
    : sorted(
        egressListeners(sidecar).flatMap((listener) =>
          listIn(listener, 'hosts').filter((host) => typeof host === 'string'),
        ),
      );
}

function explainExports(pair: ResourcePair, { before, after }: MeshChange): readonly Statement[] {
  if (pair.before === undefined || pair.after === undefined) {
    return [];
  }
  const old = audienceOf(pair.before, before);
  const now = audienceOf(pair.after, after);
  if (equalJson(old, now)) {
    return [];
  }
  const text = `${nameOf(pair)} is exported to ${describeAudience(now)} instead of ${describeAudience(old)}.`;
  return [statement(pair, 'scope', exportEffect(old, now), text)];
}

function exportEffect(old: readonly string[], now: readonly string[]): Effect {
  if (now.includes('*')) {
    return 'opened';
  }
  if (old.includes('*')) {
    return 'closed';
  }
  return effectOf(
    now.filter((namespace) => !old.includes(namespace)),
    old.filter((namespace) => !now.includes(namespace)),
  );
}

function effectOf(added: readonly string[], removed: readonly string[]): Effect {
  if (removed.length === 0) {
    return 'opened';
  }
  return added.length === 0 ? 'closed' : 'unsure';
}
