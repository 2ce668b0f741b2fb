import type { Example } from '../../core/policy.ts';

/** What Istio refuses about the shape of servers and tls routes. */
export const sniPassthroughShapeExamples: readonly Example[] = [
  {
    name: 'An address as server name, and tls blocks in the wrong place',
    yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: egress, namespace: shop }
spec:
  selector: { istio: egressgateway }
  servers:
    - port: { number: 443, name: tls, protocol: TLS }
      hosts: [192.0.2.7]
    - port: { number: 5432, name: tcp-postgres, protocol: TCP }
      hosts: [192.0.2.7]
      tls: { mode: PASSTHROUGH }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: legacy, namespace: shop }
spec:
  hosts: [192.0.2.7]
  gateways: [egress]
  tls:
    - match: [{ port: 443, sniHosts: [192.0.2.7] }]
      route: [{ destination: { host: legacy.shop.svc.cluster.local } }]
`,
    observed:
      'istioctl validate (1.31): server must have TLS settings for HTTPS/TLS protocols; server cannot have TLS settings for non HTTPS/TLS ports; warning: using an IP address ("192.0.2.7") goes against SNI spec',
    expect: [
      'server-name-is-address | VirtualService shop/legacy',
      'tls-block-missing | Gateway shop/egress',
      'tls-block-unread | Gateway shop/egress',
    ],
  },
];
