import type { Example } from '../../core/policy.ts';

function pod(name: string, network: string, podIP: string): string {
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: { app: ${name}, topology.istio.io/network: ${network}, security.istio.io/tlsMode: istio }
spec: { containers: [{ name: app, image: web }, { name: istio-proxy, image: proxyv2 }] }
status: { podIP: ${podIP} }
---`;
}

/** A Service in network west, a client in network east, and the gateway of west with a server for some hosts. */
function web(hosts: string): string {
  return `${pod('client', 'east', '10.1.0.2')}${pod('web', 'west', '10.2.0.2')}
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, clusterIP: 10.96.0.20, ports: [{ name: tcp-web, port: 7000 }] }
---
apiVersion: v1
kind: Service
metadata: { name: east-west, namespace: istio-system, labels: { topology.istio.io/network: west } }
spec: { type: LoadBalancer, selector: { app: east-west }, ports: [{ name: tls, port: 15443 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: east-west, namespace: istio-system }
spec:
  template:
    metadata: { labels: { app: east-west, topology.istio.io/network: west } }
    spec: { containers: [{ name: istio-proxy, image: proxyv2 }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: cross-network, namespace: istio-system }
spec:
  selector: { app: east-west }
  servers:
    - port: { number: 15443, name: tls, protocol: TLS }
      tls: { mode: AUTO_PASSTHROUGH }
      hosts: [${hosts}]
`;
}

const machines = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.example.com]
  addresses: [192.0.2.60]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 7000, name: tcp-ledger, protocol: TCP }]
  endpoints: [{ address: 198.51.100.1, network: west, serviceAccount: ledger }]
`;

/** Hosts that the gateway of a network publishes, and hosts that it does not. */
export const gatewayPublishedExamples: readonly Example[] = [
  {
    name: 'Machines whose host the gateway publishes',
    yaml: `${web("'*.local', ledger.example.com")}${machines}`,
    observed: 'Istio 1.31: the gateway has a chain for outbound_.7000_._.ledger.example.com.',
    expect: [],
  },
  {
    name: 'Services of one namespace are published, by a host that names a namespace',
    yaml: web("'shop/*.shop.svc.cluster.local'"),
    observed:
      'Istio 1.31: the gateway has a chain for outbound_.7000_._.web.shop.svc.cluster.local.',
    expect: [],
  },
  {
    name: 'Machines whose host is none of the cluster’s',
    yaml: `${web("'*.local'")}${machines}`,
    observed:
      'Istio 1.31: clients dial 203.0.113.9:15443, and the gateway has no chain for outbound_.7000_._.ledger.example.com.',
    expect: ['not-published | ServiceEntry shop/ledger'],
  },
  {
    name: 'Services of another namespace are published',
    yaml: web("'*.bank.svc.cluster.local'"),
    observed:
      'Istio 1.31: clients dial 203.0.113.9:15443, and the gateway has no chain for outbound_.7000_._.web.shop.svc.cluster.local.',
    expect: ['not-published | Service shop/web'],
  },
];
