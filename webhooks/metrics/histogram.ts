import type { Histogram, Registry } from 'prom-client';
import type { MetricSpec } from './catalogue.ts';

interface Series {
  readonly counts: number[];
  sum: number;
}

/**
 * A histogram with one label for the hot path: observing is one look-up and one comparison a bucket, where the
 * registry's own sorts, joins and checks labels each time. `buckets` are the upper bounds, ascending.
 */
export function makeHistogram(
  registry: Registry,
  { name, help, labels: [label] }: MetricSpec & { readonly labels: readonly [string] },
  buckets: readonly number[],
): (value: number, labelled: string) => void {
  const series = new Map<string, Series>();
  const described = { name, help, type: 'histogram', aggregator: 'sum' };
  const metric = {
    ...described,
    get: () => {
      const values = [...series].flatMap(([value, one]) =>
        linesOf(name, { [label]: value }, one, buckets),
      );
      return Promise.resolve({ ...described, values });
    },
    reset: () => {
      series.clear();
    },
  };
  // The registry asks a metric for no more than these members.
  registry.registerMetric(metric as unknown as Histogram);
  return (value, labelled) => {
    let one = series.get(labelled);
    if (one === undefined) {
      one = { counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0 };
      series.set(labelled, one);
    }
    const found = buckets.findIndex((bound) => value <= bound);
    const index = found < 0 ? buckets.length : found;
    one.counts[index] = (one.counts[index] ?? 0) + 1;
    one.sum += value;
  };
}

function linesOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  { counts, sum }: Series,
  buckets: readonly number[],
): readonly object[] {
  let count = 0;
  const lines: object[] = counts.map((here, index) => {
    count += here;
    const le = buckets[index] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  lines.push({ metricName: `${name}_sum`, labels, value: sum });
  lines.push({ metricName: `${name}_count`, labels, value: count });
  return lines;
}
