import type { Example } from '../../core/policy.ts';

const subject = 'ServiceEntry shop/partner';

function entry(spec: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  location: MESH_EXTERNAL
${spec}`;
}

const tls = '  ports: [{ number: 443, name: tls, protocol: TLS }]';
const postgres = '  ports: [{ number: 5432, name: tcp-postgres, protocol: TCP }]';

/** What istioctl says of the entry: `istioctl validate -f`, Istio 1.31. */
function validate(answer: string): string {
  return `istioctl validate (1.31): ${answer}`;
}

/** Meshes in which the policy holds, and meshes in which it does not. */
export const acceptedServiceEntryExamples: readonly Example[] = [
  {
    name: 'One host, one port, resolved by DNS',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: DNS
${tls}
`),
    expect: [],
  },
  {
    name: 'Several hosts share a TLS port, since the server name tells them apart',
    yaml: entry(`  hosts: [a.example.com, b.example.com]
  resolution: DNS
${tls}
`),
    expect: [],
  },
  {
    name: 'Several hosts share a TCP port with resolution NONE, since the address is kept',
    yaml: entry(`  hosts: [a.example.com, b.example.com]
  addresses: [192.0.2.0/24]
  resolution: NONE
${postgres}
`),
    expect: [],
  },
  {
    name: 'A wildcard with resolution NONE, a short name, a port without protocol, a protocol in small letters',
    yaml: `${entry(`  hosts: ['*.example.com']
  resolution: NONE
${tls}
`)}---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: legacy, namespace: shop }
spec:
  hosts: [legacy]
  resolution: STATIC
  ports:
    - { number: 7000, name: raw }
    - { number: 8080, name: web, protocol: http }
  endpoints: [{ address: 192.0.2.7, ports: { raw: 7001 } }]
`,
    expect: [],
  },
  {
    name: 'A wildcard resolved at the time of the connection',
    yaml: entry(`  hosts: ['*.example.com']
  resolution: DYNAMIC_DNS
${tls}
`),
    expect: [],
  },
  {
    name: 'Two databases in one entry',
    yaml: entry(`  hosts: [a.db.example.com, b.db.example.com]
  resolution: DNS
${postgres}
`),
    observed: validate('multiple hosts provided with non-HTTP, non-TLS ports'),
    expect: [`hosts-share-tcp-port | ${subject}`],
  },
  {
    name: 'An address among the hosts',
    yaml: entry(`  hosts: [192.0.2.7]
  resolution: STATIC
${tls}
  endpoints: [{ address: 192.0.2.7 }]
`),
    observed: validate('domain name invalid (top level domain cannot be all-numeric)'),
    expect: [`host-refused | ${subject}`],
  },
  {
    name: 'Every host at once',
    yaml: entry(`  hosts: ['*']
  resolution: NONE
${tls}
`),
    observed: validate('invalid host *'),
    expect: [`host-refused | ${subject}`],
  },
  {
    name: 'A wildcard within a label',
    yaml: entry(`  hosts: ['*-db.example.com']
  resolution: NONE
${tls}
`),
    observed: validate('warning: partial wildcard "*-db.example.com" not allowed'),
    expect: [`partial-wildcard | ${subject}`],
  },
  {
    name: 'A wildcard that DNS is to resolve',
    yaml: entry(`  hosts: ['*.example.com']
  resolution: DNS
${tls}
`),
    observed: validate(
      'hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode DNS',
    ),
    expect: [`wildcard-without-endpoints | ${subject}`],
  },
  {
    name: 'A protocol that Istio does not know',
    yaml: entry(`  hosts: [mail.example.com]
  resolution: DNS
  ports: [{ number: 587, name: smtp, protocol: SMTP }]
`),
    observed: validate('unsupported protocol: SMTP'),
    expect: [`unknown-protocol | ${subject}`],
  },
  {
    name: 'Two ports of one number, and a name with an underscore',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: DNS
  ports:
    - { number: 443, name: tls, protocol: TLS }
    - { number: 443, name: tls_2, protocol: TLS }
`),
    observed: validate('service entry port 443 already defined; invalid port name: tls_2'),
    expect: [`port-refused | ${subject}`, `port-refused | ${subject}`],
  },
  {
    name: 'No port at all',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: DNS
`),
    observed:
      'istiod (1.31) accepts it, and gives the proxy neither a listener nor a cluster for the host',
    expect: [`no-ports | ${subject}`],
  },
  {
    name: 'A name among the addresses',
    yaml: entry(`  hosts: [api.partner.example.com]
  addresses: [api.partner.example.com]
  resolution: DNS
${tls}
`),
    observed: validate('api.partner.example.com is not a valid IP'),
    expect: [`address-refused | ${subject}`],
  },
  {
    name: 'A range of one address with DNS',
    yaml: entry(`  hosts: [a.db.example.com]
  addresses: [192.0.2.7/32]
  resolution: DNS
${postgres}
`),
    observed: validate('CIDR addresses are allowed only for NONE/STATIC resolution types'),
    expect: [`range-needs-static | ${subject}`],
  },
  {
    name: 'Endpoints that nobody is sent to',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: NONE
${tls}
  endpoints: [{ address: 192.0.2.7 }]
`),
    observed: validate('no endpoints should be provided for resolution type none'),
    expect: [`endpoints-ignored-by-none | ${subject}`],
  },
  {
    name: 'Two endpoints for round robin by DNS',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: DNS_ROUND_ROBIN
${tls}
  endpoints: [{ address: a.partner.example.com }, { address: b.partner.example.com }]
`),
    observed: validate('there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN'),
    expect: [`round-robin-endpoints | ${subject}`],
  },
  {
    name: 'Dynamic resolution of a host that is no wildcard, with an address',
    yaml: entry(`  hosts: [api.partner.example.com]
  addresses: [192.0.2.7]
  resolution: DYNAMIC_DNS
${tls}
`),
    observed: validate(
      'host must be wildcarded for resolution mode DYNAMIC_DNS; addresses cannot be set for resolution type DYNAMIC_DNS',
    ),
    expect: [`dynamic-dns-refused | ${subject}`, `dynamic-dns-refused | ${subject}`],
  },
  {
    name: 'Endpoints and a selector',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: STATIC
${tls}
  endpoints: [{ address: 192.0.2.7 }]
  workloadSelector: { labels: { app: partner } }
`),
    observed: validate('only one of WorkloadSelector or Endpoints is allowed in Service Entry'),
    expect: [`endpoints-and-selector | ${subject}`],
  },
  {
    name: 'A star in a selector',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: STATIC
${tls}
  workloadSelector: { labels: { app: '*' } }
`),
    observed: validate('wildcard is not supported in selector: "app=*"'),
    expect: [`selector-refused | ${subject}`],
  },
  {
    name: 'A name as a static endpoint, and a port that the entry lacks',
    yaml: entry(`  hosts: [api.partner.example.com]
  resolution: STATIC
${tls}
  endpoints: [{ address: a.partner.example.com }, { address: 192.0.2.7, ports: { https: 8443 } }]
`),
    observed: validate(
      'endpoint address "a.partner.example.com" is not a valid IP address; endpoint port 8443 is not defined by the service entry',
    ),
    expect: [`endpoint-refused | ${subject}`, `endpoint-refused | ${subject}`],
  },
];
