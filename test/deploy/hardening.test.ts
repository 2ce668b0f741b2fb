import { beforeAll, describe, expect, test } from '@jest/globals';
import { chartObjects, objectOf, type ChartObject } from '../support/chart.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The parts of a Pod's spec that these rules look at. */
interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  readonly topologySpreadConstraints: readonly unknown[];
  readonly priorityClassName: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly image: string;
    readonly env: readonly { readonly valueFrom?: Readonly<Record<string, unknown>> }[];
    readonly ports: readonly { readonly hostPort?: number }[];
    readonly resources: {
      readonly requests: Readonly<Record<string, string>>;
      readonly limits: Readonly<Record<string, string>>;
    };
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly [probe: string]: unknown;
  }[];
}

/** What Kyverno's sample policies (baseline, restricted, best practices) ask for, stated anew. */
describe('its own manifests keep the usual rules', () => {
  let objects: readonly ChartObject[];
  let pod: PodSpec;

  beforeAll(async () => {
    objects = await chartObjects();
    pod = (objectOf(objects, 'Deployment')['spec'] as { template: { spec: PodSpec } }).template
      .spec;
  });

  test('no way to the host', () => {
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
    expect(pod.volumes.map((volume) => Object.keys(volume).toSorted())).toEqual([
      ['configMap', 'name'],
    ]);
    expect(pod.containers.flatMap(({ ports }) => ports.map((port) => port.hostPort))).toEqual([
      undefined,
    ]);
  });

  test('no privilege', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.securityContext['runAsUser']).toBeGreaterThan(0);
    for (const { securityContext } of pod.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      });
    }
  });

  test('an image by its version, requests and a limit of memory, and probes', () => {
    for (const container of pod.containers) {
      expect(container.image).toMatch(/:\d+\.\d+\.\d+$|@sha256:/u);
      expect(Object.keys(container.resources.requests).toSorted()).toEqual(['cpu', 'memory']);
      expect(Object.keys(container.resources.limits)).toEqual(['memory']);
      expect(container['livenessProbe']).not.toEqual(container['readinessProbe']);
      expect(container).toHaveProperty('startupProbe.httpGet.scheme', 'HTTPS');
    }
  });

  test('no Secret in the environment', () => {
    const sources = pod.containers.flatMap(({ env }) =>
      env.flatMap(({ valueFrom }) => Object.keys(valueFrom ?? {})),
    );
    expect(sources).not.toContain('secretKeyRef');
  });

  test('several replicas, spread, with a budget and a priority', () => {
    const deployment = objectOf(objects, 'Deployment');

    expect(deployment).toHaveProperty('spec.replicas', 2);
    expect(pod.topologySpreadConstraints).toHaveLength(2);
    expect(pod.priorityClassName).toBe('system-cluster-critical');
    expect(objectOf(objects, 'PodDisruptionBudget')).toHaveProperty('spec.minAvailable', 1);
  });

  test('a network policy that says what comes in and what goes out', () => {
    expect(objectOf(objects, 'NetworkPolicy')).toHaveProperty('spec.policyTypes', [
      'Ingress',
      'Egress',
    ]);
  });

  test('a Service without a port of the node or an address from outside', () => {
    const service = objectOf(objects, 'Service');

    expect(service).toHaveProperty('spec.type', 'ClusterIP');
    expect(service).not.toHaveProperty('spec.externalIPs');
  });

  test('a namespace of its own, labels on all, and tokens only where they are used', () => {
    const placed = objects.filter(({ metadata }) => metadata.namespace !== undefined);

    expect(placed.map(({ metadata }) => metadata.namespace)).not.toContain('default');
    expect(
      objects.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] !== 'meshgate'),
    ).toEqual([]);
    expect(objectOf(objects, 'ServiceAccount')).toHaveProperty(
      'automountServiceAccountToken',
      false,
    );
  });

  test('meshgate finds nothing in them', async () => {
    const folder = temporaryFolder({
      'meshgate.json': JSON.stringify({ kind: 'List', apiVersion: 'v1', items: objects }),
    });
    const run = await runCli(['check', '.', '--min-severity', 'info'], { folder });

    expect(run).toMatchObject({ code: 0, out: expect.stringContaining('15 objects') });
    expect(run.out).toContain('nothing to report');
  });
});
