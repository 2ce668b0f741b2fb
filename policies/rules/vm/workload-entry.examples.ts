import type { Example } from '../../core/policy.ts';

function service(settings: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: billing, namespace: vms }
spec:
  hosts: [billing.example.com]
  addresses: [192.0.2.50]
  ports: [{ number: 7000, name: tcp-billing, protocol: TCP }]
  workloadSelector: { labels: { app: billing } }
${settings}
`;
}

function machine(spec: string, namespace = 'vms', name = 'billing-1'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

const internal = '  location: MESH_INTERNAL\n  resolution: STATIC';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const workloadEntryExamples: readonly Example[] = [
  {
    name: 'a machine with an address, a port of the service and an identity',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, ports: { tcp-billing: 9000 }, labels: { app: billing } }',
      ),
    expect: [],
  },
  {
    name: 'a machine outside the mesh needs no identity',
    yaml:
      service('  location: MESH_EXTERNAL\n  resolution: STATIC') +
      machine('{ address: 198.51.100.1, labels: { app: billing } }'),
    expect: [],
  },
  {
    name: 'a host name behind a ServiceEntry that resolves names',
    yaml:
      service('  location: MESH_INTERNAL\n  resolution: DNS') +
      machine(
        '{ address: billing-1.example.com, serviceAccount: billing, labels: { app: billing } }',
      ),
    expect: [],
  },
  {
    name: 'neither address nor network',
    yaml: machine('{ serviceAccount: billing, labels: { app: billing } }'),
    observed: 'Istio 1.31, istioctl validate: address is required',
    expect: ['address-missing | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'no address, in a network without a gateway',
    yaml:
      service(internal) +
      machine('{ network: dc-2, serviceAccount: billing, labels: { app: billing } }'),
    observed: 'Istio 1.31: the endpoint is ":7000", and Envoy refuses the list.',
    expect: ['address-without-gateway | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'a scheme and a port in the address',
    yaml: machine(
      '{ address: "tcp://198.51.100.1:7000", serviceAccount: billing, labels: { app: billing } }',
    ),
    observed: 'Istio 1.31, istioctl validate: not a valid FQDN or an IP address',
    expect: ['address-unreadable | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'a host name where nothing resolves it',
    yaml:
      service(internal) +
      machine(
        '{ address: billing-1.example.com, serviceAccount: billing, labels: { app: billing } }',
      ),
    observed: 'Istio 1.31: cluster outbound|7000||billing.example.com has no endpoint',
    expect: ['hostname-without-dns | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'the network as a label',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, labels: { app: billing, topology.istio.io/network: dc-2 } }',
      ),
    observed:
      'Istio 1.31: the endpoint is 198.51.100.1:7000, as if it were in the network of every client',
    expect: ['network-label-ignored | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'a port name that the service does not have',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, ports: { billing: 9000 }, labels: { app: billing } }',
      ),
    observed: 'Istio 1.31: the endpoint is 198.51.100.1:7000, not 198.51.100.1:9000',
    expect: ['port-name-unknown | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'a machine of the mesh without an identity',
    yaml: service(internal) + machine('{ address: 198.51.100.1, labels: { app: billing } }'),
    observed: 'Istio 1.31: the endpoint has no tlsMode, so that clients speak plaintext to it',
    expect: ['identity-missing | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'an identity behind an external ServiceEntry',
    yaml:
      service('  location: MESH_EXTERNAL\n  resolution: STATIC') +
      machine('{ address: 198.51.100.1, serviceAccount: billing, labels: { app: billing } }'),
    observed:
      'Istio 1.31: the endpoint has tlsMode istio, but the cluster has no Istio TLS to match it with',
    expect: ['identity-unused | ServiceEntry vms/billing'],
  },
  {
    name: 'a weight of 0 to take a machine out',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, weight: 0, labels: { app: billing } }',
      ),
    observed: 'Istio 1.31: the endpoint 198.51.100.1:7000 has weight 1',
    expect: ['weight-zero | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'the machine in another namespace',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, labels: { app: billing } }',
        'legacy',
      ),
    observed: 'Istio 1.31: cluster outbound|7000||billing.example.com has no endpoint',
    expect: [
      'selector-of-other-namespace | ServiceEntry vms/billing',
      'selector-of-other-namespace | WorkloadEntry legacy/billing-1',
    ],
  },
  {
    name: 'a selector under resolution NONE',
    yaml:
      service('  location: MESH_INTERNAL\n  resolution: NONE') +
      machine('{ address: 198.51.100.1, serviceAccount: billing, labels: { app: billing } }'),
    observed:
      'Istio 1.31, istioctl validate: workloadSelector should not be set when resolution mode is NONE',
    expect: ['resolution-ignores-entries | ServiceEntry vms/billing'],
  },
  {
    name: 'an address that is nearly an IP',
    yaml:
      service('  location: MESH_INTERNAL\n  resolution: DNS') +
      machine('{ address: 198.51.100.01, serviceAccount: billing, labels: { app: billing } }'),
    observed: 'Istio 1.31, istioctl validate: not a valid FQDN or an IP address',
    expect: ['address-unreadable | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'a port that does not exist',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, ports: { tcp-billing: 70000 }, labels: { app: billing } }',
      ),
    observed: 'Istio 1.31, istioctl validate: port number 70000 must be in the range 1..65535',
    expect: ['port-out-of-range | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'a label that Kubernetes would not take',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, labels: { app: billing, room: "2nd floor" } }',
      ),
    observed: 'Istio 1.31, istioctl validate: invalid tag value: "2nd floor"',
    expect: ['label-refused | WorkloadEntry vms/billing-1'],
  },
  {
    name: 'two machines under DNS_ROUND_ROBIN',
    yaml:
      service('  location: MESH_INTERNAL\n  resolution: DNS_ROUND_ROBIN') +
      machine(
        '{ address: billing-1.example.com, serviceAccount: billing, labels: { app: billing } }',
      ) +
      machine(
        '{ address: billing-2.example.com, serviceAccount: billing, labels: { app: billing } }',
        'vms',
        'billing-2',
      ),
    observed: 'Istio 1.31: the cluster has one endpoint of the two.',
    expect: ['round-robin-takes-one | ServiceEntry vms/billing'],
  },
  {
    name: 'two entries for one machine, with ports of their own',
    yaml:
      service(internal) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, ports: { tcp-billing: 7001 }, labels: { app: billing } }',
      ) +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, ports: { tcp-billing: 7002 }, labels: { app: billing } }',
        'vms',
        'billing-2',
      ),
    expect: [],
  },
  {
    name: 'two entries for one machine',
    yaml:
      service(internal) +
      machine('{ address: 198.51.100.1, serviceAccount: billing, labels: { app: billing } }') +
      machine(
        '{ address: 198.51.100.1, serviceAccount: billing, ports: { tcp-billing: 7000 }, labels: { app: billing } }',
        'vms',
        'billing-2',
      ),
    observed: 'Istio 1.31: the cluster has the endpoint 198.51.100.1:7000 twice.',
    expect: ['endpoint-twice | WorkloadEntry vms/billing-2'],
  },
];
