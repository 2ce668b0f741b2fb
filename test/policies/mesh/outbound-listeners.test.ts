import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../policies/core/json.ts';
import { consumersIn, describeConsumers, type Consumer } from '../../../policies/mesh/consumers.ts';
import type { Mesh } from '../../../policies/mesh/mesh.ts';
import { droppedOnPort, listenersOnPort } from '../../../policies/mesh/outbound-listeners.ts';
import { registryOnPort } from '../../../policies/mesh/registry.ts';
import { egressListeners } from '../../../policies/mesh/sidecar-scope.ts';
import { readMesh } from '../../support/examples.ts';
import { asYaml, istioObject } from '../../support/witness-mesh.ts';

interface Entry {
  readonly host: string;
  readonly day: number;
  readonly namespace?: string;
  readonly protocol?: string;
  readonly addresses?: readonly string[];
  readonly exportTo?: readonly string[];
}

function entry({
  host,
  day,
  namespace = 'shop',
  protocol = 'TCP',
  addresses,
  exportTo,
}: Entry): JsonObject {
  const spec = {
    hosts: [`${host}.example.com`],
    ports: [{ number: 5432, name: 'db', protocol }],
    resolution: addresses === undefined ? 'DNS' : 'NONE',
    ...(addresses === undefined ? {} : { addresses }),
    ...(exportTo === undefined ? {} : { exportTo }),
  };
  return istioObject(
    'ServiceEntry',
    namespace,
    `${host}-${day}`,
    spec,
    `2026-01-0${day}T00:00:00Z`,
  );
}

function sidecar(...egress: readonly JsonObject[]): JsonObject {
  return istioObject('Sidecar', 'shop', 'default', { egress });
}

function seenBy(...objects: readonly JsonObject[]): {
  readonly consumer: Consumer;
  readonly mesh: Mesh;
} {
  const { mesh } = readMesh(asYaml(objects));
  const [consumer] = consumersIn(['shop'], mesh);
  if (consumer === undefined) {
    throw new Error('nobody in namespace shop');
  }
  return { consumer, mesh };
}

function dropped(...objects: readonly JsonObject[]): readonly string[] {
  const { consumer, mesh } = seenBy(...objects);
  return droppedOnPort(5432, consumer, mesh).map(
    ({ winner, loser, listener, cause }) =>
      `${loser.host.split('.', 1)[0]} for ${winner.host.split('.', 1)[0]} on ${listener}: ${cause}`,
  );
}

describe('the order of hosts', () => {
  const ordered = (listener: Json, ...objects: readonly JsonObject[]): readonly string[] => {
    const { consumer, mesh } = seenBy(...objects);
    return registryOnPort(5432, listener, consumer, mesh).map(
      ({ host, resource }) => `${resource.namespace}/${host.split('.', 1)[0]}`,
    );
  };
  const entries = [
    entry({ host: 'a', day: 3 }),
    entry({ host: 'b', day: 1, namespace: 'mail' }),
    entry({ host: 'c', day: 9, exportTo: ['.'] }),
    entry({ host: 'd', day: 1, namespace: 'mail', exportTo: ['.'] }),
    entry({ host: 'a', day: 1, namespace: 'mail' }),
  ];

  test('is private, then oldest; a host is taken from one namespace, the own one first', () => {
    expect(ordered({ hosts: ['*/*'] }, ...entries)).toEqual(['shop/c', 'mail/b', 'shop/a']);
  });

  test('knows no groups where a Sidecar names every host', () => {
    const hosts = ['shop/a.example.com', 'shop/c.example.com', 'mail/b.example.com'];
    expect(ordered({ hosts }, ...entries)).toEqual(['mail/b', 'shop/a', 'shop/c']);
  });

  test('leaves out what a Sidecar does not import, a wildcard under a narrower import too', () => {
    expect(ordered({ hosts: ['mail/*'] }, ...entries)).toEqual(['mail/a', 'mail/b']);
    expect(ordered({ hosts: ['*/a.example.com'] }, entry({ host: '*', day: 1 }))).toEqual([]);
  });
});

describe('hosts that lose their socket', () => {
  test('are those after the first without an address', () => {
    expect(dropped(entry({ host: 'a', day: 2 }), entry({ host: 'b', day: 1 }))).toEqual([
      'a for b on 0.0.0.0_5432: raw',
    ]);
  });

  test('are none with addresses, or ranges, of their own', () => {
    expect(
      dropped(
        entry({ host: 'a', day: 1, addresses: ['192.0.2.1'] }),
        entry({ host: 'b', day: 2, addresses: ['192.0.2.2'] }),
        entry({ host: 'c', day: 3, addresses: ['198.51.100.0/24'] }),
        entry({ host: 'd', day: 4, addresses: ['198.51.0.0/16'] }),
        entry({ host: 'e', day: 5 }),
      ),
    ).toEqual([]);
  });

  test('are told by masked ranges, MySQL by MySQL too', () => {
    expect(
      dropped(
        entry({ host: 'a', day: 1, protocol: 'MYSQL', addresses: ['10.1.0.0/8'] }),
        entry({ host: 'b', day: 2, protocol: 'MYSQL', addresses: ['10.2.0.0/8'] }),
        entry({ host: 'c', day: 3, protocol: 'MYSQL', addresses: ['10.2.0.0/16'] }),
        entry({ host: 'd', day: 4, protocol: 'TLS' }),
      ),
    ).toEqual(['b for a on 0.0.0.0_5432: raw', 'd for a on 0.0.0.0_5432: exclusive']);
  });

  test('have the same server name only by a route', () => {
    const route = istioObject('VirtualService', 'shop', 'routes', {
      hosts: ['*.example.com'],
      tls: [
        {
          match: [{ sniHosts: ['a.example.com'] }],
          route: [{ destination: { host: 'a.example.com' } }],
        },
      ],
    });
    const tls = [
      entry({ host: 'a', day: 1, protocol: 'TLS' }),
      entry({ host: 'b', day: 2, protocol: 'TLS' }),
    ];
    expect(dropped(...tls)).toEqual([]);
    expect(dropped(...tls, route)).toEqual(['b for a on 0.0.0.0_5432: sni']);
  });

  test('are sniffed ones too, whose bytes that are not HTTP go to the first', () => {
    const sniffed = [
      entry({ host: 'a', day: 1 }),
      entry({ host: 'b', day: 2, protocol: '' }),
      entry({ host: 'c', day: 3, protocol: '' }),
    ];
    expect(dropped(...sniffed)).toEqual([
      'b for a on 0.0.0.0_5432: raw',
      'c for a on 0.0.0.0_5432: raw',
    ]);
  });

  test('are not two entries of one host', () => {
    expect(dropped(entry({ host: 'a', day: 1 }), entry({ host: 'a', day: 2 }))).toEqual([]);
  });

  test("are those that a Sidecar's listener for the port leaves out", () => {
    const entries = [entry({ host: 'a', day: 2 }), entry({ host: 'b', day: 1 })];
    const port = { number: 5432, name: 'db', protocol: 'TCP' };
    const scope = sidecar({ port, hosts: ['shop/a.example.com'] }, { hosts: ['*/*'] });
    expect(dropped(...entries, scope)).toEqual(['b for a on 0.0.0.0_5432: raw']);
  });

  test('share the address that a Sidecar binds', () => {
    const entries = [
      entry({ host: 'a', day: 1, addresses: ['192.0.2.1'] }),
      entry({ host: 'b', day: 2, addresses: ['192.0.2.2'] }),
    ];
    const scope = sidecar({ hosts: ['*/*'], captureMode: 'NONE', bind: '127.0.0.1' });
    expect(dropped(...entries, scope)).toEqual(['b for a on 127.0.0.1_5432: raw']);
  });
});

test('HTTP is a chain of its own beside raw bytes', () => {
  const { consumer, mesh } = seenBy(
    entry({ host: 'a', day: 1 }),
    entry({ host: 'b', day: 2, protocol: 'HTTP' }),
  );
  const [listener, ...others] = listenersOnPort(5432, consumer, mesh);
  expect(others).toEqual([]);
  expect(listener?.chains.map(({ http, service }) => [service.host, http])).toEqual([
    ['a.example.com', false],
    ['b.example.com', true],
  ]);
});

describe('clients', () => {
  const pod = (
    namespace: string,
    labels: Readonly<Record<string, string>>,
    annotations: Readonly<Record<string, string>> = {},
  ): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'client',
      namespace,
      labels: { 'sidecar.istio.io/inject': 'true', ...labels },
      annotations,
    },
    spec: { containers: [{ name: 'app', image: 'app' }] },
  });

  test('without workloads are everybody in each namespace, and those that no object names', () => {
    const { mesh } = readMesh(asYaml([sidecar({ hosts: ['./*'] })]));
    const clients = consumersIn(['shop', 'mail'], mesh);
    expect(clients.map(({ namespace, sidecar: scope }) => [namespace, scope?.name])).toEqual([
      ['mail', undefined],
      ['shop', 'default'],
      ['', undefined],
    ]);
    expect(describeConsumers(clients)).toBe(
      'clients in namespace mail, shop and those that no object names',
    );
    expect(describeConsumers(clients.slice(2))).toBe('clients in every namespace');
  });

  test('with workloads are these, one for each Sidecar and way of DNS', () => {
    const capture = {
      'proxy.istio.io/config': 'proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" }',
    };
    const { mesh } = readMesh(
      asYaml([
        pod('shop', {}),
        pod('mail', {}, capture),
        pod('lone', { 'sidecar.istio.io/inject': 'false' }),
      ]),
    );
    const clients = consumersIn(['shop', 'mail', 'lone'], mesh);
    expect(clients.map(({ namespace, dns }) => [namespace, dns.captures])).toEqual([
      ['mail', true],
      ['shop', false],
    ]);
  });

  test('are in other namespaces too, whose Sidecars import from a named one or from all', () => {
    const scope = (namespace: string, host: string): JsonObject =>
      istioObject('Sidecar', namespace, 'default', { egress: [{ hosts: ['./*', host] }] });
    const { mesh } = readMesh(
      asYaml([scope('till', 'shop/*'), scope('bank', '*/db.example.com'), scope('far', 'mail/*')]),
    );
    expect(consumersIn(['shop'], mesh).map(({ namespace }) => namespace)).toEqual([
      'shop',
      'bank',
      'till',
      '',
    ]);
  });

  test('that have no Sidecar see everything', () => {
    expect(egressListeners(undefined)).toEqual([{ hosts: ['*/*'] }]);
  });
});
