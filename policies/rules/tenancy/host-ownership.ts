import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { compareText, describeReference, type Resource } from '../../core/resource.ts';
import { describeConsumers } from '../../mesh/consumers.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { entryConflicts, type EntryConflict } from '../../mesh/entry-ownership.ts';
import { meshWideNamespace } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { routeConflicts, type RouteConflict } from '../../mesh/route-ownership.ts';
import {
  hiddenRules,
  ruleClash,
  unreadExports,
  type HiddenRule,
} from '../../mesh/rule-ownership.ts';
import { hostOwnershipExamples } from './host-ownership.examples.ts';

const params = z.object({
  trustedNamespaces: z
    .array(z.string())
    .default([])
    .describe(
      'Namespaces, beside the root namespace, whose VirtualServices may speak for hosts of others, such as one of a platform team.',
    ),
});
type MessageId =
  | 'routes-taken'
  | 'foreign-routes'
  | 'foreign-routes-unused'
  | 'routes-lost'
  | 'owner-rule-hidden'
  | 'mesh-rule-hidden'
  | 'rule-dropped'
  | 'rule-not-read'
  | 'service-shadowed'
  | 'entry-unused';

/** Most names that one message lists. */
const mostNamed = 4;

/** Who speaks for a host: its owner, or by accident somebody else. */
export const hostOwnership = definePolicy<typeof params, MessageId>({
  id: 'tenancy/host-ownership',
  title: 'Rules for a host come from its owner',
  why: 'Istio does not ask who owns a host. The oldest public VirtualService for it routes the whole mesh, whatever its namespace; a DestinationRule beside the client replaces all that the owner said; the same host in two ServiceEntries leads to one of them. Nothing is merged, nothing is reported.',
  sources: [
    'Istio pilot/pkg/model/push_context.go, pilot/pkg/model/virtualservice.go, pilot/pkg/model/destination_rule.go',
    'https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration-sharing',
  ],
  severity: 'warning',
  subjects: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  consults: ['Service', 'Sidecar', 'Namespace', 'ConfigMap', 'ProxyConfig', ...consumerKinds()],
  cost: 'O(objects of the same hosts · groups of clients in the namespaces that they name); for a wildcard DestinationRule O(DestinationRules under it).',
  params,
  messages: {
    'routes-taken': {
      text: 'Requests to {host} follow this VirtualService in place of {loserObject}, which belongs to the host: the mesh takes one of them, by export and age, and owning the host does not count. Seen by {clients}.',
      remedy:
        'Export it to its own namespace alone (exportTo: ["."]), or hand the routes to the owner of {host}.',
    },
    'foreign-routes': {
      text: 'Requests to {host}, which belongs to namespace {owner}, follow this VirtualService for all clients that see it, those of the owner included. Seen by {clients}.',
      remedy:
        'Export it to its own namespace alone (exportTo: ["."]), or hand the routes to the owner of {host}.',
    },
    'foreign-routes-unused': {
      text: 'This VirtualService does nothing for {host}, which belongs to namespace {owner}: {winnerObject} comes first, and the mesh takes one of them. Seen by {clients}.',
      remedy: 'Remove the host, or export the VirtualService to its own namespace alone.',
    },
    'routes-lost': {
      text: 'No request to {host} follows this VirtualService: the mesh takes one of them, {winnerObject}, and merges nothing; what only this one matches gets 404. Seen by {clients}.',
      remedy: 'Merge the two into one VirtualService.',
    },
    'owner-rule-hidden': {
      text: 'Clients in namespace {namespace} lose what {loserObject} says of {host} ({lost}): this rule comes first for them, and nothing is merged across namespaces.',
      remedy: 'Repeat those settings here, or give the rule to the owner of {host}.',
    },
    'mesh-rule-hidden': {
      text: 'Clients in namespace {namespace} lose what the mesh-wide {loserObject} says of {host} ({lost}): nothing is merged across namespaces.',
      remedy: 'Repeat those settings here where they are wanted.',
    },
    'rule-dropped': {
      text: 'Istio drops {dropped} of this DestinationRule: {winnerObject} is older, and of several rules for one host the oldest gives the trafficPolicy and each subset.',
      remedy: 'Merge the two into one DestinationRule.',
    },
    'rule-not-read': {
      text: 'Clients in {exportedTo} never read this DestinationRule for {host}: Istio looks in the namespaces of the client and of the host, then in the root namespace, and this is none of them.',
      remedy: 'Move it to namespace {owner}, or to each client namespace.',
    },
    'service-shadowed': {
      text: 'Clients in namespace {namespace} no longer reach {loserObject} by {host}: the ServiceEntry has the same host, and their own namespace comes first. Other clients do not see the entry.',
      remedy: 'Use a host of your own, or a VirtualService to send requests elsewhere.',
    },
    'entry-unused': {
      text: 'Beyond namespace {namespace} this ServiceEntry counts for nothing: {host} is also in {winnerObject}, and clients take the older one whole, ports and endpoints. Seen by {clients}.',
      remedy: 'Keep one entry for all, or export each to its own namespace (exportTo: ["."]).',
    },
  },
  unobserved:
    'A mesh-wide rule is found last, by the same look-up as a rule of the host’s own namespace, which is shown to be hidden.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0109',
      note: 'names both, and fires where a private VirtualService is meant to come before a public one',
    },
    { tool: 'kiali', code: 'KIA1106' },
    { tool: 'kiali', code: 'KIA0201', note: 'one namespace or several, whatever is lost' },
    { tool: 'kiali', code: 'KIA0204', note: 'mTLS settings only' },
    { tool: 'kiali', code: 'KIA1211', note: 'whatever the difference' },
  ],
  check({ resource }, mesh, { trustedNamespaces }) {
    switch (resource.type) {
      case 'VirtualService':
        return routeConflicts(resource, trustedNamespaces, mesh).map((conflict) =>
          reportRoutes(conflict, resource),
        );
      case 'ServiceEntry':
        return entryConflicts(resource, mesh).map((conflict) => reportEntry(conflict, resource));
      case 'DestinationRule':
        return [
          ...reportClash(resource, mesh),
          ...reportHidden(resource, mesh),
          ...reportUnread(resource, mesh),
        ];
      default:
        return [];
    }
  },
  examples: hostOwnershipExamples,
});

function consumerKinds(): readonly (typeof workloadKinds)[number][] {
  return workloadKinds.filter((kind) => kind !== 'ReplicaSet');
}

const routeMessages = {
  taken: 'routes-taken',
  foreign: 'foreign-routes',
  unused: 'foreign-routes-unused',
  lost: 'routes-lost',
} as const;

function reportRoutes(conflict: RouteConflict, resource: Resource): Report<MessageId> {
  const { outcome, host, index, owner, winner, loser, clients } = conflict;
  return {
    message: routeMessages[outcome],
    severity: routeSeverity(conflict),
    at: pointer('spec', 'hosts', index),
    data: {
      host,
      namespace: resource.namespace,
      owner: owner.by === 'many' ? 'of each Service' : [...owner.namespaces].sort(compareText),
      winner: nameOf(winner),
      winnerObject: describeReference(winner),
      ...(loser === undefined
        ? {}
        : { loser: nameOf(loser), loserObject: describeReference(loser) }),
      clients: describeConsumers(clients),
    },
  };
}

function routeSeverity({ outcome, owner }: RouteConflict): 'error' | 'warning' | 'info' {
  if (outcome === 'taken' || outcome === 'lost') {
    return 'error';
  }
  return owner.by === 'entry' ? 'info' : 'warning';
}

function reportEntry(conflict: EntryConflict, resource: Resource): Report<MessageId> {
  const { host, index } = conflict;
  const at = pointer('spec', 'hosts', index);
  const { namespace } = resource;
  if (conflict.outcome === 'shadows') {
    const { service } = conflict;
    const data = {
      host,
      namespace,
      winner: nameOf(resource),
      loser: nameOf(service),
      loserObject: describeReference(service),
    };
    return { message: 'service-shadowed', at, data };
  }
  const { winner, alike, clients } = conflict;
  return {
    message: 'entry-unused',
    severity: alike ? 'info' : 'warning',
    at,
    data: {
      host,
      namespace,
      winner: nameOf(winner),
      winnerObject: describeReference(winner),
      loser: nameOf(resource),
      clients: describeConsumers(clients),
    },
  };
}

function reportClash(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const clash = ruleClash(resource, mesh);
  if (clash === undefined) {
    return [];
  }
  const { winner, policyDropped, subsets } = clash;
  const dropped = [
    ...(policyDropped ? ['the trafficPolicy'] : []),
    ...subsets.map((name) => `subset ${name}`),
  ];
  return [
    {
      message: 'rule-dropped',
      severity: 'error',
      at: policyDropped ? pointer('spec', 'trafficPolicy') : pointer('spec', 'subsets'),
      data: {
        dropped: listed(dropped),
        winner: nameOf(winner),
        winnerObject: describeReference(winner),
        loser: nameOf(resource),
      },
    },
  ];
}

/** Told once for what the owners lose and once for mesh-wide rules, since a wildcard may hide many. */
function reportHidden(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const root = meshWideNamespace(mesh);
  const all = hiddenRules(resource, mesh);
  const byOwner = all.filter(({ hidden }) => hidden.namespace !== root);
  const byMesh = all.filter(({ hidden }) => hidden.namespace === root);
  return [
    ...hiddenReport('owner-rule-hidden', 'warning', byOwner, resource),
    ...hiddenReport('mesh-rule-hidden', 'info', byMesh, resource),
  ];
}

function hiddenReport(
  message: MessageId,
  severity: 'warning' | 'info',
  hidden: readonly HiddenRule[],
  resource: Resource,
): readonly Report<MessageId>[] {
  const [first] = hidden;
  if (first === undefined) {
    return [];
  }
  return [
    {
      message,
      severity,
      at: pointer('spec', 'host'),
      data: {
        namespace: resource.namespace,
        host: first.host,
        hosts: hidden.map(({ host }) => host),
        winner: nameOf(resource),
        loser: nameOf(first.hidden),
        loserObject: describeReference(first.hidden),
        lost: first.lost.length === 0 ? 'all of it' : listed(first.lost),
      },
    },
  ];
}

function reportUnread(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const unread = unreadExports(resource, mesh);
  return unread.namespaces.length === 0
    ? []
    : [
        {
          message: 'rule-not-read',
          at: pointer('spec', 'exportTo'),
          data: {
            host: unread.host,
            owner: unread.owner,
            exportedTo: `namespace ${listed(unread.namespaces)}`,
          },
        },
      ];
}

function listed(words: readonly string[]): string {
  const more = words.length - mostNamed;
  return words.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function nameOf(resource: Resource): string {
  return `${resource.namespace}/${resource.name}`;
}
