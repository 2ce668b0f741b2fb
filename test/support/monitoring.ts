import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';

/** An alert of the chart. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
}

function readChartFile(name: string): string {
  const url = new URL(`../../deploy/charts/meshgate/files/${name}`, import.meta.url);
  return readFileSync(fileURLToPath(url), 'utf8');
}

/** The alerts that the chart installs. */
export function chartAlerts(): readonly Alert[] {
  return load(readChartFile('alerts.yaml')) as readonly Alert[];
}

/** The queries of the dashboard that the chart installs. */
export function dashboardQueries(): readonly string[] {
  const { panels } = JSON.parse(readChartFile('dashboard.json')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** The name under which a metric is documented: a histogram's samples have suffixes. */
export function documentedName(sample: string): string {
  return sample.replace(/_seconds_(?:bucket|sum|count)$/u, '_seconds');
}
