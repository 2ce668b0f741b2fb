import { expect, test } from '@jest/globals';
import { emfLines } from '../../pipelines/present/drift-metrics-emf.ts';
import { prometheusText } from '../../pipelines/present/drift-metrics-prometheus.ts';
import { driftMetrics } from '../../pipelines/present/drift-metrics.ts';
import { driftOf, driftReport } from '../support/drift-report.ts';

const checkedAt = 1_800_000_000_000;
const drifting = driftReport({
  drifts: [driftOf('a'), driftOf('b', { verdict: 'missing', fields: [] })],
});
const blind = driftReport({ unknown: [{ object: 'Gateway', why: '403' }] });

function text(report = drifting, previous = '', at = checkedAt): string {
  const metrics = driftMetrics(report, { checkedAt: at, oldest: at - 60_000 });
  return prometheusText([{ cluster: 'prod "a"\\b', metrics }], previous);
}

test('Prometheus gets each verdict, zeros among them, the age and the moments', () => {
  const lines = text().split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE meshgate_drift_objects gauge',
      'meshgate_drift_objects{cluster="prod \\"a\\"\\\\b",verdict="changed"} 1',
      'meshgate_drift_objects{cluster="prod \\"a\\"\\\\b",verdict="extra"} 0',
      'meshgate_drift_oldest_seconds{cluster="prod \\"a\\"\\\\b"} 60',
      'meshgate_drift_last_success_timestamp_seconds{cluster="prod \\"a\\"\\\\b"} 1800000000',
    ]),
  );
  expect(lines.filter((line) => line.startsWith('# TYPE meshgate_drift_objects '))).toHaveLength(1);
});

test('the last success stays while a check is blind', () => {
  const before = text();
  const after = text(blind, before, checkedAt + 60_000);
  expect(after).toContain('_last_run_timestamp_seconds{cluster="prod \\"a\\"\\\\b"} 1800000060');
  expect(after).toContain(
    '_last_success_timestamp_seconds{cluster="prod \\"a\\"\\\\b"} 1800000000',
  );
  expect(after).toContain('meshgate_drift_undetermined{cluster="prod \\"a\\"\\\\b"} 1');
  const again = text(drifting, after, checkedAt + 120_000);
  expect(again.match(/^meshgate_drift_last_success_timestamp_seconds/gmu)).toHaveLength(1);
});

test('CloudWatch gets one line for each set of dimensions, and a success only where there was one', () => {
  const lines = emfLines('prod', driftMetrics(drifting, { checkedAt }), checkedAt).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ cluster: 'prod', verdict: 'missing', DriftObjects: 1 }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({
      _aws: {
        Timestamp: checkedAt,
        CloudWatchMetrics: [
          expect.objectContaining({
            Namespace: 'meshgate',
            Dimensions: [['cluster']],
            Metrics: expect.arrayContaining([{ Name: 'DriftCheckSucceeded', Unit: 'Count' }]),
          }),
        ],
      },
      DriftCheckSucceeded: 1,
    }),
  );
  const unsure = emfLines('prod', driftMetrics(blind, { checkedAt }), checkedAt).join('\n');
  expect(unsure).not.toContain('DriftCheckSucceeded');
});
