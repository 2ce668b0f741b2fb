import type { Example } from '../../core/policy.ts';

function workload(namespace: string, name: string, image: string, annotation = ''): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata:
      labels: { app: ${name} }
      annotations: {${annotation === '' ? '' : ` traffic.sidecar.istio.io/${annotation} `}}
    spec: { containers: [{ name: main, image: '${image}' }] }
`;
}

function mesh(server: string, client: string, mode: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: db, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Namespace
metadata: { name: app, labels: { istio-injection: enabled } }
${workload('db', 'my', 'mysql:8.4', server)}${workload('app', 'client', 'client:1', client)}---
apiVersion: v1
kind: Service
metadata: { name: my, namespace: db }
spec: { clusterIP: 10.96.0.10, selector: { app: my }, ports: [{ name: tcp-mysql, port: 3306 }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: my, namespace: db }
spec: { selector: { matchLabels: { app: my } }, mtls: { mode: ${mode} } }
`;
}

const disableRule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: my, namespace: db }
spec: { host: my.db.svc.cluster.local, trafficPolicy: { tls: { mode: DISABLE } } }
`;

/** Executed examples of database/intercepted-ports. */
export const interceptedPortsExamples: readonly Example[] = [
  { name: 'Everything is intercepted', yaml: mesh('', '', 'STRICT'), expect: [] },
  {
    name: 'An excluded database port that clients know to be plaintext',
    yaml: mesh("excludeInboundPorts: '3306'", '', 'DISABLE'),
    expect: [],
    observed: 'Istio 1.31: the endpoint loses its tlsMode, so clients send plaintext.',
  },
  {
    name: 'A rule tells the clients too',
    yaml: `${mesh("excludeInboundPorts: '3306'", '', 'PERMISSIVE')}${disableRule}`,
    expect: [],
  },
  {
    name: 'Another port is excluded',
    yaml: mesh("excludeInboundPorts: '9104'", "excludeOutboundPorts: '8125'", 'STRICT'),
    expect: [],
  },
  {
    name: 'A database without a sidecar loses nothing',
    yaml: mesh('', "excludeOutboundPorts: '3306'", 'STRICT').replace(
      'name: db, labels: { istio-injection: enabled }',
      'name: db',
    ),
    expect: [],
  },
  {
    name: 'The database excludes its port, clients go on with mutual TLS',
    yaml: mesh("excludeInboundPorts: '3306'", '', 'PERMISSIVE'),
    expect: ['inbound-tls-unread | Deployment db/my'],
    observed:
      'Istio 1.31: clients keep the TLS socket for 10.0.0.2:3306, since istiod does not read the annotation.',
  },
  {
    name: 'A list of included ports without it does the same',
    yaml: mesh("includeInboundPorts: '9104'", '', 'STRICT'),
    expect: ['inbound-tls-unread | Deployment db/my'],
    observed: 'Istio 1.31: clients keep the TLS socket for 10.0.0.2:3306.',
  },
  {
    name: 'The client goes around its proxy to a STRICT server',
    yaml: mesh('', "excludeOutboundPorts: '3306'", 'STRICT'),
    expect: ['outbound-refused | Deployment app/client'],
    observed: 'Istio 1.31: inbound 3306 takes mutual TLS only.',
  },
  {
    name: 'The address of the Service is excluded',
    yaml: mesh('', "excludeOutboundIPRanges: '10.96.0.0/16'", 'STRICT'),
    expect: ['outbound-refused | Deployment app/client'],
    observed: 'Istio 1.31: inbound 3306 takes mutual TLS only.',
  },
  {
    name: 'The client goes around its proxy to a PERMISSIVE server: a trade-off',
    yaml: mesh('', "excludeOutboundPorts: '3306'", 'PERMISSIVE'),
    expect: ['outbound-bypass | Deployment app/client'],
    observed: 'Istio 1.31: inbound 3306 has a raw chain beside the mutual TLS one.',
  },
  {
    name: 'A value that the injector refuses',
    yaml: mesh('', "excludeOutboundPorts: '3306:3310'", 'STRICT'),
    expect: ['refused-value | Deployment app/client'],
    observed: 'Istio 1.31: the injector denies the Pod: "excludeOutboundPorts invalid".',
  },
];
