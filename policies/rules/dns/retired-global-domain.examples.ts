import type { Example } from '../../core/policy.ts';

function object(kind: string, spec: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: { name: web, namespace: app }
spec:
${spec}`;
}

const route = (host: string): string => `  hosts: [shop.example.com]
  http:
    - route: [{ destination: { host: ${host}, port: { number: 80 } } }]
`;

/** Meshes in which the policy holds, and meshes in which it does not. */
export const retiredGlobalDomainExamples: readonly Example[] = [
  {
    name: 'The full name of a service',
    yaml: object('VirtualService', route('web.app.svc.cluster.local')),
    observed: 'Istio 1.31: the route leads to outbound|80||web.app.svc.cluster.local',
    expect: [],
  },
  {
    name: 'The full name of a service in a namespace that is called global',
    yaml: object('VirtualService', route('web.global.svc.cluster.local')),
    expect: [],
  },
  {
    name: 'The word within a host, and the ambient label of that name',
    yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: web, namespace: app, labels: { istio.io/global: 'true' } }
spec:
  hosts: [global.example.com]
  resolution: DNS
  ports: [{ number: 443, name: tls, protocol: TLS }]
`,
    expect: [],
  },
  {
    name: 'A route to a .global host',
    yaml: object('VirtualService', route('web.app.global')),
    observed:
      'Istio 1.31: the route names outbound|80||web.app.global, a cluster that is not there',
    expect: ['global-host | VirtualService app/web'],
  },
  {
    name: 'A service and its namespace, which is called global: a name with a dot is not completed',
    yaml: object('VirtualService', route('web.global')),
    observed: 'Istio 1.31: the route names outbound|80||web.global, a cluster that is not there',
    expect: ['global-host | VirtualService app/web'],
  },
  {
    name: 'A ServiceEntry and a mirror, where multi-cluster Services are on',
    mesh: { multiClusterServices: true },
    yaml: `${object('ServiceEntry', '  hosts: [web.app.global]\n  resolution: STATIC\n  ports: [{ number: 80, name: http, protocol: HTTP }]\n  endpoints: [{ address: 192.0.2.7, ports: { http: 15443 } }]\n')}---${object(
      'VirtualService',
      '  hosts: [shop.example.com]\n  http:\n    - route: [{ destination: { host: web.app.svc.clusterset.local } }]\n      mirror: { host: web.app.global }\n',
    )}`,
    expect: ['global-host | ServiceEntry app/web', 'global-host | VirtualService app/web'],
  },
  {
    name: 'A wildcard in a Gateway, a DestinationRule and a Sidecar',
    yaml: `${object('Gateway', "  selector: { istio: eastwestgateway }\n  servers:\n    - port: { number: 15443, name: tls, protocol: TLS }\n      hosts: ['*.global']\n      tls: { mode: AUTO_PASSTHROUGH }\n")}---${object(
      'DestinationRule',
      "  host: '*.global'\n  trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }\n",
    )}---${object('Sidecar', "  egress: [{ hosts: ['./*', '*/*.global'] }]\n")}`,
    expect: [
      'global-host | Gateway app/web',
      'global-host | DestinationRule app/web',
      'global-host | Sidecar app/web',
    ],
  },
  {
    name: 'A public host in the domain .global, and a route to it',
    yaml: `${object('ServiceEntry', '  hosts: [api.vendor.global]\n  resolution: DNS\n  ports: [{ number: 443, name: tls, protocol: TLS }]\n')}---${object(
      'VirtualService',
      route('api.vendor.global'),
    )}`,
    observed: 'Istio 1.31: cluster outbound|443||api.vendor.global dials api.vendor.global.',
    expect: [
      'public-global-host | ServiceEntry app/web',
      'public-global-host | VirtualService app/web',
    ],
  },
];
