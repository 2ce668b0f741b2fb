import * as z from 'zod';
import { listIn } from '../../core/json.ts';
import { compileGlobs } from '../../core/glob.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { hostMatches, isWildcardHost, resolveHost } from '../../mesh/hosts.ts';
import { clusterDomain } from '../../mesh/mesh-config.ts';
import { allowedHostsExamples } from './allowed-hosts.examples.ts';

const params = z.object({
  allowed: z
    .array(
      z.strictObject({
        namespaces: z
          .array(z.string().min(1))
          .min(1)
          .describe('Namespaces, `*` for any text within a name.'),
        hosts: z
          .array(z.string().min(1))
          .min(1)
          .describe('Hosts, `*.example.com` for all below a domain, `*` for all.'),
      }),
    )
    .default([])
    .describe(
      'Hosts that namespaces may declare; a namespace that no entry names may declare all. Empty: no list.',
    ),
  wildcardLabels: z
    .number()
    .int()
    .min(0)
    .default(2)
    .describe(
      'Labels that a wildcard needs after its star: 2 refuses `*.com` and takes `*.example.com`.',
    ),
});
type MessageId = 'host-not-allowed' | 'wildcard-too-wide';

/** Each team reaches the external hosts that were agreed for it. */
export const allowedHosts = definePolicy<typeof params, MessageId>({
  id: 'egress/allowed-hosts',
  title: 'ServiceEntries name hosts that their namespace may reach',
  why: 'A ServiceEntry is what opens the way out under REGISTRY_ONLY, so whoever may write one decides what leaves the mesh. A wildcard such as *.com with resolution NONE opens every host below it.',
  sources: [
    'Istio pilot/pkg/networking/core/listener.go',
    'https://github.com/istio/istio/issues/22428',
  ],
  severity: 'warning',
  subjects: ['ServiceEntry'],
  consults: [],
  cost: 'O(hosts of the entry · entries of the list).',
  params,
  messages: {
    'host-not-allowed': {
      text: 'Namespace {namespace} may not declare {host}: the list allows {hosts}.',
      remedy: 'Use an allowed host, or have the list extended (params.allowed of this policy).',
    },
    'wildcard-too-wide': {
      text: 'The host {host} opens everything below {domain}, whoever it belongs to.',
      remedy:
        'Name the hosts, or a wildcard below a domain that you trust as a whole, such as *.example.com.',
    },
  },
  equivalents: [],
  check({ resource }, mesh, settings) {
    const lists = settings.allowed.filter(({ namespaces }) =>
      compileGlobs(namespaces)(resource.namespace),
    );
    const hosts = lists.flatMap((list) => list.hosts.map((host) => host.toLowerCase()));
    return listIn(resource.object, 'spec', 'hosts').flatMap(
      (written, index): readonly Report<MessageId>[] => {
        if (typeof written !== 'string') {
          return [];
        }
        const host = resolveHost(written, resource.namespace, clusterDomain(mesh));
        const at = pointer('spec', 'hosts', index);
        if (lists.length > 0 && !hosts.some((pattern) => hostMatches(pattern, host))) {
          return [
            {
              message: 'host-not-allowed',
              severity: 'error',
              at,
              data: { host, namespace: resource.namespace, hosts },
            },
          ];
        }
        return isTooWide(host, settings.wildcardLabels) && lists.length === 0
          ? [
              {
                message: 'wildcard-too-wide',
                at,
                data: { host, domain: host.slice(1) || 'the root' },
              },
            ]
          : [];
      },
    );
  },
  examples: allowedHostsExamples,
});

function isTooWide(host: string, labels: number): boolean {
  return (
    isWildcardHost(host) &&
    host
      .slice(1)
      .split('.')
      .filter((label) => label !== '').length < labels
  );
}
