import type { JsonObject } from '../../policies/core/json.ts';
import { lastSuccessMetric, type DriftMetric } from './drift-metrics.ts';

const namespace = 'meshgate';

/**
 * Metrics as lines of CloudWatch's embedded metric format: printed by a function, its log makes metrics of them. Names
 * are those of Prometheus without prefix, `DriftObjects` for `meshgate_drift_objects`. A success is a 1 at its time.
 * Source: docs.aws.amazon.com, "Specification: Embedded metric format".
 */
export function emfLines(
  cluster: string,
  metrics: readonly DriftMetric[],
  timestamp: number,
): readonly string[] {
  const told = metrics.flatMap((metric) => cloudWatchMetric(metric));
  const groups = Map.groupBy(told, ({ labels }) => JSON.stringify(labels));
  return [...groups.values()].map((group) => {
    const labels = group[0]?.labels ?? {};
    const values = Object.fromEntries(group.map(({ name, value }) => [name, value]));
    const line: JsonObject = {
      _aws: {
        Timestamp: timestamp,
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [['cluster', ...Object.keys(labels)]],
            Metrics: group.map(({ name, unit }) => ({ Name: name, Unit: unit })),
          },
        ],
      },
      cluster,
      ...labels,
      ...values,
    };
    return JSON.stringify(line);
  });
}

interface CloudWatchMetric extends Pick<DriftMetric, 'labels' | 'value'> {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds';
}

function cloudWatchMetric({ name, labels, value }: DriftMetric): readonly CloudWatchMetric[] {
  if (name === lastSuccessMetric) {
    return [{ name: 'DriftCheckSucceeded', unit: 'Count', labels, value: 1 }];
  }
  if (name.endsWith('_timestamp_seconds')) {
    // CloudWatch knows when a metric was written.
    return [];
  }
  const unit = name.endsWith('_seconds') ? 'Seconds' : 'Count';
  return [{ name: camelCase(name.replace('meshgate_', '')), unit, labels, value }];
}

function camelCase(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/gu, (_match, letter: string) => letter.toUpperCase());
}
