import type { Example } from '../../core/policy.ts';

const host = 'api.partner.example.com';
const service = 'istio-egressgateway.istio-system.svc.cluster.local';

const proxies = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istio-egressgateway, namespace: istio-system }
spec:
  template:
    metadata:
      labels: { istio: egressgateway, sidecar.istio.io/inject: 'true' }
      annotations: { inject.istio.io/templates: gateway }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Service
metadata: { name: istio-egressgateway, namespace: istio-system }
spec:
  selector: { istio: egressgateway }
  clusterIP: 10.96.9.9
  ports:
    - { name: tls, port: 443, targetPort: 8443 }
    - { name: tcp-postgres, port: 5432, targetPort: 5432 }
---
`;

const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [${host}]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{ number: 443, name: tls, protocol: TLS }]
---
`;

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: egress, namespace: shop }
spec:
  selector: { istio: egressgateway }
  servers:
    - port: { number: 443, name: tls, protocol: TLS }
      hosts: [${host}]
      tls: { mode: PASSTHROUGH }
---
`;

const fromMesh = `    - match: [{ gateways: [mesh], port: 443, sniHosts: [${host}] }]
      route: [{ destination: { host: ${service}, port: { number: 443 } } }]
`;
const fromGateway = `    - match: [{ gateways: [egress], port: 443, sniHosts: [${host}] }]
      route: [{ destination: { host: ${host}, port: { number: 443 } } }]
`;
const virtualService = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: partner, namespace: shop }
spec:
  hosts: [${host}]
  gateways: [mesh, egress]
  tls:
${fromMesh}${fromGateway}`;

const whole = `${proxies}${entry}${gateway}${virtualService}`;
const route = 'VirtualService shop/partner';

/** The whole chain with one text in it changed. */
const changed = (from: string, to: string): string => whole.replace(from, to);

/** Meshes in which the policy holds, and meshes in which it does not. */
export const sniPassthroughChainExamples: readonly Example[] = [
  {
    name: 'The whole chain',
    yaml: whole,
    observed: `Istio 1.31: client 0.0.0.0_443 sni=${host} -> outbound|443||${service}; gateway 0.0.0.0_8443 sni=${host} -> outbound|443||${host}`,
    expect: [],
  },
  {
    name: 'The halves of the route in two VirtualServices, and the Gateway by its full name',
    yaml: `${proxies}${entry}${gateway}${virtualService
      .replace('[mesh, egress]', '[mesh]')
      .replace(fromGateway, '')}---
${virtualService
  .replace('name: partner', 'name: partner-egress')
  .replace('[mesh, egress]', '[shop/egress]')
  .replace(fromMesh, '')}`,
    expect: [],
  },
  {
    name: 'Protocol HTTPS, and exports to the namespaces of the clients and of the gateway',
    yaml: changed(
      'protocol: TLS }]\n---',
      'protocol: HTTPS }]\n  exportTo: [., istio-system]\n---',
    ),
    expect: [],
  },
  {
    name: 'A Sidecar that does not import the gateway: what a visible VirtualService leads to joins the scope',
    yaml: `${whole}---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec: { egress: [{ hosts: ['./*'] }] }
`,
    expect: [],
  },
  {
    name: 'TLS that comes in through a gateway is no chain',
    yaml: `${proxies}apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ingress, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: tls, protocol: TLS }
      hosts: [shop.example.com]
      tls: { mode: PASSTHROUGH }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress]
  tls:
    - match: [{ sniHosts: [shop.example.com] }]
      route: [{ destination: { host: web.shop.svc.cluster.local, port: { number: 8443 } } }]
`,
    expect: [],
  },
  {
    name: 'No ServiceEntry',
    yaml: `${proxies}${gateway}${virtualService}`,
    observed: `Istio 1.31: the client has no listener on 443; gateway sni=${host} -> outbound|443||${host}, a cluster that is not there`,
    expect: [`no-service-entry | ${route}`],
  },
  {
    name: 'The entry is exported to the namespace of the gateway only',
    yaml: changed('protocol: TLS }]\n---', 'protocol: TLS }]\n  exportTo: [istio-system]\n---'),
    observed: 'Istio 1.31: the client has no listener on 443',
    expect: ['entry-hidden-from-clients | ServiceEntry shop/partner'],
  },
  {
    name: 'gateways lacks mesh',
    yaml: changed('[mesh, egress]', '[egress]'),
    observed: `Istio 1.31: client sni=${host} -> outbound|443||${host}, past the gateway`,
    expect: [`not-bound-to-mesh | ${route}`],
  },
  {
    name: 'Only the gateway has a route',
    yaml: changed(fromMesh, ''),
    observed: `Istio 1.31: client sni=${host} -> outbound|443||${host}, past the gateway`,
    expect: [`no-mesh-route | ${route}`],
  },
  {
    name: 'The match of the clients is for a port that the entry lacks',
    yaml: changed('[mesh], port: 443', '[mesh], port: 8443'),
    observed: `Istio 1.31: client sni=${host} -> outbound|443||${host}, past the gateway`,
    expect: [`mesh-port-not-in-entry | ${route}`],
  },
  {
    name: 'The entry says TCP',
    yaml: changed('protocol: TLS }]\n---', 'protocol: TCP }]\n---'),
    observed: `Istio 1.31: client 0.0.0.0_443 without server names -> outbound|443||${host}, every host on the port`,
    expect: ['entry-not-tls | ServiceEntry shop/partner'],
  },
  {
    name: 'Clients are sent to a port that the Service of the gateway lacks',
    yaml: changed(`${service}, port: { number: 443 }`, `${service}, port: { number: 8443 }`),
    observed: `Istio 1.31: client sni=${host} -> outbound|8443||${service}, a cluster that is not there`,
    expect: [`gateway-service-port | ${route}`],
  },
  {
    name: 'Clients are sent to another port of the gateway',
    yaml: changed(`${service}, port: { number: 443 }`, `${service}, port: { number: 5432 }`),
    observed: `Istio 1.31: client sni=${host} -> outbound|5432||${service}; the gateway listens on 8443 alone`,
    expect: [`mesh-port-misses-server | ${route}`],
  },
  {
    name: 'The Gateway has another name',
    yaml: changed('[mesh, egress]', '[mesh, egress, egress-2]'),
    observed: 'Istio 1.31: the gateway serves egress, and nothing for egress-2',
    expect: [`gateway-unknown | ${route}`],
  },
  {
    name: 'Only the clients have a route',
    yaml: changed(fromGateway, ''),
    observed: 'Istio 1.31: the gateway has no listener',
    expect: [`no-gateway-route | ${route}`],
  },
  {
    name: 'The match of the clients names no gateways, so that it is the first of the gateway too',
    yaml: changed('gateways: [mesh], port', 'port'),
    observed: `Istio 1.31: client 0.0.0.0_443 sni=${host} -> outbound|443||${service}; gateway 0.0.0.0_8443 sni=${host} -> outbound|443||${service}, itself`,
    expect: [`gateway-to-itself | ${route}`],
  },
  {
    name: 'A match of the gateway before one for all',
    yaml: whole.replace(fromMesh, '') + fromMesh.replace('gateways: [mesh], ', ''),
    expect: [],
  },
  {
    name: 'The match of the gateway is for a port that it lacks',
    yaml: changed('[egress], port: 443', '[egress], port: 8443'),
    observed: 'Istio 1.31: the gateway has no listener',
    expect: [`gateway-port-differs | ${route}`],
  },
  {
    name: 'The server is for another host',
    yaml: changed(`hosts: [${host}]\n      tls`, 'hosts: [other.example.com]\n      tls'),
    observed: 'Istio 1.31: the gateway has no listener',
    expect: [`server-host-differs | ${route}`],
  },
  {
    name: 'The server ends TLS',
    yaml: changed('mode: PASSTHROUGH', 'mode: ISTIO_MUTUAL'),
    observed: 'Istio 1.31: the gateway has no listener',
    expect: ['server-not-passthrough | Gateway shop/egress', `routes-never-read | ${route}`],
  },
  {
    name: 'The VirtualService is not exported to the namespace of the gateway',
    yaml: changed('  gateways: [mesh, egress]', '  exportTo: [.]\n  gateways: [mesh, egress]'),
    observed: 'Istio 1.31: the gateway has no listener',
    expect: [`hidden-from-gateway | ${route}`],
  },
  {
    name: 'The Gateway selects other Pods',
    yaml: changed(
      '  selector: { istio: egressgateway }\n  servers',
      '  selector: { istio: egress }\n  servers',
    ),
    observed: 'Istio 1.31: the gateway has no listener',
    expect: ['gateway-selects-other-pods | Gateway shop/egress'],
  },
  {
    name: 'The entry is not exported to the namespace of the gateway',
    yaml: changed('protocol: TLS }]\n---', 'protocol: TLS }]\n  exportTo: [.]\n---'),
    observed: `Istio 1.31: gateway sni=${host} -> outbound|443||${host}, a cluster that is not there`,
    expect: ['entry-hidden-from-gateway | ServiceEntry shop/partner'],
  },
  {
    name: 'The entry is not resolved',
    yaml: changed('resolution: DNS', 'resolution: NONE'),
    observed: `Istio 1.31: the gateway's cluster outbound|443||${host} has no endpoint to send to`,
    expect: ['entry-without-endpoints | ServiceEntry shop/partner'],
  },
  {
    name: 'The gateway is sent to a port that the entry lacks',
    yaml: changed(`${host}, port: { number: 443 }`, `${host}, port: { number: 8443 }`),
    observed: `Istio 1.31: gateway sni=${host} -> outbound|8443||${host}, a cluster that is not there`,
    expect: [`destination-port-unknown | ${route}`],
  },
  {
    name: 'A tls match without a server name',
    yaml: `${whole}    - match: [{ gateways: [egress], port: 8443 }]
      route: [{ destination: { host: ${host} } }]
`,
    observed: 'istioctl validate (1.31): TLS match must have at least one SNI host',
    expect: [`server-name-missing | ${route}`],
  },
  {
    name: 'A server name that is none of the hosts',
    yaml: changed(
      `[egress], port: 443, sniHosts: [${host}]`,
      `[egress], port: 443, sniHosts: [${host}, '*.partner.example.com']`,
    ),
    observed:
      'istioctl validate (1.31): SNI host "*.partner.example.com" is not a compatible subset of any of the virtual service hosts',
    expect: [`server-name-outside-hosts | ${route}`],
  },
  {
    name: 'The gateway is sent to a host that nobody declares',
    yaml: changed(`host: ${host}, port`, 'host: other.example.com, port'),
    observed: `Istio 1.31: gateway sni=${host} -> outbound|443||other.example.com, a cluster that is not there`,
    expect: [`destination-unknown | ${route}`],
  },
  {
    name: 'The gateway is sent to another host that is declared',
    yaml: `${changed(`host: ${host}, port`, 'host: other.example.com, port')}---
${entry.replace('name: partner', 'name: other').replace(host, 'other.example.com')}`,
    expect: [],
  },
];
