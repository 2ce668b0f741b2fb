import { createHash } from 'node:crypto';
import type { JsonObject } from '../../policies/core/json.ts';
import { compareText, type ObjectReference } from '../../policies/core/resource.ts';
import { plainText } from './escape.ts';
import { shorten } from './markdown-text.ts';

/** Whose kind of report: OpenReports, or the Policy Working Group's that came before it. */
export type ReportGroup = 'openreports.io' | 'wgpolicyk8s.io';

/** One thing that a report says of an object. Has no time, so that the same state gives the same report. */
export interface ReportResult {
  readonly object: ObjectReference & { readonly uid?: string };
  readonly policy: string;
  readonly rule: string;
  readonly category?: string;
  readonly severity: 'high' | 'medium' | 'low' | 'info';
  /** `error`: could not be told. */
  readonly result: 'fail' | 'warn' | 'error';
  readonly message: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/** Which reports are made. */
export interface ReportOptions {
  readonly group: ReportGroup;
  /** Of each report, in every namespace; also what tells them from others' reports. */
  readonly name: string;
  /** Who says so, as dashboards show it: `meshgate drift`. */
  readonly source: string;
  /** The gravest are kept; the summary counts all. */
  readonly mostResults?: number;
}

/** A report to be written: of one namespace, or '' for what is in none. */
export interface ReportDocument {
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonObject;
}

/** The label by which the reports of one name are found. */
export const reportLabel = 'meshgate.dev/report';
/** Says what a report holds, whatever the API server makes of its fields. */
export const reportHash = 'meshgate.dev/report-hash';

/** Keeps a report below half of what etcd stores for one object, with messages of the longest size. */
const usualMostResults = 500;
const longestMessage = 1000;
const severityOrder = ['high', 'medium', 'low', 'info'];
const resultOrder = ['fail', 'error', 'warn'];

/** Where reports of a group are kept. Source: the groups' CustomResourceDefinitions. */
export const reportKinds = {
  'openreports.io': {
    apiVersion: 'openreports.io/v1alpha1',
    namespaced: { kind: 'Report', resource: 'reports' },
    cluster: { kind: 'ClusterReport', resource: 'clusterreports' },
  },
  'wgpolicyk8s.io': {
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    namespaced: { kind: 'PolicyReport', resource: 'policyreports' },
    cluster: { kind: 'ClusterPolicyReport', resource: 'clusterpolicyreports' },
  },
} as const;

/** One report for each namespace that has results, in the order of the namespaces; the same for the same results. */
export function reportDocuments(
  results: readonly ReportResult[],
  options: ReportOptions,
): readonly ReportDocument[] {
  const byNamespace = Map.groupBy(results, ({ object }) => object.namespace);
  return [...byNamespace]
    .toSorted(([left], [right]) => compareText(left, right))
    .map(([namespace, own]) => ({
      namespace,
      name: options.name,
      object: reportObject(namespace, own, options),
    }));
}

function reportObject(
  namespace: string,
  results: readonly ReportResult[],
  { group, name, source, mostResults = usualMostResults }: ReportOptions,
): JsonObject {
  const { apiVersion, namespaced, cluster } = reportKinds[group];
  const { kind } = namespace === '' ? cluster : namespaced;
  const shown = results
    .toSorted(compareResults)
    .slice(0, mostResults)
    .map((result) => resultObject(result, source));
  const content = {
    ...(group === 'openreports.io'
      ? { source, configuration: { limits: { maxResults: mostResults } } }
      : {}),
    summary: summaryOf(results),
    results: shown,
  };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'meshgate', [reportLabel]: name },
      annotations: { [reportHash]: hash },
    },
    ...content,
  };
}

function summaryOf(results: readonly ReportResult[]): JsonObject {
  const summary = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const { result } of results) {
    summary[result] += 1;
  }
  return summary;
}

function resultObject(
  { object, policy, rule, category, severity, result, message, properties }: ReportResult,
  source: string,
): JsonObject {
  const { apiVersion, kind, namespace, name, uid } = object;
  return {
    source,
    policy,
    rule,
    ...(category === undefined ? {} : { category }),
    severity,
    result,
    scored: result === 'fail',
    message: shorten(plainText(message), longestMessage),
    resources: [
      {
        apiVersion,
        kind,
        name,
        ...(namespace === '' ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
      },
    ],
    ...(properties === undefined ? {} : { properties: sortedProperties(properties) }),
  };
}

function sortedProperties(properties: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(properties)
      .toSorted(([left], [right]) => compareText(left, right))
      .map(([key, value]) => [key, shorten(plainText(value), longestMessage)]),
  );
}

function compareResults(left: ReportResult, right: ReportResult): number {
  return (
    resultOrder.indexOf(left.result) - resultOrder.indexOf(right.result) ||
    severityOrder.indexOf(left.severity) - severityOrder.indexOf(right.severity) ||
    compareText(identityOf(left), identityOf(right))
  );
}

function identityOf({ object, policy, rule, message, properties }: ReportResult): string {
  return JSON.stringify([object.kind, object.name, policy, rule, message, properties ?? {}]);
}
