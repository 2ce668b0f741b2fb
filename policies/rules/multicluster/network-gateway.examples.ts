import type { Example } from '../../core/policy.ts';

function pod(name: string, network: string): string {
  return `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: { app: ${name === 'client' ? 'client' : 'web'}, topology.istio.io/network: ${network}, security.istio.io/tlsMode: istio }
spec: { containers: [{ name: app, image: web }, { name: istio-proxy, image: proxyv2 }] }
status: { podIP: ${network === 'east' ? '10.1.0.2' : '10.2.0.2'} }
`;
}

const web = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, clusterIP: 10.96.0.20, ports: [{ name: tcp-web, port: 7000 }] }
${pod('client', 'east')}${pod('web', 'west')}`;
const headless = web.replace('10.96.0.20', 'None');

function gateway(spec: string, labels = '', rest = ''): string {
  return `---
apiVersion: v1
kind: Service
metadata:
  name: east-west
  namespace: istio-system
  labels: { topology.istio.io/network: west${labels} }
${rest}spec: { selector: { app: east-west }, ${spec} }
`;
}

function kubernetesGateway(listeners: string): string {
  return `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: east-west, namespace: istio-system, labels: { topology.istio.io/network: west } }
spec:
  gatewayClassName: istio
  listeners: [${listeners}]
`;
}

const hbone = '{ name: ambient, port: 15008, protocol: HBONE }';
const tls = 'ports: [{ name: tls, port: 15443, targetPort: 15443 }]';
const balanced = `type: LoadBalancer, ${tls}`;
const service = 'Service istio-system/east-west';

function gatewayPods(labels: string): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: east-west, namespace: istio-system }
spec:
  template:
    metadata:
      labels: { app: east-west, sidecar.istio.io/inject: 'true'${labels} }
      annotations: { inject.istio.io/templates: gateway }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
`;
}

const injectorValues = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data: { values: '{"global":{"network":"east"}}' }
`;

function machine(spec: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ledger-1, namespace: shop }
spec: { serviceAccount: ledger, labels: { app: ledger }, ${spec} }
`;
}

function entry(resolution: string, endpoint: string): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.example.com]
  location: MESH_INTERNAL
  resolution: ${resolution}
  ports: [{ number: 7000, name: tcp-ledger, protocol: TCP }]
  endpoints: [{ serviceAccount: ledger, ${endpoint} }]
`;
}

function meshNetworks(gateways: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  meshNetworks: |
    networks:
      east:
        endpoints: [{ fromCidr: 10.1.0.0/16 }]
        gateways: [{ address: 203.0.113.8, port: 15443 }]
      west:
        endpoints: [{ fromCidr: 10.2.0.0/16 }]
        gateways: ${gateways}
`;
}

/** Meshes in which the policy holds, and meshes in which it does not. */
export const networkGatewayExamples: readonly Example[] = [
  { name: 'A load balancer leads to port 15443', yaml: `${web}${gateway(balanced)}`, expect: [] },
  {
    name: 'External IPs are an address outside the cluster',
    yaml: `${web}${gateway(`externalIPs: [203.0.113.88], ${tls}`)}`,
    expect: [],
  },
  {
    name: 'Node ports count with the annotation that names the nodes',
    yaml: `${web}${gateway(
      `type: NodePort, ${tls}`,
      '',
      "  annotations: { traffic.istio.io/nodeSelector: '{}' }\n",
    )}`,
    expect: [],
  },
  {
    name: 'A label names another port',
    yaml: `${web}${gateway(
      'type: LoadBalancer, ports: [{ name: tls, port: 443 }]',
      ", networking.istio.io/gatewayPort: '443'",
    )}`,
    expect: [],
  },
  {
    name: 'A gateway of the Gateway API, which Istio runs itself',
    yaml: `${web}${kubernetesGateway('{ name: cross-network, port: 15443, protocol: TLS }')}`,
    expect: [],
  },
  {
    name: 'A gateway of the Gateway API for ambient proxies and for sidecars',
    yaml: `${web}${kubernetesGateway(`${hbone}, { name: tls, port: 15443, protocol: TLS }`)}`,
    expect: [],
  },
  {
    name: 'A gateway of the Gateway API for ambient proxies, where nothing has a sidecar',
    yaml: `${web
      .replaceAll('security.istio.io/tlsMode: istio', 'istio.io/dataplane-mode: ambient')
      .replaceAll(', { name: istio-proxy, image: proxyv2 }', '')}${kubernetesGateway(hbone)}`,
    expect: [],
  },
  {
    name: 'A gateway of the Gateway API for ambient proxies alone, beside sidecars',
    yaml: `${web}${kubernetesGateway(hbone)}`,
    expect: ['ambient-only | Gateway istio-system/east-west'],
  },
  {
    name: 'The gateway of a network whose manifests are elsewhere',
    mesh: { networksWithGateway: ['west'] },
    yaml: machine('address: 198.51.100.1, network: west'),
    expect: [],
  },
  {
    name: 'The gateway’s Pods know their network by the injector',
    mesh: { network: 'west' },
    yaml: `${web}${gateway(balanced)}${gatewayPods('')}`,
    expect: [],
  },
  {
    name: 'The mesh config names a gateway for each network',
    yaml: meshNetworks('[{ address: 203.0.113.9, port: 15443 }]'),
    expect: [],
  },
  {
    name: 'The gateway exposes 15021 and 80 only',
    yaml: `${web}${gateway('type: LoadBalancer, ports: [{ port: 15021 }, { port: 80 }]')}`,
    observed: 'Istio 1.31: cluster outbound|7000||web has the far Pod at 10.2.0.2:7000.',
    expect: [`port-not-exposed | ${service}`],
  },
  {
    name: 'The port that counts is the Service’s, not its target',
    yaml: `${web}${gateway('type: LoadBalancer, ports: [{ port: 443, targetPort: 15443 }]')}`,
    observed: 'Istio 1.31: cluster outbound|7000||web has the far Pod at 10.2.0.2:7000.',
    expect: [`port-not-exposed | ${service}`],
  },
  {
    name: 'Ambient proxies enter by 15008, sidecars do not',
    yaml: `${web}${gateway('type: LoadBalancer, ports: [{ port: 15008 }]')}`,
    observed: 'Istio 1.31: a sidecar has the far Pod at 10.2.0.2:7000.',
    expect: [`ambient-only | ${service}`],
  },
  {
    name: 'A cluster address is none outside the cluster',
    yaml: `${web}${gateway(tls)}`,
    observed: 'Istio 1.31: cluster outbound|7000||web has the far Pod at 10.2.0.2:7000.',
    expect: [`no-outside-address | ${service}`],
  },
  {
    name: 'A running load balancer that has no address',
    yaml: `${web}${gateway(`clusterIP: 10.97.0.5, ${balanced}`)}`,
    observed: 'Istio 1.31: cluster outbound|7000||web has the far Pod at 10.2.0.2:7000.',
    expect: [`address-pending | ${service}`],
  },
  {
    name: 'The label for the port is no number',
    yaml: `${web}${gateway(balanced, ', networking.istio.io/gatewayPort: tls')}`,
    observed: 'Istio 1.31: the endpoint is the gateway at port 15443.',
    expect: [`gateway-port-unreadable | ${service}`],
  },
  {
    name: 'Pods in two networks, and no gateway at all',
    yaml: web,
    observed: 'Istio 1.31: cluster outbound|7000||web has the far Pod at 10.2.0.2:7000.',
    expect: ['no-gateway | Pod shop/web'],
  },
  {
    name: 'The cluster’s network has no gateway, and others know it',
    yaml: `apiVersion: v1
kind: Namespace
metadata: { name: istio-system, labels: { topology.istio.io/network: west } }
${pod('client', 'east')}`,
    expect: ['no-gateway | Namespace istio-system'],
  },
  {
    name: 'A machine in a network without a gateway',
    yaml: `${machine('address: 198.51.100.1, network: west')}${pod('client', 'east')}`,
    observed: 'Istio 1.31: the endpoint is 198.51.100.1:7000.',
    expect: ['no-gateway | WorkloadEntry shop/ledger-1'],
  },
  {
    name: 'A machine known by its network alone, which has no gateway',
    yaml: `${machine('network: west')}${pod('client', 'east')}`,
    observed: 'Istio 1.31: the endpoint is ":7000", and Envoy refuses the list.',
    expect: ['no-address | WorkloadEntry shop/ledger-1'],
  },
  {
    name: 'The only network of the mesh config has no gateway, and Pods are labelled with another',
    yaml: `${meshNetworks('[]').replace(/      east:[^]*(?=      west:)/u, '')}${pod('client', 'east')}`,
    expect: ['no-gateway | ConfigMap istio-system/istio'],
  },
  {
    name: 'A network of the mesh config without a gateway',
    yaml: meshNetworks('[]'),
    expect: ['no-gateway | ConfigMap istio-system/istio'],
  },
  {
    name: 'The gateway’s Pods take themselves for another network',
    yaml: `${web}${gateway(balanced)}${gatewayPods('')}${injectorValues}`,
    observed:
      'Istio 1.31: the gateway’s own cluster outbound_.7000_._.web leads to 203.0.113.9:15443, itself.',
    expect: ['gateway-outside | Deployment istio-system/east-west'],
  },
  {
    name: 'A headless Service across networks',
    yaml: `${headless}${gateway(balanced)}`,
    observed: 'Istio 1.31: listener 10.2.0.2_7000, and the client dials the far Pod.',
    expect: ['addressed-directly | Service shop/web'],
  },
  {
    name: 'Endpoints that Envoy resolves go past the gateway',
    yaml: `${web}${gateway(balanced)}${entry('DNS', 'address: ledger-1.example.net, network: west')}`,
    observed: 'Istio 1.31: a STRICT_DNS cluster with the endpoint’s own address.',
    expect: ['addressed-directly | ServiceEntry shop/ledger'],
  },
  {
    name: 'The label of an endpoint names no network',
    yaml: `${web}${gateway(balanced)}${entry(
      'STATIC',
      'address: 198.51.100.1, labels: { topology.istio.io/network: west }',
    )}`,
    observed: 'Istio 1.31: the endpoint is 198.51.100.1:7000.',
    expect: ['network-label-ignored | ServiceEntry shop/ledger'],
  },
];
