import type { Example } from '../../core/policy.ts';

function namespace(labels: string, name = 'db'): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: ${name}${labels === '' ? '' : `, labels: { ${labels} }`} }
`;
}

function database(
  metadata: string,
  more: { spec?: string; kind?: string; own?: string; name?: string } = {},
): string {
  const { spec = '', kind = 'StatefulSet', own = '', name = 'pg' } = more;
  return `---
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: db${own} }
spec:
  serviceName: pg
  selector: { matchLabels: { app: pg } }
  template:
    metadata: { ${metadata} }
    spec: { ${spec}containers: [{ name: db, image: 'postgres:17' }] }
`;
}

function job(annotation: string, args = '[pg_dump]'): string {
  return `---
apiVersion: batch/v1
kind: Job
metadata: { name: backup, namespace: db }
spec:
  template:
    metadata: { annotations: { ${annotation} } }
    spec: { restartPolicy: Never, containers: [{ name: dump, image: 'postgres:17', args: ${args} }] }
`;
}

function headless(mode: string): string {
  return `---
apiVersion: v1
kind: Service
metadata: { name: pg, namespace: db }
spec: { clusterIP: None, selector: { app: pg }, ports: [{ name: tcp-pg, port: 5432 }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: db }
spec: { mtls: { mode: ${mode} } }
`;
}

const enabled = namespace('istio-injection: enabled');
const plain = namespace('');
const pods = 'labels: { app: pg }';
const optedOut = "labels: { app: pg, sidecar.istio.io/inject: 'false' }";

/** Executed examples of database/sidecar-injection. */
export const sidecarInjectionExamples: readonly Example[] = [
  { name: 'Injected by the namespace', yaml: `${enabled}${database(pods)}`, expect: [] },
  { name: 'Opted out by the label', yaml: `${enabled}${database(optedOut)}`, expect: [] },
  { name: 'Nobody asks for a sidecar', yaml: `${plain}${database(pods)}`, expect: [] },
  {
    name: 'Opted in by the label',
    yaml: `${plain}${database("labels: { app: pg, sidecar.istio.io/inject: 'true' }")}`,
    expect: [],
  },
  {
    name: 'istio-injection beats a revision of the namespace',
    yaml: `${namespace('istio-injection: enabled, istio.io/rev: other')}${database(pods)}`,
    expect: [],
    observed: 'Istio 1.31: injected by the default revision.',
  },
  {
    name: 'A label value that is not read',
    yaml: `${plain}${database("labels: { app: pg, sidecar.istio.io/inject: 'yes' }")}`,
    expect: ['value-unread | StatefulSet db/pg'],
    observed: 'Istio 1.31: no sidecar; the webhook asks for exactly "true".',
  },
  {
    name: 'The injector refuses the system namespaces',
    yaml: `${namespace('', 'kube-system')}${database("labels: { app: pg, sidecar.istio.io/inject: 'true' }").replace('namespace: db', 'namespace: kube-system')}`,
    expect: ['asked-in-vain | StatefulSet kube-system/pg'],
    observed: 'Istio 1.31: no sidecar.',
  },
  {
    name: 'The injector refuses the host network',
    yaml: `${plain}${database("labels: { app: pg, sidecar.istio.io/inject: 'true' }", { spec: 'hostNetwork: true, ' })}`,
    expect: ['asked-in-vain | StatefulSet db/pg'],
    observed: 'Istio 1.31: no sidecar.',
  },
  {
    name: 'The host network overrules the namespace too',
    yaml: `${enabled}${database(pods, { spec: 'hostNetwork: true, ' })}`,
    expect: ['namespace-overruled | StatefulSet db/pg'],
    observed: 'Istio 1.31: no sidecar.',
  },
  {
    name: 'The annotation cannot opt in a Pod that the webhook never sees',
    yaml: `${plain}${database("labels: { app: pg }, annotations: { sidecar.istio.io/inject: 'true' }")}`,
    expect: ['annotation-unseen | StatefulSet db/pg'],
    observed: 'Istio 1.31: no sidecar.',
  },
  {
    name: 'The annotation is not read beside a label, even an unreadable one',
    yaml: `${enabled}${database("labels: { app: pg, sidecar.istio.io/inject: '' }, annotations: { sidecar.istio.io/inject: 'false' }")}`,
    expect: ['annotation-hidden | StatefulSet db/pg', 'value-unread | StatefulSet db/pg'],
    observed: 'Istio 1.31: injected.',
  },
  {
    name: 'The label stands on the controller',
    yaml: `${enabled}${database(pods, { own: ", labels: { sidecar.istio.io/inject: 'false' }" })}`,
    expect: ['label-on-controller | StatefulSet db/pg'],
    observed: 'Istio 1.31: injected.',
  },
  {
    name: 'A revision on the Pod is not read in a labelled namespace',
    yaml: `${enabled}${database('labels: { app: pg, istio.io/rev: canary }')}`,
    expect: ['revision-unread | StatefulSet db/pg'],
    observed: 'Istio 1.31: injected by the revision of the namespace.',
  },
  {
    name: 'A namespace label with a typo stops everything',
    yaml: `${namespace('istio-injection: enable')}${database("labels: { app: pg, sidecar.istio.io/inject: 'true' }")}`,
    expect: ['asked-in-vain | StatefulSet db/pg', 'namespace-misspelt | Namespace db'],
    observed: 'Istio 1.31: no sidecar, in spite of the label on the Pod.',
  },
  {
    name: 'Required by the configuration',
    params: { require: 'injected' },
    yaml: `${plain}${database(pods)}`,
    expect: ['sidecar-missing | StatefulSet db/pg'],
  },
  {
    name: 'Distributions and forks are databases too, from any registry and by digest',
    params: { require: 'injected' },
    yaml: `${plain}${database('labels: { app: vectors }', { name: 'vectors' }).replace('postgres:17', 'registry.example.com:5000/pgvector/pgvector:pg17')}${database('labels: { app: cache }', { name: 'cache' }).replace('postgres:17', `redis/redis-stack@sha256:${'a'.repeat(64)}`)}${database('labels: { app: documents }', { name: 'documents' }).replace('postgres:17', 'ghcr.io/ferretdb/ferretdb:2')}`,
    expect: [
      'sidecar-missing | StatefulSet db/cache',
      'sidecar-missing | StatefulSet db/documents',
      'sidecar-missing | StatefulSet db/vectors',
    ],
  },
  {
    name: 'Required by the configuration, where no label could help',
    params: { require: 'injected' },
    yaml: `${namespace('istio-injection: disabled')}${database(pods)}`,
    expect: ['sidecar-missing | StatefulSet db/pg'],
  },
  {
    name: 'Forbidden by the configuration',
    params: { require: 'forbidden' },
    yaml: `${enabled}${database(pods)}`,
    expect: ['sidecar-unwanted | StatefulSet db/pg'],
  },
  {
    name: 'Ambient has no sidecar to require',
    params: { require: 'injected' },
    yaml: `${namespace('istio.io/dataplane-mode: ambient')}${database(pods)}`,
    expect: [],
  },
  {
    name: 'Pods without a sidecar behind the headless Service of a STRICT database',
    yaml: `${enabled}${database(pods)}${database(optedOut, { name: 'pg-replica' })}${headless('STRICT')}`,
    expect: ['mixed-headless | StatefulSet db/pg-replica'],
    observed:
      'Istio 1.31: the ORIGINAL_DST cluster has no transport socket, so the STRICT Pods are sent plaintext.',
  },
  {
    name: 'A Service with an address tells its Pods apart',
    yaml: `${enabled}${database(pods)}${database(optedOut, { name: 'pg-replica' })}${headless('STRICT').replace('clusterIP: None', 'clusterIP: 10.96.0.50')}`,
    expect: [],
    observed: 'Istio 1.31: a transport socket by endpoint.',
  },
  {
    name: 'A Job with a classic sidecar',
    mesh: { nativeSidecars: false },
    yaml: `${enabled}${job('')}`,
    expect: ['job-never-ends | Job db/backup'],
    observed: 'Istio 1.31: istio-proxy is among the containers of a Pod with restartPolicy Never.',
  },
  {
    name: 'A Job with a native sidecar, or one that ends its proxy',
    yaml: `${enabled}${job("sidecar.istio.io/nativeSidecar: 'true'")}${job("sidecar.istio.io/nativeSidecar: 'false'", "[sh, -c, 'pg_dump; wget --post-data= localhost:15020/quitquitquit']").replace('name: backup', 'name: other')}`,
    expect: [],
    observed: 'Istio 1.31: istio-proxy is an init container with restartPolicy Always.',
  },
];
