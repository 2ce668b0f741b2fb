import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { kindInfo, type KindName } from '../../policies/core/kinds.ts';
import { catalogue } from '../../policies/index.ts';
import { mutatingName } from '../../webhooks/registration/registration.ts';
import { chartObjects, objectOf, type ChartObject } from '../support/chart.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const chartFolder = fileURLToPath(new URL('../../deploy/charts/meshgate', import.meta.url));
const certManager = ['certificates.provider=cert-manager'];
const everything = [
  'audit.reports=openreports.io,metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.dashboard.enabled=true',
];

type Rule = NonNullable<ChartObject['rules']>[number];

function rulesOf(objects: readonly ChartObject[]): readonly Rule[] {
  return objects.flatMap(({ rules }) => rules ?? []);
}

function mayRead(rules: readonly Rule[], type: KindName): boolean {
  const { group, plural } = kindInfo(type);
  return rules.some(
    ({ apiGroups, resources, resourceNames, verbs }) =>
      resourceNames === undefined &&
      apiGroups.includes(group) &&
      resources.includes(plural) &&
      ['get', 'list', 'watch'].every((verb) => verbs.includes(verb)),
  );
}

describe('what the chart makes', () => {
  let usual: readonly ChartObject[];
  let full: readonly ChartObject[];

  beforeAll(async () => {
    [usual, full] = await Promise.all([chartObjects(), chartObjects(everything)]);
  });

  test('is the same each time', async () => {
    expect(await chartObjects(everything)).toEqual(full);
  });

  test('has the version of the package', () => {
    const chart = load(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8'));
    const manifest = JSON.parse(
      readFileSync(join(chartFolder, '../../../package.json'), 'utf8'),
    ) as { readonly version: string };

    expect(chart).toMatchObject({ version: manifest.version, appVersion: manifest.version });
  });

  test('holds no webhook configuration and no certificate: meshgate writes them', () => {
    const secret = objectOf(usual, 'Secret');

    expect(usual.map(({ kind }) => kind)).not.toContainEqual(
      expect.stringMatching(/WebhookConfiguration$/u),
    );
    expect(secret['data'] ?? secret['stringData']).toBeUndefined();
  });

  test('with cert-manager it asks for a certificate, and has no right on Secrets', async () => {
    const objects = await chartObjects(certManager);
    const certificate = objectOf(objects, 'Certificate');

    expect(certificate).toMatchObject({
      spec: { secretName: 'meshgate-tls', issuerRef: { kind: 'Issuer', name: 'meshgate' } },
    });
    expect(certificate).toHaveProperty('spec.dnsNames.0', 'meshgate.meshgate-system.svc');
    expect(rulesOf(objects).flatMap(({ resources }) => resources)).not.toContain('secrets');
  });

  test('spans go where the value says, which must be an address, and nowhere by default', async () => {
    const endpoint = 'http://collector.observability:4318';
    const traced = await chartObjects([`tracing.otlpEndpoint=${endpoint}`]);

    expect(JSON.stringify(objectOf(traced, 'Deployment'))).toContain(`--otlp-endpoint=${endpoint}`);
    expect(JSON.stringify(objectOf(usual, 'Deployment'))).not.toContain('otlp');
    await expect(chartObjects(['tracing.otlpEndpoint=collector'])).rejects.toThrow('otlpEndpoint');
  });

  test('it goes on answering for its delay within its grace period', () => {
    const spec = objectOf(usual, 'Deployment')['spec'];
    const delay = /--shutdown-delay=(\d+)/u.exec(JSON.stringify(spec))?.[1];
    const grace = (spec as { template: { spec: { terminationGracePeriodSeconds: number } } })
      .template.spec.terminationGracePeriodSeconds;

    expect(grace).toBeGreaterThanOrEqual(Number(delay) + 15);
    expect(Number(delay)).toBeGreaterThanOrEqual(90);
  });

  test('one replica has no budget that would keep its node from being drained', async () => {
    const kinds = (await chartObjects(['replicas=1'])).map(({ kind }) => kind);

    expect(usual.map(({ kind }) => kind)).toContain('PodDisruptionBudget');
    expect(kinds).not.toContain('PodDisruptionBudget');
  });

  describe('its rights', () => {
    test('cover every kind that a policy judges or consults', () => {
      const rules = objectOf(usual, 'ClusterRole').rules ?? [];
      const types = new Set(
        catalogue.flatMap(({ subjects, consults }) => [...subjects, ...consults]),
      );

      expect([...types].filter((type) => type !== 'ConfigMap' && !mayRead(rules, type))).toEqual(
        [],
      );
      expect(mayRead(objectOf(usual, 'Role', 'meshgate-mesh').rules ?? [], 'ConfigMap')).toBe(true);
    });

    test('name every group, kind and verb', () => {
      expect(
        rulesOf(full).filter(({ apiGroups, resources, verbs }) =>
          [...apiGroups, ...resources, ...verbs].some((word) => word.includes('*')),
        ),
      ).toEqual([]);
    });

    test('do not reach ConfigMaps outside the root namespace, nor any Secret but its own', () => {
      const cluster = objectOf(full, 'ClusterRole').rules ?? [];
      const secrets = rulesOf(full).filter(({ resources }) => resources.includes('secrets'));

      expect(cluster.flatMap(({ resources }) => resources)).not.toEqual(
        expect.arrayContaining(['configmaps']),
      );
      expect(objectOf(full, 'Role', 'meshgate-mesh').metadata.namespace).toBe('istio-system');
      expect(secrets.map(({ resourceNames }) => resourceNames)).toEqual([['meshgate-tls']]);
    });

    test('follow the root namespace of the configuration', async () => {
      const objects = await chartObjects(['config.mesh.rootNamespace=mesh-root']);

      expect(objectOf(objects, 'Role', 'meshgate-mesh').metadata.namespace).toBe('mesh-root');
      expect(objectOf(objects, 'RoleBinding', 'meshgate-mesh').metadata.namespace).toBe(
        'mesh-root',
      );
    });

    test('write only by name, but for what Kubernetes cannot bind to a name', () => {
      const reading = new Set(['get', 'list', 'watch']);
      const writes = rulesOf(full).filter(
        ({ verbs, resourceNames }) =>
          resourceNames === undefined && verbs.some((verb) => !reading.has(verb)),
      );

      expect(writes.map(({ resources, verbs }) => `${verbs.join()} ${resources.join()}`)).toEqual(
        expect.arrayContaining([
          'create mutatingwebhookconfigurations,validatingwebhookconfigurations',
        ]),
      );
      expect(
        writes
          .flatMap(({ resources }) => resources)
          .filter((name) => !/webhookconfigurations$|^events$|reports$/u.test(name)),
      ).toEqual([]);
      expect(JSON.stringify(full)).toContain(mutatingName);
    });

    test('give no way to more rights', () => {
      const dangerous = ['escalate', 'bind', 'impersonate', 'deletecollection'];
      expect(rulesOf(full).flatMap(({ verbs }) => verbs)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(new RegExp(dangerous.join('|'), 'u'))]),
      );
      expect(JSON.stringify(full)).not.toContain('cluster-admin');
    });
  });
});

describe('values that do not fit', () => {
  test.each([
    ['an unknown key', 'replica=3', 'replica'],
    ['an unknown policy', 'config.policies.drain/none.mode=warn', 'drain/none'],
    ['an unknown mode', 'config.policies.drain/grace-covers-ttl.mode=deny', 'mode'],
    ['a delay that loses reviews', 'shutdownDelaySeconds=5', 'shutdownDelaySeconds'],
    ['a port of root', 'port=443', 'port'],
    ['a value without =', 'replicas', 'key=value'],
  ])('%s is refused by name', async (_, set, named) => {
    await expect(chartObjects([set])).rejects.toThrow(named);
  });
});

test('values of files are taken, and single ones win', async () => {
  const folder = temporaryFolder({
    'values.yaml':
      'replicas: 3\nconfig:\n  policies:\n    drain/grace-covers-ttl: {mode: enforce}\n',
  });
  const objects = await chartObjects(['replicas=4'], {
    values: [join(folder, 'values.yaml')],
    namespace: 'policy',
    release: 'gate',
  });
  const config = objectOf(objects, 'ConfigMap') as ChartObject & {
    readonly data: Readonly<Record<string, string>>;
  };

  expect(objectOf(objects, 'Deployment', 'gate-meshgate')).toHaveProperty('spec.replicas', 4);
  expect(objects.map(({ metadata }) => metadata.namespace ?? 'policy')).toEqual(
    objects.map(({ metadata }) => (metadata.name.endsWith('-mesh') ? 'istio-system' : 'policy')),
  );
  expect(load(config.data['meshgate.yaml'] ?? '')).toEqual({
    apiVersion: 'meshgate.dev/v1alpha1',
    kind: 'MeshgateConfig',
    policies: { 'drain/grace-covers-ttl': { mode: 'enforce' } },
  });
});
