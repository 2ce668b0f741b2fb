/** A panel of the dashboard. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  /** As Grafana names units. */
  readonly unit: string;
  readonly type?: 'timeseries' | 'stat';
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

/** While one replica takes over from another, both may tell of a scan. */
const auditFindings = 'max by (namespace, policy, severity) (meshgate_audit_findings)';

/** What an operator asks, in that order: is it well, what does it decide, what does it cost, what does it go by, what is there. */
export const dashboardRows: readonly {
  readonly title: string;
  readonly panels: readonly Panel[];
}[] = [
  {
    title: 'Is it well?',
    panels: [
      stat(
        'Pods with a whole mesh',
        'Pods that have read everything.',
        'short',
        'sum(meshgate_mesh_synced)',
      ),
      stat(
        'Certificate',
        'Until the serving certificate ends; it is renewed a month before.',
        's',
        'min(meshgate_certificate_expiry_timestamp_seconds) - time()',
      ),
      stat(
        'Injectors before filling',
        'Should be 0: those do not see what is filled in.',
        'short',
        'max(meshgate_injectors_before_fill)',
      ),
      stat(
        'Passed unjudged in 24 h',
        'Requests for which the API server got no answer, by its own count.',
        'short',
        'sum(increase(apiserver_admission_webhook_fail_open_count{name=~".+[.]meshgate[.]dev"}[24h]))',
      ),
    ],
  },
  {
    title: 'What it decides',
    panels: [
      {
        title: 'Reviews',
        description: 'Reviews a second by gate and verdict, dry runs included.',
        unit: 'reqps',
        queries: [
          {
            expr: 'sum by (gate, verdict) (rate(meshgate_admission_reviews_total[5m]))',
            legend: '{{gate}} {{verdict}}',
          },
        ],
      },
      {
        title: 'Findings',
        description: 'Findings in an hour by policy and by what they did.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (policy, effect) (increase(meshgate_admission_findings_total[1h]))',
            legend: '{{policy}} {{effect}}',
          },
        ],
      },
      {
        title: 'Filled in',
        description: 'Pods in an hour that a policy filled something in on.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (policy) (increase(meshgate_admission_fills_total[1h]))',
            legend: '{{policy}}',
          },
          {
            expr: 'sum(increase(meshgate_admission_patch_operations_total[1h]))',
            legend: 'patch operations',
          },
        ],
      },
    ],
  },
  {
    title: 'What it costs',
    panels: [
      {
        title: 'Duration',
        description: 'From the end of the headers to the answer.',
        unit: 's',
        queries: [0.5, 0.99].map((quantile) => ({
          expr: `histogram_quantile(${String(quantile)}, sum by (gate, le) (rate(meshgate_admission_duration_seconds_bucket[5m])))`,
          legend: `{{gate}} p${String(quantile * 100)}`,
        })),
      },
      {
        title: 'In flight, shed, refused',
        description: 'Calls under way, and calls a second that got no verdict.',
        unit: 'short',
        queries: [
          { expr: 'sum(meshgate_admission_in_flight)', legend: 'in flight' },
          {
            expr: 'sum by (reason) (rate(meshgate_admission_shed_total[5m]))',
            legend: 'shed {{reason}}',
          },
          {
            expr: 'sum by (reason) (rate(meshgate_admission_refused_total[5m]))',
            legend: 'refused {{reason}}',
          },
        ],
      },
      {
        title: 'Event loop lag',
        description: 'How late the event loop was at most; /readyz fails when it stays late.',
        unit: 's',
        queries: [{ expr: 'meshgate_event_loop_lag_seconds', legend: '{{instance}}' }],
      },
      {
        title: 'Memory',
        description: 'Resident, of each process.',
        unit: 'bytes',
        queries: [
          {
            expr: 'process_resident_memory_bytes and on (instance) meshgate_mesh_synced',
            legend: '{{instance}}',
          },
        ],
      },
    ],
  },
  {
    title: 'What it goes by',
    panels: [
      {
        title: 'Objects',
        description: 'Objects in the mesh, by kind.',
        unit: 'short',
        queries: [{ expr: 'max by (kind) (meshgate_mesh_objects)', legend: '{{kind}}' }],
      },
      {
        title: 'Staleness',
        description: 'Since the API server was last heard of, the oldest kind of each Pod.',
        unit: 's',
        queries: [
          { expr: 'max by (instance) (meshgate_mesh_staleness_seconds)', legend: '{{instance}}' },
        ],
      },
      {
        title: 'Watches taken up again',
        description: 'In an hour, by reason.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (reason) (increase(meshgate_mesh_watch_restarts_total[1h]))',
            legend: '{{reason}}',
          },
        ],
      },
    ],
  },
  {
    title: 'What is there already',
    panels: [
      {
        title: 'Findings by severity',
        description: 'On objects that the cluster holds already, as the last scan found them.',
        unit: 'short',
        queries: [{ expr: `sum by (severity) (${auditFindings})`, legend: '{{severity}}' }],
      },
      {
        title: 'Findings by policy',
        description: 'The ten policies with the most.',
        unit: 'short',
        queries: [{ expr: `topk(10, sum by (policy) (${auditFindings}))`, legend: '{{policy}}' }],
      },
      {
        title: 'Scans',
        description: 'Time since the last one ended, and how long it took.',
        unit: 's',
        queries: [
          {
            expr: 'time() - max(meshgate_audit_last_scan_timestamp_seconds > 0)',
            legend: 'since the last',
          },
          { expr: 'max(meshgate_audit_scan_duration_seconds)', legend: 'took' },
        ],
      },
      {
        title: 'Audit reports',
        description: 'Written and removed in an hour, and scans that could not be reported.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (action) (increase(meshgate_audit_reports_written_total[1h]))',
            legend: '{{action}}',
          },
          { expr: 'sum(increase(meshgate_audit_failures_total[1h]))', legend: 'failed scans' },
        ],
      },
    ],
  },
];

function stat(title: string, description: string, unit: string, expr: string): Panel {
  return { title, description, unit, type: 'stat', queries: [{ expr, legend: '' }] };
}
