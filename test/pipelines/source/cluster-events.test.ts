import { expect, test } from '@jest/globals';
import { numberIn, stringIn } from '../../../policies/core/json.ts';
import { createEventSink, type ClusterEvent } from '../../../pipelines/source/cluster-events.ts';
import { memoryCluster } from '../../support/memory-writer.ts';

const about = { apiVersion: 'v1', kind: 'Service', name: 'meshgate', namespace: 'own' };
const event = (note: string): ClusterEvent => ({
  about,
  type: 'Warning',
  reason: 'Something',
  action: 'Do',
  note,
});

function sink() {
  const cluster = memoryCluster();
  const problems: unknown[] = [];
  const time = { now: Date.parse('2026-11-30T12:00:00Z') };
  const tell = createEventSink({
    writer: cluster.writer(),
    instance: 'replica',
    now: () => time.now,
    burst: 3,
    onProblem: (error) => problems.push(error),
  });
  return { cluster, problems, time, tell };
}

test('is written where its object is, whole and valid', async () => {
  const { cluster, tell } = sink();
  await tell(event('x'.repeat(5000)));
  const [[path, written] = []] = [...cluster.objects];
  expect(path).toMatch(
    /^\/apis\/events\.k8s\.io\/v1\/namespaces\/own\/events\/meshgate\.[0-9a-f]+$/u,
  );
  expect(stringIn(written, 'eventTime')).toBe('2026-11-30T12:00:00.000000Z');
  expect(stringIn(written, 'note')).toHaveLength(1000);
  expect(written).toMatchObject({ regarding: about, reportingInstance: 'replica' });
});

test('is counted on where it happens again within ten minutes', async () => {
  const { cluster, time, tell } = sink();
  await tell(event('one'));
  time.now += 60_000;
  await tell(event('one'));
  expect(cluster.objects.size).toBe(1);
  const [written] = [...cluster.objects.values()];
  expect(numberIn(written, 'series', 'count')).toBe(2);
  time.now += 11 * 60_000;
  await tell(event('one'));
  expect(cluster.objects.size).toBe(2);
});

test('is left out beyond the cap, which fills up again', async () => {
  const { cluster, time, tell } = sink();
  for (let index = 0; index < 20; index += 1) await tell(event(String(index)));
  expect(cluster.objects.size).toBe(3);
  time.now += 65_000;
  for (let index = 20; index < 40; index += 1) await tell(event(String(index)));
  expect(cluster.objects.size).toBe(5);
});
