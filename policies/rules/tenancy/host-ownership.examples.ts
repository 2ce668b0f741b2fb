import type { Example } from '../../core/policy.ts';

const namespaces = ['bank', 'shop', 'third']
  .map(
    (name) => `apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { istio-injection: enabled } }
---
`,
  )
  .join('');
const service = `apiVersion: v1
kind: Service
metadata: { name: api, namespace: bank }
spec: { ports: [{ name: http, port: 80 }], selector: { app: api } }
---
`;
const client = `apiVersion: apps/v1
kind: Deployment
metadata: { name: client, namespace: shop }
spec: { template: { metadata: { labels: { app: client } }, spec: { containers: [{ name: app, image: app }] } } }
---
`;
const mesh = `${namespaces}${service}`;

function routes(place: string, day: number, more: string, match = ''): string {
  const [namespace, name] = place.split('/');
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '2026-01-0${day}T00:00:00Z' }
spec:
  ${more}
  http: [{ ${match}route: [{ destination: { host: other.${namespace}.svc.cluster.local } }] }]
`;
}

function rule(place: string, day: number, spec: string): string {
  const [namespace, name] = place.split('/');
  return `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '2026-01-0${day}T00:00:00Z' }
spec: { ${spec} }
`;
}

function entry(place: string, day: number, address: string, more = ''): string {
  const [namespace, name] = place.split('/');
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '2026-01-0${day}T00:00:00Z' }
spec:
  hosts: [db.example.com]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: ${address} }]
  ${more}
`;
}

const api = 'hosts: [api.bank.svc.cluster.local]';
const host = 'host: api.bank.svc.cluster.local';
const timeout = 'trafficPolicy: { connectionPool: { tcp: { connectTimeout: 2s } } }';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const hostOwnershipExamples: readonly Example[] = [
  {
    name: 'The owner routes its host, a client its own requests',
    yaml: `${mesh}${client}${routes('bank/own', 1, api)}${routes(
      'shop/mine',
      2,
      `${api}
  exportTo: ['.']`,
    )}`,
    expect: [],
  },
  {
    name: 'A foreign VirtualService is for a gateway alone',
    yaml: `${mesh}${routes(
      'third/a',
      1,
      `${api}
  gateways: [third/edge]`,
    )}`,
    expect: [],
  },
  {
    name: 'What a VirtualService matches at a gateway takes nothing on the mesh',
    yaml: `${mesh}${routes('bank/own', 2, api)}${routes(
      'third/a',
      1,
      `${api}
  gateways: [mesh, third/edge]`,
      'match: [{ gateways: [third/edge] }], ',
    )}`,
    expect: [],
    observed: "Istio 1.31: the proxies of shop, bank and third follow the owner's VirtualService.",
  },
  {
    name: 'Two VirtualServices of the owner, each for a port of its own',
    yaml: `${namespaces}${service.replace('port: 80 }', 'port: 80 }, { name: http-admin, port: 8080 }')}${routes(
      'bank/one',
      2,
      api,
      'match: [{ port: 80 }], ',
    )}${routes('bank/two', 1, api, 'match: [{ port: 8080 }], ')}`,
    expect: [],
    observed: 'Istio 1.31: requests on port 80 follow bank/one, those on port 8080 bank/two.',
  },
  {
    name: 'A foreign VirtualService for the requests of its own namespace',
    yaml: `${mesh}${client}${routes('third/a', 1, api, 'match: [{ sourceNamespace: third }], ')}`,
    expect: [],
    observed: 'Istio 1.31: the proxies of third alone route the host to other.third.',
  },
  {
    name: 'A platform team may route hosts of others',
    yaml: `${mesh}${routes('third/a', 1, api)}`,
    params: { trustedNamespaces: ['third'] },
    expect: [],
  },
  {
    name: 'Rules that say the same lose nothing',
    yaml: `${mesh}${rule('shop/a', 1, `${host}, ${timeout}`)}${rule('bank/b', 1, `${host}, ${timeout}`)}`,
    expect: [],
  },
  {
    name: "A DestinationRule reaches only its own namespace's clients, and hides nothing",
    yaml: `${mesh}${rule('third/c', 1, `${host}, ${timeout}`)}`,
    expect: [],
  },
  {
    name: 'Two rules of one namespace add to each other',
    yaml: `${mesh}${rule('bank/a', 1, `${host}, ${timeout}`)}${rule('bank/b', 2, `${host}, subsets: [{ name: v1, labels: { version: v1 } }]`)}`,
    expect: [],
  },
  {
    name: "An older foreign VirtualService takes the host, for its owner's clients too",
    yaml: `${mesh}${routes('bank/own', 2, api)}${routes('third/a', 1, api)}`,
    expect: ['routes-taken | VirtualService third/a'],
    observed:
      'Istio 1.31: the proxies of shop, bank and third route api.bank.svc.cluster.local to outbound|80||other.third.svc.cluster.local.',
  },
  {
    name: 'Exported by name comes before public, however young',
    yaml: `${mesh}${client}${routes('bank/own', 1, api)}${routes(
      'third/a',
      2,
      `${api}
  exportTo: [shop]`,
    )}`,
    expect: ['routes-taken | VirtualService third/a'],
    observed:
      "Istio 1.31: the proxies of shop route the host to third, those of bank and third follow the owner's.",
  },
  {
    name: 'A foreign VirtualService for a host that its owner does not route, and one for a whole namespace',
    yaml: `${mesh}${routes('shop/a', 1, 'hosts: ["*.bank.svc.cluster.local"]')}${routes('third/a', 1, api)}`,
    expect: ['foreign-routes | VirtualService shop/a', 'foreign-routes | VirtualService third/a'],
    observed:
      'Istio 1.31: requests to api.bank.svc.cluster.local go to third from every namespace, from bank too.',
  },
  {
    name: 'A younger foreign VirtualService does nothing',
    yaml: `${mesh}${routes('bank/own', 1, api)}${routes('third/a', 2, api)}`,
    expect: ['foreign-routes-unused | VirtualService third/a'],
    observed: "Istio 1.31: every proxy follows the owner's VirtualService, that of third included.",
  },
  {
    name: 'Two VirtualServices of the owner for one host are not merged',
    yaml: `${mesh}${routes('bank/one', 2, api)}${routes('bank/two', 1, api)}`,
    expect: ['routes-lost | VirtualService bank/one'],
    observed: 'Istio 1.31: the routes of bank/two alone are there; nothing of bank/one is.',
  },
  {
    name: "A client's DestinationRule drops the owner's settings and subsets",
    yaml: `${mesh}${rule('shop/a', 1, `${host}, subsets: [{ name: v1, labels: { version: v1 } }]`)}${rule('bank/b', 1, `${host}, ${timeout}`)}`,
    expect: ['owner-rule-hidden | DestinationRule shop/a'],
    observed:
      'Istio 1.31: connectTimeout of outbound|80||api.bank.svc.cluster.local is 2s in bank and third, 10s (the default) in shop.',
  },
  {
    name: "A wildcard beside the client comes before the owner's exact host",
    yaml: `${mesh}${rule('shop/all', 1, `host: '*.svc.cluster.local', ${timeout}`)}${rule('bank/b', 1, `${host}, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } }`)}`,
    expect: ['owner-rule-hidden | DestinationRule shop/all'],
    observed: 'Istio 1.31: the cluster has no outlierDetection in shop.',
  },
  {
    name: 'A rule of a client replaces the mesh-wide one',
    yaml: `${mesh}${rule('shop/a', 1, `${host}, ${timeout}`)}${rule('istio-system/all', 1, "host: '*.local', trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } }")}`,
    expect: ['mesh-rule-hidden | DestinationRule shop/a'],
  },
  {
    name: 'Two DestinationRules of one namespace disagree',
    yaml: `${mesh}${rule('bank/b1', 2, `${host}, ${timeout}`)}${rule('bank/b2', 1, `${host}, trafficPolicy: { connectionPool: { tcp: { connectTimeout: 3s } } }`)}`,
    expect: ['rule-dropped | DestinationRule bank/b1'],
    observed: 'Istio 1.31: connectTimeout is 3s for every client.',
  },
  {
    name: 'A DestinationRule is exported to clients that never read it',
    yaml: `${mesh}${rule('third/c', 1, `${host}, exportTo: [shop], ${timeout}`)}`,
    expect: ['rule-not-read | DestinationRule third/c'],
    observed: 'Istio 1.31: connectTimeout is 10s, the default, in shop.',
  },
  {
    name: "A ServiceEntry has another namespace's Service as its host",
    yaml: `${mesh}${entry('shop/api', 1, '192.0.2.1').replace('db.example.com', 'api.bank.svc.cluster.local')}`,
    expect: ['service-shadowed | ServiceEntry shop/api'],
    observed:
      'Istio 1.31: in shop the cluster of the host has endpoint 192.0.2.1, elsewhere the Pods.',
  },
  {
    name: 'One external host in ServiceEntries of two namespaces',
    yaml: `${mesh}${entry('shop/a', 2, '192.0.2.1')}${entry('bank/b', 1, '192.0.2.2')}`,
    expect: ['entry-unused | ServiceEntry shop/a'],
    observed: 'Istio 1.31: shop reaches 192.0.2.1, bank and third 192.0.2.2, the older.',
  },
  {
    name: 'Each namespace keeps its ServiceEntry to itself',
    yaml: `${mesh}${entry('shop/a', 2, '192.0.2.1', "exportTo: ['.']")}${entry('bank/b', 1, '192.0.2.2', "exportTo: ['.']")}`,
    expect: [],
  },
];
