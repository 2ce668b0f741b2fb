import { describe, expect, test } from '@jest/globals';
import { explainChange } from '../../../pipelines/compare/meaning.ts';
import {
  app,
  changeBetween,
  istioObject,
  meaningOf,
  meshConfig,
  said,
  shop,
} from './mesh-change.ts';

const stripe = (ports: string, more = ''): string =>
  istioObject(
    'ServiceEntry',
    'shop/stripe',
    `{hosts: [api.stripe.example], ports: ${ports}${more}}`,
  );
const tls443 = '[{number: 443, name: tls, protocol: TLS}]';
const both = '[{number: 443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: HTTP}]';

describe('hosts outside', () => {
  const only = meshConfig('REGISTRY_ONLY');

  test('are opened and closed where only known hosts are let out', () => {
    expect(said('outside', only, only + stripe(both))).toEqual([
      'Opens api.stripe.example:443, api.stripe.example:80 to the outside for every namespace (ServiceEntry shop/stripe).',
    ]);
    expect(
      said('outside', only + stripe(both), only + stripe(tls443, ", exportTo: ['.']")),
    ).toEqual([
      'Closes api.stripe.example:80 to the outside for every namespace (ServiceEntry shop/stripe).',
    ]);
    expect(said('outside', only, only + stripe(tls443, ", exportTo: ['.', bank]"))).toEqual([
      'Opens api.stripe.example:443 to the outside for namespace bank, shop (ServiceEntry shop/stripe).',
    ]);
  });

  test('are only declared where everything is let out, and nothing is claimed where nobody knows', () => {
    const any = meshConfig('ALLOW_ANY');
    expect(said('outside', any, any + stripe(tls443))[0]).toContain('lets it out in any case');
    expect(said('outside', '', stripe(tls443))[0]).toContain(
      'unless the outbound mode of the mesh lets everything out',
    );
    expect(said('outside', stripe(tls443), '')[0]).toContain('only outbound mode REGISTRY_ONLY');
  });

  test('are not new where another entry has them already', () => {
    const other = stripe(tls443).replace('name: stripe', 'name: payments');
    expect(said('outside', only + stripe(tls443), only + other)).toEqual([]);
    const hidden = stripe(tls443, ", exportTo: ['.']").replace('name: stripe', 'name: payments');
    expect(said('outside', only + hidden, only + hidden + stripe(tls443))).toHaveLength(1);
  });

  test('of the mesh itself are none', () => {
    const inside = stripe(tls443, ', location: MESH_INTERNAL');
    expect(said('outside', only, only + inside)).toEqual([]);
    expect(said('other', only, only + inside)).toEqual(['ServiceEntry shop/stripe is added.']);
  });

  test('are all opened by the outbound mode', () => {
    const any = meshConfig('ALLOW_ANY');
    expect(said('outside', only, any)).toEqual([
      'Outbound mode of the mesh goes from REGISTRY_ONLY to ALLOW_ANY: every host outside can be reached.',
    ]);
    const sidecar = istioObject(
      'Sidecar',
      'shop/default',
      '{outboundTrafficPolicy: {mode: ALLOW_ANY}}',
    );
    expect(said('outside', only, only + sidecar)).toEqual([
      'Outbound mode of the proxies of Sidecar shop/default goes from REGISTRY_ONLY to ALLOW_ANY: every host outside can be reached.',
    ]);
  });
});

describe('Gateways', () => {
  const gateway = (server: string): string =>
    istioObject('Gateway', 'shop/public', `{selector: {istio: ingress}, servers: [${server}]}`);
  const https = (mode: string): string =>
    `{port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: ${mode}}}`;

  test('open and close ports for hosts', () => {
    expect(said('outside', '', gateway(https('SIMPLE')))).toEqual([
      'Opens port 443 (SIMPLE) for shop.example.com on Gateway shop/public.',
    ]);
    expect(said('outside', gateway(https('SIMPLE')), '')).toEqual([
      'Closes port 443 for shop.example.com on Gateway shop/public.',
    ]);
  });

  test('ask clients for less', () => {
    const weaker = gateway(https('MUTUAL'));
    expect(said('outside', weaker, gateway(https('SIMPLE')))).toEqual([
      'TLS on port 443 of Gateway shop/public goes from MUTUAL to SIMPLE for shop.example.com.',
    ]);
  });

  test('of the Gateway API count too', () => {
    const listener = `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
`;
    expect(said('outside', '', listener)).toEqual([
      'Opens port 80 (no TLS) for every host on Gateway shop/edge.',
    ]);
  });
});

describe('mTLS', () => {
  const policy = (name: string, spec: string): string =>
    istioObject('PeerAuthentication', name, spec);

  test('is what workloads end up with', () => {
    const mesh = policy('istio-system/default', '{mtls: {mode: STRICT}}');
    const own = policy('shop/default', '{mtls: {mode: PERMISSIVE}}');
    expect(said('mtls', mesh, mesh + own)).toEqual([
      'mTLS for namespace shop goes from STRICT to PERMISSIVE: plaintext is accepted too.',
    ]);
    expect(said('mtls', mesh + own, mesh)).toEqual([
      'mTLS for namespace shop goes from PERMISSIVE to STRICT: plaintext is refused.',
    ]);
    expect(said('mtls', mesh, mesh + policy('shop/default', '{mtls: {mode: UNSET}}'))).toEqual([]);
  });

  test('differs by port', () => {
    const whole = policy('shop/db', '{selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}');
    const port = policy(
      'shop/db',
      '{selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}, portLevelMtls: {5432: {mode: DISABLE}}}',
    );
    expect(said('mtls', whole, port)).toEqual([
      'mTLS for port 5432 of Pods with app=db in namespace shop goes from STRICT to DISABLE: plaintext only.',
    ]);
  });

  test('is lost with a label', () => {
    const strict = policy('shop/db', '{selector: {matchLabels: {tier: db}}, mtls: {mode: STRICT}}');
    expect(
      said(
        'mtls',
        shop + strict + app('ledger', { labels: ', tier: db' }),
        shop + strict + app('ledger'),
      ),
    ).toEqual([
      'mTLS for Deployment shop/ledger goes from STRICT to PERMISSIVE, since its labels change: plaintext is accepted too.',
    ]);
  });

  test('is what clients send', () => {
    const rule = (tls: string): string =>
      istioObject('DestinationRule', 'shop/ledger', `{host: ledger, trafficPolicy: {tls: ${tls}}}`);
    expect(said('mtls', rule('{mode: ISTIO_MUTUAL}'), rule('{mode: DISABLE}'))).toEqual([
      'TLS of clients of ledger (DestinationRule shop/ledger) goes from ISTIO_MUTUAL to DISABLE: they send plaintext.',
    ]);
    expect(
      said('mtls', rule('{mode: SIMPLE}'), rule('{mode: SIMPLE, insecureSkipVerify: true}')),
    ).toEqual([
      "TLS of clients of ledger (DestinationRule shop/ledger) no longer checks the server's certificate.",
    ]);
    const subset = istioObject(
      'DestinationRule',
      'shop/ledger',
      '{host: ledger, subsets: [{name: v2, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE}}]}}]}',
    );
    expect(said('mtls', '', subset)).toEqual([
      'TLS of clients of ledger subset v2 port 443 (DestinationRule shop/ledger) goes from automatic to SIMPLE.',
    ]);
  });

  test('is not automatic any more', () => {
    const off = meshConfig('ALLOW_ANY', 'enableAutoMtls: false');
    expect(said('mtls', meshConfig('ALLOW_ANY'), off)[0]).toContain('enableAutoMtls is off');
  });
});

describe('routes', () => {
  const route = (rules: string, hosts = '[reviews]'): string =>
    istioObject('VirtualService', 'shop/reviews', `{hosts: ${hosts}, http: ${rules}}`);
  const split = (v1: number, v2: number, more = ''): string =>
    `[{route: [{destination: {host: reviews, subset: v1}, weight: ${String(v1)}}, {destination: {host: reviews, subset: v2}, weight: ${String(v2)}}]${more}}]`;
  const one = (host: string): string => `[{route: [{destination: {host: ${host}}}]}]`;

  test('shift weights, timeouts and retries', () => {
    const before = route(split(90, 10));
    const after = route(split(50, 50, ', timeout: 5s, retries: {attempts: 3}, fault: {}'));
    expect(said('routes', before, after)).toEqual([
      'Routes for reviews (VirtualService shop/reviews): reviews subset v1 from 90% to 50%; reviews subset v2 from 10% to 50%; timeout from none set to 5s; retry attempts from none set to 3; and 1 more difference.',
    ]);
  });

  test('gain and lose destinations and rules', () => {
    expect(said('routes', route(one('a')), route(one('b')))).toEqual([
      'Routes for reviews (VirtualService shop/reviews): to b instead of a.',
    ]);
    expect(said('routes', '', route(split(1, 3)))).toEqual([
      'Routes for reviews (VirtualService shop/reviews) are added: 1 rule to reviews subset v1 25%, reviews subset v2 75%.',
    ]);
    const two =
      '[{name: x, match: [{uri: {prefix: /x}}], route: [{destination: {host: x}}]}, {route: [{destination: {host: a}}]}]';
    expect(said('routes', route(one('a')), route(two, '[reviews, ratings]'))).toEqual([
      'Routes for ratings, reviews (VirtualService shop/reviews): hosts ratings added; rule x added (to x 100%).',
    ]);
  });

  test('of the Gateway API have weights of 1', () => {
    const http = (weights: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec: {rules: [{backendRefs: [{name: a, port: 80${weights}}, {name: b, port: 80}]}]}
`;
    expect(said('routes', http(''), http(', weight: 3'))).toEqual([
      'Routes of HTTPRoute shop/web: a:80 from 50% to 75%; b:80 from 50% to 25%.',
    ]);
  });
});

describe('drain', () => {
  const rule = (ttl: string): string =>
    istioObject(
      'DestinationRule',
      'shop/ledger',
      `{host: ledger, trafficPolicy: {connectionPool: {tcp: {maxConnectionDuration: ${ttl}}}}}`,
    );
  const config = (drain: string): string =>
    `proxy.istio.io/config: "terminationDrainDuration: ${drain}"`;

  test('time and TTL are told before and after', () => {
    const before = shop + app('ledger', { annotations: config('150s'), grace: 160 });
    const after = shop + app('ledger', { annotations: config('20s'), grace: 160 });
    expect(said('drain', before + rule('60s'), after + rule('90s'))).toEqual([
      'Longest connection TTL goes from 60s to 90s for Deployment shop/ledger.',
      'Serving time after deletion goes from 150s to 20s for Deployment shop/ledger.',
    ]);
  });

  test('is said with its condition where nothing tells native sidecars from classic ones', () => {
    const before = shop + app('ledger', { grace: 30 });
    const after = shop + app('ledger', { grace: 60, annotations: config('40s') });
    expect(said('drain', before, after, { istioVersion: '1.31' })).toEqual([
      'Serving time after deletion with classic sidecars goes from 5s to 40s for Deployment shop/ledger.',
      'Serving time after deletion with native sidecars goes from 30s to 60s for Deployment shop/ledger.',
    ]);
  });

  test('of very many workloads is compared for the first ones, and the others are counted', () => {
    const many = Array.from({ length: 205 }, (_, index) => app(`app-${String(index)}`)).join('');
    const config = (drain: string): string =>
      meshConfig('ALLOW_ANY', `defaultConfig: {terminationDrainDuration: ${drain}}`);
    expect(said('drain', shop + many + config('20s'), shop + many + config('25s'))).toEqual([
      'Drain and TTL of 5 more workloads were not compared.',
      'Serving time after deletion goes from 20s to 25s for Deployment shop/app-0, Deployment shop/app-1, Deployment shop/app-10 and 197 more.',
    ]);
  });

  test('ends with the sidecar', () => {
    const bare = shop.replace('enabled', 'disabled');
    expect(said('workloads', shop + app('ledger'), bare + app('ledger'))).toEqual([
      'Proxy of Deployment shop/ledger goes from classic sidecar to none: mTLS and authorization of the mesh no longer hold there.',
      '1 workload is affected: Deployment shop/ledger.',
    ]);
  });
});

describe('scope', () => {
  test('of a Sidecar', () => {
    const sidecar = (hosts: string): string =>
      istioObject('Sidecar', 'shop/default', `{egress: [{hosts: ${hosts}}]}`);
    expect(said('scope', '', sidecar('["./*"]'))).toEqual([
      'Sidecar shop/default is added: its proxies see ./* only.',
    ]);
    expect(said('scope', sidecar('["./*"]'), sidecar('["./*", "bank/*"]'))).toEqual([
      'Proxies of Sidecar shop/default see bank/* too.',
    ]);
  });

  test('of what is exported', () => {
    expect(said('scope', stripe(tls443, ", exportTo: ['.']"), stripe(tls443))).toEqual([
      'ServiceEntry shop/stripe is exported to every namespace instead of namespace shop.',
    ]);
  });
});

describe('the whole', () => {
  const before = shop + app('ledger') + app('orders') + meshConfig('REGISTRY_ONLY');
  const after =
    before +
    stripe(tls443) +
    istioObject('PeerAuthentication', 'shop/default', '{mtls: {mode: STRICT}}') +
    istioObject('EnvoyFilter', 'shop/odd', '{configPatches: []}') +
    istioObject(
      'DestinationRule',
      'shop/orders',
      '{host: orders, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
    );

  test('begins with what is opened, goes on with what nobody can judge, and ends with a count', () => {
    expect(meaningOf(before, after).map(({ topic, text }) => `${topic}: ${text}`)).toEqual([
      'outside: Opens api.stripe.example:443 to the outside for every namespace (ServiceEntry shop/stripe).',
      'other: EnvoyFilter shop/odd is added.',
      'other: DestinationRule shop/orders is added.',
      'mtls: mTLS for namespace shop goes from PERMISSIVE to STRICT: plaintext is refused.',
      'workloads: 2 workloads are affected: Deployment shop/ledger, Deployment shop/orders.',
    ]);
  });

  test('is the same in whatever order objects come', () => {
    const forwards = explainChange(changeBetween(before, after));
    expect(explainChange(changeBetween(before, after, { reversed: true }))).toEqual(forwards);
  });

  test('names the objects', () => {
    expect(meaningOf(before, after)[0]?.objects).toEqual([
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'ServiceEntry',
        namespace: 'shop',
        name: 'stripe',
      },
    ]);
  });

  test('has nothing to say of images, labels of charts and versions of the API', () => {
    const image = shop + app('ledger').replace('app:1', 'app:2');
    expect(meaningOf(shop + app('ledger'), image)).toEqual([]);
    expect(meaningOf(stripe(tls443), stripe(tls443).replace('io/v1', 'io/v1beta1'))).toEqual([]);
  });

  test('stays readable with names of any length and objects of any shape', () => {
    const long = 'x'.repeat(50_000);
    const hostile = stripe(tls443)
      .replace('name: stripe', `name: ${long}`)
      .replace('api.', `${long}.`);
    for (const { text } of meaningOf('', hostile)) {
      expect(text.length).toBeLessThan(1000);
    }
    const odd = ['null', '[]', '7', '{hosts: 7, ports: {}, http: [null, 7, [], {route: [null]}]}'];
    for (const spec of odd) {
      for (const kind of [
        'ServiceEntry',
        'VirtualService',
        'Gateway',
        'Sidecar',
        'DestinationRule',
        'PeerAuthentication',
        'AuthorizationPolicy',
      ]) {
        const object = istioObject(kind, 'shop/odd', spec);
        expect(() => meaningOf('', object)).not.toThrow();
        expect(() => meaningOf(istioObject(kind, 'shop/odd', '{}'), object)).not.toThrow();
      }
    }
  });
});
