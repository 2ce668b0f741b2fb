import type { Example } from '../../core/policy.ts';

function group(spec: string, name = 'billing'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: ${name}, namespace: vms }
spec:
${spec}
`;
}

/** Groups in which the policy holds, and groups in which it does not. */
export const workloadGroupExamples: readonly Example[] = [
  {
    name: 'labels in the metadata, a service account, one probe',
    yaml: group(`  metadata: { labels: { app: billing } }
  template: { serviceAccount: billing, ports: { tcp-billing: 7000 } }
  probe: { periodSeconds: 5, httpGet: { port: 8080, path: /healthz } }`),
    expect: [],
  },
  {
    name: 'no template',
    yaml: group('  metadata: { labels: { app: billing } }'),
    observed: 'Istio 1.31, istioctl validate: template is required',
    expect: ['template-missing | WorkloadGroup vms/billing'],
  },
  {
    name: 'labels and an address in the template',
    yaml: group(
      '  template: { serviceAccount: billing, address: 198.51.100.1, labels: { app: billing } }',
    ),
    observed: 'Istio 1.31, istioctl validate: accepted',
    expect: [
      'template-field | WorkloadGroup vms/billing',
      'template-field | WorkloadGroup vms/billing',
    ],
  },
  {
    name: 'a port that does not exist',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing, ports: { tcp-billing: 70000 } }',
    ),
    observed: 'Istio 1.31, istioctl validate: accepted',
    expect: ['port-out-of-range | WorkloadGroup vms/billing'],
  },
  {
    name: 'a probe with times only',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }\n  probe: { periodSeconds: 5 }',
    ),
    observed: 'Istio 1.31, istioctl validate: unknown health check method',
    expect: ['probe-without-method | WorkloadGroup vms/billing'],
  },
  {
    name: 'two methods in one probe',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }\n  probe: { tcpSocket: { port: 7000 }, httpGet: { port: 8080 } }',
    ),
    observed: 'Istio 1.31, istioctl validate: accepted',
    expect: ['probe-methods | WorkloadGroup vms/billing'],
  },
  {
    name: 'a probe without a port',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }\n  probe: { httpGet: { path: /healthz } }',
    ),
    observed: 'Istio 1.31, istioctl validate: port number 0 must be in the range 1..65535',
    expect: ['probe-port | WorkloadGroup vms/billing'],
  },
  {
    name: 'two groups with the same labels',
    yaml:
      group('  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }') +
      group(
        '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }',
        'billing-spare',
      ),
    observed: 'Istio 1.31, istioctl validate: accepted',
    expect: ['labels-shared | WorkloadGroup vms/billing-spare'],
  },
  {
    name: 'a probe that runs nothing',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }\n  probe: { exec: { command: [] } }',
    ),
    observed: 'Istio 1.31, istioctl validate: exec.command is required',
    expect: ['probe-refused | WorkloadGroup vms/billing'],
  },
  {
    name: 'a probe by another scheme',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }\n  probe: { httpGet: { port: 8080, scheme: https } }',
    ),
    observed: 'Istio 1.31, istioctl validate: httpGet.scheme must be one of',
    expect: ['probe-refused | WorkloadGroup vms/billing'],
  },
  {
    name: 'a negative period',
    yaml: group(
      '  metadata: { labels: { app: billing } }\n  template: { serviceAccount: billing }\n  probe: { periodSeconds: -1, tcpSocket: { port: 7000 } }',
    ),
    observed: 'Istio 1.31, istioctl validate: periodSeconds must be non-negative',
    expect: ['probe-refused | WorkloadGroup vms/billing'],
  },
];
