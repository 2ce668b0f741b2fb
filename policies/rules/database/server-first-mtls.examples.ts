import type { Example } from '../../core/policy.ts';

/** A MySQL in a namespace that is injected; `cluster` is more of the Service's spec. */
function mysql(cluster = '', port = 'port: 13306, targetPort: 3306'): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: db, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: my, namespace: db }
spec:
  serviceName: my
  selector: { matchLabels: { app: my } }
  template:
    metadata: { labels: { app: my } }
    spec: { containers: [{ name: db, image: 'mysql:8.4' }] }
---
apiVersion: v1
kind: Service
metadata: { name: my, namespace: db }
spec:
  selector: { app: my }
  ports: [{ name: tcp-mysql, ${port} }]
  ${cluster}
`;
}

function policy(namespace: string, spec: string, name = 'policy'): string {
  return `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

function rule(trafficPolicy: string, namespace = 'db'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: my, namespace: ${namespace} }
spec:
  host: my.db.svc.cluster.local
  trafficPolicy: ${trafficPolicy}
`;
}

const strict = policy('db', '{ mtls: { mode: STRICT } }');
const selects = 'selector: { matchLabels: { app: my } }';
const headless = mysql('clusterIP: None', 'port: 3306');
const autoMtlsOff = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: 'enableAutoMtls: false' }
`;
const permissive = ['permissive-server-first | Service db/my'];

/** Executed examples of database/server-first-mtls. */
export const serverFirstMtlsExamples: readonly Example[] = [
  {
    name: 'STRICT: every client starts with a TLS hello',
    yaml: `${mysql()}${strict}`,
    expect: [],
    observed: 'Istio 1.31: inbound 3306 has the mutual TLS chain only.',
  },
  {
    name: 'STRICT for the Pod port',
    yaml: `${mysql()}${policy('db', `{ ${selects}, portLevelMtls: { '3306': { mode: STRICT } } }`)}`,
    expect: [],
  },
  {
    name: 'DISABLE takes the inspector off the port',
    yaml: `${mysql()}${policy('db', '{ mtls: { mode: DISABLE } }')}`,
    expect: [],
    observed: 'Istio 1.31: no tls_inspector for 3306, one raw chain.',
  },
  {
    name: 'A database without a sidecar takes part in none of this',
    yaml: mysql().replace('istio-injection: enabled', 'istio-injection: disabled'),
    expect: [],
  },
  {
    name: 'PostgreSQL clients speak first',
    yaml: mysql('', 'port: 5432')
      .replace('mysql:8.4', 'postgres:17')
      .replace('tcp-mysql', 'tcp-pg'),
    expect: [],
  },
  {
    name: 'PERMISSIVE, the default',
    yaml: mysql(),
    expect: permissive,
    observed:
      'Istio 1.31: inbound 3306 has a tls_inspector, a mutual TLS chain and a raw one; a client that waits for the greeting is never forwarded.',
  },
  {
    name: 'The policy of the namespace beats that of the mesh',
    yaml: `${mysql()}${policy('istio-system', '{ mtls: { mode: STRICT } }')}${policy('db', '{ mtls: { mode: PERMISSIVE } }')}`,
    expect: permissive,
    observed: 'Istio 1.31: inbound 3306 stays PERMISSIVE.',
  },
  {
    name: 'A detection timeout makes the wait finite',
    yaml: `${mysql()}${autoMtlsOff.replace('enableAutoMtls: false', 'protocolDetectionTimeout: 5s')}`,
    expect: permissive,
    observed: 'Istio 1.31: listenerFiltersTimeout 5s, continueOnListenerFiltersTimeout true.',
  },
  {
    name: 'portLevelMtls goes by the Pod port, not by the Service port',
    yaml: `${mysql()}${policy('db', `{ ${selects}, portLevelMtls: { '13306': { mode: STRICT } } }`)}`,
    expect: [...permissive, 'port-level-elsewhere | PeerAuthentication db/policy'],
    observed: 'Istio 1.31: 3306 stays PERMISSIVE; an unused chain for 13306 appears.',
  },
  {
    name: 'portLevelMtls goes by the ingress port of a Sidecar, not by its defaultEndpoint',
    yaml: `${mysql('', 'port: 3306')}${policy('db', `{ ${selects}, portLevelMtls: { '13306': { mode: DISABLE } } }`)}---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: s, namespace: db }
spec:
  ingress: [{ port: { number: 3306, name: tcp-mysql, protocol: TCP }, defaultEndpoint: '127.0.0.1:13306' }]
`,
    expect: [...permissive, 'port-level-elsewhere | PeerAuthentication db/policy'],
    observed: 'Istio 1.31: 3306 stays PERMISSIVE.',
  },
  {
    name: 'portLevelMtls without a selector is refused',
    yaml: `${mysql()}${policy('db', "{ mtls: { mode: STRICT }, portLevelMtls: { '3306': { mode: DISABLE } } }")}`,
    expect: ['port-level-without-selector | PeerAuthentication db/policy'],
    observed:
      'Istio 1.31 validation: "mesh/namespace peer authentication cannot have port level mTLS".',
  },
  {
    name: 'A rule that turns TLS off towards a STRICT server',
    yaml: `${mysql()}${strict}${rule('{ tls: { mode: DISABLE } }')}`,
    expect: ['rule-refused | DestinationRule db/my'],
    observed: 'Istio 1.31: outbound|13306||my.db.svc.cluster.local has no transport socket.',
  },
  {
    name: 'A rule that turns it off for the Service port alone',
    yaml: `${mysql()}${strict}${rule('{ portLevelSettings: [{ port: { number: 13306 }, tls: { mode: DISABLE } }] }')}`,
    expect: ['rule-refused | DestinationRule db/my'],
    observed: 'Istio 1.31: outbound|13306||my.db.svc.cluster.local has no transport socket.',
  },
  {
    name: 'A rule of a namespace that is neither client, server nor root does not count',
    yaml: `${mysql()}${strict}${rule('{ tls: { mode: DISABLE } }', 'third')}`,
    expect: [],
    observed: 'Istio 1.31: auto mTLS is kept.',
  },
  {
    name: "Istio's mutual TLS to a database without a sidecar",
    yaml: `${mysql().replace('istio-injection: enabled', 'istio-injection: disabled')}${rule('{ tls: { mode: ISTIO_MUTUAL } }')}`,
    expect: ['rule-refused | DestinationRule db/my'],
    observed: 'Istio 1.31: a fixed TLS socket for all endpoints.',
  },
  {
    name: 'Auto mTLS is off for the mesh, and no rule stands in',
    yaml: `${mysql()}${strict}${autoMtlsOff}`,
    expect: ['auto-mtls-off | Service db/my', 'auto-mtls-off-for | ConfigMap istio-system/istio'],
    observed: 'Istio 1.31: outbound|13306||my.db.svc.cluster.local has no transport socket.',
  },
  {
    name: 'Auto mTLS is off for the mesh, a database on its usual port',
    yaml: `${mysql('', 'port: 3306')}${strict}${autoMtlsOff}`,
    expect: ['auto-mtls-off | Service db/my', 'auto-mtls-off-for | ConfigMap istio-system/istio'],
    observed: 'Istio 1.31: outbound|3306||my.db.svc.cluster.local has no transport socket.',
  },
  {
    name: 'Auto mTLS is off, and a rule stands in',
    yaml: `${mysql()}${strict}${autoMtlsOff}${rule('{ tls: { mode: ISTIO_MUTUAL } }')}`,
    expect: [],
    observed: "Istio 1.31: a fixed socket with Istio's TLS.",
  },
  {
    name: 'Clients of a headless Service see the policies of the namespace and the mesh only',
    yaml: `${headless}${policy('db', `{ ${selects}, portLevelMtls: { '3306': { mode: DISABLE } } }`)}`,
    expect: ['policy-unseen | PeerAuthentication db/policy'],
    observed:
      "Istio 1.31: the ORIGINAL_DST cluster keeps its fixed socket with Istio's TLS, while the Pods take plaintext only.",
  },
  {
    name: 'A headless Service with DISABLE on both sides',
    yaml: `${headless}${policy('db', `{ ${selects}, mtls: { mode: DISABLE } }`)}${rule('{ tls: { mode: DISABLE } }')}`,
    expect: [],
    observed: 'Istio 1.31: ORIGINAL_DST without a transport socket.',
  },
  {
    name: 'DISABLE for the namespace turns TLS off for clients, STRICT Pods refuse them',
    yaml: `${mysql()}${policy('db', '{ mtls: { mode: DISABLE } }', 'default')}${policy('db', `{ ${selects}, mtls: { mode: STRICT } }`)}`,
    expect: ['policy-unseen | PeerAuthentication db/policy'],
    observed: 'Istio 1.31: outbound|13306||my.db.svc.cluster.local has no transport socket.',
  },
  {
    name: 'A client without a sidecar is configured for a STRICT database',
    yaml: `${mysql()}${strict}---
apiVersion: v1
kind: Namespace
metadata: { name: legacy }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: report, namespace: legacy }
spec:
  selector: { matchLabels: { app: report } }
  template:
    metadata: { labels: { app: report } }
    spec:
      containers:
        - name: main
          image: report:1
          env: [{ name: DB_HOST, value: my.db.svc.cluster.local }]
`,
    expect: ['client-without-sidecar | Deployment legacy/report'],
    observed: 'Istio 1.31: inbound 3306 has the mutual TLS chain only.',
  },
];
