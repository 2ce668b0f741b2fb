import type { Example } from '../../core/policy.ts';

const client = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: client, namespace: shop }
spec:
  template:
    metadata: { labels: { app: client } }
    spec: { containers: [{ name: app, image: client }] }
`;

function entry(name: string, address: string, day: string): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: shop, creationTimestamp: '2026-01-${day}T10:00:00Z' }
spec:
  hosts: [${name}.db.example.com]
  addresses: ['${address}']
  location: MESH_EXTERNAL
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: DNS
`;
}

/** Addresses that are equal, and written otherwise. */
export const tcpListenerSpellingExamples: readonly Example[] = [
  {
    name: 'Two IPv6 addresses',
    yaml: `${client}${entry('alpha', '2001:db8::1', '01')}${entry('beta', '2001:db8::2', '02')}`,
    expect: [],
  },
  {
    name: 'One IPv6 address in two spellings',
    yaml: `${client}${entry('alpha', '2001:db8::1', '01')}${entry('beta', '2001:0db8:0:0::1', '02')}`,
    observed:
      "Istio 1.31 makes a listener of each spelling; Envoy 1.40: duplicate address '[2001:db8::1]:5432' as existing listener",
    expect: ['address-spelled-twice | ServiceEntry shop/beta'],
  },
];
