import * as z from 'zod';
import { listIn, stringIn, valueIn, type Json } from '../../core/json.ts';
import { pointer, type Pointer } from '../../core/pointer.ts';
import type { Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { hostKey } from '../../mesh/keys.ts';
import { clusterDomain } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { isExternal } from '../../mesh/network-endpoints.ts';
import { retiredGlobalDomainExamples } from './retired-global-domain.examples.ts';

const params = z.object({});

interface WrittenHost {
  readonly host: string;
  readonly at: Pointer;
}

/** `.global` hosts have led nowhere since Istio 1.8. */
export const retiredGlobalDomain = definePolicy<
  typeof params,
  'global-host' | 'public-global-host'
>({
  id: 'dns/retired-global-domain',
  title: 'No host ends in .global',
  why: 'The .global domain was how early Istio named services of other clusters. The rewriting behind it is gone since 1.8.6: nothing resolves such a host, no gateway has a chain for it, and a route to it names a cluster that does not exist.',
  sources: ['https://github.com/istio/istio/issues/32848'],
  severity: 'error',
  subjects: ['ServiceEntry', 'VirtualService', 'DestinationRule', 'Gateway', 'Sidecar'],
  consults: ['ServiceEntry', 'Namespace'],
  cost: 'O(hosts of the object).',
  params,
  messages: {
    'global-host': {
      text: 'The host {host} ends in .global, which Istio has not served since 1.8.6: {effect}.',
      remedy: 'Write {replacement}, which reaches the service in every cluster of the mesh.',
    },
    'public-global-host': {
      text: 'The host {host} ends in .global, by which Istio has not named services of other clusters since 1.8.6; a host of the public domain .global is reached as any other.',
      remedy: 'Leave it where it is a public name; for a service of the mesh write {replacement}.',
    },
  },
  unobserved:
    'The other kinds name the same hosts, for which no chain and no cluster is made, as is shown of those.',
  equivalents: [],
  check({ resource }, mesh) {
    return globalHostsIn(resource).map(({ host, at }) => ({
      ...(isPublic(host, resource, mesh)
        ? { message: 'public-global-host' as const, severity: 'info' as const }
        : { message: 'global-host' as const }),
      at,
      data: {
        host,
        effect: effects[resource.type] ?? 'nothing matches it',
        replacement: replacement(
          host,
          mesh.facts.multiClusterServices === true,
          clusterDomain(mesh),
        ),
      },
    }));
  },
  examples: retiredGlobalDomainExamples,
});

/** Clients dial a host of an external entry without endpoints by its own name, unless that names a namespace here. */
function isPublic(written: string, resource: Resource, mesh: Mesh): boolean {
  const host = written.slice(written.indexOf('/') + 1).toLowerCase();
  const owner = host.split('.').at(-2) ?? '';
  const entries =
    resource.type === 'ServiceEntry'
      ? [resource]
      : [...mesh.byKey('ServiceEntry', hostKey('', host))];
  return (
    entries.length > 0 &&
    entries.every(isDialledByName) &&
    owner !== resource.namespace &&
    mesh.get('Namespace', '', owner) === undefined
  );
}

function isDialledByName(entry: Resource): boolean {
  const { object } = entry;
  return (
    isExternal(entry) &&
    listIn(object, 'spec', 'endpoints').length === 0 &&
    valueIn(object, 'spec', 'workloadSelector') === undefined &&
    !(stringIn(object, 'spec', 'resolution') ?? 'NONE').startsWith('STATIC')
  );
}

const effects: Partial<Readonly<Record<Resource['type'], string>>> = {
  ServiceEntry: 'its server name is one for which no gateway has a chain',
  VirtualService: 'a route to it names a cluster that does not exist',
  DestinationRule: 'it governs no service',
};

/** `web.app.global` was service `web` in namespace `app`; `web.global` may be meant as one in a namespace `global`. */
function replacement(host: string, multiCluster: boolean, domain: string): string {
  const service = host.replace(/\.global$/iu, '');
  const suffix = `svc.${multiCluster ? 'clusterset.local' : domain}`;
  return service.includes('.') || service.endsWith('*')
    ? `${service}.${suffix}`
    : `${service}.global.${suffix}`;
}

function globalHostsIn({ type, object }: Resource): readonly WrittenHost[] {
  const spec = valueIn(object, 'spec');
  switch (type) {
    case 'DestinationRule':
      return written(valueIn(spec, 'host'), () => pointer('spec', 'host'));
    case 'Gateway':
      return listIn(spec, 'servers').flatMap((server, index) =>
        listed(server, 'hosts', ['spec', 'servers', index]),
      );
    case 'Sidecar':
      return listIn(spec, 'egress').flatMap((listener, index) =>
        listed(listener, 'hosts', ['spec', 'egress', index]),
      );
    case 'VirtualService':
      return [...listed(spec, 'hosts', ['spec']), ...destinations(spec)];
    default:
      return listed(spec, 'hosts', ['spec']);
  }
}

function destinations(spec: Json | undefined): readonly WrittenHost[] {
  return ['http', 'tcp', 'tls'].flatMap((protocol) =>
    listIn(spec, protocol).flatMap((rule, ruleIndex) => {
      const base = ['spec', protocol, ruleIndex] as const;
      return [
        ...listIn(rule, 'route').flatMap((route, index) =>
          written(valueIn(route, 'destination', 'host'), () =>
            pointer(...base, 'route', index, 'destination', 'host'),
          ),
        ),
        ...written(stringIn(rule, 'mirror', 'host'), () => pointer(...base, 'mirror', 'host')),
        ...listIn(rule, 'mirrors').flatMap((mirror, index) =>
          written(valueIn(mirror, 'destination', 'host'), () =>
            pointer(...base, 'mirrors', index, 'destination', 'host'),
          ),
        ),
      ];
    }),
  );
}

function listed(
  holder: Json | undefined,
  key: string,
  base: readonly (string | number)[],
): readonly WrittenHost[] {
  return listIn(holder, key).flatMap((host, index) =>
    written(host, () => pointer(...base, key, index)),
  );
}

/** Places are made of the few hosts alone that are reported. */
function written(host: Json | undefined, at: () => Pointer): readonly WrittenHost[] {
  return typeof host === 'string' && host.toLowerCase().endsWith('.global')
    ? [{ host, at: at() }]
    : [];
}
