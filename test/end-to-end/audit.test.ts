import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonAudit } from '../../pipelines/present/audit-report.ts';
import { createKubeConfig } from '../support/cluster/kubeconfig.ts';
import { installReportKinds } from '../support/cluster/report-kinds.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import { describeWithCluster } from '../support/describe.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';

const startDeadlineMilliseconds = 240_000;
const validateAudit = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(
    readFileSync(new URL('../../schemas/audit-output.schema.json', import.meta.url), 'utf8'),
  ) as object,
);

function entry(name: string) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name },
    spec: {
      hosts: [`${name}.db.example.com`],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 5432, name: 'tcp-db', protocol: 'TCP' }],
    },
  };
}

const config = `apiVersion: meshgate.dev/v1alpha1
kind: MeshgateConfig
mesh: { istioVersion: '1.24', dnsCapture: false, autoAllocate: false }
policies:
  egress/tcp-listener-collision: { mode: enforce }
`;

describeWithCluster('an audit of a real API server', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('shop', { 'istio-injection': 'enabled' });
    const entries = '/apis/networking.istio.io/v1/namespaces/shop/serviceentries';
    await cluster.api.must('POST', entries, entry('orders'));
    await cluster.api.must('POST', entries, entry('stock'));
    writeFileSync(join(cluster.processes.folder, 'meshgate.yaml'), config);
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  function audit(...args: readonly string[]): Promise<CliRun> {
    const kubeconfig = args.includes('--kubeconfig')
      ? []
      : ['--kubeconfig', cluster.kubeconfigPath];
    return runCli(['audit', ...kubeconfig, ...args], { folder: cluster.processes.folder });
  }

  test('finds what was admitted before, and says what would be denied today', async () => {
    const { code, out, err } = await audit('--output', 'json');
    const report = JSON.parse(out) as JsonAudit;
    const collisions = report.findings.filter(
      ({ policy }) => policy === 'egress/tcp-listener-collision',
    );

    expect(validateAudit(report)).toBe(true);
    expect(err).toBe('');
    expect(collisions.map(({ object, effect }) => [object.kind, object.namespace, effect])).toEqual(
      [['ServiceEntry', 'shop', 'block']],
    );
    expect(report.unread).toEqual([]);
    expect(report.cluster).toBe(cluster.url);
    expect(code).toBe(1);
  });

  test('says the same again, and for people', async () => {
    const [first, second] = [await audit(), await audit()];
    expect(first.out).toBe(second.out);
    expect(first.out).toContain('(would be denied today)');
    expect(first.out).toContain('What to do');
  });

  test('shows the namespaces that were asked for', async () => {
    const { code, out } = await audit('-n', 'default', '-o', 'json');
    expect((JSON.parse(out) as JsonAudit).findings).toEqual([]);
    expect(code).toBe(0);
  });

  test('writes reports, leaves equal ones alone, and says what is missing', async () => {
    const without = await audit('--report', 'openreports.io');
    await installReportKinds(cluster);
    const first = await audit('--report', 'openreports.io');
    const second = await audit('--report', 'openreports.io');
    const report = await cluster.api.must(
      'GET',
      '/apis/openreports.io/v1alpha1/namespaces/shop/reports/meshgate-audit',
    );

    expect(without.err).toContain('the cluster does not serve openreports.io/v1alpha1');
    expect(first.err).toContain('1 created, 0 replaced, 0 removed, 0 unchanged');
    expect(second.err).toContain('0 created, 0 replaced, 0 removed, 1 unchanged');
    expect(report).toMatchObject({
      source: 'meshgate audit',
      results: expect.arrayContaining([
        expect.objectContaining({ policy: 'egress/tcp-listener-collision' }),
      ]) as unknown,
    });
  });

  test('names the kinds that it may not read', async () => {
    const user = await cluster.authority.issue({ commonName: 'guest' });
    const file = join(cluster.processes.folder, 'guest.json');
    writeFileSync(file, createKubeConfig(cluster.url, cluster.caPem, user).exportConfig());
    const { code, out } = await audit('--kubeconfig', file);

    expect(out).toMatch(/^could not read ServiceEntry: .*403.*serviceentries/mu);
    expect(code).toBe(2);
  });

  test('says what is wrong where there is no cluster', async () => {
    const file = join(cluster.processes.folder, 'nowhere.json');
    const nowhere = createKubeConfig('https://127.0.0.1:1', cluster.caPem, {
      certificate: '',
      key: '',
    });
    writeFileSync(file, nowhere.exportConfig());
    const { code, err } = await audit('--kubeconfig', file);
    expect(err).toContain('cannot read the cluster at https://127.0.0.1:1');
    expect(code).toBe(2);
  });
});
