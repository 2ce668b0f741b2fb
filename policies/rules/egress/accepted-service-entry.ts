import * as z from 'zod';
import { valueAt } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { databaseOfPort, databasesOf } from '../../mesh/databases.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import type { EntryProblem, EntryProblemName } from '../../mesh/entry-problems.ts';
import { entryProblems } from '../../mesh/entry-validation.ts';
import { acceptedServiceEntryExamples } from './accepted-service-entry.examples.ts';

const params = z.object({});
type MessageId = EntryProblemName;

const accepted: ReadonlySet<MessageId> = new Set(['partial-wildcard', 'no-ports']);

/** What the schema of the API server lets pass and Istio does not take. */
export const acceptedServiceEntry = definePolicy<typeof params, MessageId>({
  id: 'egress/accepted-service-entry',
  title: 'Istio takes every ServiceEntry',
  why: "The API server's schema knows the fields of a ServiceEntry, not most of the rules among them. Those are checked by Istio's webhook, at the time of the apply and not before; where it is not reachable and does not fail closed, the entry is stored, and istiod goes on without it.",
  sources: ['Istio pkg/config/validation/validation.go, ValidateServiceEntry'],
  severity: 'error',
  subjects: ['ServiceEntry'],
  consults: [],
  cost: 'O(size of the entry).',
  params,
  messages: {
    'hosts-share-tcp-port': {
      text: 'Istio refuses several hosts ({hosts}) on port {port}, which is neither HTTP nor TLS: nothing tells their connections apart.',
      remedy: 'Write one ServiceEntry for each host, each with a port or an address of its own.',
    },
    'host-refused': {
      text: 'Istio refuses the host {host}: {reason}.',
      remedy:
        'Write a full host name, or a wildcard such as *.example.com; addresses go into spec.addresses.',
    },
    'partial-wildcard': {
      text: 'Istio warns of the host {host}: a wildcard stands for whole labels, and only resolution DYNAMIC_DNS takes a partial one.',
      remedy: 'Write *. and a domain, or name the hosts.',
    },
    'wildcard-without-endpoints': {
      text: 'Istio refuses the host {host} with resolution {resolution} and no endpoints: a wildcard cannot be resolved.',
      remedy: 'Name endpoints, or use resolution NONE, or DYNAMIC_DNS for HTTP and TLS.',
    },
    'unknown-protocol': {
      text: 'Istio refuses protocol {protocol}: it knows HTTP, HTTP2, HTTPS, HTTP_PROXY, GRPC, GRPC-WEB, TLS, TCP, UDP, MONGO, MYSQL and REDIS.',
      remedy: 'Declare TCP for every other protocol.',
    },
    'port-refused': {
      text: 'Istio refuses this port: {reason}.',
      remedy: 'Give every port a name and a number of its own, and numbers from 1 to 65535.',
    },
    'no-ports': {
      text: 'The entry has no port, so that Istio makes neither a listener nor a cluster of it.',
      remedy: 'Declare the ports of the hosts.',
    },
    'address-refused': {
      text: 'Istio refuses the address {address}: it is neither an IP nor a CIDR.',
      remedy: 'Write an IP or a CIDR; names go into spec.hosts.',
    },
    'range-needs-static': {
      text: 'Istio refuses the range {address} with resolution {resolution}, be it of one address.',
      remedy: 'Write a plain IP, or use resolution NONE or STATIC.',
    },
    'endpoints-ignored-by-none': {
      text: 'Istio refuses endpoints with resolution NONE, which sends connections to the address that the client dialled.',
      remedy: 'Use resolution STATIC for addresses or DNS for names, or remove the endpoints.',
    },
    'round-robin-endpoints': {
      text: 'Istio refuses {count} endpoints with resolution DNS_ROUND_ROBIN, which takes one.',
      remedy: 'Keep one endpoint, or use resolution DNS.',
    },
    'dynamic-dns-refused': {
      text: 'Istio refuses resolution DYNAMIC_DNS here: {reason}.',
      remedy:
        'Use it for wildcard hosts with HTTP, HTTP2, GRPC or TLS ports and nothing else, or choose another resolution.',
    },
    'endpoints-and-selector': {
      text: 'Istio refuses endpoints beside a workloadSelector.',
      remedy:
        'Keep one of them; endpoints that the selector does not reach can be WorkloadEntries.',
    },
    'selector-refused': {
      text: 'Istio refuses the selector {label}: labels are compared whole.',
      remedy: 'Write the label in full.',
    },
    'endpoint-refused': {
      text: 'Istio refuses this endpoint: {reason}.',
      remedy: 'Give it an address that the resolution takes, and ports by the names in spec.ports.',
    },
  },
  equivalents: [{ tool: 'istioctl', code: 'IST0106', note: 'the same validation, of every kind' }],
  check({ resource }) {
    return entryProblems(resource)
      .filter((problem) => !isOfDatabase(problem, resource))
      .map(({ problem, at, data }): Report<MessageId> => ({
        message: problem,
        at,
        data,
        ...(accepted.has(problem) ? { severity: 'warning' as const } : {}),
      }));
  },
  examples: acceptedServiceEntryExamples,
});

/** Of the protocol of a database database/declared-protocol speaks. */
function isOfDatabase({ problem, at }: EntryProblem, entry: Resource): boolean {
  return (
    problem === 'unknown-protocol' &&
    databaseOfPort(valueAt(entry.object, at) ?? null, databasesOf([])) !== undefined
  );
}
