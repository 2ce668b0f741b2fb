import { listIn, stringIn } from '../../policies/core/json.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { hostKey } from '../../policies/mesh/keys.ts';
import { rootNamespace } from '../../policies/mesh/mesh-config.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { meshOutboundMode } from '../../policies/mesh/outbound-policy.ts';
import { hostsOf, portNumber } from '../../policies/mesh/registry.ts';
import { audienceOf, describeAudience } from './meaning-audience.ts';
import {
  listed,
  nameOf,
  pairsOf,
  sorted,
  statement,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';

/** Which hosts outside clients can reach that they could not before, and the other way round. */
export function explainOutside(change: MeshChange): readonly Statement[] {
  return pairsOf(change, 'ServiceEntry').flatMap((pair) => explainEntry(pair, change));
}

/** What happens to traffic to hosts that the mesh does not know; `unknown` without the mesh config among the files. */
function unknownHosts(mesh: Mesh): 'stopped' | 'let out' | 'unknown' {
  if (mesh.get('ConfigMap', rootNamespace(mesh), 'istio') === undefined) {
    return 'unknown';
  }
  return meshOutboundMode(mesh) === 'REGISTRY_ONLY' ? 'stopped' : 'let out';
}

function explainEntry(pair: ResourcePair, { before, after }: MeshChange): readonly Statement[] {
  const old = new Map(openingsOf(pair.before, before).map((opening) => [opening.key, opening]));
  const now = new Map(openingsOf(pair.after, after).map((opening) => [opening.key, opening]));
  const opened = [...now.values()].filter(
    ({ key, ...opening }) => !old.has(key) && !isDeclared(opening, before),
  );
  const closed = [...old.values()].filter(
    ({ key, ...opening }) => !now.has(key) && !isDeclared(opening, after),
  );
  return [
    ...(opened.length === 0 ? [] : [openedStatement(pair, opened, after)]),
    ...(closed.length === 0 ? [] : [closedStatement(pair, closed, before, after)]),
  ];
}

interface Opening {
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** The namespaces that see it; `*` for all. */
  readonly audience: readonly string[];
}

function openingsOf(entry: Resource | undefined, mesh: Mesh): readonly Opening[] {
  if (entry === undefined || !isOutside(entry)) {
    return [];
  }
  const audience = audienceOf(entry, mesh);
  const ports = listIn(entry.object, 'spec', 'ports').flatMap((port) => portNumber(port) ?? []);
  return hostsOf(entry, mesh).flatMap((host) =>
    ports.map((port) => ({ key: `${host}:${String(port)}`, host, port, audience })),
  );
}

/** `MESH_EXTERNAL` is the zero value of `location`. */
function isOutside(entry: Resource): boolean {
  return stringIn(entry.object, 'spec', 'location') !== 'MESH_INTERNAL';
}

/** Whether some entry of a state shows a host and port to all who see this one. */
function isDeclared({ host, port, audience }: Omit<Opening, 'key'>, mesh: Mesh): boolean {
  return [...mesh.byKey('ServiceEntry', hostKey('', host))].some((entry) =>
    openingsOf(entry, mesh).some(
      (other) =>
        other.host === host &&
        other.port === port &&
        (other.audience.includes('*') || audience.every((name) => other.audience.includes(name))),
    ),
  );
}

function openedStatement(pair: ResourcePair, opened: readonly Opening[], after: Mesh): Statement {
  const hosts = `${hostsAndPorts(opened)} to the outside for ${describeAudience(opened.flatMap(({ audience }) => audience))}`;
  const source = `(${nameOf(pair)})`;
  switch (unknownHosts(after)) {
    case 'stopped':
      return statement(pair, 'outside', 'opened', `Opens ${hosts} ${source}.`);
    case 'let out':
      return statement(
        pair,
        'outside',
        'shifted',
        `Declares ${hosts} ${source}; the outbound mode of the mesh lets it out in any case.`,
      );
    case 'unknown':
      return statement(
        pair,
        'outside',
        'opened',
        `Opens ${hosts} ${source}, unless the outbound mode of the mesh lets everything out.`,
      );
  }
}

function closedStatement(
  pair: ResourcePair,
  closed: readonly Opening[],
  before: Mesh,
  after: Mesh,
): Statement {
  const hosts = `${hostsAndPorts(closed)} to the outside for ${describeAudience(closed.flatMap(({ audience }) => audience))}`;
  const source = `(${nameOf(pair)})`;
  const stopped = unknownHosts(before) === 'stopped' && unknownHosts(after) === 'stopped';
  return stopped
    ? statement(pair, 'outside', 'closed', `Closes ${hosts} ${source}.`)
    : statement(
        pair,
        'outside',
        'shifted',
        `No longer declares ${hosts} ${source}; only outbound mode REGISTRY_ONLY closes it.`,
      );
}

function hostsAndPorts(openings: readonly Opening[]): string {
  return listed(sorted(openings.map(({ key }) => key)));
}
