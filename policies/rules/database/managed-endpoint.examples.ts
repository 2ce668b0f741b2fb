import type { Example } from '../../core/policy.ts';

function entry(port: string, more = 'addresses: [192.0.2.77]\n  resolution: DNS'): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: rds, namespace: shop }
spec:
  hosts: [rds.example.com]
  location: MESH_EXTERNAL
  ${more}
  ports: [${port}]
`;
}

function rule(trafficPolicy: string, selector = ''): string {
  return `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: rds, namespace: shop }
spec:
  host: rds.example.com${selector}
  trafficPolicy:
    ${trafficPolicy}
`;
}

const postgres = entry('{ number: 5432, name: db, protocol: TCP }');
const names = 'sni: rds.example.com, subjectAltNames: [rds.example.com]';

/** Executed examples of database/managed-endpoint. */
export const managedEndpointExamples: readonly Example[] = [
  {
    name: 'TLS with SNI, names and a root of its own',
    yaml: `${postgres}${rule(`tls: { mode: SIMPLE, ${names}, caCertificates: /etc/certs/rds.pem }`)}`,
    expect: [],
    observed: 'Istio 1.31: the cluster verifies chain and name, and sends SNI.',
  },
  {
    name: 'Names in the ServiceEntry count too',
    yaml: `${entry('{ number: 5432, name: db, protocol: TCP }', 'addresses: [192.0.2.77]\n  resolution: DNS\n  subjectAltNames: [rds.example.com]')}${rule('tls: { mode: SIMPLE, sni: rds.example.com }')}`,
    expect: [],
    observed: 'Istio 1.31: matchTypedSubjectAltNames holds rds.example.com.',
  },
  {
    name: 'No TLS by the proxy: the client does it, inside the connection',
    yaml: `${entry('{ number: 3306, name: db, protocol: MYSQL }')}${rule('connectionPool: { tcp: { maxConnections: 100 } }')}`,
    expect: [],
  },
  {
    name: 'HTTP clusters get SNI and a name check by themselves',
    yaml: `${entry('{ number: 9300, name: db, protocol: HTTP }')}${rule('tls: { mode: SIMPLE }')}`,
    expect: [],
  },
  {
    name: 'SIMPLE alone checks no name',
    yaml: `${postgres}${rule('tls: { mode: SIMPLE }')}`,
    expect: ['name-unchecked | DestinationRule shop/rds'],
    observed:
      'Istio 1.31: the TLS context has the system roots as trusted CA, no matchTypedSubjectAltNames and no sni.',
  },
  {
    name: 'An SNI is sent, not checked',
    yaml: `${postgres}${rule('tls: { mode: SIMPLE, sni: rds.example.com, caCertificates: /etc/certs/rds.pem }')}`,
    expect: ['name-unchecked | DestinationRule shop/rds'],
    observed: 'Istio 1.31: sni rds.example.com, no matchTypedSubjectAltNames.',
  },
  {
    name: 'credentialName in a sidecar without workloadSelector: plaintext',
    yaml: `${postgres}${rule(`tls: { mode: SIMPLE, credentialName: rds-ca, ${names} }`)}`,
    expect: ['credential-without-selector | DestinationRule shop/rds'],
    observed: 'Istio 1.31: the cluster has no transport socket.',
  },
  {
    name: 'credentialName with a workloadSelector',
    yaml: `${postgres}${rule(`tls: { mode: SIMPLE, credentialName: rds-ca, ${names} }`, '\n  workloadSelector: { matchLabels: { app: client } }')}`,
    expect: [],
    observed: 'Istio 1.31: TLS with kubernetes://rds-ca-cacert and the name check.',
  },
  {
    name: 'Port settings without tls replace the whole policy',
    yaml: `${postgres}${rule(`tls: { mode: SIMPLE, ${names} }
    portLevelSettings: [{ port: { number: 5432 }, connectionPool: { tcp: { maxConnections: 9 } } }]`)}`,
    expect: ['port-level-drops-tls | DestinationRule shop/rds'],
    observed: 'Istio 1.31: the cluster has no transport socket.',
  },
  {
    name: 'Port settings with their own tls',
    yaml: `${postgres}${rule(`tls: { mode: DISABLE }
    portLevelSettings: [{ port: { number: 5432 }, tls: { mode: SIMPLE, ${names} } }]`)}`,
    expect: [],
    observed: 'Istio 1.31: TLS with the name check.',
  },
  {
    name: 'The certificate of the mesh for a host outside it',
    yaml: `${postgres}${rule('tls: { mode: ISTIO_MUTUAL }')}`,
    expect: ['mesh-certificate | DestinationRule shop/rds'],
    observed:
      'Istio 1.31: the certificate "default" and the root "ROOTCA" of the mesh, sni outbound_.5432_._.rds.example.com.',
  },
  {
    name: 'Nothing is verified',
    yaml: `${postgres}${rule('tls: { mode: SIMPLE, insecureSkipVerify: true, sni: rds.example.com }')}`,
    expect: ['skips-verification | DestinationRule shop/rds'],
    observed: 'Istio 1.31: the validation context of the cluster is empty.',
  },
  {
    name: 'insecureSkipVerify beside names is refused',
    yaml: `${postgres}${rule(`tls: { mode: SIMPLE, insecureSkipVerify: true, ${names} }`)}`,
    expect: ['refused-beside | DestinationRule shop/rds'],
    observed:
      'Istio 1.31 validation: "cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true".',
  },
  {
    name: 'Protocol TLS on MySQL, which speaks first',
    yaml: entry('{ number: 3306, name: db, protocol: TLS }', 'resolution: DNS'),
    expect: ['tls-before-greeting | ServiceEntry shop/rds'],
    observed:
      'Istio 1.31: 0.0.0.0_3306 has a tls_inspector with timeout 0s, on which MySQL waits, and one chain, for SNI rds.example.com.',
  },
  {
    name: 'Protocol TLS on MySQL with an address of its own: passed on as raw bytes',
    yaml: entry('{ number: 3306, name: db, protocol: TLS }'),
    expect: [],
    observed: 'Istio 1.31: 192.0.2.77_3306 has one TCP chain and no tls_inspector.',
  },
  {
    name: 'Protocol TLS on PostgreSQL, which starts TLS inside the connection',
    yaml: entry('{ number: 5432, name: db, protocol: TLS }', 'resolution: DNS'),
    expect: ['tls-upgraded-later | ServiceEntry shop/rds'],
    observed: 'Istio 1.31: 0.0.0.0_5432 has one chain, for SNI rds.example.com.',
  },
  {
    name: 'Resolution NONE without addresses opens the port',
    yaml: entry('{ number: 5432, name: db, protocol: TCP }', 'resolution: NONE'),
    expect: ['any-address | ServiceEntry shop/rds'],
    observed: 'Istio 1.31: 0.0.0.0_5432 goes to an ORIGINAL_DST cluster for every address.',
  },
  {
    name: 'Protocol TLS on MongoDB, whose clients start with TLS',
    yaml: entry('{ number: 27017, name: db, protocol: TLS }', 'resolution: DNS'),
    expect: [],
  },
];
