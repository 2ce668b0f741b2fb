import type { Example } from '../../core/policy.ts';

const namespaces = ['bank', 'shop']
  .map(
    (name) => `apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { istio-injection: enabled } }
---
`,
  )
  .join('');

function entry(exportTo: string): string {
  return `${namespaces}apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: bank }
spec:
  hosts: [partner.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
  ${exportTo}
`;
}

const service = `---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: bank, annotations: { networking.istio.io/exportTo: shop } }
spec: { ports: [{ name: http, port: 80 }], selector: { app: api } }
`;

/** Meshes in which the policy holds, and meshes in which it does not. */
export const exportScopeExamples: readonly Example[] = [
  {
    name: 'Exported to its own namespace and one that exists',
    yaml: entry("exportTo: ['.', shop]"),
    expect: [],
  },
  {
    name: 'Exported to everyone, which nobody forbids',
    yaml: `${entry('')}${service}`,
    expect: [],
  },
  {
    name: 'The Namespaces are not among the inputs, so nothing is missing',
    yaml: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: bank }
spec: { host: api.bank.svc.cluster.local, exportTo: [elsewhere] }
`,
    expect: [],
  },
  {
    name: 'A namespace that does not exist',
    yaml: entry('exportTo: [nowhere]'),
    expect: ['missing-namespace | ServiceEntry bank/partner'],
    observed:
      'Istio 1.31: neither the proxies of shop nor those of bank have a cluster of the host.',
  },
  {
    name: 'Nobody, beside a name',
    yaml: entry("exportTo: ['~', shop]"),
    expect: ['refused | ServiceEntry bank/partner'],
    observed: 'Istio 1.31: cannot export service entry to no one (~) and someone.',
  },
  {
    name: 'One name of two is wrong',
    yaml: entry("exportTo: ['.', shopp]"),
    expect: ['missing-namespace | ServiceEntry bank/partner'],
    observed: 'Istio 1.31: the proxies of bank have the host, those of shop do not.',
  },
  {
    name: 'Istio refuses "*" beside a name',
    yaml: entry("exportTo: ['*', shop]"),
    expect: ['refused | ServiceEntry bank/partner'],
    observed:
      'istioctl validate 1.31: cannot have both public (*) and non-public exportTo values for a resource.',
  },
  {
    name: 'The own namespace is left out, and the configuration asks for it',
    yaml: `${entry('exportTo: [shop]')}${service}`,
    params: { requireOwnNamespace: true },
    expect: [
      'without-own-namespace | ServiceEntry bank/partner',
      'without-own-namespace | Service bank/api',
    ],
    observed: 'Istio 1.31: the proxies of shop have a cluster of the host, those of bank do not.',
  },
  {
    name: 'The configuration wants ServiceEntries kept from everyone',
    yaml: entry(''),
    params: { notToEveryone: ['ServiceEntry'] },
    expect: ['to-everyone | ServiceEntry bank/partner'],
    observed: 'Istio 1.31: the proxies of every namespace have a cluster of the host.',
  },
];
