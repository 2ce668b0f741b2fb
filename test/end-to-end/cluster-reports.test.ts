import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  reportDocuments,
  type ReportGroup,
  type ReportResult,
} from '../../pipelines/present/openreports.ts';
import { writeReports, type ReportsWritten } from '../../pipelines/source/cluster-reports.ts';
import {
  apiPath,
  connectWriter,
  type ClusterWriter,
} from '../../pipelines/source/cluster-writer.ts';
import { tellInCluster } from '../../pipelines/drift-cluster-reports.ts';
import { driftOf, driftReport } from '../support/drift-report.ts';
import { listIn, stringIn, valueIn } from '../../policies/core/json.ts';
import { installReportKinds } from '../support/cluster/report-kinds.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import { describeWithCluster } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;

function result(namespace: string, name: string, message = 'too short'): ReportResult {
  const kind = namespace === '' ? 'Namespace' : 'Service';
  return {
    object: { apiVersion: 'v1', kind, namespace, name },
    policy: 'drain/grace-covers-ttl',
    rule: 'too-short',
    severity: 'high',
    result: 'fail',
    message,
  };
}

describeWithCluster('reports in a cluster', () => {
  let cluster: Cluster;
  let writer: ClusterWriter;

  function write(
    results: readonly ReportResult[],
    {
      group = 'openreports.io',
      complete = true,
      name = 'meshgate-audit',
      with: by = writer,
    }: {
      group?: ReportGroup;
      complete?: boolean;
      name?: string;
      with?: ClusterWriter;
    } = {},
  ): Promise<ReportsWritten> {
    const documents = reportDocuments(results, { group, name, source: 'meshgate audit' });
    return writeReports({ writer: by, group, name, documents, complete });
  }

  async function standing(resource: string, apiVersion = 'openreports.io/v1alpha1') {
    const list = await writer.read(apiPath({ apiVersion, resource }));
    return listIn(list, 'items');
  }

  beforeAll(async () => {
    cluster = await startCluster({ crds: false });
    writer = connectWriter(cluster.kubeconfigPath);
    for (const name of ['shop', 'bank']) {
      await writer.create('/api/v1/namespaces', { metadata: { name } });
    }
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  test('are not written where the kind is missing, and that is said', async () => {
    expect(await write([result('shop', 'a')])).toMatchObject({
      created: 0,
      problems: [expect.stringContaining('openreports.io/v1alpha1')],
    });
    await installReportKinds(cluster);
  });

  test.each(['openreports.io', 'wgpolicyk8s.io'] as const)(
    '%s: are created, left alone while equal, replaced, and deleted when clean',
    async (group) => {
      const resource = group === 'openreports.io' ? 'reports' : 'policyreports';
      const apiVersion =
        group === 'openreports.io' ? 'openreports.io/v1alpha1' : 'wgpolicyk8s.io/v1alpha2';
      const first = [result('shop', 'a'), result('bank', 'b'), result('', 'shop')];
      expect(await write(first, { group })).toMatchObject({ created: 3, problems: [] });
      const before = await standing(resource, apiVersion);
      expect(valueIn(before[0], 'results')).toMatchObject([{ severity: 'high', result: 'fail' }]);
      expect(await write(first.toReversed(), { group })).toMatchObject({
        created: 0,
        replaced: 0,
        unchanged: 3,
      });
      expect(await standing(resource, apiVersion)).toEqual(before);
      const second = [result('shop', 'a', 'shorter yet'), result('bank', 'b')];
      expect(await write(second, { group, complete: false })).toMatchObject({
        replaced: 1,
        unchanged: 1,
        removed: 0,
      });
      expect(await write(second, { group })).toMatchObject({ unchanged: 2, removed: 1 });
      expect(await write([], { group })).toMatchObject({ removed: 2 });
      expect(await standing(resource, apiVersion)).toEqual([]);
    },
  );

  test('leave those of another name alone', async () => {
    await write([result('shop', 'a')], { name: 'meshgate-drift' });
    await write([]);
    expect(await standing('reports')).toHaveLength(1);
    await write([], { name: 'meshgate-drift' });
  });

  test('of a namespace that is not there are told of, and the others are written', async () => {
    expect(await write([result('nowhere', 'a'), result('shop', 'b')])).toMatchObject({
      created: 1,
      problems: [expect.stringContaining('nowhere')],
    });
    await write([]);
  });

  test('of drift come with an Event for each object that drifts', async () => {
    const report = driftReport({ drifts: [driftOf('ledger')] });
    const told = { writer, group: 'openreports.io', now: Date.now } as const;
    expect(await tellInCluster(report, told)).toMatchObject({ created: 1, problems: [] });
    const place = { apiVersion: 'events.k8s.io/v1', resource: 'events', namespace: 'shop' };
    const events = listIn(await writer.read(apiPath(place)), 'items');
    expect(events).toMatchObject([
      { reason: 'DriftChanged', regarding: { kind: 'DestinationRule', name: 'ledger' } },
    ]);
    expect(JSON.stringify(events)).not.toContain('DISABLE');
    await tellInCluster(driftReport(), told);
    expect(await standing('reports')).toEqual([]);
  });

  test('are written over what somebody else wrote in between', async () => {
    await write([result('shop', 'a')]);
    let disturbed = false;
    const disturbing: ClusterWriter = {
      ...writer,
      async replace(path, object) {
        if (!disturbed) {
          disturbed = true;
          await writer.merge(path, { metadata: { labels: { other: 'true' } } });
        }
        return await writer.replace(path, object);
      },
    };
    expect(await write([result('shop', 'c')], { with: disturbing })).toMatchObject({ replaced: 1 });
    const [report] = await standing('reports');
    expect(stringIn(listIn(listIn(report, 'results')[0], 'resources')[0], 'name')).toBe('c');
  });
});
