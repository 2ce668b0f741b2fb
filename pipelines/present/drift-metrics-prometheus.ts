import { lastSuccessMetric, type DriftMetric } from './drift-metrics.ts';

/** The numbers of one cluster. */
export interface ClusterMetrics {
  readonly cluster: string;
  readonly metrics: readonly DriftMetric[];
}

/**
 * Metrics in Prometheus' text format, for a textfile collector. `previous` is what the file held: the last success of a
 * cluster stays until there is another, so that its age can be watched.
 */
export function prometheusText(clusters: readonly ClusterMetrics[], previous = ''): string {
  const families = new Map<string, { readonly help: string; readonly lines: string[] }>();
  for (const { cluster, metrics } of clusters) {
    for (const { name, help, labels, value } of metrics) {
      const family = families.get(name) ?? { help, lines: [] };
      families.set(name, family);
      family.lines.push(`${name}{${labelText({ cluster, ...labels })}} ${String(value)}`);
    }
  }
  keepLastSuccess(families, previous);
  return [...families]
    .map(([name, { help, lines }]) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n'),
    )
    .join('');
}

function keepLastSuccess(
  families: Map<string, { readonly help: string; readonly lines: string[] }>,
  previous: string,
): void {
  const family = families.get(lastSuccessMetric) ?? {
    help: 'When the cluster was last compared as a whole.',
    lines: [],
  };
  const told = new Set(family.lines.map(seriesOf));
  const kept = previous
    .split('\n')
    .filter((line) => line.startsWith(`${lastSuccessMetric}{`) && !told.has(seriesOf(line)));
  family.lines.push(...kept);
  if (family.lines.length > 0) {
    families.set(lastSuccessMetric, family);
  }
}

function seriesOf(line: string): string {
  return line.slice(0, line.lastIndexOf(' '));
}

/** Source: prometheus.io, "Exposition formats", on escaping. */
function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => {
      const escaped = value
        .replaceAll('\\', String.raw`\\`)
        .replaceAll('"', String.raw`\"`)
        .replaceAll('\n', String.raw`\n`);
      return `${name}="${escaped}"`;
    })
    .join(',');
}
