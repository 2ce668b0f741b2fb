/** What a metric is called, what its labels are and what it tells: the interface to dashboards and alerts. */
export interface MetricSpec {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** What a call of the admission paths moves. */
export const admissionMetrics = {
  reviews: {
    name: 'meshgate_admission_reviews_total',
    type: 'counter',
    labels: ['gate', 'operation', 'kind', 'verdict'],
    help: 'Admission reviews answered, dry runs included.',
  },
  duration: {
    name: 'meshgate_admission_duration_seconds',
    type: 'histogram',
    labels: ['gate'],
    help: 'Time from the end of the request headers to the answer.',
  },
  inFlight: {
    name: 'meshgate_admission_in_flight',
    type: 'gauge',
    labels: [],
    help: 'Admission calls that wait for their body or their answer.',
  },
  inFlightBytes: {
    name: 'meshgate_admission_in_flight_bytes',
    type: 'gauge',
    labels: [],
    help: 'Bytes of bodies that the calls in flight may still bring or have brought.',
  },
  refused: {
    name: 'meshgate_admission_refused_total',
    type: 'counter',
    labels: ['gate', 'reason'],
    help: 'Calls that were not answered by a review of their object.',
  },
  shed: {
    name: 'meshgate_admission_shed_total',
    type: 'counter',
    labels: ['gate', 'reason'],
    help: 'Calls that were turned away, or let pass unjudged, because there was too much to do.',
  },
  findings: {
    name: 'meshgate_admission_findings_total',
    type: 'counter',
    labels: ['gate', 'policy', 'message', 'effect'],
    help: 'Findings by what they did, dry runs left out.',
  },
  fills: {
    name: 'meshgate_admission_fills_total',
    type: 'counter',
    labels: ['policy'],
    help: 'Pods that a policy filled something in on, dry runs left out.',
  },
  operations: {
    name: 'meshgate_admission_patch_operations_total',
    type: 'counter',
    labels: [],
    help: 'JSON Patch operations sent, dry runs left out.',
  },
  failures: {
    name: 'meshgate_policy_failures_total',
    type: 'counter',
    labels: ['policy'],
    help: 'Evaluations in which a policy itself failed.',
  },
  loopLag: {
    name: 'meshgate_event_loop_lag_seconds',
    type: 'gauge',
    labels: [],
    help: 'How late the event loop was at most in the last second that was measured.',
  },
  certificateExpiry: {
    name: 'meshgate_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'End of the validity of the serving certificate, in seconds since the epoch.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** What tracing moves, where it is on. */
export const tracingMetrics = {
  spans: {
    name: 'meshgate_trace_spans_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Spans of reviews that the collector took, or that were lost.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** What the mesh and the cluster that it is read from move. */
export const meshMetrics = {
  objects: {
    name: 'meshgate_mesh_objects',
    type: 'gauge',
    labels: ['kind'],
    help: 'Objects in the mesh, by kind.',
  },
  synced: {
    name: 'meshgate_mesh_synced',
    type: 'gauge',
    labels: [],
    help: '1 once everything has been read, else 0.',
  },
  staleness: {
    name: 'meshgate_mesh_staleness_seconds',
    type: 'gauge',
    labels: ['kind'],
    help: 'Seconds since the API server was last heard of, by kind; bookmarks come about once a minute.',
  },
  restarts: {
    name: 'meshgate_mesh_watch_restarts_total',
    type: 'counter',
    labels: ['kind', 'reason'],
    help: 'Lists and watches that had to be taken up again.',
  },
  injectorsBefore: {
    name: 'meshgate_injectors_before_fill',
    type: 'gauge',
    labels: [],
    help: 'Injectors that the API server calls before the webhook that fills in; should be 0.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** What is told of configurations. */
export const configurationMetrics = {
  info: {
    name: 'meshgate_configuration_info',
    type: 'gauge',
    labels: ['hash'],
    help: '1 for the configuration in force, by the begin of the SHA-256 of its file.',
  },
  valid: {
    name: 'meshgate_configuration_valid',
    type: 'gauge',
    labels: [],
    help: '0 where the newest configuration could not be used and an older one is in force, else 1.',
  },
  loaded: {
    name: 'meshgate_configuration_loaded_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the configuration in force took over, in seconds since the epoch.',
  },
  loads: {
    name: 'meshgate_configuration_loads_total',
    type: 'counter',
    labels: ['result'],
    help: 'Configurations read, by result: used or refused.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** What is told of a replica in a cluster: certificates, registrations, the Lease. */
export const upkeepMetrics = {
  daysLeft: {
    name: 'meshgate_certificate_days_left',
    type: 'gauge',
    labels: ['certificate'],
    help: 'Days until the leaf that is served, or the authority that signs, is valid no more.',
  },
  renewed: {
    name: 'meshgate_certificate_renewed_timestamp_seconds',
    type: 'gauge',
    labels: ['certificate'],
    help: 'Begin of the validity of what is served or signs, in seconds since the epoch.',
  },
  leader: {
    name: 'meshgate_leader',
    type: 'gauge',
    labels: [],
    help: '1 while this replica holds the Lease and writes, else 0.',
  },
  writes: {
    name: 'meshgate_registration_writes_total',
    type: 'counter',
    labels: ['configuration', 'step'],
    help: 'Webhook configurations written, by why: create, change, undo (of an edit from outside) or remove.',
  },
  conflicts: {
    name: 'meshgate_registration_conflicts_total',
    type: 'counter',
    labels: ['configuration'],
    help: 'Writes of webhook configurations that somebody else was ahead of.',
  },
  deleted: {
    name: 'meshgate_registration_deleted',
    type: 'gauge',
    labels: ['configuration'],
    help: '1 for a webhook configuration that somebody deleted, and which stays deleted until it is asked for.',
  },
  failing: {
    name: 'meshgate_failure_policy_fail',
    type: 'gauge',
    labels: [],
    help: '1 while the validating webhooks are registered with failurePolicy Fail, told by the holder of the Lease.',
  },
  canaries: {
    name: 'meshgate_canaries_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Canaries sent by way of the API server, by outcome: passed, failed or unknown.',
  },
  probeSuccess: {
    name: 'meshgate_self_probe_success',
    type: 'gauge',
    labels: [],
    help: '1 where the last connection to ourselves by way of the Service was trusted and answered, else 0.',
  },
  probed: {
    name: 'meshgate_self_probe_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the last self-probe ended, in seconds since the epoch.',
  },
  failures: {
    name: 'meshgate_upkeep_failures_total',
    type: 'counter',
    labels: ['task'],
    help: 'Attempts of background tasks that failed and are tried again.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** What the audit of what a cluster holds already moves; only the replica that audits has values. */
export const auditMetrics = {
  findings: {
    name: 'meshgate_audit_findings',
    type: 'gauge',
    labels: ['namespace', 'policy', 'severity'],
    help: 'Findings on objects that the cluster holds already, as the last scan found them.',
  },
  judged: {
    name: 'meshgate_audit_objects',
    type: 'gauge',
    labels: [],
    help: 'Objects that the last scan judged.',
  },
  duration: {
    name: 'meshgate_audit_scan_duration_seconds',
    type: 'gauge',
    labels: [],
    help: 'Time that the last scan took, rests included.',
  },
  last: {
    name: 'meshgate_audit_last_scan_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'End of the last scan, in seconds since the epoch; 0 before the first one.',
  },
  reports: {
    name: 'meshgate_audit_reports_written_total',
    type: 'counter',
    labels: ['action'],
    help: 'Reports that were created, replaced or removed.',
  },
  failures: {
    name: 'meshgate_audit_failures_total',
    type: 'counter',
    labels: [],
    help: 'Scans that could not be reported, and were done again.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** Every metric of ours, in the order of the documentation. */
export const metricCatalogue: readonly MetricSpec[] = [
  ...Object.values(admissionMetrics),
  ...Object.values(tracingMetrics),
  ...Object.values(meshMetrics),
  ...Object.values(configurationMetrics),
  ...Object.values(upkeepMetrics),
  ...Object.values(auditMetrics),
];
