import type { Example } from '../../core/policy.ts';

/** A gateway whose Pods listen where its Service leads. */
function proxies(podSpec = '', targetPort = '8080'): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: istio-system }
spec:
  selector: { matchLabels: { istio: ingressgateway } }
  template:
    metadata:
      labels: { istio: ingressgateway, sidecar.istio.io/inject: 'true' }
      annotations: { inject.istio.io/templates: gateway }
    spec: { ${podSpec}containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-system }
spec:
  selector: { istio: ingressgateway }
  clusterIP: 10.96.0.9
  ports: [{ name: http2, port: 80, targetPort: ${targetPort} }]
---
`;
}

function gateway(host: string, port = 80): string {
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: ${String(port)}, name: http, protocol: HTTP }
      hosts: ['${host}']
---
`;
}

function route(hosts: string, gateways = 'web'): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [${hosts}]
  gateways: [${gateways}]
  http: [{ route: [{ destination: { host: web.shop.svc.cluster.local, port: { number: 80 } } }] }]
---
`;
}

/** Meshes in which the policy holds, and meshes in which it does not. */
export const gatewayBindingExamples: readonly Example[] = [
  {
    name: 'A route for a host of the server, on a port of the Service',
    yaml: `${proxies()}${gateway('shop.example.com')}${route('shop.example.com')}`,
    expect: [],
  },
  {
    name: 'One host for the gateway and one for the mesh',
    yaml: `${gateway('shop.example.com')}${route('shop.example.com, web.shop.svc.cluster.local', 'web, mesh')}`,
    expect: [],
  },
  {
    name: 'A wildcard on either side',
    yaml: `${gateway('./*.example.com')}${route("'*.shop.example.com'")}`,
    expect: [],
  },
  {
    name: 'A Gateway that is declared elsewhere',
    yaml: route('shop.example.com', 'istio-system/shared'),
    expect: [],
  },
  {
    name: 'A server on the port to which the Service leads',
    yaml: `${proxies()}${gateway('shop.example.com', 8080)}`,
    expect: [],
  },
  {
    name: 'The Service leads to a port by name',
    yaml: `${proxies('', 'http')}${gateway('shop.example.com', 8443)}`,
    expect: [],
  },
  {
    name: 'The Pods use the network of their node',
    yaml: `${proxies('hostNetwork: true, ')}${gateway('shop.example.com', 8443)}`,
    expect: [],
  },
  {
    name: 'The Pods of the gateway are declared elsewhere',
    yaml: gateway('shop.example.com', 8443),
    expect: [],
  },
  {
    name: 'A route for a host that the server does not have',
    yaml: `${proxies()}${gateway('shop.example.com')}${route('bank.example.com')}`,
    observed: 'istiod 1.31 gives the gateway no virtual host for bank.example.com.',
    expect: ['host-not-served | VirtualService shop/web'],
  },
  {
    name: 'The server takes routes of another namespace only',
    yaml: `${proxies()}${gateway('bank/shop.example.com')}${route('shop.example.com')}`,
    observed: 'istiod 1.31 gives the gateway no virtual host, only a black hole.',
    expect: ['host-not-served | VirtualService shop/web'],
  },
  {
    name: 'A server on a port to which no Service leads',
    yaml: `${proxies()}${gateway('shop.example.com', 8443)}${route('shop.example.com')}`,
    observed: 'istiod 1.31 has the gateway listen on 8443, where the Service has no port.',
    expect: ['port-not-offered | Gateway shop/web'],
  },
];
