import type { Example } from '../../core/policy.ts';

function service(name: string, port: string, more = ''): string {
  return `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: db${more} }
spec:
  selector: { app: ${name} }
  ports:
    - ${port}
`;
}

function entry(port: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: orders, namespace: shop }
spec:
  hosts: [orders.abc.eu-west-1.rds.amazonaws.com]
  addresses: [192.0.2.9]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - ${port}
`;
}

const sniffedListener =
  'Istio 1.31: the listener has envoy.filters.listener.http_inspector, a chain for http/1.1 and h2c that ends in an HTTP connection manager, and TCP only as the default chain.';

const statefulSet = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: pg, namespace: db }
spec:
  serviceName: pg
  selector: { matchLabels: { app: pg } }
  template:
    metadata: { labels: { app: pg } }
    spec: { containers: [{ name: db, image: 'postgres:17' }] }
`;

const ambientDatabase = `
apiVersion: v1
kind: Namespace
metadata: { name: db, labels: { istio.io/dataplane-mode: ambient } }
---
${statefulSet}---
apiVersion: v1
kind: Service
metadata: { name: pg, namespace: db }
spec: { selector: { app: pg }, ports: [{ name: db, port: 5432 }] }
`;

/** Executed examples of database/declared-protocol. */
export const declaredProtocolExamples: readonly Example[] = [
  {
    name: 'Names that begin with a word Istio knows',
    yaml: `${service('pg', '{ name: tcp-postgres, port: 5432 }')}${service('my', '{ name: mysql, port: 3306 }')}${service('cache', '{ name: redis-cache, port: 6379 }')}`,
    expect: [],
  },
  {
    name: 'appProtocol tcp mends a name that Istio does not know',
    yaml: service('pg', '{ name: postgres, port: 5432, appProtocol: tcp }'),
    expect: [],
    observed:
      'Istio 1.31: one TCP chain to outbound|5432||pg.db.svc.cluster.local, no listener filter.',
  },
  {
    name: 'The Service ports 3306 and 27017 need no name',
    yaml: `${service('my', '{ name: orders, port: 3306 }')}${service('docs', '{ name: documents, port: 27017 }')}`,
    expect: [],
    observed: 'Istio 1.31: a TCP chain alone, as for declared TCP.',
  },
  {
    name: 'Ports of a database that speak HTTP, and a metrics port',
    yaml: `${service('search', '{ name: http-elasticsearch, port: 9200 }')}${service('exporter', '{ name: pg-metrics, port: 9187 }')}`,
    expect: [],
  },
  {
    name: "The metrics of a database, told by the port's name, from Pods that carry its label",
    yaml: `${service('pg', '{ name: http-metrics, port: 9187 }')}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: pg-exporter, namespace: db }
spec:
  selector: { matchLabels: { app: pg } }
  template:
    metadata: { labels: { app: pg } }
    spec: { containers: [{ name: exporter, image: postgres-exporter:0.15 }] }
`,
    expect: [],
  },
  {
    name: 'An alias for a managed database: Istio makes no listener for it, whatever the name',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec:
  type: ExternalName
  externalName: orders.abc.eu-west-1.rds.amazonaws.com
  ports: [{ name: postgres, port: 5432 }]
`,
    expect: [],
  },
  {
    name: 'A port called postgres',
    yaml: service('pg', '{ name: postgres, port: 5432 }'),
    expect: ['sniffed | Service db/pg'],
    observed: sniffedListener,
  },
  {
    name: 'An unknown appProtocol overrides a good name',
    yaml: service('pg', '{ name: tcp-postgres, port: 5432, appProtocol: postgresql }'),
    expect: ['sniffed | Service db/pg'],
    observed: sniffedListener,
  },
  {
    name: 'Where asked to, a fill is offered for a port that declares nothing',
    params: { fill: true },
    yaml: service('pg', '{ name: postgres, port: 5432 }'),
    expect: ['sniffed | Service db/pg'],
    observed: sniffedListener,
  },
  {
    name: 'Only the Service port is well known, not the target port',
    yaml: service('my', '{ name: maria, port: 3308, targetPort: 3306 }'),
    expect: ['sniffed | Service db/my'],
    observed: sniffedListener,
  },
  {
    name: "A database of one's own, known by the image of its Pods",
    params: {
      databases: [{ name: 'LedgerDB', images: ['ledgerdb'], ports: [7788], serverFirst: true }],
    },
    yaml: `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ledger, namespace: db }
spec:
  serviceName: ledger
  selector: { matchLabels: { app: ledger } }
  template:
    metadata: { labels: { app: ledger } }
    spec:
      containers:
        - { name: db, image: 'registry.example.com/ledgerdb:4', ports: [{ name: sql, containerPort: 7788 }] }
${service('ledger', '{ name: ledger, port: 9001, targetPort: sql }')}`,
    expect: ['sniffed | Service db/ledger'],
    observed: sniffedListener,
  },
  {
    name: 'A ServiceEntry port without a protocol is guessed, 3306 too',
    yaml: entry('{ number: 3306, name: tcp-mysql }'),
    expect: ['sniffed | ServiceEntry shop/orders'],
    observed: sniffedListener,
  },
  {
    name: 'Protocol words of a ServiceEntry ignore case',
    yaml: entry('{ number: 3306, name: db, protocol: mysql }'),
    expect: [],
    observed: 'Istio 1.31: 192.0.2.9_3306 has one TCP chain and no listener filter.',
  },
  {
    name: 'A protocol of a ServiceEntry that Istio does not know',
    yaml: entry('{ number: 5432, name: db, protocol: POSTGRES }'),
    expect: ['unknown-word | ServiceEntry shop/orders'],
    observed: 'Istio 1.31 validation: "unsupported protocol: POSTGRES".',
  },
  {
    name: 'A database port called http',
    yaml: service('pg', '{ name: http-pg, port: 5432 }'),
    expect: ['requests | Service db/pg'],
    observed: 'Istio 1.31: an HTTP connection manager on 0.0.0.0_5432, with an http_inspector.',
  },
  {
    name: 'TLS declared for MySQL passes as raw bytes to a Service with an address',
    yaml: service('my', '{ name: tls-mysql, port: 3306 }'),
    expect: [],
    observed:
      'Istio 1.31: one TCP chain, no tls_inspector: only listeners without an address match by SNI.',
  },
  {
    name: 'An older http Service over the Pod port of a database decides for the other one too',
    yaml: `
${statefulSet}---
apiVersion: v1
kind: Service
metadata: { name: a, namespace: db }
spec: { selector: { app: pg }, ports: [{ name: http-x, port: 9001, targetPort: 5432 }] }
---
apiVersion: v1
kind: Service
metadata: { name: b, namespace: db }
spec: { selector: { app: pg }, ports: [{ name: tcp-sql, port: 5432 }] }
`,
    expect: ['other-service-decides | Service db/a'],
    observed: 'Istio 1.31: inbound 5432 of the Pod has HTTP chains only.',
  },
  {
    name: 'Only ztunnel carries the bytes, and guesses nothing',
    yaml: ambientDatabase,
    expect: [],
  },
  {
    name: 'Clients with sidecars of a database in ambient mode',
    yaml: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---${ambientDatabase}`,
    expect: ['sniffed | Service db/pg'],
  },
];
