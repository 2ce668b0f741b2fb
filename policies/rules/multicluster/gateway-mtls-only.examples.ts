import type { Example } from '../../core/policy.ts';

interface PodLook {
  readonly injected?: boolean;
}

function pod(
  name: string,
  app: string,
  network: string,
  { injected = true }: PodLook = {},
): string {
  const labels = injected ? 'security.istio.io/tlsMode: istio' : "sidecar.istio.io/inject: 'false'";
  const proxy = injected ? ', { name: istio-proxy, image: proxyv2 }' : '';
  return `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: { app: ${app}, topology.istio.io/network: ${network}, ${labels} }
spec: { containers: [{ name: app, image: web }${proxy}] }
status: { podIP: ${network === 'east' ? '10.1.0.2' : '10.2.0.2'} }
`;
}

const client = pod('client', 'client', 'east');
const service = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, clusterIP: 10.96.0.20, ports: [{ name: tcp-web, port: 7000 }] }
---
apiVersion: v1
kind: Service
metadata: { name: east-west, namespace: istio-system, labels: { topology.istio.io/network: west } }
spec:
  type: LoadBalancer
  selector: { app: east-west }
  ports: [{ name: status-port, port: 15021 }, { name: tls, port: 15443 }]
${client}`;
const web = `${service}${pod('web', 'web', 'west')}`;

const proxies = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: east-west, namespace: istio-system }
spec:
  template:
    metadata: { labels: { app: east-west, topology.istio.io/network: west } }
    spec: { containers: [{ name: istio-proxy, image: proxyv2 }] }
`;

function gateway(mode: string, host = '*.local', protocol = 'TLS', selector = 'east-west'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: cross-network, namespace: istio-system }
spec:
  selector: { app: ${selector} }
  servers:
    - port: { number: 15443, name: tls, protocol: ${protocol} }
      tls: { mode: ${mode} }
      hosts: ['${host}']
`;
}

function rule(spec: string, host = 'web.shop.svc.cluster.local'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec: { host: ${host}, ${spec} }
`;
}

function peer(namespace: string, spec: string): string {
  return `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: plain, namespace: ${namespace} }
spec: { ${spec} }
`;
}

const autoMtlsOff = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: 'enableAutoMtls: false' }
`;

function entry(location: string, endpoint: string, resolution = 'STATIC'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.example.com]
  addresses: [192.0.2.60]
  location: ${location}
  resolution: ${resolution}
  ports: [{ number: 7000, name: tcp-ledger, protocol: TCP }]
  ${endpoint}
`;
}

function machine(spec: string): string {
  return `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ledger-1, namespace: shop }
spec: { address: 198.51.100.1, network: west, ${spec} }
`;
}

const inline = 'endpoints: [{ address: 198.51.100.1, network: west }]';
const identified = 'endpoints: [{ address: 198.51.100.1, network: west, serviceAccount: ledger }]';
const selecting = 'workloadSelector: { labels: { app: ledger } }';
const lost = 'Istio 1.31: cluster outbound|7000||web has the near endpoints only.';
const plaintext =
  'Istio 1.31: the endpoint is 203.0.113.9:15443, in a cluster without transport socket.';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const gatewayMtlsOnlyExamples: readonly Example[] = [
  {
    name: 'The gateway publishes all Services',
    yaml: `${web}${proxies}${gateway('AUTO_PASSTHROUGH')}`,
    expect: [],
  },
  {
    name: 'Istio’s TLS by a rule',
    yaml: `${web}${rule('trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }')}`,
    expect: [],
  },
  {
    name: 'A Pod without a sidecar in the network of its clients',
    yaml: `${web}${pod('near', 'web', 'east', { injected: false })}`,
    expect: [],
  },
  { name: 'STRICT passes', yaml: `${web}${peer('shop', 'mtls: { mode: STRICT }')}`, expect: [] },
  {
    name: 'A service account makes a machine one of the mesh, and so does the label',
    yaml: `${web}${machine('serviceAccount: ledger, labels: { app: ledger }')}${entry(
      'MESH_INTERNAL',
      selecting,
    )}`,
    expect: [],
  },
  {
    name: 'A rule in place of auto mTLS',
    yaml: `${web}${autoMtlsOff}${rule('trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }')}`,
    expect: [],
  },
  {
    name: 'Endpoints that Envoy resolves do not pass the gateway',
    yaml: `${web}${entry('MESH_INTERNAL', 'endpoints: [{ address: db.example.net, network: west }]', 'DNS')}`,
    expect: [],
  },
  {
    name: 'Port 15443 of an ingress gateway with routes of its own',
    yaml: `${gateway('PASSTHROUGH', 'db.example.com', 'TLS', 'ingress')}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: db, namespace: istio-system }
spec:
  hosts: [db.example.com]
  gateways: [cross-network]
  tls: [{ match: [{ sniHosts: [db.example.com] }], route: [{ destination: { host: web.shop.svc.cluster.local } }] }]
`,
    expect: [],
  },
  {
    name: 'The gateway terminates Istio’s TLS',
    yaml: `${web}${proxies}${gateway('ISTIO_MUTUAL')}`,
    observed: 'Istio 1.31: the gateway has no listener on 15443.',
    expect: ['not-auto-passthrough | Gateway istio-system/cross-network'],
  },
  {
    name: 'PASSTHROUGH is not AUTO_PASSTHROUGH',
    yaml: gateway('PASSTHROUGH', '*', 'TLS', 'somewhere'),
    observed: 'Istio 1.31: the gateway has no listener on 15443.',
    expect: ['not-auto-passthrough | Gateway istio-system/cross-network'],
  },
  {
    name: 'HTTP cannot be passed through',
    yaml: `${web}${proxies}${gateway('AUTO_PASSTHROUGH', '*.local', 'HTTP')}`,
    observed: 'Istio 1.31: listener 0.0.0.0_15443 is plain HTTP, without a chain for any SNI.',
    expect: ['not-tls | Gateway istio-system/cross-network'],
  },
  {
    name: 'Everything is published',
    yaml: `${web}${proxies}${gateway('AUTO_PASSTHROUGH', '*')}`,
    observed: 'Istio 1.31: a chain for outbound_.443_._.pay.example.com, a ServiceEntry, as well.',
    expect: ['hosts-too-wide | Gateway istio-system/cross-network'],
  },
  {
    name: 'Nothing is published',
    yaml: `${web}${proxies}`,
    observed: 'Istio 1.31: the gateway has no listener on 15443.',
    expect: ['nothing-published | Service istio-system/east-west'],
  },
  {
    name: 'A rule disables TLS',
    yaml: `${web}${rule('trafficPolicy: { tls: { mode: DISABLE } }')}`,
    observed: lost,
    expect: ['rule-not-istio-tls | DestinationRule shop/web'],
  },
  {
    name: 'A rule with a TLS of its own, for one port',
    yaml: `${web}${rule('trafficPolicy: { portLevelSettings: [{ port: { number: 7000 }, tls: { mode: SIMPLE } }] }')}`,
    observed: lost,
    expect: ['rule-not-istio-tls | DestinationRule shop/web'],
  },
  {
    name: 'A rule disables TLS for a subset',
    yaml: `${web}${rule('subsets: [{ name: v1, labels: { app: web }, trafficPolicy: { tls: { mode: DISABLE } } }]')}`,
    observed: 'Istio 1.31: cluster outbound|7000|v1|web has the near endpoints only.',
    expect: ['rule-not-istio-tls | DestinationRule shop/web'],
  },
  {
    name: 'A rule disables TLS for machines',
    yaml: `${web}${entry('MESH_INTERNAL', identified)}${rule(
      'trafficPolicy: { tls: { mode: DISABLE } }',
      'ledger.example.com',
    )}`,
    expect: ['rule-not-istio-tls | DestinationRule shop/web'],
  },
  {
    name: 'A namespace without mutual TLS',
    yaml: `${web}${peer('shop', 'mtls: { mode: DISABLE }')}`,
    observed: lost,
    expect: ['peer-plaintext | PeerAuthentication shop/plain'],
  },
  {
    name: 'A mesh without mutual TLS',
    yaml: `${web}${peer('istio-system', 'mtls: { mode: DISABLE }')}`,
    observed: lost,
    expect: ['peer-plaintext | PeerAuthentication istio-system/plain'],
  },
  {
    name: 'One port without mutual TLS',
    yaml: `${web}${peer(
      'shop',
      "selector: { matchLabels: { app: web } }, portLevelMtls: { '7000': { mode: DISABLE } }",
    )}`,
    observed: lost,
    expect: ['peer-plaintext | PeerAuthentication shop/plain'],
  },
  {
    name: 'A far Pod without a sidecar',
    yaml: `${service}${pod('web', 'web', 'west', { injected: false })}`,
    observed: lost,
    expect: ['no-proxy | Pod shop/web'],
  },
  {
    name: 'A machine without an identity',
    yaml: `${web}${machine('labels: { app: ledger }')}${entry('MESH_INTERNAL', selecting)}`,
    observed: 'Istio 1.31: cluster outbound|7000||ledger.example.com has no endpoint.',
    expect: ['no-identity | WorkloadEntry shop/ledger-1'],
  },
  {
    name: 'An endpoint without an identity',
    yaml: `${web}${entry('MESH_INTERNAL', inline)}`,
    observed: 'Istio 1.31: cluster outbound|7000||ledger.example.com has no endpoint.',
    expect: ['no-identity | ServiceEntry shop/ledger'],
  },
  {
    name: 'A machine outside the mesh, behind a gateway of the mesh',
    yaml: `${web}${entry('MESH_EXTERNAL', identified)}`,
    observed: plaintext,
    expect: ['external-entry | ServiceEntry shop/ledger'],
  },
  {
    name: 'Auto mTLS is off, and nothing stands in for it',
    yaml: `${web}${autoMtlsOff}`,
    observed: plaintext,
    expect: ['auto-mtls-off | ConfigMap istio-system/istio'],
  },
  {
    name: 'Auto mTLS is off, and a rule stands in for Pods but not for machines',
    yaml: `${web}${autoMtlsOff}${rule('trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }')}${entry(
      'MESH_INTERNAL',
      identified,
    )}`,
    observed: plaintext,
    expect: ['auto-mtls-off | ConfigMap istio-system/istio'],
  },
];
