import type { Example } from '../../core/policy.ts';

const params = {
  allowed: [
    { namespaces: ['shop', 'shop-*'], hosts: ['*.partner.example.com', 'api.pay.example.com'] },
    { namespaces: ['*'], hosts: ['status.example.com'] },
  ],
};
const nothingToSee =
  'Which hosts a team may reach is a decision of its own; Istio takes the entry and opens the way.';

function entry(hosts: string, namespace = 'shop'): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: ${namespace} }
spec:
  hosts: [${hosts}]
  resolution: NONE
  ports: [{ number: 443, name: tls, protocol: TLS }]
`;
}

/** Meshes in which the policy holds, and meshes in which it does not. */
export const allowedHostsExamples: readonly Example[] = [
  {
    name: 'Hosts of the list, of any letter case, by a wildcard and by name',
    params,
    yaml: entry('API.partner.example.com, api.pay.example.com, status.example.com', 'shop-eu'),
    expect: [],
  },
  {
    name: 'A wildcard below an allowed one',
    params,
    yaml: entry("'*.eu.partner.example.com'"),
    expect: [],
  },
  {
    name: 'No list: any host with a name, and a wildcard below one domain',
    yaml: entry("api.anybody.example.com, '*.example.com'"),
    expect: [],
  },
  {
    name: 'A host that the list does not have, though its end looks like one',
    params,
    yaml: entry('partner.example.com, api.partner.example.com.evil.example'),
    observed: nothingToSee,
    expect: [
      'host-not-allowed | ServiceEntry shop/partner',
      'host-not-allowed | ServiceEntry shop/partner',
    ],
  },
  {
    name: 'A wildcard above an allowed one',
    params,
    yaml: entry("'*.example.com'"),
    observed: nothingToSee,
    expect: ['host-not-allowed | ServiceEntry shop/partner'],
  },
  {
    name: 'Another namespace has what everybody has, and no more',
    params,
    yaml: entry('api.pay.example.com', 'bank'),
    observed: nothingToSee,
    expect: ['host-not-allowed | ServiceEntry bank/partner'],
  },
  {
    name: 'A whole top-level domain',
    yaml: entry("'*.com'"),
    observed:
      'Istio 1.31 under REGISTRY_ONLY: 0.0.0.0_443 sni=*.com goes to the address that the client dialled',
    expect: ['wildcard-too-wide | ServiceEntry shop/partner'],
  },
];
