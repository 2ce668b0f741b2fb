import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listIn, stringIn, stringMapIn, valueIn } from '../../policies/core/json.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import {
  ownNamespace,
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
const registrations = '/apis/admissionregistration.k8s.io/v1';
const mutatingPath = `${registrations}/mutatingwebhookconfigurations/00-meshgate-mutating`;
const validatingPath = `${registrations}/validatingwebhookconfigurations/meshgate-validating`;
const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${ownNamespace}/leases/meshgate`;

const config = (more: string): string =>
  `apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\n${more}`;

describeWithCluster('what a replica keeps right in a cluster', () => {
  let cluster: Cluster;
  let balancer: Balancer;
  let replica: Replica;
  let folder: string;
  beforeAll(async () => {
    cluster = await startCluster();
    folder = await mkdtemp(join(tmpdir(), 'upkeep-'));
    await preparePlace(cluster);
    balancer = await startBalancer();
    await configure('');
    const file = join(folder, 'meshgate.yaml');
    replica = await startReplica(cluster, balancer.port, 'one', { config: file });
    balancer.add(replica.port);
    await waitUntilReady(replica);
    await until('both registrations', async () => (await status(validatingPath)) === 200);
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await replica?.serving.stop(0);
    await balancer?.close();
    await cluster?.stop();
    await rm(folder, { recursive: true });
  }, startDeadlineMilliseconds);

  async function configure(more: string): Promise<void> {
    const next = join(folder, 'next');
    await writeFile(next, config(more));
    await rename(next, join(folder, 'meshgate.yaml'));
  }
  async function status(path: string): Promise<number> {
    return (await cluster.api.send('GET', path)).status;
  }
  function until(what: string, holds: () => Promise<boolean>): Promise<true> {
    return waitFor(what, deadlineMilliseconds, async () => ((await holds()) ? true : undefined));
  }
  async function failurePolicies(): Promise<Readonly<Record<string, string>>> {
    const body = await cluster.api.must('GET', validatingPath);
    return Object.fromEntries(
      listIn(body, 'webhooks').map((webhook) => [
        stringIn(webhook, 'name') ?? '',
        stringIn(webhook, 'failurePolicy') ?? '',
      ]),
    );
  }
  const metrics = async (): Promise<string> => (await replica.call('/metrics')).body;
  const written = (step: string): number =>
    replica.log.filter((line) => line['msg'] === 'registration written' && line['step'] === step)
      .length;
  async function eventReasons(): Promise<readonly string[]> {
    const path = `/apis/events.k8s.io/v1/namespaces/${ownNamespace}/events`;
    const list = await cluster.api.must('GET', path);
    return listIn(list, 'items').map((event) => stringIn(event, 'reason') ?? '');
  }

  test(
    'is called by the API server, on a certificate of its own',
    async () => {
      const pod = { metadata: { name: 'one' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
      await until('the API server calling', async () => {
        await cluster.api.must('POST', '/api/v1/namespaces/default/pods?dryRun=All', pod);
        return /reviews_total\{[^}]*gate="mutate"[^}]*\} [1-9]/u.test(await metrics());
      });
      await until('the self-probe', async () =>
        (await metrics()).includes('meshgate_self_probe_success 1'),
      );
      const text = await metrics();
      expect(text).toMatch(/meshgate_certificate_days_left\{certificate="leaf"\} 89\.\d+/u);
      expect(text).toMatch(/meshgate_certificate_days_left\{certificate="authority"\} 729\.\d+/u);
      expect(text).toContain('meshgate_leader 1');
    },
    testDeadlineMilliseconds,
  );

  test(
    'writes nothing where nothing differs',
    async () => {
      const before = replica.log.filter(({ msg }) => msg === 'registration written').length;
      const { resourceVersion } = stringMapIn(
        await cluster.api.must('GET', mutatingPath),
        'metadata',
      );
      await cluster.api.must(
        'PATCH',
        mutatingPath,
        { metadata: { labels: { theirs: 'kept' } } },
        {
          'content-type': 'application/merge-patch+json',
        },
      );
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(replica.log.filter(({ msg }) => msg === 'registration written')).toHaveLength(before);
      const now = await cluster.api.must('GET', mutatingPath);
      expect(stringIn(now, 'metadata', 'labels', 'theirs')).toBe('kept');
      expect(stringIn(now, 'metadata', 'resourceVersion')).not.toBe(resourceVersion);
    },
    testDeadlineMilliseconds,
  );

  test(
    'undoes what is edited from outside, says so, and does not fight',
    async () => {
      const spoil = () =>
        cluster.api.must(
          'PATCH',
          mutatingPath,
          [{ op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 29 }],
          { 'content-type': 'application/json-patch+json' },
        );
      const timeout = async () =>
        valueIn(
          listIn(await cluster.api.must('GET', mutatingPath), 'webhooks')[0],
          'timeoutSeconds',
        );
      const started = performance.now();
      await spoil();
      await until('the edit being undone', async () => (await timeout()) === 2);
      for (let edit = 0; edit < 20; edit += 1) {
        await spoil();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      // The first at once, and from then on after a pause that doubles, however long all the edits took.
      const seconds = (performance.now() - started) / 1000;
      expect(written('undo')).toBeLessThanOrEqual(2 + Math.log2(1 + seconds));
      await until('the last edit being undone', async () => (await timeout()) === 2);
      expect(await metrics()).toMatch(/registration_writes_total\{[^}]*step="undo"\} [1-9]/u);
      await until('an Event', async () => (await eventReasons()).includes('RegistrationEdited'));
    },
    testDeadlineMilliseconds,
  );

  test(
    'leaves deleted what somebody deleted, and registers it when asked to',
    async () => {
      await cluster.api.must('DELETE', validatingPath);
      await until('the deletion being seen', async () =>
        (await metrics()).includes(
          'meshgate_registration_deleted{configuration="meshgate-validating"} 1',
        ),
      );
      await replica.serving.stop(0);
      balancer.remove(replica.port);
      replica = await startReplica(cluster, balancer.port, 'two', {
        config: join(folder, 'meshgate.yaml'),
      });
      balancer.add(replica.port);
      await waitUntilReady(replica);
      await until('the next holder', async () =>
        (await metrics()).includes(
          'meshgate_registration_deleted{configuration="meshgate-validating"} 1',
        ),
      );
      expect(await status(validatingPath)).toBe(404);
      await cluster.api.must(
        'PATCH',
        leasePath,
        { metadata: { annotations: { 'meshgate.dev/registered': null } } },
        { 'content-type': 'application/merge-patch+json' },
      );
      await until('the registration', async () => (await status(validatingPath)) === 200);
    },
    testDeadlineMilliseconds,
  );

  test(
    'takes a new configuration, keeps the last good one, and says which',
    async () => {
      await configure('admission: { fill: false }\n');
      await until('nothing to fill in', async () => (await status(mutatingPath)) === 404);
      const { body: good } = await replica.call('/readyz');
      await configure('no such key: 1\n');
      await until('the refusal', async () =>
        (await replica.call('/readyz')).body.includes('no such key'),
      );
      const bad = await replica.call('/readyz');
      expect(bad.status).toBe(200);
      expect(bad.body.split('\n').slice(0, 2)).toEqual(good.split('\n').slice(0, 2));
      expect(await metrics()).toContain('meshgate_configuration_valid 0');
      await until('an Event', async () => (await eventReasons()).includes('ConfigurationRefused'));
      await configure('');
      await until('the registration', async () => (await status(mutatingPath)) === 200);
      expect(await metrics()).toContain('meshgate_configuration_valid 1');
    },
    testDeadlineMilliseconds,
  );

  test(
    'fails closed only once it is proven, and open again when it is not, or is told',
    async () => {
      await configure('admission: { failurePolicy: Fail }\n');
      await until('the proof', async () => Object.values(await failurePolicies()).includes('Fail'));
      expect(await failurePolicies()).toEqual({
        'workloads.meshgate.dev': 'Fail',
        'configuration.meshgate.dev': 'Fail',
        'canary.meshgate.dev': 'Ignore',
      });
      await configure('admission: { failurePolicy: Ignore }\n');
      await until(
        'the switch',
        async () => !Object.values(await failurePolicies()).includes('Fail'),
      );
      expect(await failurePolicies()).not.toHaveProperty('canary.meshgate.dev');
    },
    testDeadlineMilliseconds,
  );
});
