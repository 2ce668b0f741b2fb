import type { Example } from '../../core/policy.ts';

const closed = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    outboundTrafficPolicy: { mode: REGISTRY_ONLY }
---`;

const byRules =
  'The rules of iptables are made from the annotation in the Pod (istio-init or the CNI plugin): istiod knows nothing of this traffic.';

function deployment(annotation: string, labels = 'app: client'): string {
  return `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: client, namespace: shop }
spec:
  template:
    metadata:
      labels: { ${labels} }
      annotations: { ${annotation} }
    spec: { containers: [{ name: app, image: client }] }
---`;
}

function entry(port: string, more: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: db, namespace: shop }
spec:
  hosts: [db.example.com]
  ports: [{ ${port} }]
${more}`;
}

const client = deployment("sidecar.istio.io/proxyCPU: '1'");
const tcp = 'number: 5432, name: tcp, protocol: TCP';
const workload = 'Deployment shop/client';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const noBypassExamples: readonly Example[] = [
  {
    name: 'Everything is intercepted, and said so',
    yaml: `${closed}${deployment("traffic.sidecar.istio.io/includeOutboundIPRanges: '*', traffic.sidecar.istio.io/excludeOutboundPorts: ''")}`,
    expect: [],
  },
  {
    name: 'Exclusions of Pods without a sidecar exclude nothing',
    yaml: `${closed}${deployment("traffic.sidecar.istio.io/excludeOutboundPorts: '5432'", "app: client, sidecar.istio.io/inject: 'false'")}`,
    expect: [],
  },
  {
    name: 'Inbound exclusions are no way out',
    yaml: `${closed}${deployment("traffic.sidecar.istio.io/excludeInboundPorts: '9090'")}`,
    expect: [],
  },
  {
    name: 'A TCP entry that is resolved leads to its host alone',
    yaml: `${closed}${client}${entry(tcp, '  resolution: DNS\n')}`,
    observed:
      'Istio 1.31: 0.0.0.0_5432 -> db.example.com, a STRICT_DNS cluster: all land there, none elsewhere',
    expect: [],
  },
  {
    name: 'A TCP entry for a range, and a TLS entry',
    yaml: `${closed}${client}${entry(tcp, '  resolution: NONE\n  addresses: [192.0.2.0/24]\n')}---${entry('number: 443, name: tls, protocol: TLS', '  resolution: NONE\n').replace('name: db', 'name: web')}`,
    observed:
      'Istio 1.31: 0.0.0.0_5432 to 192.0.2.0/24 only, 0.0.0.0_443 with sni=db.example.com only; all else -> BlackHoleCluster',
    expect: [],
  },
  {
    name: 'The same entry in an open mesh opens nothing more',
    yaml: `${client}${entry(tcp, '  resolution: NONE\n')}`,
    expect: [],
  },
  {
    name: 'Ports and ranges past the proxy',
    yaml: `${closed}${deployment("traffic.sidecar.istio.io/excludeOutboundPorts: '5432', traffic.sidecar.istio.io/excludeOutboundIPRanges: 10.0.0.0/8")}`,
    observed: byRules,
    expect: [`outbound-excluded | ${workload}`, `outbound-excluded | ${workload}`],
  },
  {
    name: 'Only the cluster is intercepted',
    yaml: `${closed}${deployment('traffic.sidecar.istio.io/includeOutboundIPRanges: 10.0.0.0/8')}`,
    observed: byRules,
    expect: [`outbound-not-included | ${workload}`],
  },
  {
    name: 'No interception at all',
    yaml: `${closed}${deployment('sidecar.istio.io/interceptionMode: NONE')}`,
    observed: byRules,
    expect: [`interception-off | ${workload}`],
  },
  {
    name: 'A TCP entry without address and resolution',
    yaml: `${closed}${client}${entry(tcp, '  resolution: NONE\n')}`,
    observed:
      'Istio 1.31: 0.0.0.0_5432 -> an ORIGINAL_DST cluster: every address on the port is reached',
    expect: ['port-open-to-all | ServiceEntry shop/db'],
  },
  {
    name: 'The range of all addresses',
    yaml: `${closed}${client}${entry(tcp, '  addresses: [0.0.0.0/0]\n')}`,
    observed:
      'Istio 1.31: 0.0.0.0_5432 -> an ORIGINAL_DST cluster: every address on the port is reached',
    expect: ['port-open-to-all | ServiceEntry shop/db'],
  },
];
