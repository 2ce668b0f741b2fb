import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { chartObjects, objectOf } from '../support/chart.ts';
import { chartAlerts, dashboardQueries, documentedName } from '../support/monitoring.ts';
import { readQuery } from '../support/promql.ts';

const alerts = chartAlerts();
const queries = [...alerts.map(({ expr }) => expr), ...dashboardQueries()];
/** What others give: the API server's own count, Prometheus' own label, and those of prom-client. */
const others: Readonly<Record<string, readonly string[]>> = {
  apiserver_admission_webhook_fail_open_count: ['name', 'type'],
  process_resident_memory_bytes: [],
};
const everywhere = ['instance', 'le'];

function readDocument(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');
}

/** The labels of the documented metrics by their names. */
function documentedMetrics(): ReadonlyMap<string, readonly string[]> {
  const rows = readDocument('metrics.md').matchAll(/^\| `(\w+)` +\| \w+ +\| ([^|]*)\|/gmu);
  const found = [...rows].map(([, name = '', labels = '']): [string, readonly string[]] => [
    name,
    [...labels.matchAll(/`(\w+)`/gu)].map(([, label = '']) => label),
  ]);
  return new Map([...found, ...Object.entries(others)]);
}

describe('every query of the alerts and of the dashboard', () => {
  test.each(queries)('%s', (query) => {
    const { metrics, labels, errors } = readQuery(query);
    const documented = documentedMetrics();
    const known = metrics.flatMap((metric) => documented.get(documentedName(metric)) ?? []);

    expect(errors).toEqual([]);
    expect(metrics.map(documentedName).filter((name) => !documented.has(name))).toEqual([]);
    expect(labels.filter((label) => ![...known, ...everywhere].includes(label))).toEqual([]);
  });
});

describe('alerts', () => {
  test('each has a section of the runbook, and each section an alert', () => {
    const sections = [...readDocument('runbook.md').matchAll(/^### (Meshgate\w+)$/gmu)].map(
      ([, name = '']) => name,
    );

    expect(sections.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  test('each says what is wrong, with what it is about', () => {
    for (const { alert, summary, description, severity, for: duration } of alerts) {
      expect(alert).toMatch(/^Meshgate[A-Z]\w+$/u);
      expect(summary).toMatch(/\.$/u);
      expect(description).toMatch(/\.$/u);
      expect(['warning', 'critical']).toContain(severity);
      expect(duration).toMatch(/^\d+[mh]$/u);
    }
  });

  test('a description names only labels that its query keeps', () => {
    for (const { expr, description } of alerts) {
      const kept = [...expr.matchAll(/ by \(([^)]*)\)/gu)].flatMap(([, labels = '']) =>
        labels.split(/,\s*/u),
      );
      const named = [...description.matchAll(/\$labels\.(\w+)/gu)].map(([, label]) => label);
      expect(named.filter((label) => !kept.includes(label ?? ''))).toEqual([]);
    }
  });

  test('as a PrometheusRule they keep their templates, and lead to the runbook', async () => {
    const rule = objectOf(
      await chartObjects([
        'metrics.prometheusRule.enabled=true',
        'metrics.prometheusRule.runbookUrl=https://wiki.example.com/meshgate',
      ]),
      'PrometheusRule',
    );

    expect(rule).toHaveProperty('spec.groups.0.rules.length', alerts.length);
    expect(rule).toHaveProperty(
      'spec.groups.0.rules.2.annotations.description',
      '{{ $labels.instance }} has not heard of {{ $labels.kind }} for {{ $value | humanizeDuration }}.',
    );
    expect(rule).toHaveProperty(
      'spec.groups.0.rules.0.annotations.runbook_url',
      'https://wiki.example.com/meshgate#meshgateabsent',
    );
  });

  test('the dashboard is taken up by its label', async () => {
    const map = objectOf(
      await chartObjects(['metrics.dashboard.enabled=true']),
      'ConfigMap',
      'meshgate-dashboard',
    );

    expect(map.metadata.labels).toHaveProperty('grafana_dashboard', '1');
    expect(
      JSON.parse((map['data'] as Record<string, string>)['meshgate.json'] ?? ''),
    ).toHaveProperty('title', 'meshgate');
  });
});
