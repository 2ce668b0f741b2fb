import type { Example } from '../../core/policy.ts';

const workload = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: app, image: registry.example.com/api:1, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
`;
const databases = `---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: data }
spec: { selector: { app: orders }, ports: [{ name: tcp-db, port: 5432 }] }
---
apiVersion: v1
kind: Service
metadata: { name: stock, namespace: data }
spec: { selector: { app: stock }, ports: [{ name: tcp-db, port: 5432 }, { name: tcp-admin, port: 5433 }] }
`;

function entry(spec: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: db, namespace: shop }
spec:
  hosts: [db.example.com]
  location: MESH_INTERNAL
${spec}
`;
}

function sidecar(spec: string): string {
  return `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: api, namespace: shop }
spec:
  workloadSelector: { labels: { app: api } }
${spec}
`;
}

const onePort =
  '  addresses: [192.0.2.60]\n  ports: [{ number: 7000, name: tcp-db, protocol: TCP }]';

/** Sockets that traffic reaches, and sockets that it does not. */
export const endpointExamples: readonly Example[] = [
  {
    name: 'sockets in an ingress listener, an egress listener and a ServiceEntry',
    yaml:
      workload +
      sidecar(`  ingress: [{ port: { number: 8080, name: http, protocol: HTTP }, defaultEndpoint: "unix:///run/app/app.sock" }]
  egress:
  - { port: { number: 0, name: tcp-db, protocol: TCP }, bind: "unix:///run/app/db.sock", hosts: ["data/orders.data.svc.cluster.local"] }
  - { hosts: ["./*"] }`) +
      databases +
      '---\n' +
      entry(
        `  resolution: STATIC\n${onePort}\n  endpoints: [{ address: "unix://@db" }, { address: 198.51.100.1 }]`,
      ),
    expect: [],
  },
  {
    name: 'a relative path, and a resolution other than STATIC',
    yaml: `${entry(`  resolution: NONE\n${onePort}\n  endpoints: [{ address: "unix:///run/db.sock" }]`)}---
${entry(`  resolution: STATIC\n${onePort}\n  endpoints: [{ address: "unix://run/db.sock" }]`).replace('name: db,', 'name: relative,')}`,
    observed:
      'Istio 1.31, istioctl validate: no endpoints should be provided for resolution type none; not an absolute path',
    expect: ['refused | ServiceEntry shop/db', 'refused | ServiceEntry shop/relative'],
  },
  {
    name: 'a socket as the address of a ServiceEntry',
    yaml: entry(
      '  resolution: STATIC\n  addresses: ["unix:///run/db.sock"]\n  ports: [{ number: 7000, name: tcp-db, protocol: TCP }]\n  endpoints: [{ address: 198.51.100.1 }]',
    ),
    observed: 'Istio 1.31, istioctl validate: not a valid IP',
    expect: ['refused | ServiceEntry shop/db'],
  },
  {
    name: 'an ingress listener that binds a socket',
    yaml:
      workload +
      sidecar(
        '  ingress: [{ port: { number: 8080, name: http, protocol: HTTP }, bind: "unix:///run/in.sock", defaultEndpoint: "127.0.0.1:80" }]',
      ),
    observed: 'Istio 1.31, istioctl validate: not a valid IP',
    expect: ['refused | Sidecar shop/api'],
  },
  {
    name: 'an egress socket that captures by iptables',
    yaml:
      workload +
      sidecar(
        '  egress: [{ port: { number: 0, name: tcp-db, protocol: TCP }, bind: "unix:///run/db.sock", captureMode: IPTABLES, hosts: ["data/orders.data.svc.cluster.local"] }]',
      ) +
      databases,
    observed:
      'Istio 1.31, istioctl validate: captureMode must be DEFAULT/NONE for unix domain socket listeners',
    expect: ['refused | Sidecar shop/api'],
  },
  {
    name: 'a WorkloadEntry with a socket',
    yaml: `${entry(`  resolution: STATIC\n${onePort}\n  workloadSelector: { labels: { app: db } }`)}---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: db-1, namespace: shop }
spec: { address: "unix:///run/db.sock", serviceAccount: db, labels: { app: db } }
`,
    observed: 'Istio 1.31: cluster outbound|7000||db.example.com has no endpoint',
    expect: ['entry-without-endpoint | WorkloadEntry shop/db-1'],
  },
  {
    name: 'an ingress listener on the port of the Service instead of the Pod',
    yaml:
      workload +
      sidecar(
        '  ingress: [{ port: { number: 80, name: http, protocol: HTTP }, defaultEndpoint: "unix:///run/app/app.sock" }]',
      ),
    observed:
      'Istio 1.31: the inbound chain for the socket is for port 80, and there is none for 8080',
    expect: ['port-without-service | Sidecar shop/api'],
  },
  {
    name: 'two hosts on one TCP socket',
    yaml:
      workload +
      sidecar(
        '  egress: [{ port: { number: 0, name: tcp-db, protocol: TCP }, bind: "unix:///run/db.sock", hosts: ["data/*"] }]',
      ) +
      databases,
    observed:
      'Istio 1.31: one chain, to outbound|5432||orders.data.svc.cluster.local; none to stock',
    expect: ['several-hosts | Sidecar shop/api'],
  },
  {
    name: 'a host with two ports on a TCP socket',
    yaml:
      workload +
      sidecar(
        '  egress: [{ port: { number: 0, name: tcp-db, protocol: TCP }, bind: "unix:///run/db.sock", hosts: ["data/stock.data.svc.cluster.local"] }]',
      ) +
      databases,
    observed:
      'Istio 1.31: the chain names outbound|0||stock.data.svc.cluster.local, which does not exist',
    expect: ['several-ports | Sidecar shop/api'],
  },
  {
    name: 'an egress socket without a port',
    yaml:
      workload +
      sidecar(
        '  egress: [{ bind: "unix:///run/db.sock", hosts: ["data/orders.data.svc.cluster.local"] }]',
      ) +
      databases,
    observed:
      'Istio 1.31: the listener unix:///run/db.sock_5432 has the socket as its IP address, which Envoy refuses',
    expect: ['bind-without-port | Sidecar shop/api'],
  },
  {
    name: 'two listeners on one socket',
    yaml:
      workload +
      sidecar(`  egress:
  - { port: { number: 0, name: http-a, protocol: HTTP }, bind: "unix:///run/db.sock", hosts: ["data/orders.data.svc.cluster.local"] }
  - { port: { number: 0, name: http-b, protocol: HTTP }, bind: "unix:///run/db.sock", hosts: ["data/stock.data.svc.cluster.local"] }`) +
      databases,
    observed:
      'Istio 1.31, istioctl validate: unix domain socket values for listeners must be unique',
    expect: ['bind-shared | Sidecar shop/api'],
  },
];
