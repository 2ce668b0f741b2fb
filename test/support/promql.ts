import { parser } from '@prometheus-io/lezer-promql';

/** What a query names, and where it is not understood. */
export interface QueryNames {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
  /** Positions at which the grammar of Prometheus was broken. */
  readonly errors: readonly number[];
}

/** Reads a query by the grammar of Prometheus. */
export function readQuery(query: string): QueryNames {
  const metrics: string[] = [];
  const labels: string[] = [];
  const errors: number[] = [];
  parser.parse(query).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) errors.push(from);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        metrics.push(query.slice(from, to));
      }
      if (type.name === 'LabelName') labels.push(query.slice(from, to));
    },
  });
  return { metrics, labels, errors };
}
