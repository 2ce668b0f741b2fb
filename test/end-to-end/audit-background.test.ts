import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listIn, stringIn } from '../../policies/core/json.ts';
import { installReportKinds } from '../support/cluster/report-kinds.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import {
  preparePlace,
  startBalancer,
  startReplica,
  waitUntilReady,
  type Balancer,
  type Replica,
} from '../support/cluster/upkeep.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithCluster } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;
const deadlineMilliseconds = 60_000;
const testDeadlineMilliseconds = 240_000;
/** Two seconds. */
const minutes = 1 / 30;
const reportsPath = (namespace: string): string =>
  `/apis/openreports.io/v1alpha1/namespaces/${namespace}/reports/meshgate-audit`;

/** A rule of a port that its Service does not have: one of the faults that every configuration warns of. */
function entry(name: string) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name },
    spec: {
      hosts: ['ledger.example.com'],
      location: 'MESH_EXTERNAL',
      resolution: 'STATIC',
      addresses: ['not an address'],
      ports: [{ number: 5432, name: 'tcp-db', protocol: 'TCP' }],
    },
  };
}

describeWithCluster('the audit of a serving replica', () => {
  let cluster: Cluster;
  let balancer: Balancer;
  let replica: Replica;
  beforeAll(async () => {
    cluster = await startCluster();
    await installReportKinds(cluster);
    await preparePlace(cluster);
    for (const namespace of ['shop', 'bank']) await cluster.createNamespace(namespace);
    await create('shop', 'before');
    balancer = await startBalancer();
    replica = await startReplica(cluster, balancer.port, 'one', {
      flags: { audit: { minutes, reports: 'openreports.io' } },
    });
    balancer.add(replica.port);
    await waitUntilReady(replica);
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await replica?.serving.stop(0);
    await balancer?.close();
    await cluster?.stop();
  }, startDeadlineMilliseconds);

  async function create(namespace: string, name: string): Promise<void> {
    const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/serviceentries`;
    await cluster.api.must('POST', path, entry(name));
  }
  function until(what: string, holds: () => Promise<boolean>): Promise<true> {
    return waitFor(what, deadlineMilliseconds, async () => ((await holds()) ? true : undefined));
  }
  async function hasReport(namespace: string): Promise<boolean> {
    return (await cluster.api.send('GET', reportsPath(namespace))).status === 200;
  }
  async function violations(namespace: string): Promise<readonly string[]> {
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    return listIn(await cluster.api.must('GET', path), 'items')
      .filter((event) => stringIn(event, 'reason') === 'PolicyViolation')
      .map((event) => stringIn(event, 'regarding', 'name') ?? '');
  }

  test(
    'reports what was there before, tells of what is new, and takes back what is mended',
    async () => {
      await until('the first report', () => hasReport('shop'));
      expect(await hasReport('bank')).toBe(false);
      const before = await cluster.api.must('GET', reportsPath('shop'));

      await create('bank', 'later');
      await until('the second report', () => hasReport('bank'));
      await until('an Event', async () => (await violations('bank')).includes('later'));
      expect(await violations('shop')).toEqual([]);

      await cluster.api.must(
        'DELETE',
        '/apis/networking.istio.io/v1/namespaces/bank/serviceentries/later',
      );
      await until('the report going', async () => !(await hasReport('bank')));
      await until('the end of its writing', async () =>
        /^meshgate_audit_reports_written_total\{action="removed"\} 1$/mu.test(
          (await replica.call('/metrics')).body,
        ),
      );
      const after = await cluster.api.must('GET', reportsPath('shop'));
      expect(stringIn(after, 'metadata', 'resourceVersion')).toBe(
        stringIn(before, 'metadata', 'resourceVersion'),
      );
    },
    testDeadlineMilliseconds,
  );

  test('counts what it found', async () => {
    const { body } = await replica.call('/metrics');
    expect(body).toMatch(/^meshgate_audit_findings\{namespace="shop",policy="[^"]+".*\} [1-9]/mu);
    expect(body).toMatch(/^meshgate_audit_last_scan_timestamp_seconds [1-9]/mu);
  });
});
