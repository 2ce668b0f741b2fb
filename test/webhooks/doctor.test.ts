import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../webhooks/doctor/diagnose.ts';
import type { ReplicaState, Snapshot } from '../../webhooks/doctor/snapshot.ts';
import type { ClusterReader } from '../../cli/doctor/reader.ts';
import { readReplicas } from '../../cli/doctor/read-replicas.ts';
import { readSamples } from '../../cli/doctor/samples.ts';
import { exitCodeOf, textReport } from '../../cli/doctor/report.ts';

const ready = { status: 200, text: 'ok' };

function replica(name: string, text: string, readiness = ready): ReplicaState {
  return { name, readiness, metrics: { value: readSamples(text) } };
}

function snapshot(changes: Partial<Snapshot>): Snapshot {
  const unread = { unread: 'not read in this test' };
  return {
    namespace: 'meshgate-system',
    now: Date.parse('2026-11-30T12:00:00Z'),
    deployments: unread,
    pods: unread,
    lease: unread,
    certificate: unread,
    mutating: unread,
    validating: unread,
    replicas: [],
    missingRights: unread,
    mutators: unread,
    filledPods: unread,
    failedOpen: unread,
    ...changes,
  };
}

function say(check: string, changes: Partial<Snapshot>): readonly string[] {
  return diagnose(snapshot(changes))
    .filter((diagnosis) => diagnosis.check === check)
    .map(({ level, message }) => `${level}: ${message}`);
}

test('samples are read with labels, escapes and without comments', () => {
  const text = [
    '# HELP a Some help {with="braces"} 1',
    'a 1',
    String.raw`b{kind="Pod",text="a \"quoted\" \\ one"} 2.5e3`,
    '',
  ].join('\n');

  expect(readSamples(text)).toEqual([
    { name: 'a', labels: {}, value: 1 },
    { name: 'b', labels: { kind: 'Pod', text: String.raw`a "quoted" \ one` }, value: 2500 },
  ]);
});

describe('replicas', () => {
  test('a mesh that is old, or not whole', () => {
    const old = replica(
      'a',
      'meshgate_mesh_synced 1\nmeshgate_mesh_staleness_seconds{kind="Service"} 301.4\nmeshgate_mesh_staleness_seconds{kind="Pod"} 20',
    );
    const partly = replica('b', 'meshgate_mesh_synced 0');

    expect(say('staleness', { replicas: [old, partly] })).toEqual([
      'problem: a has not heard of Service for 301 s, so its verdicts go by an old mesh.',
      'problem: b has not read all of the mesh.',
    ]);
  });

  test('configurations that differ are named with the Pods that have them', () => {
    const first = replica('a', 'meshgate_configuration_info{hash="11"} 1');
    const second = replica('b', 'meshgate_configuration_info{hash="22"} 1');

    expect(say('configuration', { replicas: [first, second] })).toEqual([
      'problem: The configurations differ: 11 at a; 22 at b.',
    ]);
    expect(say('configuration', { replicas: [first, { ...first, name: 'c' }] })).toEqual([
      'ok: a, c judge by the configuration 11.',
    ]);
  });

  test('one that is not ready says what it waits for; a right that is missing is no fault of it', () => {
    const waiting = replica('a', '', { status: 503, text: 'not ready: Service, Pod' });
    const hidden = replica('b', '', { status: 403, text: 'pods "b" is forbidden' });

    expect(say('reachability', { replicas: [waiting, hidden] })).toEqual([
      'problem: a is not ready: Service, Pod',
      'unknown: b: pods "b" is forbidden',
    ]);
  });
});

test('each running Pod is asked through the API server, at the port that it names', async () => {
  const asked: string[] = [];
  const reader = {
    fetch: (path: string) => {
      asked.push(path);
      return Promise.resolve({ status: 200, text: 'ok' });
    },
  };
  const pod = (name: string, phase: string) => ({
    metadata: { namespace: 'meshgate-system', name },
    spec: { containers: [{ ports: [{ name: 'webhook', containerPort: 9443 }] }] },
    status: { phase },
  });
  const pods = [pod('meshgate-1', 'Running'), pod('meshgate-2', 'Pending')];
  const replicas = await readReplicas(reader as unknown as ClusterReader, pods, undefined);

  expect(replicas.map(({ name }) => name)).toEqual(['meshgate-1']);
  expect(asked.toSorted()).toEqual(
    ['metrics', 'readyz'].map(
      (path) => `/api/v1/namespaces/meshgate-system/pods/https:meshgate-1:9443/proxy/${path}`,
    ),
  );
});

describe('the Lease', () => {
  const held = (renewTime: string) => ({
    lease: { value: { spec: { holderIdentity: 'meshgate-1', renewTime } } },
  });

  test('is kept, or its holder has not been heard of', () => {
    expect(say('lease', held('2026-11-30T11:59:50.000000Z'))[0]).toMatch(/^ok: meshgate-1 keeps/u);
    expect(say('lease', held('2026-11-30T11:50:00.000000Z'))).toEqual([
      'problem: meshgate-1 holds the Lease and has not renewed it for 600 s.',
    ]);
  });
});

describe('the report', () => {
  const report = (level: 'ok' | 'notice' | 'unknown' | 'problem') => ({
    server: 'https://127.0.0.1',
    namespace: 'meshgate-system',
    diagnoses: [
      { check: 'deployment', level: 'ok' as const, message: 'Fine.' },
      { check: 'lease', level, message: 'A \u001B[31mred\nname.', remedy: 'Do this.' },
    ],
  });

  test('its exit code: 0, 1 for what is wrong, 2 for what could not be told', () => {
    expect(
      ['ok', 'notice', 'unknown', 'problem'].map((level) => exitCodeOf(report(level as 'ok'))),
    ).toEqual([0, 0, 2, 1]);
  });

  test('names of a cluster bring no control character to the terminal', () => {
    const text = textReport(report('problem'));

    expect(text).not.toMatch(/\u001B/u);
    expect(text).toContain('problem  lease       A  [31mred name.\n');
    expect(text).toContain('1 problem, 1 ok');
  });
});
